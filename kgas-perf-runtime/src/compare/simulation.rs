//! Simulated machines and code, with a truth that is known: for tests and for the bench.

/// A small generator of random numbers, the same everywhere: SplitMix64 (Steele, Lea and Flood,
/// OOPSLA 2014).
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Evenly between 0 and 1, neither of them included.
    pub(crate) fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Normal, of mean 0 and variance 1.
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// How the durations of an operation are distributed on a quiet machine, around 1 ms.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// Log-normal, with this standard deviation of the logarithm.
    LogNormal(f64),
    /// A sum of so many exponential steps.
    Gamma(u32),
    /// A cache: nine calls of ten hit, one misses and takes twelve times as long.
    HitOrMiss(f64),
    /// Log-normal, with one call of twenty in a Pareto tail of index 1.5 from 2 ms on.
    Pareto(f64),
    /// Log-normal, read from a clock that ticks every 0.25 ms.
    Ticks(f64),
}

impl Shape {
    /// Seven shapes, from very steady to very spread.
    pub(crate) const SEVEN: [Self; 7] = [
        Self::LogNormal(0.05),
        Self::LogNormal(0.15),
        Self::LogNormal(0.3),
        Self::Gamma(8),
        Self::HitOrMiss(0.17),
        Self::Pareto(0.3),
        Self::Ticks(0.2),
    ];

    /// A duration in seconds, on a machine and with code that multiply it by `exp(level)`.
    pub(crate) fn draw(self, dice: &mut Dice, level: f64) -> f64 {
        let scale = 1e-3 * level.exp();
        match self {
            Self::LogNormal(sigma) => scale * (sigma * dice.normal()).exp(),
            Self::Gamma(steps) => {
                scale * (0..steps).map(|_| -dice.unit().ln()).sum::<f64>() / f64::from(steps)
            }
            Self::HitOrMiss(sigma) => {
                let cost = if dice.unit() < 0.1 { 12.0 } else { 1.0 };
                scale * cost * (sigma * dice.normal()).exp()
            }
            Self::Pareto(_) if dice.unit() < 0.05 => scale * 2.0 * dice.unit().powf(-1.0 / 1.5),
            Self::Pareto(sigma) => scale * (sigma * dice.normal()).exp(),
            Self::Ticks(sigma) => {
                let ticks = (scale * (sigma * dice.normal()).exp() / 2.5e-4).floor();
                ticks * 2.5e-4
            }
        }
    }
}

/// What a machine does to every duration, whatever the code.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Machine {
    /// Nothing.
    Quiet,
    /// Wanders by this standard deviation, forgetting within so many measurements.
    Wobble(f64, f64),
    /// Slower by this share while a neighbour is busy, which it is half of the time, for so many
    /// measurements on average.
    Neighbour(f64, f64),
    /// Creeps by this share, up or down, from the first measurement to the last.
    Drift(f64),
}

impl Machine {
    /// The machines with noise, and what they are called.
    pub(crate) const NOISY: [(&'static str, Self); 5] = [
        ("fast AR 10 %", Self::Wobble(0.10, 2.3)),
        ("wobble 5 %", Self::Wobble(0.05, 40.0)),
        ("wobble 20 %", Self::Wobble(0.20, 40.0)),
        ("noisy neighbour +15 %", Self::Neighbour(0.15, 80.0)),
        ("drift 10 %", Self::Drift(0.10)),
    ];

    /// The logarithm of what each of `count` measurements is multiplied by.
    fn levels(self, dice: &mut Dice, count: usize) -> Vec<f64> {
        match self {
            Self::Quiet => vec![0.0; count],
            Self::Wobble(sd, time) => {
                let kept: f64 = (-1.0 / time).exp();
                let fresh = sd * (1.0 - kept * kept).sqrt();
                let mut level = sd * dice.normal();
                let mut next = || {
                    let now = level;
                    level = kept * level + fresh * dice.normal();
                    now
                };
                (0..count).map(|_| next()).collect()
            }
            Self::Neighbour(slower, dwell) => {
                let mut busy = dice.unit() < 0.5;
                let mut next = || {
                    busy ^= dice.unit() < 1.0 / dwell;
                    if busy { slower.ln_1p() } else { 0.0 }
                };
                (0..count).map(|_| next()).collect()
            }
            Self::Drift(by) => {
                let slope = if dice.unit() < 0.5 { by.ln_1p() } else { -by.ln_1p() };
                (0..count).map(|at| slope * at as f64 / count as f64).collect()
            }
        }
    }
}

/// An operation on a machine, and by how much the candidate is slower than the baseline.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trial {
    pub(crate) shape: Shape,
    pub(crate) machine: Machine,
    pub(crate) slower: f64,
}

impl Trial {
    /// `count` durations of the baseline, then as many of the candidate.
    pub(crate) fn sequential(self, dice: &mut Dice, count: usize) -> (Vec<f64>, Vec<f64>) {
        let levels = self.machine.levels(dice, 2 * count);
        let (first, second) = levels.split_at(count);
        let slower = self.slower.ln_1p();
        (
            first.iter().map(|level| self.shape.draw(dice, *level)).collect(),
            second.iter().map(|level| self.shape.draw(dice, level + slower)).collect(),
        )
    }

    /// `count` pairs, chance deciding in each which is measured first.
    pub(crate) fn interleaved(self, dice: &mut Dice, count: usize) -> (Vec<f64>, Vec<f64>) {
        let levels = self.machine.levels(dice, 2 * count);
        levels
            .chunks_exact(2)
            .map(|pair| {
                let (one, other) =
                    if dice.unit() < 0.5 { (pair[0], pair[1]) } else { (pair[1], pair[0]) };
                let baseline = self.shape.draw(dice, one);
                (baseline, self.shape.draw(dice, other + self.slower.ln_1p()))
            })
            .unzip()
    }
}
