//! `CompareError`: what cannot be compared.

use thiserror::Error;

/// One of the two sets of durations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The old code, or the known state.
    Baseline,
    /// What is held against it.
    Candidate,
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Baseline => "baseline",
            Self::Candidate => "candidate",
        })
    }
}

/// Why two sets of durations, or a series, cannot be judged.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum CompareError {
    /// A set has no durations. Measure some.
    #[error("the {side} has no durations")]
    Empty {
        /// Which set.
        side: Side,
    },
    /// A duration is negative, infinite or no number. Leave it out, or mend what measured it.
    #[error(
        "the {side}'s duration at index {index} is {value}; a duration is finite and not negative"
    )]
    NotADuration {
        /// Which set.
        side: Side,
        /// Where in it, from 0.
        index: usize,
        /// What stands there.
        value: f64,
    },
    /// Interleaved sets must be pairs. Cut the longer one, or compare them as sequential.
    #[error(
        "interleaved durations are pairs, but the baseline has {baseline} and the candidate {candidate}"
    )]
    NotPaired {
        /// How many durations the baseline has.
        baseline: usize,
        /// How many durations the candidate has.
        candidate: usize,
    },
    /// The rate of false verdicts asked for is none. Ask for one like 0.05.
    #[error("alpha is {alpha}; a rate of false verdicts lies above 0 and below 1")]
    NotARate {
        /// What was asked for.
        alpha: f64,
    },
    /// A value of a series is infinite or no number. Leave it out.
    #[error("the series' value at index {index} is {value}; a value is finite")]
    NotFinite {
        /// Where in the series, from 0.
        index: usize,
        /// What stands there.
        value: f64,
    },
}
