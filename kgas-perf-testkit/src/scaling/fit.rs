//! `Curve`: `a + b·h(n)` with `a` and `b` of 0 or more, fitted to medians in log space.

use crate::scaling::level::Level;

/// Values of the ratio of overhead to growth that are looked at before the best is refined.
const GRID: usize = 28;
/// Steps of the golden section, each of which leaves 0.618 of the bracket.
const REFINE: usize = 26;

/// A curve `overhead + factor·h(n)`, and how well it fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Curve {
    /// `a`, in seconds.
    pub(crate) overhead: f64,
    /// `b`, in seconds.
    pub(crate) factor: f64,
    /// The sum over the sizes of weight times squared residual.
    pub(crate) misfit: f64,
}

/// What is fitted: logarithms of medians, and what each weighs.
pub(crate) struct Target {
    pub(crate) sizes: Vec<f64>,
    logs: Vec<f64>,
    weights: Vec<f64>,
}

impl Target {
    /// Weighs each median by the variance of its logarithm: that of its repeats, and `floor`
    /// squared for what differs between sizes.
    pub(crate) fn of(levels: &[Level], floor: f64) -> Self {
        let weight = |level: &Level| 1.0 / (level.standard_error.powi(2) + floor * floor);
        Self {
            sizes: levels.iter().map(|level| level.size as f64).collect(),
            logs: levels.iter().map(|level| level.median_seconds.ln()).collect(),
            weights: levels.iter().map(weight).collect(),
        }
    }

    /// The range of the sizes.
    pub(crate) fn range(&self) -> (f64, f64) {
        (self.sizes[0], self.sizes[self.sizes.len() - 1])
    }

    /// The slope of the logarithm over the logarithm of the size, and the variance of that slope
    /// if the weights are right: ordinary weighted least squares.
    pub(crate) fn slope(&self) -> (f64, f64) {
        let total: f64 = self.weights.iter().sum();
        let xs: Vec<f64> = self.sizes.iter().map(|size| size.ln()).collect();
        let mean = |values: &[f64]| {
            values.iter().zip(&self.weights).map(|(v, w)| v * w).sum::<f64>() / total
        };
        let (mean_x, mean_y) = (mean(&xs), mean(&self.logs));
        let (mut xy, mut xx) = (0.0, 0.0);
        for ((x, y), w) in xs.iter().zip(&self.logs).zip(&self.weights) {
            xy += w * (x - mean_x) * (y - mean_y);
            xx += w * (x - mean_x).powi(2);
        }
        (xy / xx, 1.0 / xx)
    }

    /// The best constant.
    pub(crate) fn constant(&self) -> Curve {
        let (scale, misfit) = self.scaled(|_| 1.0);
        Curve { overhead: scale, factor: 0.0, misfit }
    }

    /// The best `a + b·h`, where `growth` holds `h` at each size, ascending and not below 0.
    ///
    /// In log space the scale has a closed form, which leaves one unknown: the ratio of the
    /// overhead to the growth at the largest size. It is searched for on a logarithmic grid that
    /// reaches from an overhead that nobody could see at the smallest size to a growth that nobody
    /// could see at the largest, both ends included, and then by golden section.
    pub(crate) fn fit(&self, growth: &[f64]) -> Curve {
        let largest = growth[growth.len() - 1];
        let smallest = growth.iter().copied().find(|g| *g > 0.0).unwrap_or(largest);
        let low = (smallest / largest).ln() - 5.0;
        let high = 5.0;
        let at = |log_ratio: f64| self.with_ratio(log_ratio.exp(), growth, largest);
        let mut best = self.with_ratio(0.0, growth, largest);
        let constant = self.constant();
        if constant.misfit < best.misfit {
            best = constant;
        }
        let step = (high - low) / (GRID - 1) as f64;
        let inner = (0..GRID)
            .map(|index| low + step * index as f64)
            .map(|log_ratio| (log_ratio, at(log_ratio)))
            .min_by(|a, b| a.1.misfit.total_cmp(&b.1.misfit));
        let Some((centre, found)) = inner else { return best };
        let refined = self.golden(centre - step, centre + step, &at);
        [found, refined]
            .into_iter()
            .fold(best, |best, curve| if curve.misfit < best.misfit { curve } else { best })
    }

    fn golden(&self, mut low: f64, mut high: f64, at: &impl Fn(f64) -> Curve) -> Curve {
        const SECTION: f64 = 0.618_033_988_749_894_9;
        let mut left = high - SECTION * (high - low);
        let mut right = low + SECTION * (high - low);
        let (mut at_left, mut at_right) = (at(left), at(right));
        for _ in 0..REFINE {
            if at_left.misfit <= at_right.misfit {
                (high, right, at_right) = (right, left, at_left);
                left = high - SECTION * (high - low);
                at_left = at(left);
            } else {
                (low, left, at_left) = (left, right, at_right);
                right = low + SECTION * (high - low);
                at_right = at(right);
            }
        }
        if at_left.misfit <= at_right.misfit { at_left } else { at_right }
    }

    fn with_ratio(&self, ratio: f64, growth: &[f64], largest: f64) -> Curve {
        let (scale, misfit) = self.scaled(|index| ratio + growth[index] / largest);
        Curve { overhead: scale * ratio, factor: scale / largest, misfit }
    }

    /// The best multiple of a shape, and its misfit.
    fn scaled(&self, shape: impl Fn(usize) -> f64) -> (f64, f64) {
        let (mut total, mut first, mut second) = (0.0, 0.0, 0.0);
        for (index, (log, weight)) in self.logs.iter().zip(&self.weights).enumerate() {
            let apart = log - shape(index).ln();
            total += weight;
            first += weight * apart;
            second += weight * apart * apart;
        }
        let mean = first / total;
        let misfit = second - first * mean;
        (mean.exp(), if misfit.is_finite() { misfit.max(0.0) } else { f64::INFINITY })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(at: impl Fn(f64) -> f64) -> Target {
        let levels: Vec<Level> = (0..8)
            .map(|step| 100 << step)
            .map(|size| Level {
                size,
                repeats: 5,
                median_seconds: at(size as f64),
                standard_error: 0.05,
                residual: 0.0,
            })
            .collect();
        Target::of(&levels, 0.02)
    }

    #[test]
    fn exact_costs_give_back_their_overhead_and_factor() {
        for overhead in [0.0, 1e-4, 1e-2, 1.0] {
            let target = target(|n| overhead + 3e-6 * n * n);
            let growth: Vec<f64> = target.sizes.iter().map(|n| n * n).collect();
            let curve = target.fit(&growth);
            assert!((curve.factor / 3e-6 - 1.0).abs() < 1e-3, "{curve:?}");
            assert!((curve.overhead - overhead).abs() < 1e-3 * (overhead + 3e-2), "{curve:?}");
            assert!(curve.misfit < 1e-3, "{curve:?}");
        }
    }

    #[test]
    fn neither_part_becomes_negative() {
        // A cost that begins with a discount would want an overhead below 0.
        let target = target(|n| 1e-6 * (n - 90.0));
        let curve = target.fit(&target.sizes.clone());
        assert!(curve.overhead >= 0.0 && curve.factor > 0.0);
        assert!(curve.misfit > 10.0, "{curve:?}");
        // A cost that falls is fitted best by no growth at all.
        let falling = self::target(|n| 1.0 / n);
        assert_eq!(falling.fit(&falling.sizes.clone()).factor, 0.0);
    }

    #[test]
    fn the_slope_of_a_power_is_its_exponent() {
        let (slope, variance) = target(|n| 7.0 * n.powf(1.5)).slope();
        assert!((slope - 1.5).abs() < 1e-12);
        // Weights of 1/(0.05² + 0.02²); the squares of the logarithms of 2^0 to 2^7 around their
        // mean sum to 42·ln²2.
        let expected = 0.0029 / (42.0 * std::f64::consts::LN_2.powi(2));
        assert!((variance / expected - 1.0).abs() < 1e-9, "{variance}");
    }
}
