//! `Session`: what one test process took of one operation.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::statistic::{median, midmean, quantile};
use super::yardstick::{Parts, logs, typical};

/// Readings of the yardstick on either side that tell the machine's pace at one time.
const NEIGHBOURS: usize = 2;
/// Timings that are kept for the quantiles people see.
const MOST_KEPT: usize = 20_000;

/// The samples of one operation, as one process took them one after the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// Each sample's statistic, in nanoseconds a call.
    pub(crate) operation_ns: Vec<f64>,
    /// What each piece of the yardstick took beside each sample, in nanoseconds.
    pub(crate) yardstick_ns: Vec<Parts>,
    /// Single timings, in nanoseconds a call.
    pub(crate) timings_ns: Vec<f64>,
    /// Calls in one timing.
    pub(crate) calls_a_timing: u64,
    /// Calls that were timed.
    pub(crate) calls: u64,
    /// How long the timed stretches were together, the yardstick's too.
    pub(crate) timed: Duration,
    /// How long all of it lasted, the warm-up too.
    pub(crate) lasted: Duration,
    /// How long its thread was ready and had no processor; `None` where nobody says.
    pub(crate) waited: Option<Duration>,
}

impl Session {
    pub(crate) fn samples(&self) -> usize {
        self.operation_ns.len()
    }

    /// Adds a sample: its statistic, its timings, and the yardstick beside it.
    pub(crate) fn add(&mut self, operation_ns: f64, yardstick_ns: Parts) {
        self.operation_ns.push(operation_ns);
        self.yardstick_ns.push(yardstick_ns);
    }

    pub(crate) fn keep_timing(&mut self, ns: f64) {
        if self.timings_ns.len() < MOST_KEPT {
            self.timings_ns.push(ns);
        }
    }

    /// The samples in yardsticks of a typical operation, in the order in which they were taken.
    ///
    /// A single yardstick is as noisy as a single sample, so the pace at one time is the median of
    /// its neighbours'.
    pub(crate) fn in_yardsticks(&self) -> Vec<f64> {
        let samples = self.operation_ns.iter().zip(self.pieces());
        samples.map(|(ns, pieces)| ns / typical(&pieces)).collect()
    }

    /// The pieces of the yardstick beside each sample, each the median of its neighbours.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Parts> + '_ {
        let count = self.yardstick_ns.len();
        (0..count).map(move |at| {
            let near = at.saturating_sub(NEIGHBOURS)..(at + NEIGHBOURS + 1).min(count);
            middle(&self.yardstick_ns[near])
        })
    }

    /// The typical yardstick, in nanoseconds: the middle of those beside samples.
    pub(crate) fn yardstick(&self) -> Parts {
        let logs: Vec<Parts> = self.pieces().map(|pieces| logs(&pieces)).collect();
        std::array::from_fn(|part| {
            midmean(&logs.iter().map(|parts| parts[part]).collect::<Vec<_>>()).exp()
        })
    }

    /// The typical sample, in nanoseconds.
    pub(crate) fn typical_ns(&self) -> f64 {
        median(&self.operation_ns).unwrap_or(0.0)
    }

    /// Quantiles of single timings, in nanoseconds a call: p5, p25, p50, p75, p95.
    pub(crate) fn band_ns(&self) -> [f64; 5] {
        let mut sorted = self.timings_ns.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        [0.05, 0.25, 0.5, 0.75, 0.95].map(|share| quantile(&sorted, share).unwrap_or(0.0))
    }

    /// The share of its time that it had to wait for a processor; `None` where nobody says.
    pub(crate) fn share_waited(&self) -> Option<f64> {
        Some(self.waited?.as_secs_f64() / self.lasted.as_secs_f64().max(1e-9))
    }

    /// Both, one after the other.
    pub(crate) fn then(mut self, later: Self) -> Self {
        self.operation_ns.extend(later.operation_ns);
        self.yardstick_ns.extend(later.yardstick_ns);
        self.timings_ns.extend(later.timings_ns);
        self.timings_ns.truncate(MOST_KEPT);
        self.calls += later.calls;
        self.timed += later.timed;
        self.lasted += later.lasted;
        self.waited = self.waited.zip(later.waited).map(|(one, other)| one + other);
        self
    }
}

/// The median of each piece.
fn middle(yardsticks: &[Parts]) -> Parts {
    std::array::from_fn(|part| {
        let of: Vec<f64> = yardsticks.iter().map(|parts| parts[part]).collect();
        median(&of).unwrap_or(1.0).max(f64::MIN_POSITIVE)
    })
}

#[cfg(test)]
mod tests {
    use super::super::yardstick::PARTS;
    use super::*;

    #[test]
    fn in_yardsticks_the_machine_s_pace_is_gone() {
        let mut session = Session::default();
        for at in 0..40 {
            let pace = 1.0 + 0.5 * f64::from(at) / 40.0;
            // One yardstick in ten was interrupted.
            let interrupted = if at % 10 == 5 { 9.0 } else { 1.0 };
            session.add(300.0 * pace, [100.0 * pace * interrupted; PARTS]);
        }
        for relative in session.in_yardsticks() {
            assert!((relative - 3.0).abs() < 0.06, "{relative}");
        }
    }

    #[test]
    fn an_empty_session_is_answered() {
        let session = Session::default();
        assert_eq!(session.band_ns(), [0.0; 5]);
        assert!(session.in_yardsticks().is_empty() && session.share_waited().is_none());
    }
}
