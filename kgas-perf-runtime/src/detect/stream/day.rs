//! `Day`: where the location was on the first day, and where it is on the last.

use serde::{Deserialize, Serialize};

/// Seconds in a day.
const LENGTH: f64 = 86_400.0;

/// A median 60 % above that of the first day has drifted, until it is back below 40 %.
const DRIFTED: f64 = 1.6;
const BACK: f64 = 1.4;

/// The mean location of a day: a load that comes and goes with the hours is no drift.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Day {
    first: f64,
    last: f64,
    drifted: bool,
}

impl Day {
    pub(super) fn new(level: f64) -> Self {
        Self { first: level, last: level, drifted: false }
    }

    /// Adds the location of some seconds; `age` is how long it has been followed.
    pub(super) fn add(&mut self, level: f64, elapsed: f64, age: f64) {
        self.last += (level - self.last) * (elapsed / age.clamp(60.0, LENGTH)).clamp(0.0, 1.0);
        if age < LENGTH {
            self.first = self.last;
        }
    }

    /// The relative change since the first day, if it has just become a drift.
    pub(super) fn drift(&mut self) -> Option<f64> {
        let change = self.last - self.first;
        if change < BACK.ln() {
            self.drifted = false;
        }
        if self.drifted || change <= DRIFTED.ln() {
            return None;
        }
        self.drifted = true;
        Some(change.exp_m1())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drifts(days: u32, level: impl Fn(f64) -> f64) -> Vec<f64> {
        let mut day = Day::new(level(0.0));
        let mut found = Vec::new();
        for minute in 0..days * 1_440 {
            let at = f64::from(minute) * 60.0;
            day.add(level(at), 60.0, at);
            found.extend(day.drift().map(|_| at));
        }
        found
    }

    #[test]
    fn a_load_that_follows_the_hours_is_no_drift() {
        let daily = |at: f64| 0.5 * (at / LENGTH * std::f64::consts::TAU).sin();
        assert_eq!(drifts(14, daily), Vec::<f64>::new());
    }

    #[test]
    fn a_creep_is_told_once_and_again_after_it_was_back() {
        // 10 % a day, from the first day on.
        let found = drifts(14, |at| 0.1 * at / LENGTH);
        assert_eq!(found.len(), 1);
        assert!((5.0..8.0).contains(&(found[0] / LENGTH)), "{found:?}");
        let found = drifts(30, |at| {
            let days = at / LENGTH;
            if (3.0..8.0).contains(&days) || days > 16.0 { 0.8 } else { 0.0 }
        });
        assert_eq!(found.len(), 2);
    }
}
