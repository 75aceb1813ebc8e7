//! `Learning`: how far a baseline has come, for people.

use std::fmt;
use std::time::Duration;

use crate::baseline::ENOUGH;

/// How far a baseline has come.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::baseline::{Lack, Learning};
///
/// assert_eq!(Learning::Collecting { calls: 63 }.to_string(), "learning (63 of 100)");
/// let estimating = Learning::Estimating { confidence: 0.431, lack: Lack::Calls(1_136) };
/// assert_eq!(estimating.to_string(), "confidence 0.43, about 1,000 samples to go");
/// assert_eq!(Learning::Established { confidence: 0.97 }.to_string(), "established");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Learning {
    /// Fewer than [`ENOUGH`] calls that ended well: there is no baseline.
    Collecting {
        /// So many there are.
        calls: u64,
    },
    /// There is a baseline, and it is not sure enough to page anybody.
    Estimating {
        /// The probability that its p50, p95 and p99 are within 5, 10 and 20 % of the truth;
        /// below 0.95.
        confidence: f64,
        /// What it takes.
        lack: Lack,
    },
    /// The baseline is mature.
    Established {
        /// Above 0.95.
        confidence: f64,
    },
}

/// What a baseline lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lack {
    /// So many calls, as estimated; twice as many or half as many would be no surprise.
    Calls(u64),
    /// Time: calls are there enough, but not for how long one must look.
    Time(Duration),
    /// Steadiness: the newer calls differ from the older ones.
    Steadiness,
}

impl fmt::Display for Learning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collecting { calls } => write!(f, "learning ({calls} of {ENOUGH})"),
            Self::Estimating { confidence, lack } => {
                // Rounded down: nobody shall read 0.95 where it is not reached.
                write!(f, "confidence {:.2}, {lack}", (confidence * 100.0).floor() / 100.0)
            }
            Self::Established { .. } => f.write_str("established"),
        }
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Calls(calls) => write!(f, "about {} samples to go", grouped(rounded(*calls))),
            Self::Time(time) => write!(f, "{} s to go", time.as_secs().max(1)),
            Self::Steadiness => f.write_str("not steady yet"),
        }
    }
}

/// One significant digit: more would promise what an estimate cannot keep.
fn rounded(calls: u64) -> u64 {
    let calls = calls.max(1);
    let unit = 10_u64.pow(calls.ilog10());
    (calls / unit + u64::from(calls % unit >= unit.div_ceil(2) && unit > 1)).saturating_mul(unit)
}

/// With commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_to_go_are_told_to_one_digit() {
        let told = [0, 1, 9, 14, 15, 94, 96, 449, 1_136, 1_499, 1_500, 9_999, 2_345_678];
        let told = told.map(|calls| grouped(rounded(calls)));
        let expected = [
            "1",
            "1",
            "9",
            "10",
            "20",
            "90",
            "100",
            "400",
            "1,000",
            "1,000",
            "2,000",
            "10,000",
            "2,000,000",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_confidence_is_never_rounded_up() {
        let learning = |confidence, lack| Learning::Estimating { confidence, lack }.to_string();
        assert_eq!(
            learning(0.9399, Lack::Time(Duration::from_secs(34))),
            "confidence 0.93, 34 s to go"
        );
        assert_eq!(learning(0.88, Lack::Steadiness), "confidence 0.88, not steady yet");
    }
}
