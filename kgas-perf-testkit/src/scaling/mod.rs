//! How a cost grows.

mod analysis;
mod answer;
mod assert;
mod bound;
mod cliff;
mod complexity;
mod counts;
mod error;
mod experiment;
mod exponent;
mod fit;
mod level;
mod picture;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
mod text;
mod usl;

pub use analysis::{ClassFit, Scaling};
pub use answer::{Answer, Misfit};
pub use assert::{assert_scales, assert_scales_on};
pub use bound::{Bound, Held};
pub use complexity::Complexity;
pub use counts::{CountScaling, assert_count_scales};
pub use error::ScalingError;
pub use experiment::Experiment;
pub use exponent::Exponent;
pub use level::Level;
#[cfg(test)]
pub(crate) use simulation::Chance;
pub(crate) use text::seconds;
pub use usl::{Estimate, Peak, Usl, UslError};
