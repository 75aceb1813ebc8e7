//! How a cost grows.

mod analysis;
mod answer;
mod cliff;
mod complexity;
mod error;
mod exponent;
mod fit;
mod level;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;
mod usl;

pub use analysis::{ClassFit, Scaling};
pub use answer::{Answer, Misfit};
pub use complexity::Complexity;
pub use error::ScalingError;
pub use exponent::Exponent;
pub use level::Level;
#[cfg(test)]
pub(crate) use simulation::Chance;
pub use usl::{Estimate, Peak, Usl, UslError};
