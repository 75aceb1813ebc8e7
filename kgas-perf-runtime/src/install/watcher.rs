//! `Watcher`: notices that the collector hangs, since a collector that hangs does not.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::detect::{Component, Liveness, Stake};
use crate::measure::Severity;

/// What it watches, as alerts name it.
const COLLECTOR: &str = "collector";

/// Looks every so often.
pub(super) const EVERY: Duration = Duration::from_secs(5);

/// So many ticks may be missed, and so long may one take.
const TICKS_MISSED: u32 = 10;
const SHORTEST: Duration = Duration::from_secs(15);

/// Notices that the collector hangs: in a subscriber that does not return, for a lock that
/// nobody gives back. It tells that itself, since the alerts are the collector's.
///
/// It takes no lock of the collector and reads one number of it, so it cannot hang with it.
#[derive(Debug)]
pub(super) struct Watcher {
    liveness: Liveness,
    allowed: Duration,
    raised: Option<Severity>,
}

/// What is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct News {
    /// How bad it is; `None` when it is over.
    pub(super) severity: Option<Severity>,
    /// For how long there was no tick; of what is over, nothing.
    pub(super) silent: Duration,
}

impl Watcher {
    /// Watches a collector that ticks in this rhythm.
    pub(super) fn new(every: Duration) -> Self {
        Self {
            liveness: Liveness::new(),
            allowed: every.saturating_mul(TICKS_MISSED).max(SHORTEST),
            raised: None,
        }
    }

    /// Looks at a time, when the last tick ended at another, and answers what is to be told.
    pub(super) fn look(&mut self, now: Duration, last_tick: Duration) -> Option<News> {
        let component = Component {
            name: COLLECTOR,
            stake: Stake::Attention,
            last_beat: last_tick,
            allowed: self.allowed,
            idle: false,
        };
        self.liveness.look(now, &[component], &[]);
        let severity = self.liveness.standings().find_map(|(_, standing)| standing.level());
        let before = std::mem::replace(&mut self.raised, severity);
        let silent = now.saturating_sub(last_tick);
        match severity {
            Some(_) if severity > before => Some(News { severity, silent }),
            None if before.is_some() => Some(News { severity, silent: Duration::ZERO }),
            _ => None,
        }
    }
}

impl News {
    /// Tells it as the collector would: as an event of the target `kgas_perf`.
    pub(super) fn tell(self) {
        // The fault of a subscriber is its own.
        let _ = catch_unwind(AssertUnwindSafe(|| self.event()));
    }

    fn event(self) {
        macro_rules! tell {
            ($level:ident, $state:literal, $severity:expr) => {
                tracing::event!(
                    target: "kgas_perf",
                    tracing::Level::$level,
                    component = COLLECTOR,
                    rule = "unresponsive",
                    state = $state,
                    severity = $severity,
                    kind = "unresponsive",
                    what = "time without a tick",
                    lasted_s = self.silent.as_secs_f64(),
                    next_step = "Nothing is judged and nobody is told meanwhile. See where the \
                                 thread `kgas-perf` waits: most likely in a subscriber.",
                    "alert"
                )
            };
        }
        match self.severity {
            None => tell!(INFO, "resolved", Severity::Info.as_str()),
            Some(Severity::Info) => tell!(INFO, "firing", Severity::Info.as_str()),
            Some(Severity::Warning) => tell!(WARN, "firing", Severity::Warning.as_str()),
            Some(severity) => tell!(ERROR, "firing", severity.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// What is told of a collector whose last tick, at each second, was at another.
    fn told(every: Duration, last_tick: impl Fn(u32) -> u32) -> Vec<(u32, Option<Severity>)> {
        let mut watcher = Watcher::new(every);
        let news = |now: u32| {
            let news = watcher.look(now * SECOND, last_tick(now) * SECOND)?;
            Some((now, news.severity))
        };
        (0..300_u32).step_by(5).filter_map(news).collect()
    }

    #[test]
    fn a_collector_that_hangs_is_told_three_times_and_that_it_is_over() {
        let hangs = |now: u32| if (100..200).contains(&now) { 100 } else { now };
        use Severity::{Critical, Emergency, Warning};
        let expected =
            [(120, Some(Warning)), (135, Some(Critical)), (150, Some(Emergency)), (200, None)];
        assert_eq!(told(SECOND, hangs), expected);
        assert_eq!(told(SECOND, |now| now), []);
    }

    #[test]
    fn a_slow_rhythm_is_no_hang_and_neither_is_a_suspended_machine() {
        assert_eq!(told(60 * SECOND, |now| now / 60 * 60), []);
        let mut watcher = Watcher::new(SECOND);
        assert_eq!(watcher.look(100 * SECOND, 100 * SECOND), None);
        assert_eq!(watcher.look(9_000 * SECOND, 100 * SECOND), None);
        assert_eq!(watcher.raised, None);
    }
}
