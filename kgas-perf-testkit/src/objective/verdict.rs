//! Durations against one objective.

use kgas_perf_runtime::catalog::Statistic;
use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::function::beta::checked_beta_reg;

use crate::timing::quantile;

/// How improbable durations must be under an objective that is met before it is broken.
const ALPHA: f64 = 0.05;

/// What durations say of an objective.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Met {
    /// It is met by these calls.
    Yes,
    /// It is not, and chance does not explain that.
    No,
    /// These calls cannot tell.
    Unknown,
}

/// Holds durations against an upper bound on a statistic of them; both in nanoseconds. Answers the
/// statistic too.
///
/// A quantile is broken if more durations lie above the bound than chance allows where it is met
/// (an exact binomial test: Clopper and Pearson, *Biometrika* 26, 1934); a mean if the lower bound
/// of its Student interval lies above; a maximum if any duration does.
pub(super) fn at_most(durations: &[f64], statistic: Statistic, bound: f64) -> (Met, f64) {
    let mut sorted = durations.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let count = sorted.len() as f64;
    let above = sorted.iter().filter(|each| **each > bound).count();
    match statistic.quantile() {
        _ if sorted.is_empty() => (Met::Unknown, 0.0),
        Some(1.0) => {
            let most = sorted[sorted.len() - 1];
            (if above > 0 { Met::No } else { Met::Yes }, most)
        }
        Some(share) => {
            let told = quantile(&sorted, share).unwrap_or(0.0);
            let by_chance = at_least_by_chance(above, sorted.len(), 1.0 - share);
            let enough = count * (1.0 - share) >= 1.0 - 1e-9;
            let met = if by_chance < ALPHA {
                Met::No
            } else if told <= bound && enough {
                Met::Yes
            } else {
                Met::Unknown
            };
            (met, told)
        }
        None => {
            let mean = sorted.iter().sum::<f64>() / count;
            let squares: f64 = sorted.iter().map(|each| (each - mean).powi(2)).sum();
            let error = (squares / (count - 1.0).max(1.0) / count).sqrt();
            let t = StudentsT::new(0.0, 1.0, (count - 1.0).max(1.0))
                .map_or(f64::INFINITY, |t| t.inverse_cdf(1.0 - ALPHA));
            let met = if mean <= bound {
                Met::Yes
            } else if count >= 2.0 && mean - t * error > bound {
                Met::No
            } else {
                Met::Unknown
            };
            (met, mean)
        }
    }
}

/// How probable at least `successes` of `trials` are, each of this probability.
fn at_least_by_chance(successes: usize, trials: usize, probability: f64) -> f64 {
    if successes == 0 {
        return 1.0;
    }
    let (k, n) = (successes as f64, trials as f64);
    checked_beta_reg(k, n - k + 1.0, probability).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_the_binomial_distribution_s() {
        // R: 1 - pbinom(2, 20, 0.05) is 0.07548367; 1 - pbinom(0, 3, 0.05) is 0.142625.
        assert!((at_least_by_chance(3, 20, 0.05) - 0.075_483_67).abs() < 1e-8);
        assert!((at_least_by_chance(1, 3, 0.05) - 0.142_625).abs() < 1e-9);
    }

    #[test]
    fn a_quantile_is_broken_by_more_slow_calls_than_chance_brings() {
        let calls = |slow: usize, all: usize| -> Vec<f64> {
            (0..all).map(|at| if at < slow { 20.0 } else { 1.0 }).collect()
        };
        for (slow, all, met) in [
            (0, 100, Met::Yes),
            (5, 100, Met::Yes),
            (7, 100, Met::Unknown),
            (12, 100, Met::No),
            (0, 3, Met::Unknown),
            (1, 3, Met::Unknown),
            (2, 3, Met::No),
            (0, 20, Met::Yes),
        ] {
            assert_eq!(at_most(&calls(slow, all), Statistic::P95, 10.0).0, met, "{slow} of {all}");
        }
        assert_eq!(at_most(&calls(1, 100), Statistic::Max, 10.0), (Met::No, 20.0));
        assert_eq!(at_most(&[], Statistic::P50, 1.0).0, Met::Unknown);
    }

    #[test]
    fn a_mean_is_broken_when_its_interval_is() {
        let calls: Vec<f64> = (0..50).map(|at| 9.0 + f64::from(at % 5)).collect();
        assert_eq!(at_most(&calls, Statistic::Mean, 11.0), (Met::Yes, 11.0));
        assert_eq!(at_most(&calls, Statistic::Mean, 10.9).0, Met::Unknown);
        assert_eq!(at_most(&calls, Statistic::Mean, 10.0).0, Met::No);
        assert_eq!(at_most(&[12.0], Statistic::Mean, 10.0).0, Met::Unknown);
    }
}
