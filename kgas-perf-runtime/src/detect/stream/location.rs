//! `Location`: where the median of an operation is, followed through the day.

use serde::{Deserialize, Serialize};

use crate::detect::stream::logarithm::left_after;

/// Follows the logarithm of a median through slow cycles, too slowly to swallow a step.
///
/// It is Brown's double exponential smoothing (*Smoothing, Forecasting and Prediction*, 1963),
/// whose time constant grows with the time it has followed; it is fed with what lies a minute
/// back, so that a step does not move what it is judged by.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Location {
    once: f64,
    twice: f64,
    /// Seconds over which it remembers.
    memory: f64,
    /// When it began, and when it was last fed, in seconds.
    began: f64,
    fed: f64,
    /// The rate of calls it was last told.
    rate: f64,
}

/// Seconds over which it remembers at least, once it is old enough.
const LONGEST: f64 = 1_800.0;

/// Calls over which it remembers at least, once it is old enough.
const CALLS: f64 = 720.0;

impl Location {
    /// Starts at a level, at a time in seconds.
    pub(super) fn new(level: f64, at: f64) -> Self {
        Self { once: level, twice: level, memory: 60.0, began: at, fed: at, rate: 1.0 }
    }

    /// Feeds an estimate of the location at a time; `calls` stand behind it.
    pub(super) fn feed(&mut self, estimate: f64, calls: f64, at: f64, rate: f64) {
        self.rate = rate.max(1e-6);
        let age = (at - self.began).max(0.0);
        self.memory = (age / 3.0).clamp(60.0, LONGEST.max(CALLS / self.rate));
        self.memory = self.memory.max(60.0 / self.rate);
        let gain = 1.0 - left_after(calls / (self.rate * self.memory));
        self.once += gain * (estimate - self.once);
        self.twice += gain * (self.once - self.twice);
        self.fed = at;
    }

    /// Moves it at once, by so much.
    pub(super) fn shift(&mut self, by: f64) {
        self.once += by;
        self.twice += by;
    }

    /// Whether it has followed long enough to know a trend.
    fn trend(&self) -> f64 {
        let trusted = (self.memory / LONGEST - 0.3).clamp(0.0, 1.0);
        trusted * (self.once - self.twice)
    }

    /// The location at a time.
    pub(super) fn level(&self, at: f64) -> f64 {
        let trend = self.trend();
        let ahead = ((at - self.fed) / self.memory).clamp(0.0, 0.2);
        self.once + trend * (1.0 + ahead)
    }

    /// Seconds since it began.
    pub(super) fn age(&self, at: f64) -> f64 {
        (at - self.began).max(0.0)
    }

    /// How many calls its estimate rests on.
    pub(super) fn calls(&self, at: f64) -> f64 {
        let remembered = if self.trend() == 0.0 { 2.0 } else { 0.9 };
        self.rate * (remembered * self.memory).min(self.age(at) + 30.0)
    }

    /// How far the level is still moving over the time it remembers.
    pub(super) fn unsettled(&self) -> f64 {
        (self.once - self.twice).abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(hours: u32, truth: impl Fn(f64) -> f64) -> (Location, f64) {
        let mut location = Location::new(truth(0.0), 0.0);
        let end = f64::from(hours) * 3_600.0;
        for second in 1..=hours * 3_600 {
            let at = f64::from(second);
            location.feed(truth(at), 10.0, at, 10.0);
        }
        (location, end)
    }

    #[test]
    fn a_load_of_the_day_is_followed_without_lag() {
        let truth = |at: f64| 0.3 * (at / 86_400.0 * std::f64::consts::TAU).sin();
        for hours in [25, 30, 36, 43] {
            let (location, end) = follow(hours, truth);
            let error = location.level(end) - truth(end);
            assert!(error.abs() < 0.015, "{hours} h: {error}");
        }
    }

    #[test]
    fn a_step_is_not_swallowed_within_minutes() {
        let (mut location, end) = follow(10, |_| 0.0);
        for second in 1..=120 {
            let at = end + f64::from(second);
            location.feed(0.7, 10.0, at, 10.0);
        }
        assert!(location.level(end + 120.0) < 0.15, "{}", location.level(end + 120.0));
    }

    #[test]
    fn a_young_one_forgets_a_warm_up() {
        let (location, end) = follow(1, |at| (-at / 200.0).exp());
        assert!(location.level(end).abs() < 0.02, "{}", location.level(end));
    }
}
