//! `Dependence`: how far calls that follow each other tell the same thing.

/// Block lengths, in packets: 1, 2, 4, … 512.
const LEVELS: usize = 10;

/// When this many blocks have been seen at a level, older ones begin to count less.
const REMEMBERED: f32 = 2_048.0;

/// Sums over ever longer blocks of consecutive packets, which show how much more their sum varies
/// than that of independent calls would.
#[derive(Clone, Debug, Default)]
pub(super) struct BlockSums {
    levels: [Level; LEVELS],
}

#[derive(Clone, Copy, Debug, Default)]
struct Level {
    /// The first half of the block that is being filled.
    half: Option<(f32, f32)>,
    /// Sum of squared block sums.
    squares: f32,
    /// Calls in the blocks.
    weight: f32,
    /// Blocks.
    blocks: f32,
}

impl BlockSums {
    /// Adds a packet: the sum of a centred value over its calls, and their number.
    pub(super) fn add(&mut self, sum: f32, calls: f32) {
        let (mut sum, mut calls) = (sum, calls);
        for level in &mut self.levels {
            level.squares += sum * sum;
            level.weight += calls;
            level.blocks += 1.0;
            if level.blocks >= REMEMBERED {
                level.squares /= 2.0;
                level.weight /= 2.0;
                level.blocks /= 2.0;
            }
            match level.half.take() {
                None => {
                    level.half = Some((sum, calls));
                    return;
                }
                Some((first, first_calls)) => {
                    sum += first;
                    calls += first_calls;
                }
            }
        }
    }

    /// The variance of a sum over at most `calls` calls, a call, with a margin for how few blocks
    /// it was seen in. `None` before there were four packets.
    ///
    /// It is the greatest over the block lengths up to that one: a block variance that was seen
    /// once can come again.
    pub(super) fn variance(&self, calls: f64) -> Option<f64> {
        let mut greatest: Option<f64> = None;
        for level in &self.levels {
            if level.blocks < 4.0 || level.weight <= 0.0 {
                break;
            }
            let margin = 1.0 + crate::detect::tune(0, 0.4) * (2.0 / f64::from(level.blocks)).sqrt();
            let variance = f64::from(level.squares / level.weight) * margin;
            greatest = Some(greatest.map_or(variance, |known| known.max(variance)));
            if f64::from(level.weight / level.blocks) >= calls {
                break;
            }
        }
        greatest
    }
}

/// Strengths at which the heavy side of packets is looked at.
const TILTS: [f64; 6] = [0.25, 0.5, 1.0, 1.5, 2.0, 3.0];

/// How much more often than a normal variable a standardised packet lies far up: the logarithm of
/// its moment generating function, as seen.
///
/// A sum of evidence keeps its promise when the mean of `exp(evidence)` is at most 1 (Ville's
/// inequality). Bursts that come and go break this for packets, and this mends it.
#[derive(Clone, Debug, Default)]
pub(super) struct Bursts {
    means: [f64; TILTS.len()],
    packets: f64,
}

impl Bursts {
    /// Adds a standardised packet.
    pub(super) fn add(&mut self, value: f64) {
        let value = value.clamp(-6.0, 6.0);
        self.packets = (self.packets + 1.0).min(3_600.0);
        for (mean, tilt) in self.means.iter_mut().zip(TILTS) {
            *mean += ((tilt * value).exp() - *mean) / self.packets;
        }
    }

    /// The logarithm of the mean of `exp(tilt * value)`; 0 before a minute has been seen.
    pub(super) fn cumulant(&self, tilt: f64) -> f64 {
        if self.packets < 60.0 {
            return 0.0;
        }
        let (mut low, mut below) = (0.0, 0.0);
        for (mean, high) in self.means.iter().zip(TILTS) {
            let above = mean.max(1e-9).ln();
            if tilt <= high {
                return below + (above - below) * (tilt - low) / (high - low);
            }
            (low, below) = (high, above);
        }
        // Beyond, the cumulant of what is bounded grows like its argument.
        below * tilt / low
    }
}

/// Distances, in packets, at which packets are compared.
pub(super) const LAGS: [usize; 7] = [1, 2, 3, 5, 10, 20, 40];

/// Packets the assumed wobble counts for.
const ASSUMED: f64 = 60.0;

/// The wobble of the machine, estimated from how mean scores of packets go together: a first-order
/// autoregression (an Ornstein-Uhlenbeck process, seen once a packet) under the noise of the calls.
#[derive(Clone, Debug, Default)]
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

    /// Fits the autoregression to what was added.
    pub(super) fn fit(&mut self) {
        if self.packets < 20.0 {
            return;
        }
        let covariance: [f64; LAGS.len()] =
            std::array::from_fn(|at| self.products[at] / self.weights[at].max(1.0));
        let total = self.square / self.packets;
        let mut best = (f64::INFINITY, 0.0, 0.0);
        let mut memory = 0.35_f64;
        while memory < 200.0 {
            let persistence = (-1.0 / memory).exp();
            let (mut up, mut down) = (0.0, 0.0);
            for (at, &lag) in LAGS.iter().enumerate() {
                let shape = persistence.powi(lag as i32);
                up += shape * covariance[at];
                down += shape * shape;
            }
            let variance = (up / down).clamp(0.0, total.max(0.0));
            let miss: f64 = LAGS
                .iter()
                .enumerate()
                .map(|(at, &lag)| {
                    (covariance[at] - variance * persistence.powi(lag as i32)).powi(2)
                })
                .sum();
            if miss < best.0 {
                best = (miss, variance, persistence);
            }
            memory *= 1.3;
        }
        // A sample covariance has this standard error where there is no wobble at all.
        let margin = total / self.packets.sqrt() * 0.5;
        self.variance = (best.1 + margin).min(total);
        self.persistence = best.2.max(0.3);
        let reciprocal = (self.reciprocal / self.packets).max(1e-9);
        self.noise = ((total - best.1) / reciprocal).clamp(0.02, 1e6);
    }
}
