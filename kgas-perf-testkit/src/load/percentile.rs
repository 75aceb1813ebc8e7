//! `Percentile`: a quantile of a run's durations, with how far it can be trusted.

use std::time::Duration;

use kgas_perf_runtime::histogram::Distribution;

/// A quantile of a run's durations, with how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentile {
    /// Which, in `0.0..=1.0`.
    pub quantile: f64,
    /// Its value; `None` where there are too few operations to know one.
    pub value: Option<Duration>,
    /// Whether the true value may be longer, because it lies among operations that had not ended
    /// when they were given up.
    pub at_least: bool,
    /// Whether fewer than ten operations are beyond it, so that another run may well find another.
    pub unstable: bool,
    /// How many operations there must be for a value.
    pub needs: u64,
}

/// The quantiles that reports show.
pub(crate) const SHOWN: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

impl Percentile {
    /// The quantile of `durations`, of which those from `censored_from` on may be longer.
    ///
    /// It has a value from 1 / (1 − q) operations on: below 100 operations there is no p99, below
    /// 1,000 it is unstable.
    pub(crate) fn of(
        durations: &Distribution,
        censored_from: Option<Duration>,
        quantile: f64,
    ) -> Self {
        let count = durations.count();
        let beyond = count as f64 * (1.0 - quantile) + 1e-6;
        let needs = (1.0 / (1.0 - quantile) - 1e-6).ceil() as u64;
        let value = if beyond >= 1.0 { durations.quantile(quantile) } else { None };
        // The quantile is the middle of a bucket, within 1/128 of the value.
        let at_least = value.zip(censored_from).is_some_and(|(value, from)| {
            value.as_secs_f64() * (1.0 + 1.0 / 128.0) >= from.as_secs_f64()
        });
        Self { quantile, value, at_least, unstable: beyond < 10.0, needs }
    }

    /// What people call it: `p99`, `p99.9`.
    pub fn name(&self) -> String {
        name(self.quantile)
    }
}

/// What people call a quantile.
pub(crate) fn name(quantile: f64) -> String {
    // A thousandth of a per cent is finer than anybody asks for.
    format!("p{}", (quantile * 1e5).round() / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milliseconds(n: u64) -> Distribution {
        (1..=n).map(Duration::from_millis).collect()
    }

    #[test]
    fn below_a_hundred_operations_there_is_no_p99_and_below_a_thousand_it_is_unstable() {
        let p99 = |n| Percentile::of(&milliseconds(n), None, 0.99);
        assert_eq!((p99(99).value, p99(99).needs), (None, 100));
        assert!(p99(100).value.is_some() && p99(100).unstable);
        assert!(p99(999).unstable && !p99(1_000).unstable);
        assert_eq!(Percentile::of(&milliseconds(19), None, 0.95).value, None);
        assert!(Percentile::of(&milliseconds(20), None, 0.95).value.is_some());
        assert_eq!(Percentile::of(&milliseconds(999), None, 0.999).value, None);
        assert!(Percentile::of(&milliseconds(1_000), None, 0.999).value.is_some());
    }

    #[test]
    fn a_percentile_among_given_up_operations_is_a_lower_bound() {
        let from = Some(Duration::from_millis(60));
        let durations = milliseconds(100);
        assert!(!Percentile::of(&durations, from, 0.5).at_least);
        assert!(Percentile::of(&durations, from, 0.6).at_least);
        assert!(Percentile::of(&durations, from, 0.9).at_least);
        assert!(!Percentile::of(&durations, None, 0.9).at_least);
    }

    #[test]
    fn names_are_those_that_people_use() {
        assert_eq!(SHOWN.map(name), ["p50", "p90", "p95", "p99", "p99.9"]);
    }
}
