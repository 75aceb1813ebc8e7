//! `Tail`: how probable it is that a healthy call runs very long.

use std::time::Duration;

use crate::baseline::Baseline;
use crate::detect::interval::Interval;

/// How sure each limit is.
const SURE: f64 = 0.95;

/// So many standard deviations a normal variable is above with that probability.
const DEVIATIONS: f64 = 1.645;

/// No tail is taken to be thinner: where all calls last the same, the machine still stalls.
const THINNEST: f64 = 0.1;

/// The tail of a baseline's durations beyond its p99, and how uncertain it is.
///
/// Beyond p99 the tail is continued as a power law through p95 and p99: Weissman, "Estimation of
/// parameters and large quantiles based on the k largest observations", J. Am. Stat. Assoc. 73
/// (1978). A power law never says too little where the share of longer calls falls ever faster on
/// two logarithmic axes, as it does for normal, exponential, gamma, Weibull and log-normal
/// durations. Where it does not, as with a rare mode that p99 does not show, only calls tell.
///
/// The index of the power law and the share of calls above p99 are taken at their upper 95 %
/// limits: the one by the spacings of order statistics, which are exponential (Rényi, 1953) and
/// whose sum is nearly a gamma variable; the other by Clopper and Pearson. A baseline of 100 calls
/// knows little of its tail, and so allows much.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::baseline::Baseline;
/// use kgas_perf_runtime::catalog::SizeClass;
/// use kgas_perf_runtime::detect::Tail;
///
/// let ok = (1..=10_000).map(Duration::from_micros).collect();
/// let baseline = Baseline::learn("import", SizeClass::Unsized, &ok, Duration::ZERO).unwrap();
/// let tail = Tail::of(&baseline);
/// assert!(tail.chance(baseline.p99 * 10) < 1e-4);
/// assert!(tail.reached_by(1e-9) > tail.reached_by(1e-6));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tail {
    p99_ns: f64,
    /// The upper limit of the share of calls that last longer than that.
    above: f64,
    /// The upper limit of the index: how many times longer, by the logarithm, a call is that is
    /// e times rarer.
    index: f64,
}

impl Tail {
    /// The tail of a baseline.
    pub fn of(baseline: &Baseline) -> Self {
        let [p95, p99] = [baseline.p95, baseline.p99].map(|time| time.as_nanos().max(1) as f64);
        let n = baseline.count.max(1);
        let longer = |quantile: f64| n - ((quantile * n as f64).ceil() as u64).min(n);
        let (above, between) = (longer(0.99), Spacings::between(longer(0.99), longer(0.95)));
        Self {
            p99_ns: p99,
            above: Interval::of_share(above, n, 2.0 * SURE - 1.0).high,
            index: ((p99 / p95).ln() / between.least()).max(THINNEST),
        }
    }

    /// The probability, at most, that a healthy call lasts longer; for what p99 may be, that of
    /// lasting longer than p99.
    pub fn chance(&self, duration: Duration) -> f64 {
        let ratio = duration.as_nanos() as f64 / self.p99_ns;
        self.above * ratio.max(1.0).powf(-1.0 / self.index)
    }

    /// The duration that a healthy call exceeds with this probability at most.
    pub fn reached_by(&self, chance: f64) -> Duration {
        let ns = self.p99_ns * (self.above / chance.clamp(1e-30, self.above)).powf(self.index);
        // The cast saturates.
        Duration::from_nanos(ns as u64)
    }
}

/// The sum of the spacings between two order statistics of a power law whose index is 1: the
/// logarithm of their ratio.
struct Spacings {
    mean: f64,
    variance: f64,
}

impl Spacings {
    /// Between the values that leave `above` and `below` values above them. The spacing over the
    /// j-th largest is exponential with a mean of 1/j.
    fn between(above: u64, below: u64) -> Self {
        let (from, to) = (above as f64, below as f64);
        if to <= from {
            return Self { mean: 0.0, variance: 0.0 };
        }
        if above > 100 {
            // The sums of 1/j and 1/j² by their integrals.
            let mean = ((to + 0.5) / (from + 0.5)).ln();
            return Self { mean, variance: 1.0 / (from + 0.5) - 1.0 / (to + 0.5) };
        }
        let each = (above + 1..=below).map(|j| 1.0 / j as f64);
        each.fold(Self { mean: 0.0, variance: 0.0 }, |sum, one| Self {
            mean: sum.mean + one,
            variance: sum.variance + one * one,
        })
    }

    /// What they are above with a probability of [`SURE`], as a gamma variable by the cube root of
    /// Wilson and Hilferty.
    fn least(&self) -> f64 {
        let shape = self.mean * self.mean / self.variance;
        let root = 1.0 - 1.0 / (9.0 * shape) - DEVIATIONS / (3.0 * shape.sqrt());
        // Without a spacing nothing is known of the index; a number that small allows anything.
        (self.mean * root.max(0.1).powi(3)).max(1e-3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SizeClass;
    use crate::detect::chance::normal_above;
    use crate::detect::dice::Dice;

    fn learned(count: u64, mut next: impl FnMut() -> f64) -> Baseline {
        let ok = (0..count).map(|_| Duration::from_secs_f64(next())).collect();
        Baseline::learn("import", SizeClass::Unsized, &ok, Duration::ZERO).unwrap()
    }

    #[test]
    fn a_power_law_is_continued_as_it_is() {
        // Quantiles of a Pareto with index 1/3, placed exactly.
        let mut rank = 0.0;
        let count = 1_000_000;
        let baseline = learned(count, || {
            rank += 1.0;
            0.01 * (1.0 - (rank - 0.5) / count as f64).powf(-1.0 / 3.0)
        });
        let tail = Tail::of(&baseline);
        for chance in [1e-4_f64, 1e-6, 1e-8] {
            let exact = 0.01 * chance.powf(-1.0 / 3.0);
            let found = tail.reached_by(chance).as_secs_f64();
            assert!(found > exact && found < 1.25 * exact, "{found} for {exact}");
            let back = tail.chance(tail.reached_by(chance));
            assert!((back / chance - 1.0).abs() < 1e-3, "{back} for {chance}");
        }
    }

    #[test]
    fn it_never_promises_more_than_log_normal_calls_keep() {
        let mut dice = Dice::new(3);
        for (count, sigma) in [(100, 0.2), (100, 0.8), (1_000, 0.5), (10_000, 0.3)] {
            let (mut broken, runs) = (0, 40);
            for _ in 0..runs {
                let tail = Tail::of(&learned(count, || dice.log_normal(0.01, sigma)));
                for chance in [1e-4, 1e-6] {
                    let duration = tail.reached_by(chance).as_secs_f64();
                    let truth = normal_above((duration / 0.01).ln() / sigma);
                    broken += usize::from(truth > chance);
                }
            }
            // A twentieth of all, and twice their standard error.
            assert!(broken <= runs / 5, "{broken} of {}, n {count}, sigma {sigma}", 2 * runs);
        }
    }

    #[test]
    fn the_fewer_calls_the_more_is_allowed() {
        let mut dice = Dice::new(4);
        let [few, many] = [100, 10_000]
            .map(|count| Tail::of(&learned(count, || dice.log_normal(0.01, 0.5))).reached_by(1e-6));
        assert!(few > 2 * many, "{few:?} and {many:?}");
    }

    #[test]
    fn calls_that_all_last_the_same_have_a_tail() {
        let tail = Tail::of(&learned(1_000, || 0.01));
        assert!(tail.reached_by(1e-6) > Duration::from_millis(15));
        assert!(tail.chance(Duration::ZERO) > 0.01 && tail.chance(Duration::ZERO) < 0.02);
    }
}
