//! `Severity`: how bad it is.

use serde::{Deserialize, Serialize};

/// How bad it is. Ordered: a greater one is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Severity {
    /// Above the baseline's p95, below twice its median.
    Info = 0,
    /// At least twice the baseline's median.
    Warning = 1,
    /// At least five times the baseline's median.
    Critical = 2,
    /// Unresponsive, or data is at risk. No single call is judged so.
    Emergency = 3,
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: [Self; 4] = [Self::Info, Self::Warning, Self::Critical, Self::Emergency];

    /// The name used in tables, JSON and metric labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::Emergency => "emergency",
        }
    }

    /// The tier of a call that lasted longer than the baseline's p95, by what its median is
    /// (both in the same unit): 2 times is a warning, 5 times is critical.
    pub(crate) fn of_call(duration: u64, median: u64) -> Self {
        let median = u128::from(median);
        let duration = u128::from(duration);
        if duration >= 5 * median {
            Self::Critical
        } else if duration >= 2 * median {
            Self::Warning
        } else {
            Self::Info
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_begin_at_two_and_five_medians() {
        let tiers = [150, 199, 200, 499, 500, u64::MAX].map(|d| Severity::of_call(d, 100));
        use Severity::{Critical, Info, Warning};
        assert_eq!(tiers, [Info, Info, Warning, Warning, Critical, Critical]);
    }
}
