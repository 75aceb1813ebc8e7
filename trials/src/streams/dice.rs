//! `Dice`: where chance comes from.

use rand::{Rng, SeedableRng};
use rand_distr::{Distribution, Exp1, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// A seeded source of chance. The same seed gives the same throws, on every machine.
///
/// The generator is xoshiro256++ (Blackman and Vigna, 2021), seeded through `SplitMix64`; normal and
/// exponential variates come from the ziggurat method (Marsaglia and Tsang, 2000).
#[derive(Clone, Debug)]
pub struct Dice {
    source: Xoshiro256PlusPlus,
}

impl Dice {
    /// Dice that throw what `seed` says.
    pub fn new(seed: u64) -> Self {
        Self { source: Xoshiro256PlusPlus::seed_from_u64(seed) }
    }

    /// A seed that depends on all of `parts` and on their order.
    ///
    /// Neighbouring parts give unrelated seeds.
    pub fn mix(parts: &[u64]) -> u64 {
        parts.iter().fold(0x9e37_79b9_7f4a_7c15, |seed, &part| {
            // The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
            let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15) ^ part;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        })
    }

    /// Uniform in `0.0..1.0`.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        // The upper 53 bits fill the mantissa.
        (self.source.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform in `low..high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Between `low` and `high`, with a uniform logarithm. Both are above 0.
    pub fn log_between(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    /// True with probability `p`.
    #[inline]
    pub fn chance(&mut self, p: f64) -> bool {
        self.uniform() < p
    }

    /// Normal, mean 0, standard deviation 1.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.source)
    }

    /// Exponential, mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        Exp1.sample(&mut self.source)
    }

    /// A variate of any other distribution.
    #[inline]
    pub(crate) fn draw<T>(&mut self, distribution: &impl Distribution<T>) -> T {
        distribution.sample(&mut self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_throws_the_same() {
        let (mut one, mut other) = (Dice::new(3), Dice::new(3));
        for _ in 0..100 {
            assert_eq!(one.normal().to_bits(), other.normal().to_bits());
        }
    }

    #[test]
    fn order_of_parts_matters() {
        assert_ne!(Dice::mix(&[1, 2]), Dice::mix(&[2, 1]));
        assert_ne!(Dice::mix(&[1]), Dice::mix(&[1, 0]));
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut dice = Dice::new(11);
        let n = 200_000;
        let (mut uniform, mut normal, mut square, mut exponential) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..n {
            uniform += dice.uniform();
            let z = dice.normal();
            normal += z;
            square += z * z;
            exponential += dice.exponential();
        }
        let n = f64::from(n);
        // Five standard errors each.
        assert!((uniform / n - 0.5).abs() < 5.0 * (1.0 / 12.0 / n).sqrt());
        assert!((normal / n).abs() < 5.0 / n.sqrt());
        assert!((square / n - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
        assert!((exponential / n - 1.0).abs() < 5.0 / n.sqrt());
    }
}
