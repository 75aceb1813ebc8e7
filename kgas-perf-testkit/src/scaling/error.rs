//! `ScalingError`: why measurements can't be analysed.

use crate::scaling::analysis::{FEWEST_SIZES, NARROWEST};

/// Why measurements say nothing about scaling.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScalingError {
    /// Too few sizes are left; measure more of them, or larger ones.
    #[error(
        "{sizes} sizes are too few to tell classes apart, {FEWEST_SIZES} are needed{}",
        left_out(.unresolved)
    )]
    TooFewSizes {
        /// Sizes with a cost that the timer resolves.
        sizes: usize,
        /// Sizes that it does not resolve.
        unresolved: Vec<u64>,
    },
    /// Too few sizes to see how an exact count grows.
    #[error("counts at {sizes} sizes are too few to see how they grow, 3 are needed")]
    TooFewCounts {
        /// Different sizes that were given.
        sizes: usize,
    },
    /// The sizes lie too close together; measure a wider range.
    #[error(
        "sizes from {smallest} to {largest} are too close together: the largest must be at least \
         {NARROWEST} times the smallest"
    )]
    TooNarrow {
        /// The smallest size.
        smallest: f64,
        /// The largest size.
        largest: f64,
    },
    /// A size is 0, where logarithms end.
    #[error("a size of 0 can't be analysed, sizes begin at 1")]
    SizeZero,
    /// A duration is none.
    #[error("{seconds} s at size {size} is no duration")]
    NoDuration {
        /// Where it was measured.
        size: u64,
        /// What was given.
        seconds: f64,
    },
}

fn left_out(unresolved: &[u64]) -> String {
    match unresolved.len() {
        0 => String::new(),
        count => format!("; {count} smaller ones take less than 20 steps of the timer"),
    }
}
