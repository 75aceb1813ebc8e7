//! In turns: what the machine does, it does to both.

use crate::stats::{paired_shift, shift, signed_rank};

use super::comparison::{Comparison, Reason};
use super::log_durations::LogDurations;
use super::readings::{by_density, by_rank};
use super::series::Series;
use super::step::two_sided;

/// With fewer pairs, their signs are dealt exactly.
const FEW: usize = 20;

/// Compares two sets that were measured in turns.
pub(super) fn interleaved(baseline: &[f64], candidate: &[f64], alpha: f64) -> Comparison {
    let pairs = baseline.len();
    let samples = (pairs, pairs);
    let durations = LogDurations::of(baseline, candidate);
    if pairs < FEW {
        let differences: Vec<f64> =
            durations.candidate.iter().zip(&durations.baseline).map(|(b, a)| b - a).collect();
        let (effect, interval) = paired_shift(&differences, 1.0 - alpha);
        let p = signed_rank(&differences).p;
        let compared = Comparison::by_p(p, alpha, effect, interval, samples);
        let too_few = 2.0_f64.powi(1 - pairs as i32) > alpha;
        return if too_few { compared.inconclusive(Reason::TooFewSamples) } else { compared };
    }
    // First by ranks, to see the level that both of a pair share; then by the shape of what is
    // left without it.
    let still = vec![0.0; 2 * pairs];
    let change = shift(&durations.baseline, &durations.candidate);
    let readings = by_rank(&durations.aligned(&still, change));
    let (first, second) = readings.split_at(pairs);
    let shared: Vec<f64> = first.iter().zip(second).map(|(a, b)| 0.5 * (a + b)).collect();
    let mut level = Series::of(&shared, pairs).level(pairs);
    level.extend_from_within(..);
    let flat = durations.aligned(&level, 0.0);
    let change = shift(&flat[..pairs], &flat[pairs..]);
    let readings = by_density(&durations.aligned(&level, change), &durations);
    let (first, second) = readings.split_at(pairs);
    let count = pairs as f64;
    let mean = second.iter().zip(first).map(|(b, a)| b - a).sum::<f64>() / count;
    let scatter: f64 = second.iter().zip(first).map(|(b, a)| (b - a - mean).powi(2)).sum();
    let effect = change + mean;
    let error = (scatter / (count - 1.0) / count).sqrt();
    let p = two_sided(effect / error, count - 1.0);
    let reach = error * t_quantile(1.0 - 0.5 * alpha, count - 1.0);
    Comparison::by_p(p, alpha, effect, (effect - reach, effect + reach), samples)
}

/// The quantile of Student's t.
fn t_quantile(share: f64, degrees: f64) -> f64 {
    use statrs::distribution::{ContinuousCDF, StudentsT};
    StudentsT::new(0.0, 1.0, degrees).map_or(f64::INFINITY, |t| t.inverse_cdf(share))
}
