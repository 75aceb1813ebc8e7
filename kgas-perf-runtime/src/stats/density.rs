//! `Density`: the shape of a distribution, as a smooth curve, and what a shift does to it.

/// Cells of the grid to one kernel width.
const CELLS: usize = 8;
/// Kernel widths after which a kernel is nothing.
const REACH: usize = 5;
/// At most so many cells to either side of the median.
const HALF_GRID: f64 = 30_000.0;
/// Kernel widths, in those of Silverman's rule. Wider than best for the curve itself: its slope,
/// which is all that is used, needs more smoothing.
const WIDENING: f64 = 2.2;
/// The share of a wide Laplace density mixed in: what was never seen is not impossible.
const BACKGROUND: f64 = 0.05;

/// A kernel estimate of the density of a sample, read for its score: minus the slope of the log
/// density. The sum of scores is the statistic that finds a small shift of such a distribution
/// best, whatever its shape (Hájek and Šidák, *Theory of Rank Tests*, 1967).
///
/// Every number of the sample can be read with its own kernel left out, so that the curve does not
/// flatter the numbers it was drawn from.
///
/// Gaussian kernels on a grid (Silverman, *Density Estimation*, 1986).
#[derive(Debug)]
pub(crate) struct Density {
    /// Where the grid begins.
    start: f64,
    /// The width of a cell.
    cell: f64,
    /// The sum of all kernels at each grid point, and the slope of that sum.
    kernels: Vec<[f64; 2]>,
    count: f64,
    width: f64,
    median: f64,
    background_width: f64,
}

impl Density {
    /// The density of a sample of at least two finite numbers.
    pub(crate) fn of(sample: &[f64]) -> Self {
        let mut sorted = sample.to_vec();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len() - 1;
        let quantile = |q: f64| sorted[(q * last as f64).round() as usize];
        // The spread of the middle half; where more than half is one number, of nearly all.
        let robust = (quantile(0.75) - quantile(0.25)) / 1.349;
        let spread = robust
            .max(0.02 * (quantile(0.95) - quantile(0.05)))
            .max(1e-9 * quantile(0.5).abs())
            .max(1e-12);
        let width = WIDENING * 1.06 * spread * (sorted.len() as f64).powf(-0.2);
        let cell = width / CELLS as f64;
        let median = quantile(0.5);
        let reach = (REACH * CELLS) as f64 * cell;
        let start = (sorted[0] - reach).max(median - HALF_GRID * cell);
        let end = (sorted[last] + reach).min(median + HALF_GRID * cell);
        let mut density = Self {
            start,
            cell,
            kernels: vec![[0.0; 2]; ((end - start) / cell) as usize + 2],
            count: sorted.len() as f64,
            width,
            median,
            background_width: 3.0 * spread,
        };
        density.draw(&sorted);
        density
    }

    /// How far a number may move before the curve looks different.
    pub(crate) fn width(&self) -> f64 {
        self.width
    }

    /// The score at `place`, the kernel of the number `own` of the sample left out.
    pub(crate) fn score(&self, place: f64, own: f64) -> f64 {
        let [mut height, mut slope] = self.read(place);
        let [own_height, own_slope] = self.kernel(place - own);
        height = (height - own_height).max(0.0) / (self.count - 1.0);
        slope = (slope - own_slope) / (self.count - 1.0);
        let away = (place - self.median) / self.background_width;
        let far = BACKGROUND * (-away.abs()).exp() / (2.0 * self.background_width);
        let far_slope = -far * away.signum() / self.background_width;
        -((1.0 - BACKGROUND) * slope + far_slope)
            / ((1.0 - BACKGROUND) * height + far).max(f64::MIN_POSITIVE)
    }

    /// A kernel and its slope, at a distance from its middle.
    fn kernel(&self, distance: f64) -> [f64; 2] {
        let u = distance / self.width;
        let height = (-0.5 * u * u).exp() / (std::f64::consts::TAU.sqrt() * self.width);
        [height, -height * u / self.width]
    }

    /// Adds the kernel of every number, its weight split between the two grid points beside it.
    fn draw(&mut self, sorted: &[f64]) {
        let mut weights = vec![0.0; self.kernels.len()];
        for number in sorted {
            if let Some((at, part)) = self.place(*number) {
                weights[at] += 1.0 - part;
                weights[at + 1] += part;
            }
        }
        let reach = REACH * CELLS;
        let kernel: Vec<[f64; 2]> = (0..=2 * reach)
            .map(|step| self.kernel((step as f64 - reach as f64) * self.cell))
            .collect();
        for (at, weight) in weights.into_iter().enumerate() {
            if weight == 0.0 {
                continue;
            }
            for (step, [height, slope]) in kernel.iter().enumerate() {
                let Some(target) = (at + step).checked_sub(reach) else { continue };
                if let Some(sum) = self.kernels.get_mut(target) {
                    sum[0] += weight * height;
                    sum[1] += weight * slope;
                }
            }
        }
    }

    /// The grid point at or before a number, and how far in the cell it is; `None` off the grid.
    fn place(&self, number: f64) -> Option<(usize, f64)> {
        let cells = (number - self.start) / self.cell;
        let inside = cells >= 0.0 && cells < (self.kernels.len() - 1) as f64;
        inside.then(|| (cells as usize, cells.fract()))
    }

    /// The sum of kernels and its slope, between grid points.
    fn read(&self, number: f64) -> [f64; 2] {
        let Some((at, part)) = self.place(number) else { return [0.0; 2] };
        let (left, right) = (self.kernels[at], self.kernels[at + 1]);
        [0, 1].map(|which| left[which] * (1.0 - part) + right[which] * part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers that cut a standard normal distribution into equal shares.
    fn normal(count: usize) -> Vec<f64> {
        use statrs::function::erf::erfc_inv;
        (0..count)
            .map(|at| {
                let share = (at as f64 + 0.5) / count as f64;
                -std::f64::consts::SQRT_2 * erfc_inv(2.0 * share)
            })
            .collect()
    }

    #[test]
    fn the_score_of_a_normal_distribution_is_a_straight_line() {
        let sample = normal(4_000);
        let density = Density::of(&sample);
        // Kernels of the width h widen the variance from 1 to 1 + h².
        let slope = 1.0 / (1.0 + density.width() * density.width());
        for at in [-1.5, -0.5, 0.0, 0.7, 1.4] {
            let score = density.score(at, 1e9);
            assert!((score - at * slope).abs() < 0.06, "{at}: {score}");
        }
    }

    #[test]
    fn a_number_does_not_vouch_for_itself() {
        let mut sample = normal(100);
        sample.push(40.0);
        let density = Density::of(&sample);
        // Alone with its own kernel the far number would sit on a peak, with a slope of zero.
        assert!((density.score(40.0, 40.0) - 1.0 / density.background_width).abs() < 1e-6);
        assert!(density.score(40.0, 1e9).abs() < 1e-2);
    }

    #[test]
    fn every_sample_has_finite_scores() {
        for sample in [vec![1.0, 1.0], vec![0.0; 50], vec![-1e9, 0.0, 1e-9, 1e9], normal(3)] {
            let density = Density::of(&sample);
            for number in &sample {
                assert!(density.score(*number, *number).is_finite(), "{sample:?}");
            }
        }
    }
}
