//! `Gathered`: what a stretch of time holds for one objective, in 350 bytes.

use crate::detect::border::{Border, MOST_BORDERS};
use crate::detect::interval::Interval;

/// Bins an octave (a factor of two): each is 12 % wide.
const PER_OCTAVE: f64 = 6.0;

/// So many bins up to the bound, and as many above it: four octaves.
const HALF: usize = 24;

/// The bins on both sides of the bound, and one for all that is larger.
pub(crate) const BINS: usize = 2 * HALF + 2;

/// Beyond so many values all counts are halved, so that they fit their 32 bits.
const MOST: u32 = 1 << 30;

/// Counts and sums of one objective. Two stretches of time add up to one, in any order, so that
/// it does not matter how time was cut into windows.
#[derive(Clone, Debug)]
pub(crate) struct Gathered {
    /// Calls, look-ups or readings.
    pub(crate) count: u32,
    /// Of these, those that lie beyond each border, or count against it.
    pub(crate) beyond: [u32; MOST_BORDERS],
    pub(crate) sum: f64,
    /// Of squares, for the spread of the mean.
    pub(crate) squares: f64,
    /// The extremes; infinite, and the wrong way round, while there are none.
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Counts by value, made when the first value comes.
    bins: Option<Box<[u32; BINS]>>,
}

impl Default for Gathered {
    fn default() -> Self {
        Self {
            count: 0,
            beyond: [0; MOST_BORDERS],
            sum: 0.0,
            squares: 0.0,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
            bins: None,
        }
    }
}

impl Gathered {
    /// Adds `count` values. Bins are counted relative to `unit`, which is above 0.
    pub(crate) fn note(&mut self, value: f64, count: u64, borders: &[Border], unit: f64) {
        let count = u32::try_from(count).unwrap_or(u32::MAX).min(MOST);
        if count == 0 || value.is_nan() {
            return;
        }
        self.count += count;
        for (beyond, border) in self.beyond.iter_mut().zip(borders) {
            *beyond += if border.is_beyond(value) { count } else { 0 };
        }
        self.sum += value * f64::from(count);
        self.squares += value * value * f64::from(count);
        self.low = self.low.min(value);
        self.high = self.high.max(value);
        self.bins.get_or_insert_with(|| Box::new([0; BINS]))[bin(value / unit)] += count;
        self.halve_if_many();
    }

    /// Adds `calls`, of which `of_kind` are of the kind whose share is bounded.
    pub(crate) fn note_share(&mut self, of_kind: u64, calls: u64, borders: &[Border]) {
        // Halved together, so that the share stays what it is.
        let shift = (64 - calls.leading_zeros()).saturating_sub(MOST.trailing_zeros());
        let (of_kind, calls) = ((of_kind.min(calls) >> shift) as u32, (calls >> shift) as u32);
        self.count += calls;
        self.sum += f64::from(of_kind);
        for (beyond, border) in self.beyond.iter_mut().zip(borders) {
            *beyond += if border.is_beyond(1.0) { of_kind } else { calls - of_kind };
        }
        self.halve_if_many();
    }

    /// Adds what another stretch of time holds.
    pub(crate) fn merge(&mut self, other: &Self) {
        if let Some(more) = &other.bins {
            let bins = self.bins.get_or_insert_with(|| Box::new([0; BINS]));
            for (bin, more) in bins.iter_mut().zip(more.iter()) {
                *bin += more;
            }
        }
        self.merge_sums(other);
    }

    /// Adds what another stretch of time holds, without its values.
    pub(crate) fn merge_sums(&mut self, other: &Self) {
        self.count += other.count;
        for (beyond, more) in self.beyond.iter_mut().zip(other.beyond) {
            *beyond += more;
        }
        self.sum += other.sum;
        self.squares += other.squares;
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
        self.halve_if_many();
    }

    fn halve_if_many(&mut self) {
        if self.count <= MOST {
            return;
        }
        self.count /= 2;
        self.beyond.iter_mut().for_each(|beyond| *beyond /= 2);
        self.sum /= 2.0;
        self.squares /= 2.0;
        if let Some(bins) = &mut self.bins {
            bins.iter_mut().for_each(|bin| *bin /= 2);
        }
    }

    /// The mean; `None` without values.
    pub(crate) fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }

    /// The sample standard deviation; 0 with fewer than two values.
    pub(crate) fn std_dev(&self) -> f64 {
        let n = f64::from(self.count);
        if self.count < 2 {
            return 0.0;
        }
        ((self.squares - self.sum * self.sum / n).max(0.0) / (n - 1.0)).sqrt()
    }

    /// A quantile, within its bin; `None` without values.
    pub(crate) fn quantile(&self, quantile: f64, unit: f64) -> Option<f64> {
        let rank = (quantile * self.values() as f64).ceil() as u64;
        self.at_rank(rank.max(1), unit, 0.5)
    }

    /// The interval of a quantile, by order statistics; without an end where values set none.
    pub(crate) fn interval(&self, quantile: f64, unit: f64) -> Interval {
        let (low, high) = Interval::ranks(self.values(), quantile, CONFIDENCE);
        let low = low.and_then(|rank| self.at_rank(rank, unit, 0.0)).unwrap_or(0.0);
        let high = high.and_then(|rank| self.at_rank(rank, unit, 1.0)).unwrap_or(f64::INFINITY);
        Interval { low, high }
    }

    /// How many values there are by bin.
    fn values(&self) -> u64 {
        self.bins.as_ref().map_or(0, |bins| bins.iter().map(|bin| u64::from(*bin)).sum())
    }

    /// The value of a rank: the middle of its place in its bin, or for an end of an interval the
    /// bin's own end. Within a bin values are taken to be spread evenly by their logarithm.
    fn at_rank(&self, rank: u64, unit: f64, end: f64) -> Option<f64> {
        let mut before = 0;
        for (index, count) in self.bins.as_ref()?.iter().enumerate() {
            let count = u64::from(*count);
            if before + count >= rank {
                let place =
                    if end == 0.5 { ((rank - before) as f64 - 0.5) / count as f64 } else { end };
                let from = edge(index as i32 - 1, unit).max(self.low);
                let to = edge(index as i32, unit).min(self.high);
                if from <= 0.0 || from >= to {
                    return Some(to);
                }
                return Some(from * (to / from).powf(place));
            }
            before += count;
        }
        None
    }
}

/// The confidence of every interval that is shown.
pub(crate) const CONFIDENCE: f64 = 0.95;

/// The bin of a value, relative to the bound. A bin holds its upper end, as a bound does.
fn bin(relative: f64) -> usize {
    // What is too small for a logarithm saturates at 0.
    ((PER_OCTAVE * relative.log2()).ceil() + HALF as f64).clamp(0.0, (BINS - 1) as f64) as usize
}

/// The upper end of a bin.
fn edge(index: i32, unit: f64) -> f64 {
    if index < 0 {
        0.0
    } else if index as usize >= BINS - 1 {
        f64::INFINITY
    } else {
        unit * (f64::from(index - HALF as i32) / PER_OCTAVE).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::border::Side;
    use crate::measure::Severity;

    fn above(value: f64) -> [Border; 1] {
        [Border { side: Side::Above, value, severity: Severity::Warning, bound: value }]
    }

    #[test]
    fn quantiles_of_one_to_a_thousand_are_near_their_ranks_and_inside_their_intervals() {
        let mut gathered = Gathered::default();
        for value in 1..=1_000 {
            gathered.note(f64::from(value), 1, &above(600.0), 600.0);
        }
        for quantile in [0.5, 0.9, 0.95, 0.99] {
            let found = gathered.quantile(quantile, 600.0).unwrap();
            let interval = gathered.interval(quantile, 600.0);
            let exact = quantile * 1_000.0;
            assert!((found / exact - 1.0).abs() < 0.01, "{found} for {exact}");
            assert!(interval.contains(exact) && interval.high - interval.low < 0.3 * exact);
        }
        assert_eq!(gathered.beyond[0], 400);
        assert_eq!((gathered.low, gathered.high), (1.0, 1_000.0));
        assert!((gathered.std_dev() - (1_000.0 * 1_001.0 / 12.0_f64).sqrt()).abs() < 1e-6);
    }

    #[test]
    fn a_value_at_the_bound_lies_in_the_bin_below_it() {
        assert_eq!(bin(1.0), HALF);
        assert_eq!(bin(1.0 + 1e-9), HALF + 1);
        assert_eq!(bin(2.0), HALF + 6);
        assert_eq!((bin(0.0), bin(1e300)), (0, BINS - 1));
    }

    #[test]
    fn values_beyond_the_bins_keep_their_extremes() {
        let mut gathered = Gathered::default();
        for value in [0.001, 5_000.0] {
            gathered.note(value, 10, &above(1.0), 1.0);
        }
        let median = gathered.quantile(0.5, 1.0).unwrap();
        let largest = gathered.quantile(1.0, 1.0).unwrap();
        assert!((0.001..=1.0 / 16.0).contains(&median), "{median}");
        assert!((16.0..=5_000.0).contains(&largest), "{largest}");
    }

    #[test]
    fn more_calls_than_fit_keep_their_shares() {
        let mut gathered = Gathered::default();
        for _ in 0..10 {
            gathered.note_share(1_000_000_000, 4_000_000_000, &above(0.1));
        }
        let share = f64::from(gathered.beyond[0]) / f64::from(gathered.count);
        assert!((share - 0.25).abs() < 1e-6, "{share}");
    }

    #[test]
    fn who_bounds_from_below_counts_the_others() {
        let below = [Border { side: Side::Below, ..above(0.6)[0] }];
        let mut gathered = Gathered::default();
        gathered.note_share(70, 100, &below);
        assert_eq!(gathered.beyond[0], 30);
    }
}
