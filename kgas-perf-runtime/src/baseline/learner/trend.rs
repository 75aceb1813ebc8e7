//! What is left of a trend once the warm-up is gone.

use crate::baseline::learner::inflation::{Sum, each_about_its_mean, inflation, mean, oldest};

/// How far the share of calls up to a place will move if the newer half of the time is right and
/// the older is not, beyond what chance makes of it; 0 while the difference is within chance.
///
/// `variance` is that of one call. A warm-up ends slowly: what is too little to be dropped still
/// lifts every quantile, always to the same side, and no number of calls makes up for it.
pub(crate) fn shift(sums: &[Sum], variance: f64) -> f64 {
    /// Standard errors that are put down to chance.
    const CHANCE: f64 = 0.75;
    let calls: f64 = sums.iter().map(|block| block.calls).sum();
    let half = oldest(sums, 0.5);
    if half == 0 || half == sums.len() {
        return 0.0;
    }
    let (older, newer) = sums.split_at(half);
    let steady = each_about_its_mean(&[older, newer]);
    let chance = (variance * inflation(&steady, variance) / calls).sqrt();
    let newer_less_all = (mean(newer) - mean(older)) / 2.0;
    (newer_less_all.abs() - CHANCE * chance).max(0.0).copysign(newer_less_all)
}

#[cfg(test)]
mod tests {
    use crate::baseline::learner::tests::streams::Random;

    use super::*;

    /// 64 blocks of 20 calls; each call counts with a probability that goes from one to another.
    fn drifting(from: f64, to: f64, seed: u64) -> Vec<Sum> {
        let mut random = Random::new(seed);
        (0..64)
            .map(|block| {
                let share = from + (to - from) * (f64::from(block) + 0.5) / 64.0;
                let sum = (0..20).filter(|_| random.uniform() < share).count() as f64;
                Sum { calls: 20.0, sum }
            })
            .collect()
    }

    fn mean_shift(from: f64, to: f64) -> f64 {
        (0..100).map(|seed| shift(&drifting(from, to, seed), 0.25)).sum::<f64>() / 100.0
    }

    #[test]
    fn a_trend_is_taken_on_as_far_as_the_newer_half_shows_it() {
        // From .4 to .6: the newer half is at .55, all at .50; chance is 0.75 x .5 / sqrt(1,280).
        let found = mean_shift(0.4, 0.6);
        assert!((found - (0.05 - 0.0105)).abs() < 0.006, "{found}");
        assert!((mean_shift(0.6, 0.4) + found).abs() < 0.006);
    }

    #[test]
    fn without_a_trend_there_is_none_on_average() {
        let found = mean_shift(0.5, 0.5);
        assert!(found.abs() < 0.002, "{found}");
        assert_eq!(shift(&[], 0.25), 0.0);
        assert_eq!(shift(&[Sum { calls: 9.0, sum: 4.0 }], 0.25), 0.0);
    }
}
