//! `Filter`: scores with the wobble of the machine taken off.

use serde::{Deserialize, Serialize};

use crate::detect::stream::alternative::SLOWER;
use crate::detect::stream::wobble::Wobble;

/// A Kalman filter of the wobble, once for the stream as it is and once for each way in which it
/// may have become slower. Its innovations are white where the wobble is as it was estimated
/// (Willsky and Jones, *A generalized likelihood ratio approach to the detection and estimation of
/// jumps in linear systems*, IEEE Transactions on Automatic Control 21, 1976).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Filter {
    /// The wobble's score, as it is expected: of the stream, of one whose location is as high as it
    /// may be without a change, and were calls slower by each shift.
    expected: f64,
    null: f64,
    slower: [f64; SLOWER.len()],
    /// The variance of that expectation.
    uncertainty: f64,
}

/// What one packet says once the wobble is taken off.
#[derive(Clone, Copy, Debug)]
pub(super) struct Innovation {
    /// How far the score lies beside what was expected, in standard deviations.
    pub(super) miss: f64,
    /// Log-likelihood ratio of each shift.
    pub(super) ratio: [f32; SLOWER.len()],
}

impl Filter {
    pub(super) fn new(wobble: &Wobble) -> Self {
        Self { expected: 0.0, null: 0.0, slower: [0.0; SLOWER.len()], uncertainty: wobble.variance }
    }

    /// Takes the mean score of a packet, its mean score were the location as high as it may be, and
    /// its calls. `rise` is by how much each shift raises the mean score.
    pub(super) fn take(
        &mut self,
        wobble: &Wobble,
        (score, null): (f64, f64),
        rise: &[f64; SLOWER.len()],
        calls: f64,
    ) -> Innovation {
        let kept = wobble.persistence;
        let predicted = kept * kept * self.uncertainty + (1.0 - kept * kept) * wobble.variance;
        let varies = predicted + wobble.noise / calls;
        let gain = predicted / varies;
        let over_deviation = varies.sqrt().recip();
        let step = |expected: &mut f64, score: f64| {
            let miss = score - kept * *expected;
            *expected = kept * *expected + gain * miss;
            miss * over_deviation
        };
        let miss = step(&mut self.expected, score);
        let usual = step(&mut self.null, null);
        let mut ratio = [0.0; SLOWER.len()];
        for ((ratio, expected), rise) in ratio.iter_mut().zip(&mut self.slower).zip(rise) {
            let slower = step(expected, null - rise);
            *ratio = (0.5 * (usual * usual - slower * slower)) as f32;
        }
        self.uncertainty = (1.0 - gain) * predicted;
        Innovation { miss, ratio }
    }

    /// Begins anew for each shift that nothing speaks for: if it comes, it comes after now.
    pub(super) fn restart(&mut self, resting: [bool; SLOWER.len()]) {
        for (slower, rests) in self.slower.iter_mut().zip(resting) {
            *slower = if rests { self.null } else { *slower };
        }
    }

    /// Begins anew for all.
    pub(super) fn restart_all(&mut self) {
        self.null = self.expected;
        self.slower = [self.expected; SLOWER.len()];
    }

    /// The variance of a packet's score of so many calls beside what is expected, and the share of
    /// a step that is left once the filter has followed it.
    pub(super) fn outlook(&self, wobble: &Wobble, calls: f64) -> (f64, f64) {
        let varies = (self.uncertainty + wobble.noise / calls).max(1e-9);
        let gain = (self.uncertainty / varies).min(1.0);
        let kept = wobble.persistence;
        let left = (1.0 - kept) / (1.0 - kept * (1.0 - gain)).max(1e-9);
        (varies, left.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::dice::Dice;

    fn wobble() -> Wobble {
        let mut wobble = Wobble::assumed(0.0);
        (wobble.variance, wobble.persistence, wobble.noise) = (0.09, 0.95, 1.0);
        wobble
    }

    #[test]
    fn its_innovations_are_white_where_the_wobble_is_as_it_is_thought_to_be() {
        let (wobble, mut dice) = (wobble(), Dice::new(1));
        let mut filter = Filter::new(&wobble);
        let (mut state, mut misses) = (0.0, Vec::new());
        for _ in 0..20_000 {
            state = 0.95 * state + 0.3 * (1.0_f64 - 0.95 * 0.95).sqrt() * dice.normal();
            let score = state + dice.normal() / 10.0;
            misses.push(filter.take(&wobble, (score, score), &[0.1; SLOWER.len()], 100.0).miss);
        }
        let n = misses.len() as f64;
        let variance = misses.iter().map(|miss| miss * miss).sum::<f64>() / n;
        let next = misses.windows(2).map(|pair| pair[0] * pair[1]).sum::<f64>() / n;
        assert!((variance - 1.0).abs() < 0.05, "{variance}");
        assert!(next.abs() < 0.03, "{next}");
    }

    #[test]
    fn its_ratios_keep_the_promise_of_a_likelihood_ratio() {
        // The mean of exp(ratio) is 1 where nothing has changed.
        let (wobble, mut dice) = (wobble(), Dice::new(2));
        let mut filter = Filter::new(&wobble);
        let (mut state, mut mean) = (0.0, 0.0);
        for _ in 0..50_000 {
            state = 0.95 * state + 0.3 * (1.0_f64 - 0.95 * 0.95).sqrt() * dice.normal();
            let score = state + dice.normal() / 10.0;
            filter.restart([true; SLOWER.len()]);
            let rise = [0.1; SLOWER.len()];
            let said = filter.take(&wobble, (score, score), &rise, 100.0).ratio[3];
            mean += f64::from(said).exp() / 50_000.0;
        }
        assert!((mean - 1.0).abs() < 0.05, "{mean}");
    }
}
