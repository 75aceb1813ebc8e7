//! `Wobble`: how the machine's speed wanders.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// Distances, in packets, at which packets are compared.
const LAGS: [usize; 6] = [1, 2, 3, 5, 10, 20];

/// Packets the assumed wobble counts for.
const ASSUMED: f64 = 60.0;

/// How long a wobble may be remembered.
struct Memory {
    /// What remains of it after a packet, and after each of [`LAGS`].
    persistence: f64,
    shape: [f64; LAGS.len()],
}

/// The memories that are tried: from a third of a packet to 200, each 1.3 times the one before.
static MEMORIES: LazyLock<Vec<Memory>> = LazyLock::new(|| {
    std::iter::successors(Some(0.35_f64), |packets| Some(packets * 1.3))
        .take_while(|packets| *packets < 200.0)
        .map(|packets| {
            let persistence = (-1.0 / packets).exp();
            Memory { persistence, shape: LAGS.map(|lag| persistence.powi(lag as i32)) }
        })
        .collect()
});

/// The wobble of the machine, estimated from how mean scores of packets go together: a first-order
/// autoregression (an Ornstein-Uhlenbeck process, seen once a packet) under the noise of the calls.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Wobble {
    products: [f64; LAGS.len()],
    weights: [f64; LAGS.len()],
    square: f64,
    reciprocal: f64,
    packets: f64,
    /// Variance of the wobble, in squared scores.
    pub(super) variance: f64,
    /// What remains of it after a packet.
    pub(super) persistence: f64,
    /// Variance of a single call's noise, in squared scores.
    pub(super) noise: f64,
}

impl Wobble {
    /// What is assumed before anything was seen: a wobble of this standard deviation, in scores.
    pub(super) fn assumed(deviation: f64) -> Self {
        let mut wobble = Self { noise: 1.0, ..Self::default() };
        let variance = deviation * deviation;
        for (lag, (product, weight)) in
            LAGS.iter().zip(wobble.products.iter_mut().zip(&mut wobble.weights))
        {
            *product = ASSUMED * variance * (-(*lag as f64) / 20.0).exp();
            *weight = ASSUMED;
        }
        wobble.variance = variance;
        wobble.persistence = (-1.0_f64 / 20.0).exp();
        wobble
    }

    /// Adds a packet: its mean score and number of calls, and the mean score of the packet that
    /// came so many packets before it.
    pub(super) fn add(&mut self, score: f64, calls: f64, before: impl Fn(usize) -> Option<f64>) {
        let score = score.clamp(-2.5, 2.5);
        // Weights fall by half in 2,500 packets.
        const KEPT: f64 = 1.0 - 1.0 / 3_600.0;
        for (at, &lag) in LAGS.iter().enumerate() {
            if let Some(earlier) = before(lag) {
                self.products[at] = self.products[at] * KEPT + score * earlier.clamp(-2.5, 2.5);
                self.weights[at] = self.weights[at] * KEPT + 1.0;
            }
        }
        self.square = self.square * KEPT + score * score;
        self.reciprocal = self.reciprocal * KEPT + 1.0 / calls.max(1.0);
        self.packets = self.packets * KEPT + 1.0;
    }

    /// Lets everything seen so far count for less.
    pub(super) fn fade(&mut self, kept: f64) {
        for sum in self.products.iter_mut().chain(&mut self.weights) {
            *sum *= kept;
        }
        self.square *= kept;
        self.reciprocal *= kept;
        self.packets *= kept;
    }

    /// Fits the autoregression to what was added.
    pub(super) fn fit(&mut self) {
        if self.packets < 20.0 {
            return;
        }
        let covariance: [f64; LAGS.len()] =
            std::array::from_fn(|at| self.products[at] / self.weights[at].max(1.0));
        let total = self.square / self.packets;
        let mut best = (f64::INFINITY, 0.0, 0.0);
        for Memory { persistence, shape } in MEMORIES.iter() {
            let (mut up, mut down) = (0.0, 0.0);
            for (shape, covariance) in shape.iter().zip(covariance) {
                up += shape * covariance;
                down += shape * shape;
            }
            let variance = (up / down).clamp(0.0, total.max(0.0));
            let misses = shape.iter().zip(covariance);
            let miss: f64 =
                misses.map(|(shape, covariance)| (covariance - variance * shape).powi(2)).sum();
            if miss < best.0 {
                best = (miss, variance, *persistence);
            }
        }
        // A sample covariance has this standard error where there is no wobble at all.
        let margin = total / self.packets.sqrt() * 0.5;
        self.variance = (best.1 + margin).min(total);
        self.persistence = best.2.max(0.3);
        let reciprocal = (self.reciprocal / self.packets).max(1e-9);
        self.noise = ((total - best.1) / reciprocal).clamp(0.02, 1e6);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::dice::Dice;

    /// Packets of 100 calls on a machine whose score wobbles with this deviation and persistence.
    fn fitted(deviation: f64, persistence: f64, seed: u64) -> Wobble {
        let mut dice = Dice::new(seed);
        let mut wobble = Wobble::assumed(0.1);
        let (mut state, mut scores) = (0.0, Vec::new());
        for packet in 0..20_000_usize {
            state = persistence * state
                + deviation * (1.0 - persistence * persistence).sqrt() * dice.normal();
            scores.push(state + dice.normal() / 10.0);
            let before = |lag: usize| packet.checked_sub(lag).map(|at| scores[at]);
            wobble.add(scores[packet], 100.0, before);
        }
        wobble.fit();
        wobble
    }

    #[test]
    fn it_is_found_in_the_covariance_of_packets() {
        let wobble = fitted(0.3, 0.95, 1);
        assert!((0.06..0.13).contains(&wobble.variance), "{wobble:?}");
        assert!((0.92..0.97).contains(&wobble.persistence), "{wobble:?}");
        assert!((0.7..1.4).contains(&wobble.noise), "{wobble:?}");
    }

    #[test]
    fn without_one_the_noise_is_that_of_the_calls() {
        let wobble = fitted(0.0, 0.5, 2);
        assert!(wobble.variance < 0.001, "{wobble:?}");
        assert!((0.9..1.1).contains(&wobble.noise), "{wobble:?}");
    }
}
