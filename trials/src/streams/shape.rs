//! `Shape`: how durations are spread while nothing changes.

use rand_distr::Gamma;

use super::Dice;

/// How the durations of an operation are spread around 1, which is about its median.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// The logarithm is normal with this standard deviation. Median 1.
    Lognormal(f64),
    /// Gamma with this shape parameter, scaled to a median of 1.
    Gamma(f64),
    /// Weibull with this shape parameter, scaled to a median of 1.
    Weibull(f64),
    /// A cache: a hit takes about 1, a miss `factor` times that; both spread log-normally.
    HitMiss {
        /// The share of misses, `0.0..1.0`.
        misses: f64,
        /// How much longer a miss takes.
        factor: f64,
        /// The standard deviation of the logarithm of either.
        sigma: f64,
    },
    /// Mostly log-normal; a share follows a Pareto law from 1 upwards.
    ParetoMixture {
        /// The share of calls in the tail, `0.0..1.0`.
        share: f64,
        /// The tail index: `P(d > x) = x^-alpha`.
        alpha: f64,
        /// The standard deviation of the logarithm of the rest.
        sigma: f64,
    },
    /// Log-normal, and each logarithm remembers the one before: AR(1). Median 1.
    Chain {
        /// The correlation of neighbours, `0.0..1.0`.
        phi: f64,
        /// The standard deviation of the logarithm, over all time.
        sigma: f64,
    },
}

/// A shape being drawn from.
#[derive(Clone, Debug)]
pub(super) struct Sampler {
    shape: Shape,
    /// Prepared, because its constants are not free.
    gamma: Option<Gamma<f64>>,
    /// What a draw is multiplied by, so that the median is 1.
    scale: f64,
    /// The logarithm of the last draw of a chain, in standard deviations.
    memory: f64,
}

impl Sampler {
    /// Begins to draw from `shape`.
    pub(super) fn new(shape: Shape, dice: &mut Dice) -> Self {
        let (gamma, scale) = match shape {
            // The median of a gamma to 1e-4 for k >= 1 (Choi, 1994).
            Shape::Gamma(k) => (
                Gamma::new(k, 1.0).ok(),
                1.0 / (k - 1.0 / 3.0 + 8.0 / (405.0 * k) + 184.0 / (25_515.0 * k * k)),
            ),
            Shape::Weibull(k) => (None, std::f64::consts::LN_2.powf(-1.0 / k)),
            _ => (None, 1.0),
        };
        Self { shape, gamma, scale, memory: dice.normal() }
    }

    /// The next draw, above 0. `misses` overrides the share of misses of a cache.
    #[inline]
    pub(super) fn draw(&mut self, dice: &mut Dice, misses: Option<f64>) -> f64 {
        match self.shape {
            Shape::Lognormal(sigma) => (sigma * dice.normal()).exp(),
            Shape::Gamma(_) => match &self.gamma {
                Some(gamma) => dice.draw(gamma) * self.scale,
                None => 1.0,
            },
            Shape::Weibull(k) => dice.exponential().powf(1.0 / k) * self.scale,
            Shape::HitMiss { misses: usual, factor, sigma } => {
                let missed = dice.chance(misses.unwrap_or(usual));
                let typical = if missed { factor } else { 1.0 };
                typical * (sigma * dice.normal()).exp()
            }
            Shape::ParetoMixture { share, alpha, sigma } => {
                if dice.chance(share) {
                    (dice.exponential() / alpha).exp()
                } else {
                    (sigma * dice.normal()).exp()
                }
            }
            Shape::Chain { phi, sigma } => {
                self.memory = phi * self.memory + (1.0 - phi * phi).sqrt() * dice.normal();
                (sigma * self.memory).exp()
            }
        }
    }
}
