//! `Plan`: how many calls a timing takes, and how many timings a sample.

use std::time::Duration;

use super::statistic::Statistic;

/// A timing lasts at least this many steps of the clock, so that a step is a twentieth of it, and
/// far less of what many timings say together: where the clock is coarse, more of them tell more
/// than longer ones.
const STEPS: u32 = 20;
/// And at least this long, so that reading the clock is a small part of it.
const SHORTEST: Duration = Duration::from_micros(20);
/// More timings than this in one sample tell nothing more.
const MOST_TIMINGS: usize = 200;
/// How long the operation is timed in a session, if its samples allow.
const SESSION: Duration = Duration::from_millis(500);

/// How much effort an assertion may make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Effort {
    /// Samples a session is to have.
    pub(crate) samples: usize,
    /// How long the operation runs before it is timed.
    pub(crate) warm_up: Duration,
    /// After this long no further call is begun.
    pub(crate) budget: Duration,
    /// What is kept of a sample.
    pub(crate) statistic: Statistic,
    /// The smallest difference of two readings of the clock.
    pub(crate) clock_step: Duration,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            samples: 50,
            warm_up: Duration::from_millis(100),
            budget: Duration::from_secs(5),
            statistic: Statistic::Median,
            clock_step: Duration::from_nanos(50),
        }
    }
}

impl Effort {
    /// The shortest stretch that is worth a timing.
    pub(crate) fn shortest_timing(&self) -> Duration {
        SHORTEST.max(self.clock_step * STEPS)
    }
}

/// How many calls a timing takes, how many timings a sample, how many samples a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) calls: u64,
    pub(crate) timings: usize,
    pub(crate) samples: usize,
}

impl Plan {
    /// For an operation whose call lasts about this long, in a session that may last so long.
    pub(crate) fn new(effort: &Effort, call: Duration, allowed: Duration) -> Self {
        let call = call.as_secs_f64().max(1e-10);
        let shortest = effort.shortest_timing().as_secs_f64();
        let calls = (shortest / call).ceil().max(1.0);
        let timing = calls * call;
        let sample = SESSION.as_secs_f64() / effort.samples.max(1) as f64;
        let timings = ((sample / timing) as usize).clamp(
            effort.statistic.fewest_timings(),
            MOST_TIMINGS.max(effort.statistic.fewest_timings()),
        );
        let affordable = allowed.as_secs_f64() / (timing * timings as f64);
        Self {
            calls: calls as u64,
            timings,
            samples: effort.samples.min(affordable as usize).max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(call: Duration) -> Plan {
        Plan::new(&Effort::default(), call, Duration::from_secs(2))
    }

    #[test]
    fn a_timing_is_no_shorter_than_the_clock_can_tell() {
        for nanos in [0, 1, 20, 300, 9_999, 10_000, 20_000] {
            let Plan { calls, timings, samples } = plan(Duration::from_nanos(nanos));
            assert!(calls * nanos.max(1) >= 20_000, "{nanos}");
            assert_eq!(samples, 50);
            assert!(timings == 200, "{nanos}: {timings}");
        }
        let coarse = Effort { clock_step: Duration::from_micros(16), ..Effort::default() };
        let timed = Plan::new(&coarse, Duration::from_nanos(30), Duration::from_secs(2));
        assert_eq!(timed, Plan { calls: 10_667, timings: 31, samples: 50 });
    }

    #[test]
    fn long_calls_are_samples_by_themselves_and_fewer() {
        assert_eq!(plan(Duration::from_millis(1)), Plan { calls: 1, timings: 10, samples: 50 });
        assert_eq!(plan(Duration::from_millis(10)), Plan { calls: 1, timings: 1, samples: 50 });
        assert_eq!(plan(Duration::from_millis(100)), Plan { calls: 1, timings: 1, samples: 20 });
        assert_eq!(plan(Duration::from_secs(3)), Plan { calls: 1, timings: 1, samples: 1 });
    }

    #[test]
    fn a_quantile_has_the_timings_it_needs() {
        let effort = Effort { statistic: Statistic::P95, ..Effort::default() };
        let plan = Plan::new(&effort, Duration::from_millis(10), Duration::from_secs(2));
        assert_eq!(plan, Plan { calls: 1, timings: 20, samples: 10 });
    }
}
