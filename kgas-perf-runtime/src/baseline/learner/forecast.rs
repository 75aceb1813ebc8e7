//! How many calls it will take until a baseline is established.

use crate::baseline::learner::confidence::TOLERANCES;
use crate::baseline::learner::shape::{Place, Shape};
use crate::baseline::learner::wobble;
use crate::stats::LogBin;

/// How many calls it is likely to take in all, judged by the shape of those that were kept.
/// `inflations` are those of the three quantiles, without the wobble that is taken for granted;
/// `rate` is in calls a second.
///
/// The half-width of an interval for a quantile is `z sqrt(q (1 - q) / n) / f`, and must be the
/// tolerance; `f` is the density of the logarithm of the duration. It is estimated over as wide a
/// part of the shape as looks alike: the tolerance itself about the median, between p92.5 and
/// p97.5 about p95 (Siddiqui, Journal of Research of the NBS 64B (1960), 145-150), and for p99 a
/// tail that falls as a power of the duration, by its median excess over p95.
pub(crate) fn calls_needed(shape: &Shape, inflations: [f64; 3], rate: f64) -> f64 {
    let width = |from: Place, to: Place| (to - from) * LogBin::WIDTH;
    let median = shape.quantile(0.5);
    let around = |factor: f64| median + factor.ln() / LogBin::WIDTH;
    let density_p50 =
        (shape.up_to(around(1.05)) - shape.below(around(0.95))) / (1.05_f64 / 0.95).ln();
    let density_p95 = 0.05 / width(shape.quantile(0.925), shape.quantile(0.975));
    let index = 2.0_f64.ln() / width(shape.quantile(0.95), shape.quantile(0.975));
    let [p50, p95, p99] =
        TOLERANCES.map(|(quantile, tolerance)| (quantile, (1.0 + tolerance).ln()));
    let needed = |(quantile, _): (f64, f64), within: f64, inflation: f64| {
        MARGIN * inflation * quantile * (1.0 - quantile) * (Z / within).powi(2)
    };
    let tail = needed(p95, (density_p95 * p95.1).min(1.0 - p95.0), inflations[1]).max(needed(
        p99,
        (1.0 - p99.0) * (1.0 - (-index * p99.1).exp()),
        inflations[2],
    ));
    let mut calls = tail.max(needed(p50, density_p50 * p50.1, inflations[0]));
    // A wobble is outlasted, not outnumbered; and it is not by chance that it is taken for granted.
    let wobbles = |calls: f64| wobble::unseen(calls, calls / rate, density_p50) / MARGIN;
    while needed(p50, density_p50 * p50.1, inflations[0] + wobbles(calls)) > 1.01 * calls
        && calls < MOST
    {
        calls *= 1.1;
    }
    calls
}

/// A forecast of more than this is as good as never.
const MOST: f64 = 1e15;

/// 95 % of a normal distribution are within so many standard deviations.
const Z: f64 = 1.96;

/// Early on, inflations are by chance more often too large than too small.
const MARGIN: f64 = 0.7;

#[cfg(test)]
mod tests {
    use statrs::function::erf::erfc;

    use super::*;

    /// So few calls a second that no wobble matters.
    const SLOW: f64 = 1e-6;

    /// A log-normal shape about 10 ms, as if of a million calls.
    fn lognormal(sigma: f64) -> Shape {
        let below = |bin: u16| {
            let normal = (f64::from(bin) * LogBin::WIDTH - 1e7_f64.ln()) / sigma;
            0.5 * erfc(-normal / std::f64::consts::SQRT_2)
        };
        let count = |bin: u16| ((below(bin + 1) - below(bin)) * 1e6).round() as u32;
        Shape::of(&(1..2_000).map(|bin| (bin, count(bin))).collect())
    }

    #[test]
    fn the_forecast_is_the_widest_of_three_intervals() {
        for sigma in [0.3, 0.5, 0.8] {
            let median = (Z * 1.253 * sigma / 1.05_f64.ln()).powi(2);
            let found = calls_needed(&lognormal(sigma), [1.0, 0.0, 0.0], SLOW) / MARGIN;
            assert!((found / median - 1.0).abs() < 0.06, "{sigma}: {found} for {median}");
            // Of p99, with the tail's hazard at p97.5: 2.34 / sigma.
            let within = 0.01 * (1.0 - 1.2_f64.powf(-2.34 / sigma));
            let p99 = 0.01 * 0.99 * (Z / within).powi(2);
            let found = calls_needed(&lognormal(sigma), [0.0, 0.0, 1.0], SLOW) / MARGIN;
            assert!((found / p99 - 1.0).abs() < 0.25, "{sigma}: {found} for {p99}");
            let all = calls_needed(&lognormal(sigma), [1.0; 3], SLOW);
            assert!(all >= MARGIN * median.max(found));
        }
    }

    #[test]
    fn calls_that_resemble_each_other_are_needed_in_greater_number() {
        let (one, nine) = (
            calls_needed(&lognormal(0.4), [1.0; 3], SLOW),
            calls_needed(&lognormal(0.4), [9.0; 3], SLOW),
        );
        assert!((nine / one - 9.0).abs() < 1e-9);
    }

    #[test]
    fn the_faster_calls_come_the_more_are_needed_to_outlast_a_wobble() {
        let needed = |rate| calls_needed(&lognormal(0.3), [1.0; 3], rate);
        assert!(needed(10.0) > 1.3 * needed(0.1), "{} {}", needed(10.0), needed(0.1));
        // In the end it is a time: about as long at 1,000 a second as at 10,000.
        let seconds = [needed(1e3) / 1e3, needed(1e4) / 1e4];
        assert!((seconds[0] / seconds[1] - 1.0).abs() < 0.15, "{seconds:?}");
        assert!((20.0..120.0).contains(&seconds[0]), "{seconds:?}");
    }

    #[test]
    fn an_operation_that_always_takes_as_long_needs_no_number_that_is_none() {
        let same = Shape::of(&[(800, 100)].into_iter().collect());
        assert!(calls_needed(&same, [1.0; 3], SLOW).is_finite());
    }
}
