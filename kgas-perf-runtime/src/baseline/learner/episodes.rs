//! Episodes: short stretches of time that are no part of what is normal.
//!
//! Only whole blocks are removed, never single calls: what cuts off the largest values cuts off
//! the tail, which is what a baseline is asked about most.

use crate::baseline::learner::blocks::Block;
use crate::baseline::learner::inflation::{Sum, inflation, mean};
use crate::baseline::learner::pool::Pool;

/// A stretch is an episode if chance makes one like it once in a million times, at most:
/// `exp(-13.8)`.
const ONCE_IN_A_MILLION: f64 = 13.8;

/// What happens more often than this while a baseline is learned belongs to the operation: once
/// is an accident, twice may be a garbage collection.
const MOST_EPISODES: usize = 1;

/// What takes a larger share of the calls than this belongs to the operation.
const LARGEST_SHARE: f64 = 0.10;

/// A block is elevated if more than this share of its calls is above the p95 of all.
const ELEVATED: f64 = 0.30;

/// Which blocks belong to episodes, and how many episodes these are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Episodes {
    /// For each block, whether it is to be removed.
    pub(crate) removed: Vec<bool>,
    /// Stretches of removed blocks.
    pub(crate) count: usize,
}

impl Episodes {
    /// Looks for episodes, the most striking first, until none is left.
    pub(crate) fn of(blocks: &[Block]) -> Self {
        let none = Self { removed: vec![false; blocks.len()], count: 0 };
        let calls: u64 = blocks.iter().map(|block| block.calls).sum();
        let mut found = none.clone();
        loop {
            let left = Left { blocks, removed: &found.removed };
            let pool = Pool::of(left.iter());
            let Some((from, to)) = left.by_tail(&pool).or_else(|| left.by_median(&pool)) else {
                return found;
            };
            found.removed[from..to].fill(true);
            let removed = blocks.iter().zip(&found.removed).filter(|(_, removed)| **removed);
            let share = removed.map(|(block, _)| block.calls).sum::<u64>() as f64 / calls as f64;
            found.count =
                found.removed.chunk_by(|one, next| one == next).filter(|run| run[0]).count();
            if share > LARGEST_SHARE || found.count > MOST_EPISODES {
                return none;
            }
        }
    }
}

/// The blocks that are left.
struct Left<'a> {
    blocks: &'a [Block],
    removed: &'a [bool],
}

impl Left<'_> {
    fn iter(&self) -> impl Iterator<Item = &Block> + Clone {
        self.blocks
            .iter()
            .zip(self.removed)
            .filter(|(_, removed)| !**removed)
            .map(|(block, _)| block)
    }

    /// The stretch in which calls above the p95 of all are most surely too many: from one block to
    /// before another.
    fn by_tail(&self, pool: &Pool) -> Option<(usize, usize)> {
        let p95 = pool.quantile(0.95);
        // As if there were half a call more, where p95 is the longest of all.
        let expected = pool.share_above(p95).max(0.5 / pool.calls().max(1.0));
        let sums: Vec<Sum> = self.blocks.iter().map(|block| above(block, p95)).collect();
        let (surprise, from, to) = self.most_surprising(&sums, expected, pool.calls())?;
        // Calls that resemble each other make such stretches by chance; how much they do is seen
        // in the others.
        let outside = |at: &usize| !self.removed[*at] && !(from..to).contains(at);
        let others: Vec<Sum> = (0..sums.len()).filter(outside).map(|at| sums[at]).collect();
        let share = mean(&others);
        if surprise / inflation(&others, share * (1.0 - share)) < ONCE_IN_A_MILLION {
            return None;
        }
        let elevated =
            |at: &usize| !self.removed[*at] && sums[*at].sum > ELEVATED * sums[*at].calls;
        let before = (0..from).rev().take_while(elevated).count();
        let behind = (to..sums.len()).take_while(elevated).count();
        Some((from - before, to + behind))
    }

    /// Of all stretches that are elevated, and not too long for an episode, the one with the
    /// lowest bound of its probability.
    fn most_surprising(
        &self,
        sums: &[Sum],
        expected: f64,
        calls: f64,
    ) -> Option<(f64, usize, usize)> {
        let mut most: Option<(f64, usize, usize)> = None;
        for from in 0..sums.len() {
            let mut stretch = Sum::default();
            for (to, block) in sums.iter().enumerate().skip(from) {
                stretch.calls += block.calls;
                stretch.sum += block.sum;
                let too_long = to > from && stretch.calls > LARGEST_SHARE * calls;
                if self.removed[to] || too_long {
                    break;
                }
                let seen = stretch.sum / stretch.calls.max(1.0);
                let surprise = stretch.calls * divergence(seen, expected);
                if seen > ELEVATED && most.is_none_or(|most| surprise > most.0) {
                    most = Some((surprise, from, to + 1));
                }
            }
        }
        most.filter(|most| most.0 >= ONCE_IN_A_MILLION)
    }

    /// The stretch with the highest median, if it is far above the medians of the others.
    fn by_median(&self, pool: &Pool) -> Option<(usize, usize)> {
        /// Calls that a median is taken of, on average.
        const CALLS: f64 = 8.0;
        /// Fewer stretches do not tell what is far.
        const FEWEST: usize = 10;
        /// Median absolute deviations that are far. One is at least a bin.
        const FAR: f64 = 6.0;
        let a_block = pool.calls() / self.iter().count().max(1) as f64;
        let together =
            (CALLS / a_block.max(1e-9)).ceil().clamp(1.0, self.blocks.len().max(1) as f64);
        let together = together as usize;
        let mut medians: Vec<(f64, f64, usize)> = Vec::new();
        for (at, stretch) in self.blocks.chunks(together).enumerate() {
            let from = at * together;
            let calls = stretch.iter().map(|block| block.calls).sum::<u64>() as f64;
            if calls >= CALLS / 2.0 && !self.removed[from..from + stretch.len()].contains(&true) {
                medians.push((f64::from(median_bin(stretch)), calls, from));
            }
        }
        if medians.len() < FEWEST {
            return None;
        }
        let middle = median(medians.iter().map(|(median, ..)| *median));
        let deviation = median(medians.iter().map(|(median, ..)| (median - middle).abs()));
        let (highest, calls, from) = medians.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        // A median of a few calls may be a single long one: half of them must be too many there.
        let expected = pool.share_above((highest as u16).saturating_sub(1));
        let sure = calls * divergence(0.5, expected) >= ONCE_IN_A_MILLION;
        let far = highest - middle >= FAR * deviation.max(1.0);
        (far && sure).then(|| (from, (from + together).min(self.blocks.len())))
    }
}

/// A block's calls, and how many of them are above a bin.
fn above(block: &Block, bin: u16) -> Sum {
    let from = block.bins.partition_point(|(of, _)| *of <= bin);
    let above: u64 = block.bins[from..].iter().map(|(_, count)| u64::from(*count)).sum();
    Sum { calls: block.calls as f64, sum: above as f64 }
}

/// The divergence of Kullback and Leibler between a seen and an expected share, 0 if it is not
/// more than expected. Of `n` calls a share of at least `seen` comes by chance with a probability
/// of at most `exp(-n divergence)` (Chernoff, Annals of Mathematical Statistics 23 (1952), 493-507).
fn divergence(seen: f64, expected: f64) -> f64 {
    let expected = expected.clamp(1e-12, 1.0 - 1e-12);
    if seen <= expected {
        return 0.0;
    }
    let others =
        if seen < 1.0 { (1.0 - seen) * ((1.0 - seen) / (1.0 - expected)).ln() } else { 0.0 };
    seen * (seen / expected).ln() + others
}

/// The bin in which half of the calls of some blocks are reached.
fn median_bin(blocks: &[Block]) -> u16 {
    let mut bins: Vec<(u16, u32)> = blocks.iter().flat_map(|block| &block.bins).copied().collect();
    bins.sort_unstable();
    let calls: u64 = blocks.iter().map(|block| block.calls).sum();
    let mut up_to = 0;
    let half = bins.iter().find(|(_, count)| {
        up_to += u64::from(*count);
        2 * up_to >= calls
    });
    half.map_or(0, |(bin, _)| *bin)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use crate::baseline::learner::tests::streams::Random;

    use super::*;

    const BIN: f64 = 0.02;

    /// Blocks of log-normal .4 calls; `factor` says how slow a call of a block is.
    fn blocks(
        count: usize,
        calls: usize,
        seed: u64,
        factor: impl Fn(usize, &mut Random) -> f64,
    ) -> Vec<Block> {
        let mut random = Random::new(seed);
        (0..count)
            .map(|block| {
                let mut bins: Vec<(u16, u32)> = (0..calls)
                    .map(|_| {
                        let ln = 16.0 + 0.4 * random.normal() + factor(block, &mut random).ln();
                        ((ln / BIN) as u16, 1)
                    })
                    .collect();
                bins.sort_unstable();
                Block::of(bins.into_iter(), 0, 0)
            })
            .collect()
    }

    fn removed(blocks: &[Block]) -> Vec<usize> {
        let removed = Episodes::of(blocks).removed;
        (0..blocks.len()).filter(|at| removed[*at]).collect()
    }

    #[test]
    fn an_episode_is_removed_whole_and_nothing_else() {
        for seed in 0..20 {
            let slow = |block, _: &mut Random| if (20..22).contains(&block) { 10.0 } else { 1.0 };
            let blocks = blocks(50, 20, seed, slow);
            assert_eq!(removed(&blocks), [20, 21], "{seed}");
            assert_eq!(Episodes::of(&blocks).count, 1);
        }
    }

    #[test]
    fn a_lasting_slowness_that_few_calls_show_is_seen_in_the_median() {
        // Half as long again: only every fourth call is above the p95 of all.
        let slow = |block, _: &mut Random| if block == 7 { 1.5 } else { 1.0 };
        assert_eq!(removed(&blocks(50, 2_000, 1, slow)), [7]);
    }

    #[test]
    fn independent_calls_have_no_episodes() {
        for seed in 0..50 {
            assert_eq!(removed(&blocks(60, 10, seed, |_, _| 1.0)), [0; 0], "{seed}");
        }
    }

    #[test]
    fn single_freaks_are_no_episodes() {
        for (seed, calls) in [(1, 2), (2, 20), (3, 200)] {
            let mut blocks = blocks(60, calls, seed, |_, _| 1.0);
            for block in [5, 30, 31] {
                blocks[block].bins.push((1_200, 1));
                blocks[block].calls += 1;
            }
            assert_eq!(removed(&blocks), [0; 0], "{calls} calls a block");
        }
    }

    #[test]
    fn misses_of_a_cache_are_no_episodes() {
        for seed in 0..20 {
            let missed = |_, random: &mut Random| if random.uniform() < 0.3 { 12.0 } else { 1.0 };
            assert_eq!(removed(&blocks(60, 12, seed, missed)), [0; 0], "{seed}");
        }
    }

    #[test]
    fn what_happens_again_and_again_belongs_to_the_operation() {
        let slow = |block: usize, _: &mut Random| if block % 12 == 5 { 10.0 } else { 1.0 };
        assert_eq!(removed(&blocks(60, 20, 1, slow)), [0; 0], "five times");
        let slow = |block: usize, _: &mut Random| if block % 40 == 5 { 10.0 } else { 1.0 };
        assert_eq!(removed(&blocks(60, 20, 1, slow)), [0; 0], "twice");
        assert_eq!(removed(&blocks(40, 20, 1, slow)), [5], "once");
        let slow = |block: usize, _: &mut Random| if block < 12 { 10.0 } else { 1.0 };
        assert_eq!(removed(&blocks(60, 20, 1, slow)), [0; 0], "a fifth of the time");
    }

    #[test]
    fn the_divergence_bounds_the_binomial_tail() {
        // P(B >= 5), B ~ Binomial(5, 0.05), is 0.05^5, which the bound meets.
        assert!(((-5.0 * divergence(1.0, 0.05)).exp() / 0.05_f64.powi(5) - 1.0).abs() < 1e-9);
        // P(B >= 15), B ~ Binomial(20, 0.5), is 0.0207.
        assert!((-20.0 * divergence(0.75, 0.5)).exp() > 0.0207);
        assert_eq!(divergence(0.1, 0.2), 0.0);
    }

    #[test]
    fn without_blocks_or_calls_there_is_nothing_to_remove() {
        assert_eq!(Episodes::of(&[]), Episodes::default());
        assert_eq!(removed(&vec![Block::default(); 20]), [0; 0]);
    }
}
