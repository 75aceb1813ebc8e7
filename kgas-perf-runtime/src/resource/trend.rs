//! `Trend`: how much of something was used over the last day, for as long as a forecast looks
//! back.

use std::collections::VecDeque;
use std::time::Duration;

/// A point every so often.
const POINT: Duration = Duration::from_secs(10);
/// Points are kept for an hour, minutes for a day.
const POINTS_FOR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);
const MINUTES_FOR: Duration = Duration::from_secs(24 * 3_600);

/// How much of something was used over the last day: a point every 10 s of the last hour, and
/// the least and the most of each minute before. It holds 50 KiB after a day.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::resource::{Outlook, Trend};
///
/// // A disk of 100 GB fills by 1 GB a minute from 10 GB on.
/// let mut trend = Trend::new();
/// for second in (0..=1_800).step_by(10) {
///     trend.observe(Duration::from_secs(second), 10e9 + second as f64 * 1e9 / 60.0);
/// }
/// let Outlook::Reached(forecast) = trend.outlook(100e9) else { panic!("it rises") };
/// // 60 GB are left.
/// assert!(forecast.within.as_secs().abs_diff(3_600) < 60);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Trend {
    points: VecDeque<(Duration, f64)>,
    minutes: VecDeque<Minute>,
}

/// The least and the most of a minute.
#[derive(Clone, Copy, Debug)]
struct Minute {
    begin: Duration,
    low: f64,
    high: f64,
}

/// The largest fall of the last day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Fall {
    /// By how much it fell.
    pub(crate) by: f64,
    /// From which level.
    pub(crate) from: f64,
}

impl Trend {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds how much is in use at a time. Times ascend; what comes from before is left out, and
    /// so is what is no number. Answers whether it is a new point, and the outlook another.
    pub fn observe(&mut self, at: Duration, used: f64) -> bool {
        if !used.is_finite() || self.points.back().is_some_and(|(last, _)| at <= *last) {
            return false;
        }
        match self.minutes.back_mut() {
            Some(minute) if at.saturating_sub(minute.begin) < MINUTE => {
                minute.low = minute.low.min(used);
                minute.high = minute.high.max(used);
            }
            _ => self.minutes.push_back(Minute { begin: at, low: used, high: used }),
        }
        let is_due = |(last, _): &(Duration, f64)| at.saturating_sub(*last) >= POINT;
        let is_point = self.points.back().is_none_or(is_due);
        if is_point {
            self.points.push_back((at, used));
        }
        while self.points.front().is_some_and(|(old, _)| at.saturating_sub(*old) > POINTS_FOR) {
            self.points.pop_front();
        }
        let is_old = |minute: &Minute| at.saturating_sub(minute.begin) > MINUTES_FOR;
        while self.minutes.front().is_some_and(is_old) {
            self.minutes.pop_front();
        }
        is_point
    }

    /// The last point.
    pub(crate) fn last(&self) -> Option<(Duration, f64)> {
        self.points.back().copied()
    }

    /// The points of the last stretch of time of such a length.
    pub(crate) fn recent(&self, length: Duration) -> impl Iterator<Item = (Duration, f64)> {
        let from = self.last().map_or(Duration::ZERO, |(last, _)| last.saturating_sub(length));
        let first = self.points.partition_point(|(at, _)| *at < from);
        self.points.range(first..).copied()
    }

    /// By how much it fell at most within the last day: what is freed now and then, as by a log
    /// that is rotated or a collector of garbage, falls by as much as it rose.
    pub(crate) fn largest_fall(&self) -> Fall {
        let mut peak = f64::NEG_INFINITY;
        let mut largest = Fall::default();
        for minute in &self.minutes {
            if peak - minute.low > largest.by {
                largest = Fall { by: peak - minute.low, from: peak };
            }
            peak = peak.max(minute.high);
        }
        largest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_seconds_stays_small_and_remembers_its_falls() {
        let mut trend = Trend::new();
        for second in 0..100_000_u64 {
            // It rises by 5,000 in an hour and a half and falls to nothing.
            trend.observe(Duration::from_secs(second), (second % 5_000) as f64);
        }
        assert!(trend.points.len() <= 361 && trend.minutes.len() <= 1_441);
        let fall = trend.largest_fall();
        assert_eq!((fall.by, fall.from), (4_999.0, 4_999.0));
        assert!(trend.recent(Duration::from_secs(600)).count() <= 61);
    }

    #[test]
    fn what_comes_late_and_what_is_no_number_is_left_out() {
        let mut trend = Trend::new();
        trend.observe(Duration::from_secs(10), 5.0);
        trend.observe(Duration::from_secs(5), 900.0);
        trend.observe(Duration::from_secs(20), f64::NAN);
        assert_eq!(trend.last(), Some((Duration::from_secs(10), 5.0)));
        assert_eq!(trend.largest_fall(), Fall::default());
    }
}
