//! `Distribution`: the plain copy of histograms that is read, merged and subtracted.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::histogram::buckets::{OCTAVES, PER_OCTAVE, locate, lowest, width};

/// Counts by bucket, in units that only the owner knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Sparse", into = "Sparse")]
pub(crate) struct Counts {
    /// Sorted by index; only octaves that hold something.
    octaves: Vec<Octave>,
    total: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Octave {
    index: usize,
    counts: [u64; PER_OCTAVE],
}

impl Counts {
    /// Adds `count(position)` to each bucket of an octave.
    pub(crate) fn add(&mut self, octave: usize, count: impl Fn(usize) -> u64) {
        let mut added = 0;
        for (position, bucket) in self.octave(octave).counts.iter_mut().enumerate() {
            let more = count(position);
            *bucket += more;
            added += more;
        }
        self.total += added;
    }

    /// An octave, made if it is missing. They are commonly asked for in order.
    fn octave(&mut self, index: usize) -> &mut Octave {
        let at = match self.octaves.last() {
            Some(last) if last.index < index => Err(self.octaves.len()),
            _ => self.octaves.binary_search_by_key(&index, |known| known.index),
        };
        let at = at.unwrap_or_else(|at| {
            self.octaves.insert(at, Octave { index, counts: [0; PER_OCTAVE] });
            at
        });
        &mut self.octaves[at]
    }

    /// Forgets everything but the memory it has.
    pub(crate) fn clear(&mut self) {
        self.octaves.clear();
        self.total = 0;
    }

    /// Counts one value.
    pub(crate) fn add_value(&mut self, value: u64) {
        self.raise(value, self.at(value) + 1);
    }

    /// How often the bucket of `value` was counted.
    fn at(&self, value: u64) -> u64 {
        let (octave, position) = locate(value);
        let known = self.octaves.iter().find(|known| known.index == octave);
        known.map_or(0, |known| known.counts[position])
    }

    /// Makes the bucket of `value` hold at least `count`.
    pub(crate) fn raise(&mut self, value: u64, count: u64) {
        let (octave, position) = locate(value);
        let missing = count.saturating_sub(self.at(value));
        if missing > 0 {
            self.octave(octave).counts[position] += missing;
            self.total += missing;
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    fn merge(&mut self, other: &Self) {
        if self.octaves.is_empty() {
            self.clone_from(other);
            return;
        }
        for octave in &other.octaves {
            let here = &mut self.octave(octave.index).counts;
            for (here, more) in here.iter_mut().zip(&octave.counts) {
                *here += more;
            }
        }
        self.total += other.total;
    }

    /// What has been added since `earlier`, an older copy of the same counters.
    fn since(&self, earlier: &Self) -> Self {
        let mut difference = Self::default();
        let mut known = earlier.octaves.as_slice();
        // Both are in order.
        for octave in &self.octaves {
            while known.first().is_some_and(|before| before.index < octave.index) {
                known = &known[1..];
            }
            let before = known.first().filter(|before| before.index == octave.index);
            // Most of them stay as they were from one second to the next.
            if before.is_some_and(|before| before.counts == octave.counts) {
                continue;
            }
            let before = |position: usize| before.map_or(0, |before| before.counts[position]);
            difference.add(octave.index, |position| {
                octave.counts[position].saturating_sub(before(position))
            });
        }
        difference.octaves.retain(|octave| octave.counts.iter().any(|count| *count > 0));
        difference
    }

    /// Lowest value, width and count of every bucket that holds something, in order.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        self.octaves.iter().flat_map(|octave| {
            octave.counts.iter().enumerate().filter(|(_, count)| **count > 0).map(
                |(position, count)| (lowest(octave.index, position), width(octave.index), *count),
            )
        })
    }
}

/// What is kept of counts: the buckets that hold something. A bucket is named by how far it lies
/// beyond the one before.
#[derive(Serialize, Deserialize)]
struct Sparse(Vec<(u32, u64)>);

impl From<Counts> for Sparse {
    fn from(counts: Counts) -> Self {
        let mut kept = Vec::new();
        let mut last = 0;
        for octave in &counts.octaves {
            for (position, count) in octave.counts.iter().enumerate().filter(|(_, n)| **n > 0) {
                let bucket = octave.index * PER_OCTAVE + position;
                kept.push(((bucket - last) as u32, *count));
                last = bucket;
            }
        }
        Self(kept)
    }
}

impl From<Sparse> for Counts {
    /// Buckets that do not exist are left out: what is read back may have been damaged.
    fn from(Sparse(kept): Sparse) -> Self {
        let mut counts = Self::default();
        let mut bucket = 0_usize;
        for (further, count) in kept {
            bucket = bucket.saturating_add(further as usize);
            if bucket < OCTAVES * PER_OCTAVE {
                let here = &mut counts.octave(bucket / PER_OCTAVE).counts[bucket % PER_OCTAVE];
                *here = here.saturating_add(count);
            }
        }
        let all = counts.octaves.iter().flat_map(|octave| octave.counts);
        counts.total = all.fold(0, u64::saturating_add);
        counts
    }
}

/// One bucket of a distribution that holds something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// Lower end, in nanoseconds; part of the bucket.
    pub low_ns: f64,
    /// Upper end, in nanoseconds; not part of the bucket.
    pub high_ns: f64,
    /// Samples in it.
    pub count: u64,
}

impl Bucket {
    /// The middle, in nanoseconds: what a sample in this bucket is taken to have lasted.
    ///
    /// A bucket no wider than one unit of the clock holds one value, and that is it.
    fn middle_ns(&self, ns_per_unit: f64) -> f64 {
        if self.high_ns - self.low_ns <= ns_per_unit * 1.5 {
            self.low_ns
        } else {
            f64::midpoint(self.low_ns, self.high_ns)
        }
    }
}

/// Counts in one unit of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Part {
    ns_per_unit: f64,
    counts: Counts,
}

/// Durations by bucket, being read.
///
/// Counts and the sum are exact. A quantile is off by at most 1/128 of its value (0.79 %), and
/// by at most one step of the clock below 64 steps. [`Distribution::max`] is exact for what a
/// snapshot holds, and within a bucket for a difference of two.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::histogram::Distribution;
///
/// let distribution: Distribution = (1..=100).map(Duration::from_millis).collect();
/// let p95 = distribution.quantile(0.95).unwrap();
/// assert!(p95.as_secs_f64() > 0.094 && p95.as_secs_f64() < 0.096);
/// assert_eq!(distribution.mean(), Some(Duration::from_micros(50_500)));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// At most one for each unit: ticks of the clock, and nanoseconds for durations that came
    /// from elsewhere. Kept apart so that merging adds no error.
    parts: Vec<Part>,
    sum_ns: f64,
    max_ns: f64,
}

impl Distribution {
    /// A copy of counters in one unit, with what was summed up beside them in the same unit.
    pub(crate) fn of(counts: Counts, ns_per_unit: f64, sum: u64, max: u64) -> Self {
        if counts.total == 0 {
            return Self::default();
        }
        Self {
            sum_ns: sum as f64 * ns_per_unit,
            max_ns: max as f64 * ns_per_unit,
            parts: vec![Part { ns_per_unit, counts }],
        }
    }

    /// Adds a copy of counters in one unit, with what was summed up beside them in the same unit.
    pub(crate) fn add(&mut self, counts: &Counts, ns_per_unit: f64, sum: u64, max: u64) {
        if counts.total == 0 {
            return;
        }
        self.sum_ns += sum as f64 * ns_per_unit;
        self.max_ns = self.max_ns.max(max as f64 * ns_per_unit);
        self.part(ns_per_unit).counts.merge(counts);
    }

    /// The part in this unit, made if it is missing.
    fn part(&mut self, ns_per_unit: f64) -> &mut Part {
        let known = self.parts.iter().position(|known| same_unit(known.ns_per_unit, ns_per_unit));
        let at = known.unwrap_or_else(|| {
            self.parts.push(Part { ns_per_unit, counts: Counts::default() });
            self.parts.len() - 1
        });
        &mut self.parts[at]
    }

    /// How many samples it holds.
    pub fn count(&self) -> u64 {
        self.parts.iter().map(|part| part.counts.total).sum()
    }

    /// Whether it holds no sample.
    pub fn is_empty(&self) -> bool {
        self.count() == 0
    }

    /// All samples together.
    pub fn sum(&self) -> Duration {
        duration(self.sum_ns)
    }

    /// The mean, from the exact sum; `None` without samples.
    pub fn mean(&self) -> Option<Duration> {
        let count = self.count();
        (count > 0).then(|| duration(self.sum_ns / count as f64))
    }

    /// The longest sample; `None` without samples.
    pub fn max(&self) -> Option<Duration> {
        (!self.is_empty()).then(|| duration(self.max_ns))
    }

    /// The shortest sample, within its bucket; `None` without samples.
    pub fn min(&self) -> Option<Duration> {
        self.quantile(0.0)
    }

    /// Standard deviation of the samples, each taken as the middle of its bucket; `None` with
    /// fewer than two.
    pub fn std_dev(&self) -> Option<Duration> {
        let count = self.count();
        if count < 2 {
            return None;
        }
        let mean = self.sum_ns / count as f64;
        let squares: f64 = self
            .middles()
            .into_iter()
            .map(|(middle, samples)| (middle - mean).powi(2) * samples as f64)
            .sum();
        Some(duration((squares / (count - 1) as f64).sqrt()))
    }

    /// The duration that a share `quantile` of the samples does not exceed: the sample of rank
    /// `ceil(quantile * count)` (Hyndman and Fan's first definition), as the middle of its bucket.
    ///
    /// `quantile` is clamped to `0.0..=1.0`; `None` without samples.
    pub fn quantile(&self, quantile: f64) -> Option<Duration> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        // 0.07 of 100 is 7, which the product misses by its rounding.
        let rank = quantile.clamp(0.0, 1.0) * count as f64 * (1.0 - 2.0 * f64::EPSILON);
        let rank = (rank.ceil() as u64).clamp(1, count);
        let mut seen = 0;
        let middle = self.middles().into_iter().find_map(|(middle, samples)| {
            seen += samples;
            (seen >= rank).then_some(middle)
        })?;
        Some(duration(middle.min(self.max_ns)))
    }

    /// How many samples lasted longer than `bound`, each taken as the middle of its bucket.
    pub fn count_above(&self, bound: Duration) -> u64 {
        let bound = bound.as_nanos() as f64;
        self.middles().into_iter().filter(|(middle, _)| *middle > bound).map(|(_, n)| n).sum()
    }

    /// Adds the samples of another distribution.
    pub fn merge(&mut self, other: &Self) {
        self.sum_ns += other.sum_ns;
        self.max_ns = self.max_ns.max(other.max_ns);
        for part in &other.parts {
            self.part(part.ns_per_unit).counts.merge(&part.counts);
        }
    }

    /// The samples that were added since `earlier`, an older copy of the same distribution.
    pub fn since(&self, earlier: &Self) -> Self {
        let parts: Vec<Part> = self
            .parts
            .iter()
            .map(|part| {
                match earlier
                    .parts
                    .iter()
                    .find(|known| same_unit(known.ns_per_unit, part.ns_per_unit))
                {
                    Some(known) => Part {
                        ns_per_unit: part.ns_per_unit,
                        counts: part.counts.since(&known.counts),
                    },
                    None => part.clone(),
                }
            })
            .filter(|part| part.counts.total > 0)
            .collect();
        if parts.is_empty() {
            return Self::default();
        }
        let mut difference =
            Self { parts, sum_ns: (self.sum_ns - earlier.sum_ns).max(0.0), max_ns: self.max_ns };
        if self.max_ns <= earlier.max_ns {
            // The longest of all was there before; of the new ones only the bucket is known.
            let highest = difference.buckets().map(|bucket| bucket.high_ns).fold(0.0, f64::max);
            difference.max_ns = highest.min(self.max_ns);
        }
        difference
    }

    /// Every bucket that holds something. Buckets of different clocks are listed one clock
    /// after the other.
    pub fn buckets(&self) -> impl Iterator<Item = Bucket> {
        self.parts.iter().flat_map(|part| {
            part.counts.buckets().map(|(low, width, count)| Bucket {
                low_ns: low as f64 * part.ns_per_unit,
                high_ns: (low as f64 + width as f64) * part.ns_per_unit,
                count,
            })
        })
    }

    /// The same samples as an HdrHistogram in nanoseconds with three significant digits, for
    /// merging, percentiles and serialisation with the tools that share its format.
    ///
    /// Each sample is recorded as the middle of its bucket, so the error stays at 1/128.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use kgas_perf_runtime::histogram::Distribution;
    ///
    /// let distribution: Distribution = [Duration::from_micros(3); 5].into_iter().collect();
    /// let hdr = distribution.to_hdr();
    /// assert_eq!(hdr.len(), 5);
    /// assert!((2_970..=3_030).contains(&hdr.value_at_quantile(0.5)));
    /// ```
    pub fn to_hdr(&self) -> hdrhistogram::Histogram<u64> {
        const DIGITS: u8 = 3;
        let mut hdr = match hdrhistogram::Histogram::<u64>::new(DIGITS) {
            Ok(hdr) => hdr,
            // The crate refuses more than five digits only.
            Err(_) => unreachable!("three significant digits are accepted"),
        };
        for (middle, count) in self.middles() {
            // An auto-resizing histogram takes every value of `u64`.
            let _ = hdr.record_n(middle.round() as u64, count);
        }
        hdr
    }

    /// About as much memory as it holds beside itself, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        let octaves = |part: &Part| part.counts.octaves.capacity() * size_of::<Octave>();
        self.parts.iter().map(|part| size_of::<Part>() + octaves(part)).sum()
    }

    /// Middle in nanoseconds and count of every bucket, in order of the middle.
    pub(crate) fn middles(&self) -> Vec<(f64, u64)> {
        let mut middles: Vec<(f64, u64)> = self
            .parts
            .iter()
            .flat_map(|part| {
                part.counts.buckets().map(|(low, width, count)| {
                    let bucket = Bucket {
                        low_ns: low as f64 * part.ns_per_unit,
                        high_ns: (low as f64 + width as f64) * part.ns_per_unit,
                        count,
                    };
                    (bucket.middle_ns(part.ns_per_unit), count)
                })
            })
            .collect();
        if self.parts.len() > 1 {
            middles.sort_by(|one, other| one.0.total_cmp(&other.0));
        }
        middles
    }
}

impl FromIterator<Duration> for Distribution {
    /// Collects durations that were measured elsewhere, in nanoseconds.
    fn from_iter<I: IntoIterator<Item = Duration>>(durations: I) -> Self {
        let (mut counts, mut sum, mut max) = (Counts::default(), 0_u64, 0_u64);
        for duration in durations {
            let ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
            counts.add_value(ns);
            sum = sum.saturating_add(ns);
            max = max.max(ns);
        }
        Self::of(counts, 1.0, sum, max)
    }
}

/// Two copies of one clock differ in the last digits of its rate, nanoseconds do not.
fn same_unit(one: f64, other: f64) -> bool {
    (one == 1.0) == (other == 1.0)
}

fn duration(ns: f64) -> Duration {
    Duration::from_nanos(ns.round() as u64)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn nanoseconds(values: &[u64]) -> Distribution {
        values.iter().map(|ns| Duration::from_nanos(*ns)).collect()
    }

    #[test]
    fn quantiles_of_one_to_a_hundred_are_the_ranks_within_a_hundred_and_twenty_eighth() {
        let distribution: Distribution = (1..=100).map(Duration::from_micros).collect();
        for rank in 1..=100_u32 {
            let exact = f64::from(rank) * 1_000.0;
            let found = distribution.quantile(f64::from(rank) / 100.0).unwrap().as_nanos() as f64;
            assert!((found - exact).abs() <= exact / 128.0, "p{rank}: {found} for {exact}");
        }
        assert_eq!(distribution.max(), Some(Duration::from_micros(100)));
        assert_eq!(distribution.mean(), Some(Duration::from_nanos(50_500)));
    }

    #[test]
    fn without_samples_there_is_no_mean_no_quantile_and_no_extreme() {
        let empty = Distribution::default();
        assert_eq!((empty.mean(), empty.quantile(0.5), empty.max()), (None, None, None));
        assert_eq!(nanoseconds(&[5]).std_dev(), None);
    }

    #[test]
    fn samples_above_a_bound_are_counted_by_their_buckets() {
        let distribution = nanoseconds(&[5, 10, 60, 1_000_000]);
        let above = |ns| distribution.count_above(Duration::from_nanos(ns));
        assert_eq!([0, 5, 10, 60, 900_000, 1_100_000].map(above), [4, 3, 2, 1, 1, 0]);
    }

    #[test]
    fn standard_deviation_of_a_known_set() {
        // 2, 4, 4, 4, 5, 5, 7, 9: mean 5, sample variance 32/7.
        let deviation = nanoseconds(&[2, 4, 4, 4, 5, 5, 7, 9].map(|ns| ns * 1_000_000)).std_dev();
        let exact = (32.0_f64 / 7.0).sqrt() * 1e6;
        assert!((deviation.unwrap().as_nanos() as f64 - exact).abs() < exact / 64.0);
    }

    #[test]
    fn a_difference_holds_the_later_samples_alone() {
        let earlier = nanoseconds(&[10, 50_000]);
        let mut later = earlier.clone();
        later.merge(&nanoseconds(&[20, 20, 30_000]));
        let difference = later.since(&earlier);
        assert_eq!(difference.count(), 3);
        assert_eq!(difference.sum(), Duration::from_nanos(30_040));
        assert_eq!(difference.quantile(0.5), Some(Duration::from_nanos(20)));
        let max = difference.max().unwrap().as_nanos();
        assert!((30_000..30_500).contains(&max), "{max}");
        assert_eq!(later.since(&later), Distribution::default());
    }

    #[test]
    fn units_of_two_clocks_merge_without_error() {
        let mut counts = Counts::default();
        counts.add_value(26);
        let mut distribution = Distribution::of(counts, 0.5, 26, 26);
        distribution.merge(&nanoseconds(&[10, 20]));
        assert_eq!(distribution.quantile(0.5), Some(Duration::from_nanos(13)));
        assert_eq!(distribution.quantile(1.0), Some(Duration::from_nanos(20)));
        assert_eq!(distribution.sum(), Duration::from_nanos(43));
    }
}
