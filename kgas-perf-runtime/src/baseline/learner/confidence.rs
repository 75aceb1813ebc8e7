//! How sure it is that the quantiles of a baseline are those of the operation.

use statrs::function::beta::checked_beta_reg;
use statrs::function::erf::erfc;

use crate::baseline::learner::shape::Shape;
use crate::stats::LogBin;

/// The quantiles of a baseline, and how far from the truth each may be.
pub(crate) const TOLERANCES: [(f64, f64); 3] = [(0.50, 0.05), (0.95, 0.10), (0.99, 0.20)];

/// The share of calls shorter than the shortest, and no longer than the longest duration that is
/// within `tolerance` of the quantile.
pub(crate) fn window(shape: &Shape, quantile: f64, tolerance: f64) -> (f64, f64) {
    let place = shape.quantile(quantile);
    let below = shape.below(place + (1.0 - tolerance).ln() / LogBin::WIDTH);
    let up_to = shape.up_to(place + (1.0 + tolerance).ln() / LogBin::WIDTH);
    (below, up_to)
}

/// The probability that the true quantile lies in a window of an empirical distribution of
/// `calls` independent calls: `P(calls * below < B < calls * up_to)`, `B ~ Binomial(calls, q)`.
///
/// It is the distribution-free confidence of an interval between two order statistics (David and
/// Nagaraja, Order Statistics, 3rd edition, section 7.1), continued to numbers of calls that are
/// not whole by the incomplete beta function, half an integer between its ends.
pub(crate) fn order_statistic(calls: f64, quantile: f64, (below, up_to): (f64, f64)) -> f64 {
    let at_most = |share| fewer(calls, quantile, calls * share);
    (at_most(up_to) - at_most(below)).clamp(0.0, 1.0)
}

/// `P(B < bound)` for `B ~ Binomial(calls, q)`, where a whole bound counts half.
fn fewer(calls: f64, quantile: f64, bound: f64) -> f64 {
    /// The continued fraction of the incomplete beta function needs about the square root of this
    /// many terms. Beyond it the normal distribution and the first term of Edgeworth's expansion
    /// differ by less than 0.0002.
    const LARGE: f64 = 20_000.0;
    let (wins, losses) = (bound + 0.5, calls - bound + 0.5);
    if wins <= 0.0 {
        return 0.0;
    }
    if losses <= 0.0 {
        return 1.0;
    }
    let beta =
        if calls > LARGE { None } else { checked_beta_reg(losses, wins, 1.0 - quantile).ok() };
    beta.unwrap_or_else(|| {
        let sigma = (calls * quantile * (1.0 - quantile)).sqrt();
        let z = (bound - calls * quantile) / sigma;
        let density = (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
        let skewness = (1.0 - 2.0 * quantile) / sigma;
        let normal = 0.5 * erfc(-z / std::f64::consts::SQRT_2);
        (normal - skewness / 6.0 * (z * z - 1.0) * density).clamp(0.0, 1.0)
    })
}

#[cfg(test)]
mod tests {
    use crate::baseline::learner::counts::BinCounts;
    use crate::baseline::learner::shape::place;

    use super::*;

    /// `P(B <= most)` for `B ~ Binomial(n, q)`, summed up.
    fn at_most(n: u32, q: f64, most: u32) -> f64 {
        let mut term = (1.0 - q).powi(n as i32);
        let mut sum = 0.0;
        for wins in 0..=most {
            sum += term;
            term *= f64::from(n - wins) / f64::from(wins + 1) * q / (1.0 - q);
        }
        sum
    }

    #[test]
    fn between_whole_numbers_it_is_the_binomial_distribution() {
        for n in [5, 20, 100, 500] {
            for q in [0.1, 0.5, 0.95, 0.99] {
                for most in (0..n).step_by(n as usize / 5) {
                    let found = fewer(f64::from(n), q, f64::from(most) + 0.5);
                    let expected = at_most(n, q, most);
                    assert!((found - expected).abs() < 1e-9, "{n} {q} {most}: {found} {expected}");
                }
            }
        }
    }

    #[test]
    fn large_numbers_join_on() {
        for q in [0.5, 0.95, 0.99] {
            let sigma = f64::sqrt(20_000.0 * q * (1.0 - q));
            for bound in [-2.0, -1.0, 0.0, 1.0, 2.0].map(|z| 20_000.0 * q + z * sigma) {
                let step = fewer(20_000.0, q, bound) - fewer(20_000.001, q, bound);
                assert!(step.abs() < 2e-4, "{q} {bound}: {step}");
            }
        }
    }

    #[test]
    fn what_cannot_be_is_never_and_always() {
        assert_eq!(fewer(10.0, 0.5, -1.0), 0.0);
        assert_eq!(fewer(10.0, 0.5, 11.0), 1.0);
        assert_eq!(order_statistic(100.0, 0.5, (0.6, 0.4)), 0.0);
        // All calls equal: nothing lies elsewhere.
        assert!(order_statistic(100.0, 0.5, (0.0, 1.0)) > 1.0 - 1e-12);
        // That none of 100 calls is longer than the true p99 happens with 0.99^100, and counts half.
        let none_is_longer = 1.0 - order_statistic(100.0, 0.99, (0.0, 1.0));
        assert!((0.0..0.99_f64.powi(100)).contains(&none_is_longer), "{none_is_longer}");
        assert!(none_is_longer > 0.1);
    }

    /// A log-normal distribution function.
    fn lognormal(sigma: f64, factor: f64) -> f64 {
        0.5 * erfc(-factor.ln() / sigma / std::f64::consts::SQRT_2)
    }

    #[test]
    fn a_median_within_five_per_cent_takes_as_many_calls_as_the_rule_of_thumb() {
        // n = (1.96 x 1.253 sigma / ln 1.05)^2.
        for (sigma, calls) in [(0.1, 25.0), (0.2, 101.0), (0.5, 634.0), (0.8, 1_623.0)] {
            let rule = (1.96 * 1.253 * sigma / 1.05_f64.ln()).powi(2);
            assert!((rule / calls - 1.0).abs() < 0.02, "{sigma}: {rule}");
            let window = (lognormal(sigma, 0.95), lognormal(sigma, 1.05));
            let confidence = order_statistic(calls, 0.5, window);
            assert!((confidence - 0.95).abs() < 0.012, "{sigma}: {confidence}");
        }
    }

    #[test]
    fn a_hundred_calls_tell_a_median_of_sigma_one_half_to_thirteen_per_cent() {
        // p50 to 13 %, p95 to 23 %, and p99 not even to 44 %: none of the calls may be beyond it.
        let tolerances = [
            (0.50, 0.13, 0.0, 0.94..0.96),
            (0.95, 0.23, 1.6449, 0.90..0.96),
            (0.99, 0.44, 2.3263, 0.75..0.85),
        ];
        for (quantile, tolerance, normal, expected) in tolerances {
            let at = |factor: f64| lognormal(0.5, (0.5_f64 * normal).exp() * factor);
            let window = (at(1.0 - tolerance), at(1.0 + tolerance));
            let confidence = order_statistic(100.0, quantile, window);
            assert!(expected.contains(&confidence), "{quantile}: {confidence}");
        }
    }

    #[test]
    fn a_window_is_read_off_the_shape() {
        // Evenly over 100 bins: 5 % is ln(1.05) / 0.02 = 2.44 bins.
        let calls: BinCounts = (1_000..1_100).map(|bin| (bin, 10)).collect();
        let (below, up_to) = window(&Shape::of(&calls), 0.5, 0.05);
        assert!((up_to - 0.5 - 0.0244).abs() < 0.001, "{up_to}");
        assert!((0.5 - below - 0.0256).abs() < 0.001, "{below}");
        assert!((place(1e6) - 1e6_f64.ln() / 0.02).abs() < 1e-9);
    }
}
