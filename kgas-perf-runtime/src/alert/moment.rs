//! `Now` and `Moment`: what time it is, by a clock for people and by one that never jumps.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What time it is when the alerts are told or asked something.
///
/// Both readings are taken at the same time; [`Clock`](crate::measure::Clock) has both. Whatever
/// is held, waited for or repeated goes by `monotonic`: a wall clock that is set back an hour
/// makes no alert hold an hour longer. `unix` is written down for people, and decides only what
/// people state by it: from when to when a silence lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// Since some fixed moment of this process; never goes back.
    pub monotonic: Duration,
    /// Since 1970-01-01 00:00 UTC, by the wall clock; may jump either way.
    pub unix: Duration,
}

/// A time that was kept.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Moment {
    /// How long the alerts had lived by then, restarts included; never goes back.
    pub lived: Duration,
    /// Since 1970-01-01 00:00 UTC, as the wall clock said then.
    pub unix: Duration,
}

impl Moment {
    /// How long before this the earlier one was; zero if it was not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        self.lived.saturating_sub(earlier.lived)
    }

    /// The moment that lies so long before this one.
    pub fn before(self, ago: Duration) -> Self {
        Self { lived: self.lived.saturating_sub(ago), unix: self.unix.saturating_sub(ago) }
    }
}

/// Turns readings of a process's clocks into moments that outlive the process.
///
/// A monotonic clock begins anew with every process. So the time lived is carried over a restart:
/// while a process runs it grows with its monotonic clock, and from the last moment of one process
/// to the first of the next by the wall clock, and by nothing if that went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timeline {
    /// The monotonic reading at which this process began to count.
    origin: Duration,
    /// What had been lived by then.
    base: Duration,
    /// The latest moment that changed anything.
    last: Moment,
}

impl Timeline {
    pub(crate) fn begin(now: Now) -> Self {
        let last = Moment { lived: Duration::ZERO, unix: now.unix };
        Self { origin: now.monotonic, base: Duration::ZERO, last }
    }

    pub(crate) fn resume(last: Moment, now: Now) -> Self {
        let lived = last.lived.saturating_add(now.unix.saturating_sub(last.unix));
        Self { origin: now.monotonic, base: lived, last: Moment { lived, unix: now.unix } }
    }

    /// The moment of a reading; never before the last one that changed anything.
    pub(crate) fn at(&self, now: Now) -> Moment {
        let lived = self.base.saturating_add(now.monotonic.saturating_sub(self.origin));
        Moment { lived: lived.max(self.last.lived), unix: now.unix }
    }

    pub(crate) fn advance(&mut self, now: Now) -> Moment {
        self.last = self.at(now);
        self.last
    }

    pub(crate) fn last(&self) -> Moment {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now(monotonic: u64, unix: u64) -> Now {
        Now { monotonic: Duration::from_secs(monotonic), unix: Duration::from_secs(unix) }
    }

    fn lived(moment: Moment) -> u64 {
        moment.lived.as_secs()
    }

    #[test]
    fn a_stepped_wall_clock_changes_no_age() {
        let mut timeline = Timeline::begin(now(100, 1_000_000));
        assert_eq!(lived(timeline.advance(now(110, 5_000))), 10);
        assert_eq!(lived(timeline.advance(now(120, 9_000_000))), 20);
        assert_eq!(timeline.last().unix, Duration::from_secs(9_000_000));
    }

    #[test]
    fn a_monotonic_clock_that_goes_back_all_the_same_stands_still() {
        let mut timeline = Timeline::begin(now(100, 0));
        timeline.advance(now(110, 0));
        assert_eq!(lived(timeline.at(now(105, 0))), 10);
        assert_eq!(lived(timeline.at(now(50, 0))), 10);
        assert_eq!(lived(timeline.at(now(111, 0))), 11);
    }

    #[test]
    fn a_restart_adds_the_time_that_was_missed() {
        let mut before = Timeline::begin(now(7_000, 1_000));
        let last = before.advance(now(7_060, 1_060));
        // The next process's monotonic clock is young; 40 s went by.
        let after = Timeline::resume(last, now(3, 1_100));
        assert_eq!(lived(after.at(now(3, 1_100))), 100);
        assert_eq!(lived(after.at(now(13, 1_110))), 110);
    }

    #[test]
    fn a_restart_with_the_wall_clock_set_back_adds_nothing() {
        let last = Moment { lived: Duration::from_secs(60), unix: Duration::from_secs(1_060) };
        let after = Timeline::resume(last, now(3, 500));
        assert_eq!(lived(after.at(now(4, 501))), 61);
    }
}
