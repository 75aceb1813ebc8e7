//! Numbers in, numbers out: no clock, no file, no name of an operation.
//!
//! - `log_bins`: durations on a logarithmic grid.
//! - `rank`: does one set of numbers lie higher than another?
//! - `shift`: by how much it does.
//! - `density`: the shape of a distribution, and what a shift does to it.
//! - `line_fits`: what a level, or a line, leaves of any stretch of a series.
//! - `slope`: how fast a series rises, whatever a minority of it does.
//! - `wander`: a level that moves by itself, seen through noise.

mod density;
mod line_fits;
mod log_bins;
mod rank;
mod shift;
mod slope;
mod wander;

pub(crate) use density::Density;
pub(crate) use line_fits::LineFits;
pub use log_bins::LogBin;
pub(crate) use rank::midranks;
pub use rank::{RankTest, mann_whitney, signed_rank};
pub(crate) use shift::paired_shift;
pub use shift::shift;
pub(crate) use slope::median;
pub use slope::{Slope, theil_sen};
pub(crate) use wander::{Wander, Whitened};
