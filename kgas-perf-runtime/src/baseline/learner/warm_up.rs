//! Warm-up: the oldest calls, while they are not yet as the later ones are.

use crate::baseline::learner::blocks::Block;
use crate::baseline::learner::inflation::{Sum, each_about_its_mean, inflation, mean, oldest};
use crate::baseline::learner::pool::Pool;

/// Where the warm-up ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    /// Blocks to drop, the oldest.
    pub(crate) dropped: usize,
    /// Whether what remains looks the same throughout.
    pub(crate) steady: bool,
}

/// Drops the oldest quarter of the calls for as long as it ranks differently from the newest half
/// (Mann and Whitney's statistic, with the variance inflation of the ranks), and no further than
/// `fewest` calls. Differences of mean ranks, as shares of all, of less than `matters` are let
/// be. Blocks that are `removed` are passed over.
pub(crate) fn settle(blocks: &[Block], removed: &[bool], fewest: f64, matters: f64) -> Settled {
    let mut dropped = 0;
    loop {
        let left: Vec<usize> =
            (dropped..blocks.len()).filter(|at| !removed[*at] && blocks[*at].calls > 0).collect();
        let left_blocks: Vec<&Block> = left.iter().map(|at| &blocks[*at]).collect();
        let Some(quarter) = unlike(&left_blocks, matters) else {
            return Settled { dropped, steady: true };
        };
        let calls: u64 = left[quarter..].iter().map(|at| blocks[*at].calls).sum();
        if (calls as f64) < fewest || left.len() - quarter < FEWEST {
            return Settled { dropped, steady: false };
        }
        dropped = left[quarter];
    }
}

/// Fewer blocks are no time to tell old from new in.
const FEWEST: usize = 8;

/// How many of the blocks are the oldest quarter, if it ranks differently from the newest half.
fn unlike(blocks: &[&Block], matters: f64) -> Option<usize> {
    /// Standard errors between them, beyond chance.
    const BEYOND_CHANCE: f64 = 2.5;
    if blocks.len() < FEWEST {
        return None;
    }
    let pool = Pool::of(blocks.iter().copied());
    let variance = pool.score_variance();
    let sums: Vec<Sum> = blocks.iter().map(|block| pool.scores(block)).collect();
    let (quarter, half) = (oldest(&sums, 0.25).max(1), oldest(&sums, 0.5).max(1));
    let (old, between, new) = (&sums[..quarter], &sums[quarter..half], &sums[half..]);
    // Neither the difference itself nor a warm-up that ends among the old ones may count as
    // variance.
    let within = [each_about_its_mean(&[old, between, new]), each_about_its_mean(&[between, new])];
    let inflation = within.iter().map(|sums| inflation(sums, variance)).fold(f64::MAX, f64::min);
    let calls = |part: &[Sum]| part.iter().map(|block| block.calls).sum::<f64>();
    let chance = variance * inflation * (1.0 / calls(old) + 1.0 / calls(new).max(1.0));
    let difference = (mean(old) - mean(new)).abs();
    (difference > matters.max(BEYOND_CHANCE * chance.sqrt())).then_some(quarter)
}

#[cfg(test)]
mod tests {
    use crate::baseline::learner::tests::streams::Random;

    use super::*;

    /// 64 blocks of 15 log-normal .3 calls, each slower by a factor that depends on the block.
    fn blocks(seed: u64, factor: impl Fn(f64) -> f64) -> Vec<Block> {
        let mut random = Random::new(seed);
        (0..64)
            .map(|block| {
                let ln = 16.0 + factor(f64::from(block)).ln();
                let mut bins: Vec<(u16, u32)> =
                    (0..15).map(|_| (((ln + 0.3 * random.normal()) / 0.02) as u16, 1)).collect();
                bins.sort_unstable();
                Block::of(bins.into_iter(), 0, 0)
            })
            .collect()
    }

    fn settled(seed: u64, factor: impl Fn(f64) -> f64) -> Settled {
        settle(&blocks(seed, factor), &[false; 64], 100.0, 0.01)
    }

    #[test]
    fn a_warm_up_is_dropped_and_what_remains_is_steady() {
        for seed in 0..20 {
            let found = settled(seed, |block| 1.0 + 2.0 * (-block / 6.0).exp());
            assert!((16..=40).contains(&found.dropped) && found.steady, "{seed}: {found:?}");
        }
    }

    #[test]
    fn a_step_is_dropped_to_its_end() {
        let found = settled(1, |block| if block < 20.0 { 2.0 } else { 1.0 });
        assert!((20..=37).contains(&found.dropped) && found.steady, "{found:?}");
    }

    #[test]
    fn a_steady_stream_loses_nothing_but_by_chance() {
        let dropped = (0..100).filter(|seed| settled(*seed, |_| 1.0).dropped > 0).count();
        assert!(dropped <= 5, "{dropped} of 100");
    }

    #[test]
    fn what_grows_to_the_end_is_never_steady() {
        for seed in 0..10 {
            let found = settled(seed, |block| (block / 8.0).exp());
            assert!(!found.steady, "{seed}: {found:?}");
        }
    }

    #[test]
    fn too_little_to_compare_is_left_as_it_is() {
        let left = Settled { dropped: 0, steady: true };
        assert_eq!(settle(&[], &[], 100.0, 0.0), left);
        assert_eq!(settle(&blocks(1, |_| 1.0)[..7], &[false; 7], 100.0, 0.0), left);
    }
}
