//! Numbers in, numbers out: no clock, no file, no name of an operation.
//!
//! - `log_bins`: durations on a logarithmic grid.
//! - `rank`: does one set of numbers lie higher than another?
//! - `shift`: by how much it does.
//! - `density`: the shape of a distribution, and what a shift does to it.
//! - `wander`: a level that moves by itself, seen through noise.

mod density;
mod log_bins;
mod rank;
mod shift;
mod wander;

pub(crate) use density::Density;
pub use log_bins::LogBin;
pub(crate) use rank::midranks;
pub use rank::{RankTest, mann_whitney, signed_rank};
pub(crate) use shift::paired_shift;
pub use shift::shift;
pub(crate) use wander::{Wander, Whitened};
