//! `Pool`: the calls of several blocks together, by coarse bin.

use crate::baseline::learner::blocks::Block;
use crate::baseline::learner::inflation::Sum;

/// How many calls of some blocks lie up to each coarse bin.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    /// The first bin that holds a call.
    lowest: u16,
    /// Calls up to each bin from there on, its own included.
    up_to: Vec<f64>,
}

impl Pool {
    pub(crate) fn of<'a>(blocks: impl Iterator<Item = &'a Block> + Clone) -> Self {
        let ends = |block: &'a Block| Some((block.bins.first()?.0, block.bins.last()?.0));
        let lowest = blocks.clone().filter_map(|block| Some(ends(block)?.0)).min().unwrap_or(0);
        let highest = blocks.clone().filter_map(|block| Some(ends(block)?.1)).max().unwrap_or(0);
        let mut up_to = vec![0.0; usize::from(highest - lowest) + 1];
        for (bin, count) in blocks.flat_map(|block| &block.bins) {
            up_to[usize::from(bin - lowest)] += f64::from(*count);
        }
        let mut total = 0.0;
        for count in &mut up_to {
            total += *count;
            *count = total;
        }
        Self { lowest, up_to }
    }

    pub(crate) fn calls(&self) -> f64 {
        self.up_to.last().copied().unwrap_or(0.0)
    }

    /// Calls up to a bin, its own included.
    fn up_to(&self, bin: u16) -> f64 {
        match bin.checked_sub(self.lowest) {
            None => 0.0,
            Some(at) => self.up_to.get(usize::from(at)).copied().unwrap_or_else(|| self.calls()),
        }
    }

    /// The bin in which a quantile lies.
    pub(crate) fn quantile(&self, quantile: f64) -> u16 {
        let at = self.up_to.partition_point(|up_to| *up_to < quantile * self.calls());
        self.lowest + at.min(self.up_to.len() - 1) as u16
    }

    /// The share of calls above a bin.
    pub(crate) fn share_above(&self, bin: u16) -> f64 {
        1.0 - self.up_to(bin) / self.calls().max(1.0)
    }

    /// The bin whose upper end parts the calls most nearly as a quantile does, and the share of
    /// calls up to it: above 0 and below 1. `None` if all calls lie in one bin.
    pub(crate) fn edge(&self, quantile: f64) -> Option<(u16, f64)> {
        let shares = self.up_to.iter().map(|up_to| up_to / self.calls());
        (self.lowest..).zip(shares).filter(|(_, share)| *share > 0.0 && *share < 1.0).min_by(
            |(_, one), (_, other)| (one - quantile).abs().total_cmp(&(other - quantile).abs()),
        )
    }

    /// The middle rank of the calls in a bin, as a share of all, less a half.
    fn score(&self, bin: u16) -> f64 {
        let before = bin.checked_sub(1).map_or(0.0, |before| self.up_to(before));
        f64::midpoint(before, self.up_to(bin)) / self.calls() - 0.5
    }

    /// The variance of the scores of all calls: 1/12 without ties.
    pub(crate) fn score_variance(&self) -> f64 {
        let mut before = 0.0;
        let mut squares = 0.0;
        for (bin, up_to) in (self.lowest..).zip(&self.up_to) {
            squares += (up_to - before) * self.score(bin).powi(2);
            before = *up_to;
        }
        squares / self.calls().max(1.0)
    }

    /// The sum of the scores of a block's calls.
    pub(crate) fn scores(&self, block: &Block) -> Sum {
        let scores = block.bins.iter().map(|(bin, count)| self.score(*bin) * f64::from(*count));
        Sum { calls: block.calls as f64, sum: scores.sum() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(bins: &[(u16, u32)]) -> (Pool, Block) {
        let block = Block::of(bins.iter().copied(), 0, 0);
        (Pool::of([&block].into_iter()), block)
    }

    #[test]
    fn quantiles_and_shares_are_those_of_the_counts() {
        let (pool, _) = pool(&[(10, 50), (12, 40), (13, 10)]);
        assert_eq!(pool.calls(), 100.0);
        assert_eq!(
            [0.0, 0.5, 0.51, 0.9, 0.91, 1.0].map(|q| pool.quantile(q)),
            [10, 10, 12, 12, 13, 13]
        );
        assert_eq!(
            [9, 10, 11, 12, 13, 99].map(|bin| pool.share_above(bin)).map(|s| (s * 100.0).round()),
            [100.0, 50.0, 50.0, 10.0, 0.0, 0.0]
        );
    }

    #[test]
    fn an_edge_never_has_all_calls_on_one_side() {
        let (pool, _) = pool(&[(10, 50), (12, 40), (13, 10)]);
        assert_eq!(pool.edge(0.99), Some((12, 0.9)));
        assert_eq!(pool.edge(0.5), Some((10, 0.5)));
        assert_eq!(super::tests::pool(&[(7, 1_000)]).0.edge(0.5), None);
    }

    #[test]
    fn scores_of_all_calls_add_up_to_nothing_and_vary_like_a_uniform() {
        let bins: Vec<(u16, u32)> = (100..300).map(|bin| (bin, 5)).collect();
        let (pool, block) = pool(&bins);
        assert!(pool.scores(&block).sum.abs() < 1e-9);
        assert!((pool.score_variance() * 12.0 - 1.0).abs() < 1e-4, "{}", pool.score_variance());
    }
}
