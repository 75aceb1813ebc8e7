//! Calls that ended well to a baseline.

use std::time::Duration;

use crate::baseline::{Baseline, Provenance};
use crate::catalog::SizeClass;
use crate::histogram::Distribution;

/// No baseline is learned from fewer calls.
pub const ENOUGH: u64 = 100;

impl Baseline {
    /// Learns from calls that ended well; `None` if they are fewer than [`ENOUGH`].
    ///
    /// It has no confidence, and is not mature: a distribution does not tell when its calls were,
    /// and so neither whether they resemble each other nor whether it was still warming up. A
    /// [`Learner`](crate::baseline::Learner) sees that.
    ///
    /// Quantiles carry the error of the [`Distribution`]: at most 1/128.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use kgas_perf_runtime::baseline::Baseline;
    /// use kgas_perf_runtime::catalog::SizeClass;
    ///
    /// let ok = (1..=200).map(Duration::from_millis).collect();
    /// let now = Duration::from_secs(1_800_000_000);
    /// let baseline = Baseline::learn("import", SizeClass::Small, &ok, now).unwrap();
    /// assert_eq!(baseline.count, 200);
    /// assert_eq!(baseline.mean, Duration::from_micros(100_500));
    /// ```
    pub fn learn(
        operation: &str,
        size_class: SizeClass,
        ok: &Distribution,
        now: Duration,
    ) -> Option<Self> {
        if ok.count() < ENOUGH {
            return None;
        }
        Some(Self {
            operation: operation.to_owned(),
            size_class,
            version: 0,
            provenance: Provenance::Learned,
            environment: None,
            count: ok.count(),
            p50: ok.quantile(0.50)?,
            p95: ok.quantile(0.95)?,
            p99: ok.quantile(0.99)?,
            mean: ok.mean()?,
            std_dev: ok.std_dev()?,
            confidence: None,
            error_rate: None,
            calls_per_second: None,
            memory_growth: None,
            left_out: None,
            learned_over: None,
            learned: now,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(calls: u64) -> Option<Baseline> {
        let ok = (1..=calls).map(Duration::from_micros).collect();
        Baseline::learn("import", SizeClass::Unsized, &ok, Duration::ZERO)
    }

    #[test]
    fn ninety_nine_calls_are_too_few() {
        assert_eq!(learned(99), None);
        assert_eq!(learned(100).map(|baseline| baseline.count), Some(100));
    }

    #[test]
    fn its_numbers_are_those_of_a_uniform_set() {
        let baseline = learned(1_000).unwrap();
        let near = |found: Duration, micros: f64| {
            let found = found.as_nanos() as f64 / 1_000.0;
            assert!((found / micros - 1.0).abs() <= 1.0 / 128.0, "{found} µs for {micros} µs");
        };
        near(baseline.p50, 500.0);
        near(baseline.p95, 950.0);
        near(baseline.p99, 990.0);
        assert_eq!(baseline.mean, Duration::from_nanos(500_500));
        // Of 1 to n: sqrt(n (n + 1) / 12).
        near(baseline.std_dev, (1_000.0 * 1_001.0 / 12.0_f64).sqrt());
    }
}
