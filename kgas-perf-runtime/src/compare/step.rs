//! `Step`: did the code change the durations, or did the machine?

use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::function::erf::erfc;

use super::noise::Noise;
use super::series::Series;

/// Standard deviations of what a change of the code does that are tried, in logarithms.
const EFFECTS: [f64; 6] = [0.04, 0.08, 0.16, 0.32, 0.7, 2.0];
/// The logarithm by which a change is less believed on a machine that is not quiet.
const WARY: f64 = -2.3;
/// What the odds against a change are multiplied by to be a p-value. Chosen once, so that of
/// comparisons of identical code on the worst of the simulated machines one in twenty is below
/// 0.05.
const P_OF_ODDS: f64 = 0.0105;

/// What a series of readings says about a change of the code at a known place.
#[derive(Debug)]
pub(super) struct Step {
    /// The two-sided p-value of no change if the machine were quiet.
    pub(super) p_quiet: f64,
    /// The p-value of no change, whatever the machine does.
    pub(super) p: f64,
    /// Weight, mean and standard deviation of the change under each behaviour of the machine.
    beliefs: Vec<(f64, f64, f64)>,
}

impl Step {
    /// Weighs every behaviour of the machine with and without a change of the code.
    ///
    /// The Bayes factor of a change (Kass and Raftery, *J. Amer. Statist. Assoc.* 90, 1995) from
    /// the exact likelihood of each behaviour, the size of the noise integrated out.
    pub(super) fn weigh(series: &Series) -> Self {
        let points = series.len() as f64;
        let quiet = Noise::Quiet.whiten(series, 1.0).products;
        let (estimate, rest) = (quiet[0][2] / quiet[2][2], left_over(&quiet, 0.0));
        let unit = rest / (points - 2.0);
        let error = (unit / quiet[2][2]).sqrt();
        let (mut same, mut changed, mut beliefs) = (Vec::new(), Vec::new(), Vec::new());
        for noise in Noise::all(series) {
            let whitened = noise.whiten(series, unit);
            let table = whitened.products;
            let told = -0.5 * whitened.log_det;
            let without = table[0][0].max(f64::MIN_POSITIVE);
            let degrees = points - 1.0;
            same.push(told - 0.5 * degrees * without.ln() + noise.ln_prior(without / degrees));
            let wary = if noise == Noise::Quiet { 0.0 } else { WARY };
            let noise_unit = left_over(&table, 0.0) / degrees;
            for effect in EFFECTS {
                let variance = effect * effect / noise_unit;
                let with = left_over(&table, 1.0 / variance);
                let width = (1.0 + variance * table[2][2]).ln();
                let ln_prior = noise.ln_prior(noise_unit) + wary - (EFFECTS.len() as f64).ln();
                changed.push(told - 0.5 * (degrees * with.ln() + width) + ln_prior);
            }
            let free = left_over(&table, 0.0);
            let degrees = points - 2.0;
            let weight = told - 0.5 * (degrees * free.ln() + table[2][2].ln());
            let deviation = (free / (degrees - 2.0).max(1.0) / table[2][2]).sqrt();
            let mean = table[0][2] / table[2][2];
            beliefs.push((weight + noise.ln_prior(noise_unit) + wary, mean, deviation));
        }
        let most = beliefs.iter().map(|(weight, ..)| *weight).fold(f64::MIN, f64::max);
        let all: f64 = beliefs.iter().map(|(weight, ..)| (weight - most).exp()).sum();
        for (weight, ..) in &mut beliefs {
            *weight = (*weight - most).exp() / all;
        }
        let mut step = Self { p_quiet: two_sided(estimate / error, points - 2.0), p: 1.0, beliefs };
        let against = P_OF_ODDS * (ln_sum(&same) - ln_sum(&changed)).exp();
        let beyond = step.below(0.0);
        let either = 2.0 * beyond.min(1.0 - beyond);
        step.p = step.p_quiet.max(against).max(either).min(1.0);
        step
    }

    /// The change to be expected, in logarithms.
    pub(super) fn effect(&self) -> f64 {
        self.beliefs.iter().map(|(weight, mean, _)| weight * mean).sum()
    }

    /// The bounds between which the change lies with this probability, in logarithms.
    pub(super) fn interval(&self, confidence: f64) -> (f64, f64) {
        let tail = 0.5 * (1.0 - confidence);
        (self.quantile(tail), self.quantile(1.0 - tail))
    }

    fn quantile(&self, share: f64) -> f64 {
        let widest = self.beliefs.iter().map(|(.., deviation)| *deviation).fold(0.0, f64::max);
        let means = self.beliefs.iter().map(|(_, mean, _)| *mean);
        let low = means.clone().fold(f64::INFINITY, f64::min);
        let high = means.fold(f64::NEG_INFINITY, f64::max);
        let (mut low, mut high) = (low - 40.0 * widest, high + 40.0 * widest);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.below(middle) < share { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }

    /// How probable a change smaller than `bound` is.
    fn below(&self, bound: f64) -> f64 {
        let normal = |z: f64| 0.5 * erfc(-z / std::f64::consts::SQRT_2);
        let parts = self.beliefs.iter();
        parts.map(|(weight, mean, deviation)| weight * normal((bound - mean) / deviation)).sum()
    }
}

/// The sum of squares that a step leaves, `stiffness` holding the step to zero.
fn left_over(table: &[[f64; 4]; 4], stiffness: f64) -> f64 {
    let explained = table[0][2] * table[0][2] / (table[2][2] + stiffness);
    (table[0][0] - explained).max(f64::MIN_POSITIVE)
}

/// The logarithm of a sum of exponentials.
fn ln_sum(logs: &[f64]) -> f64 {
    let most = logs.iter().copied().fold(f64::MIN, f64::max);
    most + logs.iter().map(|log| (log - most).exp()).sum::<f64>().ln()
}

/// The two-sided p-value of Student's t.
pub(super) fn two_sided(t: f64, degrees: f64) -> f64 {
    match StudentsT::new(0.0, 1.0, degrees) {
        Ok(student) if t.is_finite() => 2.0 * student.cdf(-t.abs()),
        // No scatter at all: any difference is one.
        _ => f64::from(u8::from(!t.is_infinite())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::simulation::Dice;

    fn noise_with_a_step(step: f64) -> Vec<f64> {
        let mut dice = Dice::new(4);
        (0..200).map(|at| 0.2 * dice.normal() + if at < 100 { 0.0 } else { step }).collect()
    }

    #[test]
    fn a_step_in_plain_noise_is_the_code_s() {
        let step = Step::weigh(&Series::of(&noise_with_a_step(0.3), 100));
        let (low, high) = step.interval(0.95);
        assert!(step.p < 1e-3, "{step:?}");
        assert!(low < 0.3 && 0.3 < high && low > 0.15 && high < 0.45, "{low} {high}");
        assert!((step.effect() - 0.3).abs() < 0.08);
    }

    #[test]
    fn a_ramp_is_the_machine_s_however_certain_the_difference() {
        let mut readings = noise_with_a_step(0.0);
        for (at, reading) in readings.iter_mut().enumerate() {
            *reading += 0.4 * at as f64 / 200.0;
        }
        let step = Step::weigh(&Series::of(&readings, 100));
        assert!(step.p_quiet < 1e-4 && step.p > 0.05, "{} {}", step.p_quiet, step.p);
        let (low, high) = step.interval(0.95);
        assert!(low < 0.0 && 0.0 < high, "{low} {high}");
    }

    #[test]
    fn student_s_t_is_that_of_the_tables() {
        assert!((two_sided(2.228, 10.0) - 0.05).abs() < 1e-4);
        assert_eq!((two_sided(f64::INFINITY, 9.0), two_sided(f64::NAN, 9.0)), (0.0, 1.0));
    }
}
