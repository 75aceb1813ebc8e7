//! `Failures`: whether more calls fail than did.

use serde::{Deserialize, Serialize};

use crate::detect::stream::cusum::Cusums;

/// Shares of failing calls that are looked for, as multiples of the usual share and at least.
const WORSE: [(f64, f64); 3] = [(3.0, 0.04), (6.0, 0.12), (12.0, 0.35)];

/// Calls over which the usual share is remembered, at least.
const REMEMBERED: f64 = 20_000.0;

/// Three Bernoulli sums against an upper bound of the usual share of failing calls (Reynolds and
/// Stoumbos, *A CUSUM chart for monitoring a proportion*, Journal of Quality Technology 31, 1999).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Failures {
    sums: Cusums<3>,
    failed: f64,
    calls: f64,
    /// Of the packets since the sums last were all at zero.
    recent_failed: f64,
    recent_calls: f64,
}

impl Failures {
    pub(super) fn new(at: f64) -> Self {
        Self {
            sums: Cusums::new(at),
            failed: 0.0,
            calls: 0.0,
            recent_failed: 0.0,
            recent_calls: 0.0,
        }
    }

    /// The usual share of failing calls, from above.
    pub(super) fn usual(&self) -> f64 {
        ((self.failed + 0.8 + self.failed.sqrt()) / (self.calls + 10.0)).min(0.9)
    }

    /// The share of failing calls since the evidence began.
    pub(super) fn now(&self) -> f64 {
        if self.recent_calls > 0.0 { self.recent_failed / self.recent_calls } else { 0.0 }
    }

    /// The share of failing calls since the evidence began, from below.
    pub(super) fn surely(&self) -> f64 {
        if self.recent_failed < 5.0 {
            return 0.0;
        }
        (self.recent_failed - 1.5 * self.recent_failed.sqrt()) / self.recent_calls
    }

    /// What a packet says for such a share of failing calls, in nats.
    pub(super) fn ratio(&self, failed: f64, calls: f64, share: f64) -> f64 {
        let usual = self.usual();
        let worse = share.clamp((usual * 1.5).min(0.9), 0.9);
        failed * (worse / usual).ln() + (calls - failed) * ((1.0 - worse) / (1.0 - usual)).ln()
    }

    /// Learns without judging.
    pub(super) fn learn(&mut self, failed: f64, calls: f64) {
        self.failed += failed;
        self.calls += calls;
        if self.calls > REMEMBERED {
            self.failed /= 2.0;
            self.calls /= 2.0;
        }
    }

    /// Adds a packet, and tells since when too many calls fail, if they do. `budget` is the
    /// number of calls in which one false alarm is allowed.
    pub(super) fn add(
        &mut self,
        span: (f64, f64),
        failed: f64,
        calls: f64,
        budget: f64,
    ) -> Option<f64> {
        if self.rests() && failed == 0.0 {
            // No call speaks for any share: what it says against them does not matter.
            self.sums.rest(span, calls as f32);
            self.forget();
            return None;
        }
        let usual = self.usual();
        let (mut ratios, mut thresholds) = ([0.0; WORSE.len()], [0.0; WORSE.len()]);
        for (which, (times, least)) in WORSE.into_iter().enumerate() {
            let worse = (times * usual).max(least).min(0.5 + usual / 2.0).max(usual * 1.05);
            let (up, down) = ((worse / usual).ln(), ((1.0 - worse) / (1.0 - usual)).ln());
            let information = worse * up + (1.0 - worse) * down;
            // Each failing call overshoots by up to `up`.
            let threshold = (budget * information).max(20.0).ln() + 1.2 - up.max(1.0).ln();
            ratios[which] = (failed * up + (calls - failed) * down) as f32;
            thresholds[which] = threshold as f32;
        }
        self.sums.add(span, calls as f32, &ratios, &thresholds, &[f32::INFINITY; WORSE.len()]);
        if self.rests() {
            self.forget();
        } else {
            self.recent_failed += failed;
            self.recent_calls += calls;
        }
        let alarm = (0..WORSE.len()).find(|&which| {
            let (since, _) = self.sums.onset(which);
            self.sums.sum(which) >= thresholds[which] && span.1 - since >= 5.5 && failed > 0.0
        })?;
        Some(self.sums.onset(alarm).0)
    }

    /// Forgets the evidence, and keeps what is usual.
    pub(super) fn reset(&mut self, at: f64) {
        self.sums.reset(at);
        self.forget();
    }

    /// Whether all sums are at zero.
    fn rests(&self) -> bool {
        self.sums.resting() == [true; WORSE.len()]
    }

    fn forget(&mut self) {
        self.recent_failed = 0.0;
        self.recent_calls = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::dice::Dice;

    const WEEK: f64 = 604_800.0;

    /// When too many calls are told to fail, of a stream at ten a second.
    fn told(seed: u64, seconds: u32, failing: impl Fn(f64) -> f64) -> Option<f64> {
        let (mut failures, mut dice) = (Failures::new(0.0), Dice::new(seed));
        (1..=seconds).map(f64::from).find(|&at| {
            let failed = (0..10).filter(|_| dice.unit() < failing(at)).count() as f64;
            let found = failures.add((at - 1.0, at), failed, 10.0, 10.0 * WEEK);
            failures.learn(failed, 10.0);
            found.is_some()
        })
    }

    #[test]
    fn a_steady_share_of_failing_calls_is_not_told() {
        for (seed, share) in [(1, 0.0), (2, 0.003), (3, 0.02), (4, 0.3)] {
            assert_eq!(told(seed, 86_400, |_| share), None, "{share}");
        }
    }

    #[test]
    fn a_risen_share_is_told_within_a_minute_and_five_seconds_are_not() {
        for (seed, share) in [(5, 0.05), (6, 0.3), (7, 1.0)] {
            let at = told(seed, 3_700, |at| if at > 3_600.0 { share } else { 0.001 });
            assert!(at.is_some_and(|at| (3_605.0..3_660.0).contains(&at)), "{share}: {at:?}");
        }
        let brief = |at: f64| if (3_600.0..3_604.5).contains(&at) { 1.0 } else { 0.001 };
        assert_eq!(told(8, 7_200, brief), None);
    }
}
