//! `Experiment`: measures an operation at several sizes, in turn.

use std::time::Duration;

use kgas_perf_runtime::measure::{Clock, SystemClock};

use crate::dice::Dice;
use crate::scaling::analysis::Scaling;
use crate::scaling::error::ScalingError;

/// Shorter calls are measured several at a time, so that reading the clock does not count.
const SHORTEST: Duration = Duration::from_micros(20);
/// The most calls at a time.
const MOST_CALLS: u32 = 1 << 20;
const SEED: u64 = 0x5ca1e;

/// How an operation is measured at several sizes.
///
/// Every round measures each size once, in an order of its own, so that a machine that slows
/// down adds noise and no growth. The first call at each size warms up and does not count.
///
/// # Examples
/// ```
/// use kgas_perf_testkit::scaling::Experiment;
///
/// let experiment = Experiment::new().sizes([1_000, 2_000, 4_000, 8_000, 16_000]).repeats(3);
/// let measured = experiment.measure(|size| (0..size).map(std::hint::black_box).sum::<u64>());
/// assert_eq!(measured.len(), 15);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    sizes: Vec<u64>,
    repeats: usize,
    budget: Duration,
    judges_debug_builds: bool,
}

impl Default for Experiment {
    fn default() -> Self {
        Self {
            sizes: (0..8).map(|step| 128 << step).collect(),
            repeats: 9,
            budget: Duration::from_secs(10),
            judges_debug_builds: false,
        }
    }
}

impl Experiment {
    /// Eight sizes from 128 to 16,384, each twice the one before; 9 repeats; a budget of 10 s.
    pub fn new() -> Self {
        Self::default()
    }

    /// The sizes; best geometric, five at least, over a factor of eight at least. More of them and
    /// a wider range tell classes better apart than more repeats do.
    pub fn sizes(mut self, sizes: impl IntoIterator<Item = u64>) -> Self {
        self.sizes = sizes.into_iter().collect();
        self
    }

    /// How often each size is measured; at least 1.
    pub fn repeats(mut self, repeats: usize) -> Self {
        self.repeats = repeats.max(1);
        self
    }

    /// No round begins after so long. Three rounds are measured in any case.
    pub fn budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// Whether [`assert_scales!`](crate::assert_scales) judges what was built without
    /// optimisations; it does not by itself.
    pub fn judge_debug_builds(mut self, judge: bool) -> Self {
        self.judges_debug_builds = judge;
        self
    }

    pub(crate) fn judges_this_build(&self) -> bool {
        self.judges_debug_builds || !cfg!(debug_assertions)
    }

    /// Measures an operation that is given the size; what it does to prepare its input counts.
    /// Answers with pairs of a size and the seconds of a call.
    pub fn measure<O>(&self, mut operation: impl FnMut(u64) -> O) -> Vec<(u64, f64)> {
        self.measure_by(&SystemClock, |size| size, |size| operation(*size))
    }

    /// Measures an operation on inputs that are prepared once for each size, outside of what is
    /// measured.
    pub fn measure_on<I, O>(
        &self,
        prepare: impl FnMut(u64) -> I,
        operation: impl FnMut(&I) -> O,
    ) -> Vec<(u64, f64)> {
        self.measure_by(&SystemClock, prepare, operation)
    }

    /// Measures and analyses.
    ///
    /// # Errors
    /// As [`Scaling::analyse`].
    pub fn analyse<O>(&self, operation: impl FnMut(u64) -> O) -> Result<Scaling, ScalingError> {
        Scaling::analyse(&self.measure(operation))
    }

    /// Measures by a clock that the caller chooses, such as one that is moved by hand.
    pub fn measure_by<I, O>(
        &self,
        clock: &dyn Clock,
        prepare: impl FnMut(u64) -> I,
        mut operation: impl FnMut(&I) -> O,
    ) -> Vec<(u64, f64)> {
        let begun = clock.now();
        let inputs: Vec<I> = self.sizes.iter().copied().map(prepare).collect();
        let mut time = |input: &I, calls: u32| {
            let start = clock.now();
            for _ in 0..calls {
                std::hint::black_box(operation(std::hint::black_box(input)));
            }
            clock.now().saturating_sub(start)
        };
        let calls: Vec<u32> = inputs
            .iter()
            .map(|input| {
                let mut calls = 1;
                // The first call warms up.
                time(input, 1);
                while calls < MOST_CALLS && time(input, calls) < SHORTEST {
                    calls *= 2;
                }
                calls
            })
            .collect();
        let mut dice = Dice::new(SEED);
        let mut order: Vec<usize> = (0..inputs.len()).collect();
        let mut measured = Vec::with_capacity(inputs.len() * self.repeats);
        for round in 0..self.repeats {
            if round >= 3 && clock.now().saturating_sub(begun) > self.budget {
                break;
            }
            dice.shuffle(&mut order);
            for &place in &order {
                let taken = time(&inputs[place], calls[place]).as_secs_f64();
                measured.push((self.sizes[place], taken / f64::from(calls[place])));
            }
        }
        measured
    }
}

#[cfg(test)]
mod tests {
    use kgas_perf_runtime::measure::ManualClock;

    use super::*;

    #[test]
    fn each_round_measures_each_size_in_an_order_of_its_own() {
        let clock = ManualClock::new();
        let experiment = Experiment::new().sizes([10, 20, 30, 40]).repeats(5);
        let cost = |size: &u64| clock.advance(Duration::from_micros(100 * size));
        let measured = experiment.measure_by(&clock, |size| size, cost);
        let rounds: Vec<Vec<u64>> =
            measured.chunks(4).map(|round| round.iter().map(|(size, _)| *size).collect()).collect();
        assert_eq!(rounds.len(), 5);
        assert!(rounds.windows(2).any(|pair| pair[0] != pair[1]), "{rounds:?}");
        for (size, seconds) in measured {
            assert!((seconds - 1e-4 * size as f64).abs() < 1e-9, "{size}: {seconds}");
        }
    }

    #[test]
    fn short_calls_are_measured_several_at_a_time() {
        let clock = ManualClock::new();
        let mut calls = 0;
        let measured = Experiment::new().sizes([1, 2]).repeats(3).measure_by(
            &clock,
            |size| size,
            |size| {
                calls += 1;
                clock.advance(Duration::from_nanos(100 * size));
            },
        );
        // 256 calls of 100 ns and 128 of 200 ns reach 20 µs.
        assert!(calls >= 3 * (256 + 128), "{calls}");
        assert!(measured.iter().all(|(size, s)| (s / *size as f64 - 1e-7).abs() < 1e-12));
    }

    #[test]
    fn no_round_begins_after_the_budget_but_the_first_three() {
        let clock = ManualClock::new();
        let experiment = Experiment::new().sizes([1]).repeats(50).budget(Duration::from_secs(10));
        let slow = |_: &u64| clock.advance(Duration::from_secs(1));
        // Warming up and counting calls takes two, so eight rounds end at ten seconds, and one more begins there.
        assert_eq!(experiment.measure_by(&clock, |size| size, slow).len(), 9);
        let slower = |_: &u64| clock.advance(Duration::from_secs(100));
        assert_eq!(experiment.measure_by(&clock, |size| size, slower).len(), 3);
    }
}
