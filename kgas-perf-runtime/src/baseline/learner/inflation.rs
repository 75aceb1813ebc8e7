//! How much less a call says because it resembles the calls before it.

/// One block's calls, and the sum over them of what is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sum {
    pub(crate) calls: f64,
    pub(crate) sum: f64,
}

/// Fewer blocks say nothing about how calls resemble each other.
pub(crate) const FEWEST: usize = 10;

/// The mean over the calls of some blocks.
pub(crate) fn mean(sums: &[Sum]) -> f64 {
    let calls: f64 = sums.iter().map(|block| block.calls).sum();
    sums.iter().map(|block| block.sum).sum::<f64>() / calls.max(1.0)
}

/// How many of the oldest blocks together hold no more than a share of the calls.
pub(crate) fn oldest(sums: &[Sum], share: f64) -> usize {
    let calls: f64 = sums.iter().map(|block| block.calls).sum();
    let mut before = 0.0;
    let within = |block: &&Sum| {
        before += block.calls;
        before <= share * calls + 1e-9
    };
    sums.iter().take_while(within).count()
}

/// The blocks of several stretches of time, each about the mean of its own stretch: what differs
/// between stretches no longer counts as variance.
pub(crate) fn each_about_its_mean(stretches: &[&[Sum]]) -> Vec<Sum> {
    let about = |stretch: &&[Sum]| {
        let mean = mean(stretch);
        let about = |block: &Sum| Sum { sum: block.sum - mean * block.calls, ..*block };
        stretch.iter().map(about).collect::<Vec<_>>()
    };
    stretches.iter().flat_map(about).collect()
}

/// The variance inflation of a mean over calls in blocks of equal time, oldest first: `n` calls
/// are worth `n / inflation` independent ones. At least 1, and 1 if there are fewer than
/// [`FEWEST`] blocks. `variance` is that of one call.
///
/// The variance of a sum over all blocks is that within blocks and twice that between each and
/// every later one. What is behind the first lags is noise, so the sum stops where pairs of
/// autocovariances are no longer positive, and none counts more than the one before it: the
/// initial monotone sequence of Geyer, Practical Markov chain Monte Carlo, Statistical Science
/// 7 (1992), 473-483. Autocovariances about an estimated mean are each too small by the variance
/// of that mean (Fuller, Introduction to statistical time series, 1996, section 6.2), which is what
/// the sum tells; with lags that reach over a share `used` of the time, the sum is too small by
/// that share of itself. This is undone, and the sum raised by as much once more: of long lags
/// there are few to see.
pub(crate) fn inflation(sums: &[Sum], variance: f64) -> f64 {
    let calls: f64 = sums.iter().map(|block| block.calls).sum();
    let blocks = sums.len();
    if blocks < FEWEST || variance <= 0.0 || calls <= 0.0 {
        return 1.0;
    }
    let mean = mean(sums);
    let away: Vec<f64> = sums.iter().map(|block| block.sum - block.calls * mean).collect();
    let covariance =
        |lag: usize| -> f64 { away.iter().zip(&away[lag..]).map(|(one, later)| one * later).sum() };
    let within = covariance(0);
    let mut between = 0.0;
    let mut last = f64::INFINITY;
    let mut lags = 0;
    for lag in (0..blocks - 1).step_by(2) {
        let pair = (covariance(lag) + covariance(lag + 1)).min(last);
        if pair <= 0.0 {
            break;
        }
        between += 2.0 * pair;
        last = pair;
        lags = lag + 1;
    }
    let sum = if lags > 0 { between - within } else { within };
    let used = (2 * lags + 1) as f64 / blocks as f64;
    /// So that the correction stays finite where lags reach over all of the time.
    const LEAST_UNUSED: f64 = 0.25;
    let long_run = sum / (1.0 - used).max(LEAST_UNUSED) * (1.0 + used);
    (long_run.max(within) / (calls * variance)).max(1.0)
}

#[cfg(test)]
mod tests {
    use crate::baseline::learner::tests::streams::Random;

    use super::*;

    /// The inflation of the sign of an autoregressive series, in blocks, averaged over runs.
    fn of_autoregression(correlation: f64, blocks: usize, calls: usize) -> f64 {
        const RUNS: u64 = 40;
        let runs = (0..RUNS).map(|seed| {
            let mut random = Random::new(seed);
            let mut state = random.normal();
            let sums: Vec<Sum> = (0..blocks)
                .map(|_| {
                    let values = (0..calls).map(|_| {
                        state = correlation * state
                            + (1.0 - correlation * correlation).sqrt() * random.normal();
                        state
                    });
                    Sum { calls: calls as f64, sum: values.sum() }
                })
                .collect();
            inflation(&sums, 1.0)
        });
        runs.sum::<f64>() / RUNS as f64
    }

    #[test]
    fn independent_calls_are_hardly_inflated() {
        let found = of_autoregression(0.0, 64, 10);
        assert!((1.0..1.4).contains(&found), "{found}");
    }

    #[test]
    fn an_autoregression_is_inflated_by_its_closed_form() {
        // (1 + r) / (1 - r).
        for (correlation, expected) in [(0.5, 3.0), (0.8, 9.0), (0.9, 19.0)] {
            let found = of_autoregression(correlation, 64, 40);
            assert!((0.85..1.45).contains(&(found / expected)), "{correlation}: {found}");
        }
    }

    #[test]
    fn what_lasts_longer_than_a_block_is_seen_beyond_it() {
        // A correlation over 10 blocks of one call: the blocks alone would say 1.
        let found = of_autoregression(0.9, 64, 1);
        assert!((10.0..35.0).contains(&found), "{found}");
    }

    #[test]
    fn few_blocks_and_calls_that_are_all_alike_say_nothing() {
        let ones = [Sum { calls: 5.0, sum: 5.0 }; 64];
        assert_eq!(inflation(&ones, 0.0), 1.0);
        assert_eq!(inflation(&ones, 0.25), 1.0);
        let wild = [0.0, 5.0].map(|sum| Sum { calls: 5.0, sum }).repeat(4);
        assert_eq!(inflation(&wild, 0.25), 1.0);
        assert_eq!(inflation(&[], 0.25), 1.0);
    }

    #[test]
    fn the_oldest_hold_no_more_than_their_share() {
        let sums: Vec<Sum> = (0..8).map(|_| Sum { calls: 10.0, sum: 0.0 }).collect();
        assert_eq!(
            [0.1, 0.125, 0.25, 0.3, 0.5, 1.0].map(|share| oldest(&sums, share)),
            [0, 1, 2, 2, 4, 8]
        );
    }
}
