//! `Durations`: durations that were kept.
//!
//! - `layout`: which counter of an HdrHistogram a duration belongs to.
//! - `hdr`: `HdrCodec`, to and from HdrHistogram's V2 format.

mod hdr;
mod layout;

use std::time::Duration;

use crate::histogram::Distribution;

pub use hdr::{HdrCodec, HdrError};
#[cfg(feature = "sqlite")]
pub(crate) use hdr::{read_counters, write_counters};

/// Durations that were kept: how many, their sum and the longest, all exact, and a histogram in
/// HdrHistogram's layout (Gil Tene), with three significant digits of nanoseconds.
///
/// Merging adds no error, in whatever order. A quantile is off by at most 1/128 of its value (what
/// recording rounds) and 0.05 % (what keeping rounds).
///
/// Where the histogram was not asked for, or not all of it could be read, what is read from it is
/// `None`: a part is never told as the whole.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::histogram::Distribution;
/// use kgas_perf_runtime::store::Durations;
///
/// let measured: Distribution = (1..=100).map(Duration::from_millis).collect();
/// let mut kept = Durations::from(&measured);
/// kept.merge(&Durations::from(&measured));
/// assert_eq!((kept.count(), kept.max()), (200, Some(Duration::from_millis(100))));
/// let p95 = kept.quantile(0.95).unwrap().as_secs_f64();
/// assert!((p95 / 0.095 - 1.0).abs() < 1.0 / 128.0 + 0.000_5);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    count: u64,
    sum: Duration,
    max: Duration,
    /// Index and count of every counter that counted something, by index.
    counters: Vec<(u16, u64)>,
    /// What the counters counted.
    counted: u64,
}

impl Durations {
    /// What is known without a histogram.
    pub fn new(count: u64, sum: Duration, max: Duration) -> Self {
        Self { count, sum, max, ..Self::default() }
    }

    /// The same with the counters of a histogram, by index.
    pub(crate) fn with_counters(mut self, counters: Vec<(u16, u64)>) -> Self {
        self.counted = counters.iter().fold(0, |all, (_, count)| all.saturating_add(*count));
        self.counters = counters;
        self
    }

    /// Index and count of every counter that counted something, by index.
    pub(crate) fn counters(&self) -> &[(u16, u64)] {
        &self.counters
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All together.
    pub fn sum(&self) -> Duration {
        self.sum
    }

    /// The mean, from the exact sum; `None` if there are none.
    pub fn mean(&self) -> Option<Duration> {
        let mean = self.sum.as_nanos().checked_div(u128::from(self.count))?;
        Some(Duration::from_nanos(u64::try_from(mean).unwrap_or(u64::MAX)))
    }

    /// The longest; `None` if there are none.
    pub fn max(&self) -> Option<Duration> {
        (self.count > 0).then_some(self.max)
    }

    /// Whether the histogram is there, and whole.
    pub fn has_histogram(&self) -> bool {
        self.counted == self.count
    }

    /// The duration that a share `quantile` of them does not exceed: the one of rank
    /// `ceil(quantile * count)`, as the middle of what its counter counts. `quantile` is clamped
    /// to `0.0..=1.0`; `None` if there are none, or if the histogram is not there.
    pub fn quantile(&self, quantile: f64) -> Option<Duration> {
        if self.count == 0 || !self.has_histogram() {
            return None;
        }
        // 0.07 of 100 is 7, which the product misses by its rounding.
        let rank = quantile.clamp(0.0, 1.0) * self.count as f64 * (1.0 - 2.0 * f64::EPSILON);
        let rank = (rank.ceil() as u64).clamp(1, self.count);
        let mut seen = 0;
        let found = self.counters.iter().find(|(_, count)| {
            seen += count;
            seen >= rank
        });
        found.map(|(index, _)| Duration::from_nanos(layout::middle(*index)).min(self.max))
    }

    /// How many lasted longer than `bound`, each taken as the middle of what its counter counts;
    /// `None` if the histogram is not there.
    pub fn count_above(&self, bound: Duration) -> Option<u64> {
        let above = |(index, _): &&(u16, u64)| {
            Duration::from_nanos(layout::middle(*index)).min(self.max) > bound
        };
        self.has_histogram()
            .then(|| self.counters.iter().filter(above).map(|(_, count)| count).sum())
    }

    /// What each counter counts, in nanoseconds, both ends included, and how many it counted; by
    /// duration, and only those that counted something.
    pub fn buckets(&self) -> impl Iterator<Item = (std::ops::RangeInclusive<u64>, u64)> {
        self.counters.iter().map(|(index, count)| (layout::range(*index), *count))
    }

    /// Adds others. No error is added; nor does the order matter.
    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
        self.max = self.max.max(other.max);
        self.counted = self.counted.saturating_add(other.counted);
        if self.counters.is_empty() {
            self.counters.clone_from(&other.counters);
            return;
        }
        // Both are sorted. Commonly most of the counters are there already.
        let mut at = 0;
        for &(index, count) in &other.counters {
            at += self.counters[at..].partition_point(|(known, _)| *known < index);
            match self.counters.get_mut(at) {
                Some((known, here)) if *known == index => *here = here.saturating_add(count),
                _ => self.counters.insert(at, (index, count)),
            }
        }
    }

    /// The same as a histogram of the `hdrhistogram` crate, which has much more to ask.
    pub fn to_hdr(&self) -> hdrhistogram::Histogram<u64> {
        let mut hdr = match hdrhistogram::Histogram::<u64>::new(layout::DIGITS) {
            Ok(hdr) => hdr,
            // The crate refuses more than five digits only.
            Err(_) => unreachable!("three significant digits are accepted"),
        };
        for (index, count) in &self.counters {
            // A histogram that grows takes every value of `u64`.
            let _ = hdr.record_n(layout::middle(*index), *count);
        }
        hdr
    }
}

impl From<&Distribution> for Durations {
    fn from(distribution: &Distribution) -> Self {
        let middles = distribution.middles();
        let mut counters: Vec<(u16, u64)> = Vec::with_capacity(middles.len());
        for (middle, count) in middles {
            // Middles ascend, and so do the counters.
            let index = layout::index(middle.round() as u64);
            match counters.last_mut() {
                Some((last, here)) if *last == index => *here += count,
                _ => counters.push((index, count)),
            }
        }
        let max = distribution.max().unwrap_or_default();
        Self::new(distribution.count(), distribution.sum(), max).with_counters(counters)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(ns: &[u64]) -> Durations {
        let distribution: Distribution = ns.iter().map(|ns| Duration::from_nanos(*ns)).collect();
        Durations::from(&distribution)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn quantiles_are_the_ranks_within_what_is_said(
            mut ns in proptest::collection::vec(1_u64..1 << 44, 1..80),
            quantile in 0.0_f64..=1.0,
        ) {
            let kept = of(&ns);
            ns.sort_unstable();
            let rank = ((quantile * ns.len() as f64).ceil() as usize).clamp(1, ns.len());
            let (exact, found) = (ns[rank - 1] as f64, kept.quantile(quantile).unwrap());
            let error = (found.as_nanos() as f64 - exact).abs();
            // Whole nanoseconds are rounded to, twice.
            prop_assert!(error <= exact * (1.0 / 128.0 + 0.000_5) + 1.0, "{found:?} for {exact}");
            prop_assert_eq!(kept.sum(), Duration::from_nanos(ns.iter().sum()));
            prop_assert_eq!(kept.max(), ns.last().map(|ns| Duration::from_nanos(*ns)));
        }

        #[test]
        fn parts_in_any_order_are_the_whole(
            parts in proptest::collection::vec(
                proptest::collection::vec(0_u64..1 << 40, 0..20), 1..6),
        ) {
            let whole = of(&parts.concat());
            let (mut forth, mut back) = (Durations::default(), Durations::default());
            parts.iter().for_each(|part| forth.merge(&of(part)));
            parts.iter().rev().for_each(|part| back.merge(&of(part)));
            prop_assert_eq!(&forth, &whole);
            prop_assert_eq!(&back, &whole);
            prop_assert_eq!(whole.to_hdr().len(), whole.count());
        }
    }

    #[test]
    fn without_the_whole_histogram_no_quantile_is_told() {
        let mut durations = Durations::new(2, Duration::from_secs(3), Duration::from_secs(2));
        assert_eq!(durations.quantile(0.5), None);
        durations.merge(&of(&[5]));
        assert_eq!((durations.quantile(0.5), durations.count_above(Duration::ZERO)), (None, None));
        assert_eq!(durations.mean(), Some(Duration::from_nanos(1_000_000_001)));
        assert_eq!(Durations::default().mean(), None);
    }

    #[test]
    fn those_above_a_bound_are_counted() {
        let above = |ns| of(&[5, 10, 60, 1_000_000]).count_above(Duration::from_nanos(ns));
        let counts = [0, 5, 10, 60, 900_000, 1_100_000].map(above);
        assert_eq!(counts, [4, 3, 2, 1, 1, 0].map(Some));
    }
}
