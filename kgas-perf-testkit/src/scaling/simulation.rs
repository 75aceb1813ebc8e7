//! Costs with a known truth, and the noise that real measurements have: for tests and the bench
//! `scaling`.

use crate::dice::Dice;
use crate::scaling::Complexity;

/// Normal and uniform throws.
pub(crate) struct Chance(Dice);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Dice::new(seed))
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        (self.0.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Box and Muller (1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// What the cost truly is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Truth {
    /// A candidate.
    Class(Complexity),
    /// A power of the size that is no candidate.
    Power(f64),
    /// Doubles with every so many more.
    Exponential(f64),
    /// Linear, and so many times dearer an element from the middle size on.
    Cliff(f64),
    /// The same for every size, and so many times dearer from the middle size on.
    Step(f64),
}

impl Truth {
    pub(crate) fn at(self, size: f64, middle: f64) -> f64 {
        match self {
            Self::Class(class) => class.growth(size),
            Self::Power(exponent) => size.powf(exponent),
            Self::Exponential(doubling) => (size / doubling).exp2().min(1e30),
            Self::Cliff(factor) => size * if size < middle { 1.0 } else { factor },
            Self::Step(factor) => {
                if size < middle {
                    1.0
                } else {
                    factor
                }
            }
        }
    }
}

/// How a cost is measured, and what is wrong with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// Sizes, the first of them 100, each twice or four times the one before.
    pub(crate) sizes: usize,
    pub(crate) step: u64,
    pub(crate) repeats: usize,
    /// The standard deviation of a repeat's logarithm.
    pub(crate) noise: f64,
    /// Overhead as a multiple of the growth at the smallest size.
    pub(crate) overhead: f64,
    /// The share of repeats that take 2 to 10 times as long.
    pub(crate) outliers: f64,
    /// The standard deviation, in logarithms, of what all repeats of a size share.
    pub(crate) between: f64,
    /// The standard deviation of a step of a random walk from size to size.
    pub(crate) walk: f64,
    /// The timer's step as a share of the cost at the smallest size; 0 for none.
    pub(crate) tick: f64,
}

impl Setting {
    /// Ten doublings, seven repeats, noise of 5 % and nothing else wrong.
    pub(crate) const USUAL: Self = Self {
        sizes: 11,
        step: 2,
        repeats: 7,
        noise: 0.05,
        overhead: 0.0,
        outliers: 0.0,
        between: 0.0,
        walk: 0.0,
        tick: 0.0,
    };

    /// The measurements of one run; the smallest size takes 1 ms and its overhead.
    pub(crate) fn measure(&self, truth: Truth, chance: &mut Chance) -> Vec<(u64, f64)> {
        let sizes: Vec<u64> =
            (0..self.sizes).map(|index| 100 * self.step.pow(index as u32)).collect();
        let middle = sizes[self.sizes / 2] as f64;
        let unit = 1e-3 / truth.at(100.0, middle);
        let mut drift = 0.0;
        let mut measured = Vec::new();
        for size in sizes {
            drift += self.walk * chance.normal();
            let shared = drift + self.between * chance.normal();
            let cost = 1e-3 * self.overhead + unit * truth.at(size as f64, middle);
            for _ in 0..self.repeats {
                let mut seconds = cost * (shared + self.noise * chance.normal()).exp();
                if chance.uniform() < self.outliers {
                    seconds *= 2.0 + 8.0 * chance.uniform();
                }
                if self.tick > 0.0 {
                    let step = 1e-3 * self.tick;
                    seconds = (seconds / step).round() * step;
                }
                measured.push((size, seconds));
            }
        }
        measured
    }
}
