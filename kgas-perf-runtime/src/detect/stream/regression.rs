//! `Regression`: what was found and is not over.

use serde::{Deserialize, Serialize};

use crate::detect::verdict::Kind;
use crate::measure::Severity;

/// Evidence that it is over, in nats, and the seconds it stands at least.
const OVER: f32 = 7.0;
const SHORTEST: f64 = 10.0;

/// Seconds after which a slowdown below a warning is what is normal now.
const ACCEPTED: f64 = 3_600.0;

/// What was found and is not over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Regression {
    pub(super) kind: Kind,
    pub(super) severity: Severity,
    /// When it began, as told; since when it is judged; when it was found, in seconds.
    pub(super) since: f64,
    pub(super) from: f64,
    pub(super) found: f64,
    /// The relative change, or the share of calls that fail.
    pub(super) effect: f64,
    /// The alternative that its end is judged by.
    pub(super) against: usize,
    /// Evidence for its end: a cumulative sum of its own.
    over: f32,
}

/// How a regression goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// It goes on.
    On,
    /// The calls are as they were.
    Over,
    /// It has lasted for so long that it is what is normal now.
    Accepted,
}

impl Regression {
    pub(super) fn new(kind: Kind, severity: Severity, effect: f64) -> Self {
        Self { kind, severity, since: 0.0, from: 0.0, found: 0.0, effect, against: 0, over: 0.0 }
    }

    /// Takes what a packet says for the regression, in nats.
    pub(super) fn take(&mut self, ratio: f32, now: f64) -> Course {
        self.over = (self.over - ratio).max(0.0);
        if self.over > OVER && now - self.found > SHORTEST {
            Course::Over
        } else if self.severity == Severity::Info
            && self.kind != Kind::Errors
            && now - self.found > ACCEPTED
        {
            Course::Accepted
        } else {
            Course::On
        }
    }
}

/// How bad a change of the typical call is, by its logarithm: about 2, 5 and 10 times.
pub(super) fn severity(log_change: f64) -> Severity {
    match log_change.exp() {
        times if times >= 9.5 => Severity::Emergency,
        times if times >= 4.8 => Severity::Critical,
        times if times >= 1.92 => Severity::Warning,
        _ => Severity::Info,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_begin_at_about_two_five_and_ten_times() {
        let found = [1.5, 1.9, 2.0, 4.7, 5.0, 9.0, 10.0].map(|times: f64| severity(times.ln()));
        use Severity::{Critical, Emergency, Info, Warning};
        assert_eq!(found, [Info, Info, Warning, Warning, Critical, Critical, Emergency]);
    }

    #[test]
    fn it_is_over_when_the_evidence_says_so_and_not_at_once() {
        let mut regression = Regression::new(Kind::Location, Severity::Warning, 1.0);
        assert_eq!(regression.take(-20.0, 5.0), Course::On);
        assert_eq!(regression.take(0.0, 11.0), Course::Over);
        let mut slower = Regression::new(Kind::Location, Severity::Warning, 1.0);
        assert!((0..100_000).all(|at| slower.take(0.5, f64::from(at)) == Course::On));
    }

    #[test]
    fn a_slight_one_is_accepted_after_an_hour() {
        let mut slight = Regression::new(Kind::Location, Severity::Info, 0.2);
        assert_eq!(slight.take(0.1, 3_599.0), Course::On);
        assert_eq!(slight.take(0.1, 3_601.0), Course::Accepted);
    }
}
