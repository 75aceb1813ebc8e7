//! One set after the other: a difference counts if the machine cannot have made it.

use crate::stats::{mann_whitney, shift};

use super::comparison::{Comparison, Reason};
use super::log_durations::LogDurations;
use super::readings::{by_density, by_rank};
use super::series::Series;
use super::step::Step;

/// With fewer samples on one side, ranks are dealt exactly.
const FEW: usize = 20;

/// Compares two sets of which the first was measured before the second.
pub(super) fn sequential(baseline: &[f64], candidate: &[f64], alpha: f64) -> Comparison {
    let (before, after) = (baseline.len(), candidate.len());
    let samples = (before, after);
    let durations = LogDurations::of(baseline, candidate);
    if least_p(before, after) > alpha {
        let effect = shift(&durations.baseline, &durations.candidate);
        let p = mann_whitney(baseline, candidate).p;
        let unknown = (f64::NEG_INFINITY, f64::INFINITY);
        return Comparison::by_p(p, alpha, effect, unknown, samples)
            .inconclusive(Reason::TooFewSamples);
    }
    // First by ranks, to see the machine's level; then by the shape of what is left without it.
    let still = vec![0.0; before + after];
    let change = shift(&durations.baseline, &durations.candidate);
    let readings = with_change(by_rank(&durations.aligned(&still, change)), before, change);
    let level = Series::of(&readings, before).level(before + after);
    let flat = durations.aligned(&level, 0.0);
    let change = shift(&flat[..before], &flat[before..]);
    let mut readings =
        with_change(by_density(&durations.aligned(&level, change), &durations), before, change);
    for (reading, level) in readings.iter_mut().zip(&level) {
        *reading += level;
    }
    let step = Step::weigh(&Series::of(&readings, before));
    let few = before.min(after) < FEW;
    let p_quiet = if few { mann_whitney(baseline, candidate).p } else { step.p_quiet };
    let p = step.p.max(p_quiet);
    let compared = Comparison::by_p(p, alpha, step.effect(), step.interval(1.0 - alpha), samples);
    if p >= alpha && p_quiet < alpha {
        return compared.inconclusive(Reason::MachineNoise);
    }
    compared
}

/// Puts the change that was taken off the candidate's durations back into their readings.
fn with_change(mut readings: Vec<f64>, before: usize, change: f64) -> Vec<f64> {
    for reading in &mut readings[before..] {
        *reading += change;
    }
    readings
}

/// The smallest p-value that any samples of these sizes can have.
pub(super) fn least_p(before: usize, after: usize) -> f64 {
    let few = before.min(after);
    let ways: f64 = (0..few).map(|at| (before + after - at) as f64 / (few - at) as f64).product();
    (2.0 / ways).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_p_is_two_ways_of_all() {
        assert!((least_p(4, 4) - 2.0 / 70.0).abs() < 1e-12);
        assert!((least_p(3, 3) - 0.1).abs() < 1e-12);
        assert_eq!(least_p(1, 1), 1.0);
        assert_eq!(least_p(100_000, 100_000), 0.0);
    }
}
