//! `Interleaved`: two closures in one process, in turns.

use std::fmt;
use std::hint::black_box;
use std::time::Duration;

use kgas_perf_runtime::compare::{ALPHA, Comparison, Design, Verdict, compare};
use kgas_perf_runtime::measure::{Clock, SystemClock};

use crate::timing::{Effort, Plan, Turn, clock_step, median};
use crate::within::{Ns, Percent};

use super::claim::Claim;

/// Compares two closures in one process, in turns: what the machine does, it does to both.
///
/// ```
/// use kgas_perf_testkit::revisions::interleaved;
///
/// let numbers: Vec<u64> = (0..2_000).rev().collect();
/// let report = interleaved(
///     || { let mut sorted = numbers.clone(); sorted.sort(); sorted },
///     || { let mut sorted = numbers.clone(); sorted.sort_unstable(); sorted },
/// );
/// println!("{report}");
/// ```
pub fn interleaved<A, B>(old: impl FnMut() -> A, new: impl FnMut() -> B) -> InterleavedReport {
    Interleaved::default().run(old, new)
}

/// Settings of [`interleaved`].
#[derive(Clone, Copy, Debug)]
pub struct Interleaved {
    effort: Effort,
    seed: u64,
}

impl Default for Interleaved {
    fn default() -> Self {
        Self { effort: Effort { samples: 100, ..Effort::default() }, seed: 1 }
    }
}

/// What a comparison in turns found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InterleavedReport {
    /// Effect, bounds, p-value and verdict.
    pub comparison: Comparison,
    /// What may be said; a regression is one of any size that is sure.
    pub claim: Claim,
    /// The typical call of the old closure, in nanoseconds.
    pub old_ns: f64,
    /// The typical call of the new one, in nanoseconds.
    pub new_ns: f64,
}

impl Interleaved {
    /// How many pairs of samples: 100, if the budget allows. At least 6.
    #[must_use]
    pub fn samples(mut self, samples: usize) -> Self {
        self.effort.samples = samples.max(6);
        self
    }

    /// How long both may take together: 5 s.
    #[must_use]
    pub fn budget(mut self, budget: Duration) -> Self {
        self.effort.budget = budget;
        self
    }

    /// What decides which of a pair is measured first.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Measures both.
    pub fn run<A, B>(
        self,
        mut old: impl FnMut() -> A,
        mut new: impl FnMut() -> B,
    ) -> InterleavedReport {
        let _turn = Turn::take();
        let begun = SystemClock.now();
        let effort = Effort { clock_step: clock_step(&SystemClock), ..self.effort };
        let mut old = |calls| timed(&mut old, calls);
        let mut new = |calls| timed(&mut new, calls);
        let (first, second) = (warm(&effort, &mut old), warm(&effort, &mut new));
        let left = effort.budget.saturating_sub(SystemClock.now().saturating_sub(begun));
        // Both get the plan of the slower one, so that their samples are as long as each other's.
        let plan = Plan::new(&effort, first.max(second), left / 2);
        let mut state = self.seed;
        let (mut olds, mut news) = (Vec::new(), Vec::new());
        while olds.len() < plan.samples
            && (olds.len() < 6 || SystemClock.now().saturating_sub(begun) < effort.budget)
        {
            // Calls of the two take turns within a pair, too.
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..plan.timings {
                if coin(&mut state) {
                    ours.push(old(plan.calls));
                    theirs.push(new(plan.calls));
                } else {
                    theirs.push(new(plan.calls));
                    ours.push(old(plan.calls));
                }
            }
            olds.push(median(&ours).unwrap_or(0.0));
            news.push(median(&theirs).unwrap_or(0.0));
            if SystemClock.now().saturating_sub(begun) > 2 * effort.budget {
                break;
            }
        }
        report(&olds, &news)
    }
}

/// Seconds a call, of so many calls.
fn timed<T>(work: &mut impl FnMut() -> T, calls: u64) -> f64 {
    let start = SystemClock.now();
    for _ in 0..calls {
        black_box(work());
    }
    SystemClock.now().saturating_sub(start).as_secs_f64() / calls as f64
}

/// Warms up; about how long a call lasts.
fn warm(effort: &Effort, timed: &mut impl FnMut(u64) -> f64) -> Duration {
    let (mut calls, mut spent) = (1_u64, 0.0);
    loop {
        let call = timed(calls);
        let batch = call * calls as f64;
        spent += batch;
        if batch < effort.shortest_timing().as_secs_f64() {
            calls = calls.saturating_mul(2);
        } else if spent >= effort.warm_up.as_secs_f64() {
            return Duration::from_secs_f64(call);
        }
    }
}

fn coin(state: &mut u64) -> bool {
    // xorshift64* (Vigna, 2016); a state of zero would stay.
    *state = (*state).max(1);
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 63 == 1
}

#[expect(clippy::expect_used, reason = "two lists of as many times by the clock are durations")]
fn report(olds: &[f64], news: &[f64]) -> InterleavedReport {
    let comparison = compare(olds, news, Design::Interleaved, ALPHA).expect("pairs of durations");
    let judged = comparison.verdict != Verdict::Inconclusive;
    let claim = Claim::of(comparison.effect, comparison.interval, 0.0, judged);
    let ns = |seconds: &[f64]| median(seconds).unwrap_or(0.0) * 1e9;
    InterleavedReport { claim, old_ns: ns(olds), new_ns: ns(news), comparison }
}

impl fmt::Display for InterleavedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Comparison { effect, interval, baseline_samples, .. } = &self.comparison;
        write!(
            f,
            "{}: {} ({} to {}), {} → {} a call, {baseline_samples} pairs in turns",
            self.claim,
            Percent::signed(*effect),
            Percent::signed(interval.0),
            Percent::signed(interval.1),
            Ns(self.old_ns),
            Ns(self.new_ns)
        )
    }
}
