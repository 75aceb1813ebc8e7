//! What is measured, and what is promised: `Measure`, `Goal`.

use std::fmt;

/// What is measured. The order is that of the table: false alarms first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Alarms of any severity per operation-week, from an hour after the 100th call on.
    FalseAlarms,
    /// Those among them that page.
    FalsePages,
    /// Alarms of any severity per operation-week, in the hour after the 100th call.
    FirstHour,
    /// Those among them that page.
    FirstHourPages,
    /// The share of slow-downs by so many percent that are found.
    Found(u16),
    /// The share of changes of the tail alone that are found.
    FoundTail,
    /// The share of error rates risen to so many percent that are found.
    FoundErrors(u16),
    /// The median delay at +100 %, in seconds, missed changes included.
    Delay,
    /// [`crate::score::f1`] over +20, +50, +100 and +200 %.
    F1,
    /// The share of slow-downs to so many times, found or not, whose worst severity is the right one.
    RightSeverity(u16),
    /// The share of slow-downs by 50 % or less that page.
    Escalated,
    /// The share of disturbances of at most 5 s that page.
    SpikePaged,
    /// The share of bursts of errors, of at most 5 s, that page.
    BurstPaged,
    /// The share of improvements that page.
    ImprovementPaged,
    /// As `Found`, when the change comes after 100 to 150 calls.
    Early(u16),
    /// As `Found`, when there was a stretch of ten times as slow calls while it was learnt.
    AfterEpisode(u16),
    /// As `Found`, when there were three calls of 300 times the length while it was learnt.
    AfterFreaks(u16),
    /// The share of baselines reported with a confidence of 0.95 or more that are within 5, 10 and
    /// 20 % of the true p50, p95 and p99.
    BaselineRight,
    /// The same, when something spoilt the learning.
    SpoiltBaselineRight,
}

impl Measure {
    /// Whether it is a number per operation-week.
    pub const fn is_per_week(self) -> bool {
        matches!(
            self,
            Self::FalseAlarms | Self::FalsePages | Self::FirstHour | Self::FirstHourPages
        )
    }

    /// Whether it is a share of streams or changes.
    pub const fn is_share(self) -> bool {
        !self.is_per_week() && !matches!(self, Self::Delay | Self::F1)
    }

    /// Whether it should not happen at all.
    pub const fn is_bad(self) -> bool {
        self.is_per_week()
            || matches!(
                self,
                Self::Escalated | Self::SpikePaged | Self::BurstPaged | Self::ImprovementPaged
            )
    }

    /// What is promised at `rate` calls a second, if anything is.
    pub fn goal(self, rate: f64) -> Option<Goal> {
        use Goal::{AtLeast, AtMost};
        // The columns of the table: 0.2, 1, 10 and 1000 calls a second.
        let column = [0.2, 1.0, 10.0, 1000.0].iter().position(|it| *it == rate)?;
        let least = |row: [f64; 4]| (!row[column].is_nan()).then_some(AtLeast(row[column]));
        let most = |row: [f64; 4]| Some(AtMost(row[column]));
        const NO: f64 = f64::NAN;
        match self {
            Self::FalseAlarms => most([0.10, 0.10, 0.15, 3.5]),
            Self::FalsePages => most([0.02, 0.0, 0.0, 0.0]),
            Self::FirstHour => most([0.15, 0.5, 1.0, 17.0]),
            Self::FirstHourPages => None,
            Self::Found(5) => least([NO, NO, 0.10, 0.70]),
            Self::Found(10) => least([NO, NO, 0.50, 0.85]),
            Self::Found(20) => least([NO, 0.30, 0.87, 0.96]),
            Self::Found(50) => least([0.30, 0.83, 1.0, 1.0]),
            Self::Found(100) => least([0.75, 0.99, 1.0, 1.0]),
            Self::Found(200) => least([0.92, 1.0, 1.0, 1.0]),
            Self::Found(_) => least([0.98, 1.0, 1.0, 1.0]),
            Self::FoundTail => least([NO, 0.20, 0.92, 1.0]),
            Self::FoundErrors(5) => least([NO, 0.21, 1.0, 1.0]),
            Self::FoundErrors(_) => least([0.58, 1.0, 1.0, 1.0]),
            Self::Delay => most([36.0, 12.0, 8.0, 7.0]),
            Self::F1 => least([0.69, 0.85, 0.98, 0.99]),
            Self::RightSeverity(_) => least([NO, 0.97, 0.97, 0.97]),
            Self::Escalated => most([0.01; 4]),
            Self::SpikePaged | Self::BurstPaged | Self::ImprovementPaged => most([0.0; 4]),
            Self::Early(100) => least([NO, 0.80, 0.92, NO]),
            Self::Early(_) => least([NO, 0.98, 1.0, NO]),
            Self::AfterEpisode(_) => least([NO, 0.77, 0.98, NO]),
            Self::AfterFreaks(_) => least([NO, 0.80, 0.98, NO]),
            Self::BaselineRight | Self::SpoiltBaselineRight => least([0.95; 4]),
        }
    }

    /// How far from a promise a measured share may lie: the figures of findings are rounded.
    const fn tolerance(self) -> f64 {
        match self {
            Self::Found(_)
            | Self::FoundTail
            | Self::FoundErrors(_)
            | Self::Early(_)
            | Self::AfterEpisode(_)
            | Self::AfterFreaks(_) => 0.02,
            // Half a unit of the last figure.
            Self::F1 => 0.005,
            _ => 0.0,
        }
    }

    /// Whether `measured` keeps `goal`.
    pub fn keeps(self, measured: f64, goal: Goal) -> bool {
        match goal {
            Goal::AtMost(most) => measured <= most + self.tolerance(),
            Goal::AtLeast(least) => measured >= least - self.tolerance(),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FalseAlarms => f.write_str("false alarms a week, steady"),
            Self::FalsePages => f.write_str("false pages a week, steady"),
            Self::FirstHour => f.write_str("false alarms a week, first hour"),
            Self::FirstHourPages => f.write_str("false pages a week, first hour"),
            Self::Found(percent) => write!(f, "found in 60 s: +{percent} %"),
            Self::FoundTail => f.write_str("found in 60 s: tail x3"),
            Self::FoundErrors(percent) => write!(f, "found in 60 s: errors {percent} %"),
            Self::Delay => f.write_str("median delay at +100 %, s"),
            Self::F1 => f.write_str("F1"),
            Self::RightSeverity(times) => write!(f, "right severity at {times}x"),
            Self::Escalated => f.write_str("+50 % or less paged"),
            Self::SpikePaged => f.write_str("disturbance of <= 5 s paged"),
            Self::BurstPaged => f.write_str("errors for <= 5 s paged"),
            Self::ImprovementPaged => f.write_str("improvement paged"),
            Self::Early(percent) => write!(f, "after 100-150 calls: +{percent} %"),
            Self::AfterEpisode(percent) => write!(f, "learnt with an episode: +{percent} %"),
            Self::AfterFreaks(percent) => write!(f, "learnt with freaks: +{percent} %"),
            Self::BaselineRight => f.write_str("baseline right, learnt in peace"),
            Self::SpoiltBaselineRight => f.write_str("baseline right, learnt with trouble"),
        }
    }
}

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
}
