//! `BinCounts`: how many calls lie in each bin, for the bins that hold some.

use serde::{Deserialize, Serialize};

use crate::baseline::sound;
use crate::stats::LogBin;

/// Calls by bin, in the order of the bins. Six bytes for a bin that holds something, none for
/// the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub(crate) struct BinCounts {
    /// Strictly ascending.
    bins: Vec<u16>,
    /// As long as `bins`; none is 0.
    counts: Vec<u32>,
}

sound!(BinCounts);

impl BinCounts {
    fn is_sound(&self) -> bool {
        self.bins.len() == self.counts.len()
            && self.bins.is_sorted_by(|one, next| one < next)
            && self.bins.last().is_none_or(|last| usize::from(*last) < LogBin::COUNT)
    }

    /// Adds calls to a bin. A bin holds at most `u32::MAX` of them.
    pub(crate) fn add(&mut self, bin: u16, count: u32) {
        if count == 0 {
            return;
        }
        match self.bins.binary_search(&bin) {
            Ok(at) => {
                self.counts[at] = self.counts[at].saturating_add(count);
            }
            Err(at) => {
                self.make_room();
                self.bins.insert(at, bin);
                self.counts.insert(at, count);
            }
        }
    }

    /// Room for a few bins more: doubling would waste what the learner has little of.
    fn make_room(&mut self) {
        const MORE: usize = 16;
        if self.bins.len() == self.bins.capacity() {
            self.bins.reserve_exact(MORE);
            self.counts.reserve_exact(MORE);
        }
    }

    /// Adds all calls of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (bin, count) in other.iter() {
            self.add(bin, count);
        }
    }

    /// Takes away `count` calls from the bins `low..low + width`, from each its share of them, as
    /// far as they hold so many.
    ///
    /// Which of these bins the calls had been in is not known. What is rounded is rounded such
    /// that the total is exact.
    pub(crate) fn take(&mut self, low: u16, width: u16, count: u32) {
        let from = self.bins.partition_point(|bin| *bin < low);
        let to =
            self.bins.partition_point(|bin| u32::from(*bin) < u32::from(low) + u32::from(width));
        let mut there: u64 = self.counts[from..to].iter().map(|count| u64::from(*count)).sum();
        let mut left = u64::from(count).min(there);
        for count in &mut self.counts[from..to] {
            if left == 0 {
                break;
            }
            // What is left never exceeds what is there, so the last bin takes all of the rest.
            let share = (left * u64::from(*count)).div_ceil(there);
            there -= u64::from(*count);
            *count -= share as u32;
            left -= share;
        }
    }

    /// Forgets the bins that [`BinCounts::take`] left empty.
    pub(crate) fn tidy(&mut self) {
        let mut kept = self.counts.iter();
        self.bins.retain(|_| kept.next().is_some_and(|count| *count > 0));
        self.counts.retain(|count| *count > 0);
    }

    /// Forgets everything but the memory it has.
    pub(crate) fn clear(&mut self) {
        self.bins.clear();
        self.counts.clear();
    }

    /// Bin and count of every bin that holds something, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, u32)> {
        self.bins.iter().copied().zip(self.counts.iter().copied()).filter(|(_, count)| *count > 0)
    }

    /// The memory it has taken, in bytes, beside its own fields.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.bins.capacity() * size_of::<u16>() + self.counts.capacity() * size_of::<u32>()
    }
}

impl FromIterator<(u16, u32)> for BinCounts {
    fn from_iter<I: IntoIterator<Item = (u16, u32)>>(calls: I) -> Self {
        let mut counts = Self::default();
        for (bin, count) in calls {
            counts.add(bin, count);
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(counts: &BinCounts) -> u64 {
        counts.iter().map(|(_, count)| u64::from(count)).sum()
    }

    #[test]
    fn bins_come_out_in_order_whatever_order_they_came_in() {
        let counts: BinCounts = [(7, 1), (3, 2), (9, 4), (3, 5), (8, 0)].into_iter().collect();
        assert_eq!(counts.iter().collect::<Vec<_>>(), [(3, 7), (7, 1), (9, 4)]);
        assert_eq!(total(&counts), 12);
    }

    #[test]
    fn a_full_bin_stays_full() {
        let counts: BinCounts = [(1, u32::MAX), (1, 5)].into_iter().collect();
        assert_eq!(counts.iter().collect::<Vec<_>>(), [(1, u32::MAX)]);
        assert_eq!(total(&counts), u64::from(u32::MAX));
    }

    #[test]
    fn what_is_taken_is_taken_in_proportion_and_to_the_last_call() {
        let mut counts: BinCounts =
            [(3, 1), (4, 60), (5, 30), (6, 9), (8, 50)].into_iter().collect();
        counts.take(4, 4, 33);
        counts.tidy();
        assert_eq!(total(&counts), 150 - 33);
        assert_eq!(counts.iter().collect::<Vec<_>>(), [(3, 1), (4, 40), (5, 20), (6, 6), (8, 50)]);
        counts.take(4, 4, 1_000);
        counts.tidy();
        assert_eq!(counts.iter().collect::<Vec<_>>(), [(3, 1), (8, 50)]);
        assert_eq!(total(&counts), 51);
    }
}
