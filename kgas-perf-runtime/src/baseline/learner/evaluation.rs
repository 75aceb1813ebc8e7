//! `Evaluation`: one look at everything that was learned.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::baseline::learner::MOST;
use crate::baseline::learner::blocks::{Block, Blocks};
use crate::baseline::learner::confidence::{TOLERANCES, order_statistic, window};
use crate::baseline::learner::counts::BinCounts;
use crate::baseline::learner::episodes::Episodes;
use crate::baseline::learner::forecast::calls_needed;
use crate::baseline::learner::inflation::{FEWEST, Sum, inflation};
use crate::baseline::learner::pool::Pool;
use crate::baseline::learner::shape::{Shape, duration_ns};
use crate::baseline::learner::trend::shift;
use crate::baseline::learner::warm_up::settle;
use crate::baseline::learner::wobble;
use crate::baseline::{Baseline, ENOUGH, LeftOut, Provenance};
use crate::catalog::SizeClass;

/// What is looked at.
pub(crate) struct Evidence<'a> {
    /// Blocks that are over.
    pub(crate) blocks: &'a Blocks,
    /// Their calls, by bin of the grid.
    pub(crate) all: &'a BinCounts,
    /// Calls of the block that is not over, its errors, and the seconds it has lasted.
    pub(crate) open: (&'a BinCounts, u32, u64),
    /// Calls that were dropped for good as warm-up.
    pub(crate) forgotten: u64,
}

/// What a look found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Evaluation {
    /// Calls that were kept.
    pub(crate) calls: u64,
    /// Calls removed as episodes, and how many episodes these were.
    pub(crate) removed: u64,
    pub(crate) episodes: usize,
    /// Calls dropped as warm-up, and the oldest blocks that hold them.
    pub(crate) warm_up: u64,
    pub(crate) warm_up_blocks: usize,
    /// p50, p95 and p99, in nanoseconds.
    pub(crate) quantiles_ns: [f64; 3],
    pub(crate) mean_ns: f64,
    pub(crate) std_dev_ns: f64,
    /// That the quantiles are within their tolerances of the truth.
    pub(crate) confidence: f64,
    /// Whether what was kept looks the same throughout.
    pub(crate) steady: bool,
    /// Seconds that were kept, and those still missing.
    pub(crate) seconds: u64,
    pub(crate) seconds_to_go: u64,
    /// Calls it is likely to take beyond those that were kept.
    pub(crate) calls_to_go: u64,
    /// Failed calls, in the time that was kept.
    pub(crate) errors: u64,
}

/// A baseline is learned from at least this many seconds...
const SECONDS: u64 = 60;
/// ...in this many stretches of this many seconds in which something was called.
const STRETCHES: (usize, u64) = (10, 6);

/// Being steady cannot be told from less than this many times the warm-up before.
const LONGER_THAN_WARM_UP: u64 = 2;

impl Evaluation {
    /// # Errors
    /// With the number of calls that are kept, if they are fewer than [`ENOUGH`].
    pub(crate) fn of(evidence: &Evidence<'_>) -> Result<Self, u64> {
        let (open, open_errors, open_seconds) = evidence.open;
        let mut blocks: Vec<Block> = evidence.blocks.iter().collect();
        blocks.push(evidence.blocks.block(open, open_errors));
        let over = blocks.len() - 1;

        let mut episodes = Episodes::of(&blocks);
        let matters = Self::matters(&Self::without(evidence, &[], |_| true));
        let settled = settle(&blocks[..over], &episodes.removed[..over], ENOUGH as f64, matters);
        if settled.dropped > 0 {
            episodes = Episodes::of(&blocks[settled.dropped..]);
            episodes.removed.splice(0..0, std::iter::repeat_n(false, settled.dropped));
        }
        let is_kept = |at: &usize| *at >= settled.dropped && !episodes.removed[*at];
        let kept: Vec<&Block> = (0..over).filter(is_kept).map(|at| &blocks[at]).collect();

        let shape = Shape::of(&Self::without(evidence, &blocks, is_kept));
        let calls = shape.total() as u64;
        if calls < ENOUGH {
            return Err(calls);
        }
        let warm_up = evidence.forgotten + Self::calls(&blocks[..settled.dropped]);
        let gone = (settled.dropped..=over).filter(|at| !is_kept(at));
        let (inflations, confidences) =
            Self::confidences(&shape, &kept, kept.len() as f64 * evidence.blocks.seconds() as f64);
        let seconds = kept.len() as u64 * evidence.blocks.seconds()
            + if is_kept(&over) { open_seconds } else { 0 };
        let quantiles_ns = TOLERANCES.map(|(quantile, _)| duration_ns(shape.quantile(quantile)));
        /// For mean and standard deviation, durations are capped at so many p99.
        const CAP: f64 = 5.0;
        let (mean_ns, std_dev_ns) = shape.moments(CAP * quantiles_ns[2]);
        let needed =
            calls_needed(&shape, inflations, calls as f64 / seconds.max(1) as f64).min(1e15) as u64;
        Ok(Self {
            calls,
            removed: gone.map(|at| blocks[at].calls).sum(),
            episodes: episodes.count,
            warm_up,
            warm_up_blocks: settled.dropped,
            quantiles_ns,
            mean_ns,
            std_dev_ns,
            confidence: confidences.into_iter().fold(1.0, f64::min),
            steady: settled.steady && calls >= LONGER_THAN_WARM_UP * warm_up,
            seconds,
            seconds_to_go: Self::seconds_to_go(&kept, seconds, evidence.blocks.seconds()),
            calls_to_go: needed.saturating_sub(calls),
            errors: (0..=over).filter(is_kept).map(|at| u64::from(blocks[at].errors)).sum(),
        })
    }

    /// Whether what was read back can have been found.
    pub(crate) fn is_sound(&self) -> bool {
        let numbers = [
            self.calls,
            self.removed,
            self.warm_up,
            self.warm_up_blocks as u64,
            self.seconds,
            self.seconds_to_go,
            self.calls_to_go,
            self.errors,
        ];
        let durations = [self.mean_ns, self.std_dev_ns].into_iter().chain(self.quantiles_ns);
        numbers.into_iter().all(|number| number <= MOST)
            && durations.chain([self.confidence]).all(f64::is_finite)
    }

    /// The confidence that may be told: what lacks time or steadiness is not believed, whatever its
    /// calls say.
    pub(crate) fn confidence_told(&self) -> f64 {
        const UNTIL_THEN: f64 = 0.94;
        let believed = self.steady && self.seconds_to_go == 0;
        if believed { self.confidence } else { self.confidence.min(UNTIL_THEN) }
    }

    /// What was found, as a baseline.
    pub(crate) fn baseline(
        &self,
        operation: &str,
        size_class: SizeClass,
        now: Duration,
    ) -> Baseline {
        let [p50, p95, p99] = self.quantiles_ns.map(duration);
        let ended = (self.calls + self.errors) as f64;
        let after_warm_up = self.calls + self.removed;
        Baseline {
            operation: operation.to_owned(),
            size_class,
            version: 0,
            provenance: Provenance::Learned,
            environment: None,
            count: self.calls,
            p50,
            p95,
            p99,
            mean: duration(self.mean_ns),
            std_dev: duration(self.std_dev_ns),
            confidence: Some(self.confidence_told()),
            error_rate: Some(self.errors as f64 / ended),
            calls_per_second: Some(ended / self.seconds.max(1) as f64),
            memory_growth: None,
            left_out: Some(LeftOut {
                removed: self.removed as f64 / after_warm_up as f64,
                episodes: self.episodes as u32,
                warm_up: self.warm_up,
            }),
            learned_over: Some(Duration::from_secs(self.seconds)),
            learned: now,
        }
    }

    fn calls(blocks: &[Block]) -> u64 {
        blocks.iter().map(|block| block.calls).sum()
    }

    /// The difference of mean ranks that matters to a median: that of a shift by a fifth of its
    /// tolerance, about.
    fn matters(calls: &BinCounts) -> f64 {
        const PART: f64 = 0.15;
        let (quantile, tolerance) = TOLERANCES[0];
        let (below, up_to) = window(&Shape::of(calls), quantile, tolerance);
        PART * (up_to - below) / 2.0
    }

    /// All calls but those of blocks that are not kept.
    fn without(
        evidence: &Evidence<'_>,
        blocks: &[Block],
        is_kept: impl Fn(&usize) -> bool,
    ) -> BinCounts {
        let mut calls = evidence.all.clone();
        calls.merge(evidence.open.0);
        let width = evidence.blocks.bin_width();
        for at in (0..blocks.len()).filter(|at| !is_kept(at)) {
            for (bin, count) in &blocks[at].bins {
                calls.take(bin * width, width, *count);
            }
        }
        calls.tidy();
        calls
    }

    /// For each quantile, the variance inflation, without the wobble that is taken for granted, and
    /// the confidence.
    fn confidences(shape: &Shape, kept: &[&Block], seconds: f64) -> ([f64; 3], [f64; 3]) {
        let pool = Pool::of(kept.iter().copied());
        let calls = shape.total();
        let mut inflations = [1.0; 3];
        let mut confidences = [0.0; 3];
        for (at, (quantile, tolerance)) in TOLERANCES.into_iter().enumerate() {
            let (mut below, mut up_to) = window(shape, quantile, tolerance);
            if let Some((bin, share)) = pool.edge(quantile) {
                let variance = share * (1.0 - share);
                let sums: Vec<Sum> = kept.iter().map(|block| up_to_bin(block, bin)).collect();
                let shift = shift(&sums, variance);
                (below, up_to) = (below + shift, up_to + shift);
                inflations[at] = inflation(&sums, variance);
            }
            let mut unseen = 0.0;
            if at == 0 {
                let scores: Vec<Sum> = kept.iter().map(|block| pool.scores(block)).collect();
                let of_ranks = inflation(&scores, pool.score_variance());
                inflations[at] = inflations[at].max(wobble::of_median(of_ranks));
                unseen = wobble::unseen(calls, seconds, (up_to - below) / width_of(tolerance));
            }
            let independent = calls / (inflations[at] + unseen);
            confidences[at] = order_statistic(independent, quantile, (below, up_to));
        }
        (inflations, confidences)
    }

    fn seconds_to_go(kept: &[&Block], seconds: u64, each: u64) -> u64 {
        let (most, long) = STRETCHES;
        let together = long.div_ceil(each) as usize;
        let stretches = kept
            .chunks_exact(together)
            .filter(|stretch| stretch.iter().any(|block| block.calls > 0))
            .count();
        let blocks = FEWEST.saturating_sub(kept.len()) as u64 * each;
        let called = most.saturating_sub(stretches) as u64 * together as u64 * each;
        SECONDS.saturating_sub(seconds).max(blocks).max(called)
    }
}

fn duration(ns: f64) -> Duration {
    Duration::from_nanos(ns.round() as u64)
}

/// A block's calls, and how many of them are no longer than a bin.
fn up_to_bin(block: &Block, bin: u16) -> Sum {
    let to = block.bins.partition_point(|(of, _)| *of <= bin);
    let sum = block.bins[..to].iter().map(|(_, count)| f64::from(*count)).sum();
    Sum { calls: block.calls as f64, sum }
}

/// The width of a tolerance to both sides, in natural logarithms.
fn width_of(tolerance: f64) -> f64 {
    ((1.0 + tolerance) / (1.0 - tolerance)).ln()
}
