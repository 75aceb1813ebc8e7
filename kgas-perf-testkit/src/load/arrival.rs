//! `Arrivals`: when operations of an open model are meant to start.

use std::sync::Arc;
use std::time::Duration;

use crate::dice::Dice;
use crate::load::stage::{Load, Stage, Stages};

/// When operations of an open model are meant to start, in order, since the start of the run.
///
/// The expected number of starts up to a time, Λ(t), is a straight line where the rate is
/// constant and a parabola on a ramp. Evenly spaced starts are where it passes whole numbers;
/// random ones are where it passes the sums of exponential gaps of mean 1, which makes them a
/// Poisson process of that rate (the time-rescaling theorem: Cinlar, *Introduction to Stochastic
/// Processes*, 1975). Nothing is kept but the next: a million starts take no memory.
#[derive(Clone, Debug)]
pub(crate) struct Arrivals {
    stages: Arc<Stages>,
    dice: Dice,
    at: usize,
    /// How much of Λ is still to pass in the current stage before the next start.
    ahead: f64,
    /// How much of the current stage's Λ has passed.
    passed: f64,
}

impl Arrivals {
    pub(crate) fn new(stages: Arc<Stages>, seed: u64) -> Self {
        // Apart from the dice of calls, which are numbered from 0.
        let mut dice = Dice::of_call(seed, u64::MAX);
        let ahead = first(&stages.all()[0], &mut dice);
        Self { stages, dice, at: 0, ahead, passed: 0.0 }
    }
}

/// How far the first start is: at once, or after a random gap.
fn first(stage: &Stage, dice: &mut Dice) -> f64 {
    if is_poisson(stage) { dice.exponential() } else { 0.0 }
}

fn is_poisson(stage: &Stage) -> bool {
    matches!(stage.load, Load::Rate { poisson: true, .. })
}

impl Iterator for Arrivals {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        loop {
            let stage = self.stages.all().get(self.at)?;
            let Load::Rate { from, to, .. } = stage.load else { return None };
            let length = stage.duration.as_secs_f64();
            let whole = f64::midpoint(from, to) * length;
            let target = self.passed + self.ahead;
            if target >= whole {
                self.ahead = target - whole;
                self.passed = 0.0;
                self.at += 1;
                continue;
            }
            let since = time_of(target, from, to, length);
            self.passed = target;
            self.ahead = if is_poisson(stage) { self.dice.exponential() } else { 1.0 };
            let begins = self.stages.spans().nth(self.at)?.0;
            let since = Duration::from_secs_f64(since.clamp(0.0, length));
            // Rounding must not move it into the next stage.
            return Some(begins + since.min(stage.duration - Duration::from_nanos(1)));
        }
    }
}

/// When a ramp from one rate to another has passed `target` of its Λ, in seconds.
fn time_of(target: f64, from: f64, to: f64, length: f64) -> f64 {
    let slope = (to - from) / length;
    // The root of from·t + slope·t²/2 = target that does not cancel where the slope is small.
    let discriminant = (from * from + 2.0 * slope * target).max(0.0);
    let denominator = from + discriminant.sqrt();
    if denominator == 0.0 { 0.0 } else { 2.0 * target / denominator }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(loads: &[(Load, u64)], seed: u64) -> Arrivals {
        let stages = loads
            .iter()
            .map(|(load, seconds)| Stage::new("s", *load, Duration::from_secs(*seconds)))
            .collect();
        Arrivals::new(Arc::new(Stages::new(stages).unwrap()), seed)
    }

    #[test]
    fn a_constant_rate_is_evenly_spaced() {
        let starts: Vec<_> = arrivals(&[(Load::rate(4.0), 2)], 0).collect();
        let expected: Vec<_> = (0..8).map(|n| Duration::from_millis(250 * n)).collect();
        assert_eq!(starts, expected);
    }

    #[test]
    fn a_ramp_starts_as_many_as_its_mean_rate_and_a_quarter_in_its_first_half() {
        let starts: Vec<_> = arrivals(&[(Load::rate_ramp(0.0, 100.0), 10)], 0).collect();
        assert_eq!(starts.len(), 500);
        let early = starts.iter().filter(|start| **start < Duration::from_secs(5)).count();
        assert_eq!(early, 125);
        assert!(starts.is_sorted());
        let down: Vec<_> = arrivals(&[(Load::rate_ramp(100.0, 0.0), 10)], 0).collect();
        assert_eq!(down.len(), 500);
    }

    #[test]
    fn stages_follow_each_other_without_a_gap_or_a_double_start() {
        let starts: Vec<_> = arrivals(&[(Load::rate(1.5), 1), (Load::rate(3.0), 2)], 0).collect();
        // 0 and 2/3 s by the first; Λ is 1.5 at 1 s, so the third is half a start later.
        let expected = [0.0, 2.0 / 3.0, 1.0 + 0.5 / 3.0, 1.5, 1.0 + 2.5 / 3.0, 1.0 + 3.5 / 3.0];
        for (start, expected) in starts.iter().zip(expected) {
            assert!((start.as_secs_f64() - expected).abs() < 1e-6, "{start:?} for {expected}");
        }
        assert_eq!(starts.len(), 8);
    }

    #[test]
    fn random_gaps_are_exponential_and_decided_by_the_seed() {
        let load = [(Load::poisson(1_000.0), 50)];
        let starts: Vec<_> = arrivals(&load, 9).collect();
        assert_eq!(starts, arrivals(&load, 9).collect::<Vec<_>>());
        assert_ne!(starts, arrivals(&load, 10).collect::<Vec<_>>());
        // A Poisson count has as much variance as mean: four deviations of 50,000.
        assert!(starts.len().abs_diff(50_000) < 900, "{}", starts.len());
        let gaps: Vec<f64> =
            starts.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64() * 1_000.0).collect();
        // Kolmogorov and Smirnov: the largest distance from 1 − e^−x; 1.95/√n is passed once in
        // a thousand seeds.
        let mut sorted = gaps;
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len() as f64;
        let distance = sorted
            .iter()
            .enumerate()
            .map(|(rank, gap)| (1.0 - (-gap).exp() - (rank as f64 + 0.5) / n).abs())
            .fold(0.0, f64::max);
        assert!(distance < 1.95 / n.sqrt(), "{distance}");
    }

    #[test]
    fn a_million_starts_are_counted_one_at_a_time() {
        assert_eq!(arrivals(&[(Load::rate(1e6), 1)], 0).count(), 1_000_000);
    }
}
