//! `Claim`: what may be said of a difference between two revisions.

use std::fmt;

/// What is worth a claim.
const WORTH: f64 = 0.10;

/// What may be said of a difference between two revisions.
///
/// An improvement is told as the share of time that is saved, 1 - new / old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// At least 10 % are saved: the lower bound of what is saved reaches that.
    Validated,
    /// It looks like 10 % or more, and less may be true.
    Likely,
    /// It is faster for sure, and by less than 10 %.
    Improved,
    /// No change is shown.
    NoChange,
    /// It is slower, by more than the threshold for sure.
    Regressed,
    /// Nobody can tell.
    Inconclusive,
}

impl Claim {
    /// Of a relative change and its bounds, negative where it is faster.
    pub(crate) fn of(effect: f64, (low, high): (f64, f64), threshold: f64, judged: bool) -> Self {
        if !judged {
            Self::Inconclusive
        } else if low > threshold {
            Self::Regressed
        } else if -high >= WORTH {
            Self::Validated
        } else if -effect >= WORTH && high < 0.0 {
            Self::Likely
        } else if high < 0.0 {
            Self::Improved
        } else if effect > threshold {
            // It seems slower, and whether by more than the threshold is open.
            Self::Inconclusive
        } else if low > -WORTH || high < threshold.max(WORTH) {
            Self::NoChange
        } else {
            Self::Inconclusive
        }
    }

    /// The name used in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Validated => "validated",
            Self::Likely => "likely",
            Self::Improved => "improved",
            Self::NoChange => "no_change",
            Self::Regressed => "regressed",
            Self::Inconclusive => "inconclusive",
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Validated => "validated ≥ 10 % improvement",
            Self::Likely => "likely ≥ 10 % improvement",
            Self::Improved => "improved, < 10 %",
            Self::NoChange => "no change shown",
            Self::Regressed => "regressed",
            Self::Inconclusive => "inconclusive",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lower_bound_of_a_tenth_is_a_validated_one() {
        for (effect, interval, claim) in [
            (-0.15, (-0.19, -0.10), Claim::Validated),
            (-0.15, (-0.20, -0.099), Claim::Likely),
            (-0.15, (-0.30, 0.01), Claim::NoChange),
            (-0.05, (-0.09, -0.01), Claim::Improved),
            (0.001, (-0.02, 0.02), Claim::NoChange),
            (0.03, (0.01, 0.049), Claim::NoChange),
            (0.08, (0.051, 0.10), Claim::Regressed),
            (0.08, (0.03, 0.13), Claim::Inconclusive),
            (0.0, (-0.5, 0.9), Claim::Inconclusive),
        ] {
            assert_eq!(Claim::of(effect, interval, 0.05, true), claim, "{effect} {interval:?}");
            assert_eq!(Claim::of(effect, interval, 0.05, false), Claim::Inconclusive);
        }
    }
}
