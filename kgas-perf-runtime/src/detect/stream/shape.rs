//! `Shape`: how the calls of an operation spread around their median, as densities and scores.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::detect::stream::counts::{pack, unpack};

/// Bins of the residual, the logarithm of a duration less that of the median.
pub(super) const BINS: usize = 384;

/// Width of a bin.
pub(super) const WIDTH: f64 = 0.02;

/// The residual at which the first bin begins, a twelfth of the median; the last one ends at 200
/// medians.
pub(super) const LOWEST: f64 = -2.4;

/// Scores stay within this many standard deviations.
const FARTHEST: f64 = 3.5;

/// A log-likelihood ratio of one call stays within this.
pub(super) const CLIP: f32 = 5.0;

/// The quantile at which the tail begins.
const TAIL: f64 = 0.95;

/// The quantile at which its far end begins.
const FAR: f64 = 0.985;

/// Where a residual falls; what lies beyond the ends counts as their bins.
#[inline]
pub(super) fn bin(residual: f64) -> usize {
    bin_at(place(residual))
}

/// Where a residual lies, in bins from the first.
#[inline]
pub(super) fn place(residual: f64) -> f64 {
    (residual - LOWEST) * (1.0 / WIDTH)
}

/// The bin of a place.
#[inline]
pub(super) fn bin_at(place: f64) -> usize {
    // The cast saturates.
    (place as i32).clamp(0, BINS as i32 - 1) as usize
}

/// The residual in the middle of a bin.
fn middle(bin: usize) -> f64 {
    LOWEST + (bin as f64 + 0.5) * WIDTH
}

/// How calls spread around their median, from one block of them.
///
/// The density is a kernel estimate on a logarithmic grid (Silverman, *Density Estimation*, 1986,
/// section 3.4), mixed with a little of a wide Laplace density, so that no call is impossible.
///
/// It is written down as that block, from which it follows.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
pub(super) struct Shape {
    /// The block, packed.
    block: Box<[u8]>,
    /// Logarithm of the probability of a bin.
    log_density: [f32; BINS],
    /// Probability of a shorter call, in the middle of a bin.
    rank: [f32; BINS],
    /// The standard normal quantile of the rank, less its mean over the block.
    score: [f32; BINS],
    /// The first bin of the tail, and that of its far end.
    tail: usize,
    far: usize,
    /// Calls in the block.
    pub(super) calls: f64,
    /// Share of the block in the tail, and at its far end.
    pub(super) tail_share: f64,
    pub(super) far_share: f64,
    /// Variance of ranks over the block: 1/12 where no value comes twice.
    pub(super) rank_variance: f64,
    /// By how much the mean rank rises when the residual rises by 1.
    pub(super) rank_slope: f64,
    /// By how much the mean score rises when the residual rises by 1.
    pub(super) score_slope: f64,
    /// Mean of the residual.
    pub(super) mean: f64,
    /// Standard deviation of the residual, without its wildest hundredth.
    pub(super) spread: f64,
}

impl Shape {
    /// The shape of a block of calls, counted by the bin of their residual, and by how many bins
    /// their median lies above the point the residuals were taken from. `None` for no call.
    pub(super) fn of(counts: &[u32; BINS]) -> Option<(Box<Self>, i64)> {
        let n: u64 = counts.iter().map(|&count| u64::from(count)).sum();
        if n == 0 {
            return None;
        }
        let quantile = |q: f64| {
            let mut left = q * n as f64;
            for (bin, &count) in counts.iter().enumerate() {
                let count = f64::from(count);
                if count > 0.0 && left <= count {
                    return LOWEST + (bin as f64 + left / count) * WIDTH;
                }
                left -= count;
            }
            middle(BINS - 1)
        };
        let shift = (quantile(0.5) / WIDTH).round();
        let moved = |bin: usize| {
            let from = bin as i64 + shift as i64;
            usize::try_from(from).ok().and_then(|from| counts.get(from)).copied().unwrap_or(0)
        };
        let (low, high) = (quantile(0.005), quantile(0.995));
        let (mut sum, mut square) = (0.0, 0.0);
        for (bin, &count) in counts.iter().enumerate() {
            let value = middle(bin).clamp(low, high);
            sum += f64::from(count) * value;
            square += f64::from(count) * value * value;
        }
        let mean = sum / n as f64;
        let spread = (square / n as f64 - mean * mean).max(0.0).sqrt().max(WIDTH / 4.0);
        let quartiles = (quantile(0.75) - quantile(0.25)) / 1.35;
        let narrow = if quartiles > 0.0 { spread.min(quartiles) } else { spread };
        let bandwidth = 0.85 * narrow * (n as f64).powf(-0.2) / WIDTH;

        let mut density = smoothed(moved, n, bandwidth);
        let tail = widen(&mut density, moved, n);
        let mut shape = Box::new(Self {
            block: pack(counts),
            log_density: [0.0; BINS],
            rank: [0.0; BINS],
            score: [0.0; BINS],
            tail,
            far: BINS - 1,
            calls: n as f64,
            tail_share: 0.0,
            far_share: 0.0,
            rank_variance: 0.0,
            rank_slope: 0.0,
            score_slope: 0.0,
            mean: mean - shift * WIDTH,
            spread,
        });
        let normal = Normal::standard();
        let mut below = 0.0;
        for (bin, &mass) in density.iter().enumerate() {
            shape.log_density[bin] = mass.ln() as f32;
            let rank = (below + mass / 2.0).clamp(1e-9, 1.0 - 1e-9);
            shape.rank[bin] = rank as f32;
            shape.score[bin] = normal.inverse_cdf(rank).clamp(-FARTHEST, FARTHEST) as f32;
            below += mass;
            if below >= FAR && shape.far == BINS - 1 {
                shape.far = (bin + 1).min(BINS - 1);
            }
        }
        shape.centre(moved, n);
        Some((shape, shift as i64))
    }

    /// Takes means and slopes from the block itself and not from its smoothed density, which lies
    /// a little beside it.
    fn centre(&mut self, counts: impl Fn(usize) -> u32, n: u64) {
        let n = n as f64;
        let share = |bin: usize| f64::from(counts(bin)) / n;
        let (mut rank, mut rank_square, mut score) = (0.0, 0.0, 0.0);
        for bin in 0..BINS {
            let share = share(bin);
            rank += share * f64::from(self.rank[bin]);
            rank_square += share * f64::from(self.rank[bin]).powi(2);
            score += share * f64::from(self.score[bin]);
            if bin >= self.tail {
                self.tail_share += share;
            }
            if bin >= self.far {
                self.far_share += share;
            }
        }
        self.rank_variance = (rank_square - rank * rank).max(1.0 / 120.0);
        for value in &mut self.rank {
            *value += (0.5 - rank) as f32;
        }
        for value in &mut self.score {
            *value -= score as f32;
        }
        // Over a step that is a fair part of the spread: atoms have no derivative.
        let step = ((self.spread / 3.0 / WIDTH).round() as usize).clamp(1, BINS / 8);
        let (mut up, mut score_up) = (0.0, 0.0);
        for bin in 0..BINS {
            let (low, high) = (bin.saturating_sub(step), (bin + step).min(BINS - 1));
            up += share(bin) * f64::from(self.rank[high] - self.rank[low]);
            score_up += share(bin) * f64::from(self.score[high] - self.score[low]);
        }
        let width = 2.0 * step as f64 * WIDTH;
        self.rank_slope = (up / width).max(0.02);
        self.score_slope = (score_up / width).max(0.02);
    }

    /// The logarithm of the density at a bin; beyond the ends that of the last bin.
    #[inline(always)]
    pub(super) fn log_density(&self, bin: usize) -> f32 {
        self.log_density[bin.min(BINS - 1)]
    }

    /// The rank at a bin, `0.0..=1.0` or a little beyond.
    #[inline(always)]
    pub(super) fn rank(&self, bin: usize) -> f32 {
        self.rank[bin.min(BINS - 1)]
    }

    /// The normal score at a bin.
    #[inline(always)]
    pub(super) fn score(&self, bin: usize) -> f32 {
        self.score[bin.min(BINS - 1)]
    }

    /// The first bin of the tail.
    #[inline(always)]
    pub(super) fn tail(&self) -> usize {
        self.tail
    }

    /// The first bin of the far end of the tail.
    #[inline(always)]
    pub(super) fn far(&self) -> usize {
        self.far
    }

    /// The memory it takes beside its own size, in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.block.len()
    }

    /// The probability of each bin.
    pub(super) fn masses(&self) -> [f64; BINS] {
        self.log_density.map(|log| f64::from(log).exp())
    }
}

impl From<Shape> for Vec<u8> {
    fn from(shape: Shape) -> Self {
        shape.block.into()
    }
}

impl TryFrom<Vec<u8>> for Shape {
    type Error = &'static str;

    fn try_from(block: Vec<u8>) -> Result<Self, Self::Error> {
        let counts = unpack(&block).ok_or("a block that is none")?;
        let (shape, _) = Self::of(&counts).ok_or("a block without calls")?;
        Ok(*shape)
    }
}

/// A kernel estimate of the probability of each bin; `bandwidth` in bins.
fn smoothed(counts: impl Fn(usize) -> u32, n: u64, bandwidth: f64) -> [f64; BINS] {
    let n = n as f64;
    let reach = (3.0 * bandwidth).ceil().min(60.0) as usize;
    let kernel: Vec<f64> =
        (0..=reach)
            .map(|distance| {
                if reach == 0 { 1.0 } else { (-0.5 * (distance as f64 / bandwidth).powi(2)).exp() }
            })
            .collect();
    let total = 2.0 * kernel.iter().sum::<f64>() - kernel[0];
    let mut density = [0.0; BINS];
    for from in 0..BINS {
        let count = counts(from);
        if count == 0 {
            continue;
        }
        let mass = f64::from(count) / n / total;
        for (distance, weight) in kernel.iter().enumerate() {
            density[(from + distance).min(BINS - 1)] += mass * weight;
            if distance > 0 {
                density[from.saturating_sub(distance)] += mass * weight;
            }
        }
    }
    density
}

/// Makes no call impossible, and tells where the tail begins.
///
/// Below the tail, what is outside the block is as likely as a little of a wide Laplace density
/// has it. In the tail the block shows few calls, and none beyond the last one, where the next one
/// may well be: there the density is at least what exponential excesses over the beginning of the
/// tail foretell, of which no more is known than those calls say. These are excesses of the
/// logarithm, so that the duration falls like a power of itself (Hill, *A simple general approach
/// to inference about the tail of a distribution*, Annals of Statistics 3, 1975).
fn widen(density: &mut [f64; BINS], counts: impl Fn(usize) -> u32, n: u64) -> usize {
    let mut below = 0.0;
    let tail = density.iter().position(|mass| {
        below += mass;
        below >= TAIL
    });
    let tail = tail.map_or(BINS - 1, |last| (last + 1).min(BINS - 1));
    let (mut calls, mut excess) = (0.0, 0.0);
    for bin in tail..BINS {
        let count = f64::from(counts(bin));
        calls += count;
        excess += count * ((bin - tail) as f64 + 0.5);
    }
    let n = n as f64;
    let (calls, excess) = if calls < 1.0 { (1.0, 1.0) } else { (calls, excess.max(calls)) };
    let wide = 0.003 + 3.0 / (n + 3.0);
    let laplace = |bin: usize| (-middle(bin).abs()).exp() * WIDTH / 2.0;
    let wide_total: f64 = (0..BINS).map(laplace).sum();
    for (bin, mass) in density.iter_mut().enumerate() {
        *mass = if bin < tail {
            (1.0 - wide) * *mass + wide * laplace(bin) / wide_total
        } else {
            // What exponential excesses foretell whose rate has a gamma distribution: a Lomax one.
            let over = (bin - tail) as f64 + 0.5;
            let foretold = calls / excess * (1.0 + over / excess).powf(-calls - 1.0);
            mass.max(calls / n * foretold)
        };
    }
    let all: f64 = density.iter().sum();
    for mass in density {
        *mass /= all;
    }
    tail
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block of a normal residual, exactly.
    fn normal_block(sigma: f64, centre: f64, n: f64) -> [u32; BINS] {
        let normal = Normal::new(centre, sigma).unwrap();
        std::array::from_fn(|bin| {
            let low = LOWEST + bin as f64 * WIDTH;
            (n * (normal.cdf(low + WIDTH) - normal.cdf(low))).round() as u32
        })
    }

    #[test]
    fn a_normal_block_has_normal_scores_and_slopes() {
        let (shape, shift) = Shape::of(&normal_block(0.3, 0.5, 1e6)).unwrap();
        assert!((shift as f64 * WIDTH - 0.5).abs() <= WIDTH);
        assert!((shape.spread - 0.3).abs() < 0.01, "{}", shape.spread);
        assert!((shape.rank_variance - 1.0 / 12.0).abs() < 0.002);
        // The integral of the squared density is 1 / (2 sigma sqrt(pi)).
        let slope = 1.0 / (2.0 * 0.3 * std::f64::consts::PI.sqrt());
        assert!((shape.rank_slope / slope - 1.0).abs() < 0.05, "{}", shape.rank_slope);
        assert!((shape.score_slope * 0.3 - 1.0).abs() < 0.07, "{}", shape.score_slope);
        assert!((shape.tail_share - 0.05).abs() < 0.01);
        let up = shape.score(bin(0.3));
        assert!((up - 1.0).abs() < 0.1, "{up}");
    }

    #[test]
    fn the_likelihood_of_a_shift_is_that_of_normal_calls() {
        let (shape, _) = Shape::of(&normal_block(0.3, 0.0, 1e6)).unwrap();
        for residual in [-0.3_f64, 0.0, 0.2, 0.5] {
            let found = shape.log_density(bin(residual - 0.1)) - shape.log_density(bin(residual));
            let exact = (0.1 * residual - 0.005) / 0.09;
            assert!((f64::from(found) - exact).abs() < 0.12, "{residual}: {found}, {exact}");
        }
    }

    #[test]
    fn a_tail_goes_on_as_the_power_it_falls_by() {
        // Of a Pareto of index 2 a share of `0.05 / over^2` lies over so many beginnings of the tail.
        let n = 1e6;
        let block = std::array::from_fn(|bin| {
            let low = (LOWEST + bin as f64 * WIDTH).max(-0.5 * 2_f64.ln());
            let share = |at: f64| (-2.0 * (at + 0.5 * 2_f64.ln())).exp().min(1.0);
            (n * (share(low) - share(LOWEST + (bin + 1) as f64 * WIDTH)).max(0.0)).round() as u32
        });
        let (shape, _) = Shape::of(&block).unwrap();
        for over in [3.0_f64, 10.0] {
            let at = shape.tail() + (over.ln() / WIDTH) as usize;
            let found = f64::from(shape.log_density(at));
            let exact = (0.05 * 2.0 * WIDTH / over.powi(2)).ln();
            assert!((found - exact).abs() < 0.35, "{over}: {found}, {exact}");
        }
    }

    #[test]
    fn no_call_is_impossible() {
        let (shape, _) = Shape::of(&normal_block(0.02, 0.0, 200.0)).unwrap();
        assert!((0..BINS).all(|bin| shape.log_density(bin).is_finite()));
        assert!(Shape::of(&[0; BINS]).is_none());
    }
}
