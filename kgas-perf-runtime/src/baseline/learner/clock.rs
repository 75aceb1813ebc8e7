//! `LearningClock`: whole seconds in which there was something to learn.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Counts the seconds of a stream, without pauses and without most of the time in which nothing
/// was called.
///
/// A second is `(k, k + 1]`: what ended at the full second belongs to the one before it, so that
/// a batch of calls told at the end of a second lies where the same calls told one by one do.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct LearningClock {
    /// The second of the stream that is being learned; `None` before the first and in a pause.
    second: Option<u64>,
    /// The same second, as this clock counts.
    now: u64,
    /// How often it went on.
    steps: u64,
    paused: bool,
}

/// An idle time counts as no more than this many of the mean time between seconds with calls...
const LONG: u64 = 16;
/// ...or this long, if that is more...
const SHORT: u64 = 60;
/// ...and never as more than a day.
const LONGEST: u64 = 86_400;

impl LearningClock {
    /// The second in which something ended at this time of the stream.
    fn second(at: Duration) -> u64 {
        at.as_secs().saturating_add(u64::from(at.subsec_nanos() > 0)).saturating_sub(1)
    }

    /// Whether this time lies behind the second that is being learned.
    pub(crate) fn is_behind(&self, at: Duration) -> bool {
        self.second.is_none_or(|second| Self::second(at) > second)
    }

    /// Whether the second that is being learned has ended by this time.
    pub(crate) fn has_ended(&self, by: Duration) -> bool {
        self.second.is_some_and(|second| by.as_secs() > second)
    }

    /// Goes on to the second of this time. Time that goes back is taken to stand still.
    pub(crate) fn advance(&mut self, at: Duration) {
        let second = Self::second(at);
        let gap = match self.second {
            Some(before) => second.saturating_sub(before),
            None => u64::from(self.paused),
        };
        self.paused = false;
        if gap > 0 {
            let mean = self.now.checked_div(self.steps);
            let most = mean.map_or(LONGEST, |mean| (LONG * mean).clamp(SHORT, LONGEST));
            self.now += gap.min(most);
            self.steps += 1;
        }
        self.second = self.second.max(Some(second));
    }

    /// Leaves out the time until the next call.
    pub(crate) fn pause(&mut self) {
        self.paused |= self.second.take().is_some();
    }

    /// The second that is being learned, from 0.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(seconds: &[f64]) -> u64 {
        let mut clock = LearningClock::default();
        seconds.iter().for_each(|at| clock.advance(Duration::from_secs_f64(*at)));
        clock.now()
    }

    #[test]
    fn a_full_second_ends_the_second_before_it() {
        assert_eq!(after(&[0.5, 1.0]), 0);
        assert_eq!(after(&[0.5, 1.001]), 1);
        assert_eq!(after(&[0.0, 1.0]), 0);
        let mut clock = LearningClock::default();
        clock.advance(Duration::from_millis(300));
        assert!(!clock.has_ended(Duration::from_millis(999)));
        assert!(clock.has_ended(Duration::from_secs(1)));
        assert!(!clock.is_behind(Duration::from_secs(1)));
        assert!(clock.is_behind(Duration::from_millis(1_001)));
    }

    #[test]
    fn a_night_without_calls_counts_as_a_minute() {
        let day: Vec<f64> = (1..=600).map(f64::from).collect();
        assert_eq!(after(&day), 599);
        assert_eq!(after(&[day.as_slice(), &[60_000.0]].concat()), 599 + 60);
    }

    #[test]
    fn an_operation_that_is_called_once_in_an_hour_keeps_its_hours() {
        let hours: Vec<f64> = (1..=50).map(|hour| f64::from(hour) * 3_600.0).collect();
        assert_eq!(after(&hours), 49 * 3_600);
        // 16 hours at most, of a week.
        assert_eq!(after(&[hours.as_slice(), &[784_800.0]].concat()), (49 + 16) * 3_600);
    }

    #[test]
    fn time_that_goes_back_stands_still() {
        assert_eq!(after(&[10.0, 5.0, 10.0, 11.0]), 1);
        assert_eq!(after(&[1.0, 1e15]), LONGEST);
    }

    #[test]
    fn a_pause_takes_one_second() {
        let mut clock = LearningClock::default();
        clock.pause();
        clock.advance(Duration::from_secs(10));
        assert_eq!(clock.now(), 0, "nothing was learned before it");
        clock.pause();
        clock.pause();
        clock.advance(Duration::from_secs(5_000));
        assert_eq!(clock.now(), 1);
    }
}
