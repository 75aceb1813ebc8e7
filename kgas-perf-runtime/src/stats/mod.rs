//! Numbers in, numbers out: no clock, no file, no name of an operation.
//!
//! - `log_bins`: durations on a logarithmic grid.

mod log_bins;

pub use log_bins::LogBin;
