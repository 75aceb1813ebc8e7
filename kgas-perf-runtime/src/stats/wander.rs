//! `Wander`: a level that moves by itself, seen through independent noise.

/// A level that follows an Ornstein-Uhlenbeck process, observed with independent noise: what a
/// machine does to durations while the code stays the same.
///
/// Observations come with a weight, the number of samples whose mean they are; noise has the
/// variance 1 at the weight 1, and everything else is told in units of it. The filter is Kalman's
/// (*J. Basic Eng.* 82, 1960), the smoother that of Rauch, Tung and Striebel (*AIAA J.* 3, 1965).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Wander {
    /// The variance of the level, in variances of the noise.
    variance: f64,
    /// How much of the level is left after one observation.
    decay: f64,
}

impl Wander {
    /// No wander: the level stands still.
    pub(crate) const NONE: Self = Self { variance: 0.0, decay: 0.0 };

    /// A level of this variance, in variances of the noise, whose correlation has fallen to 1/e
    /// after `time` observations.
    pub(crate) fn new(variance: f64, time: f64) -> Self {
        Self { variance, decay: (-1.0 / time).exp() }
    }

    /// What least squares need to know about the columns of `rows` once the correlation that the
    /// wander brings is taken out.
    pub(crate) fn whiten<const K: usize>(
        self,
        rows: impl Iterator<Item = ([f64; K], f64)>,
    ) -> Whitened<K> {
        let mut whitened = Whitened { products: [[0.0; K]; K], log_det: 0.0 };
        let mut expected = [0.0; K];
        let mut uncertainty = self.variance;
        let fresh = self.variance * (1.0 - self.decay * self.decay);
        for (row, weight) in rows {
            let total = uncertainty + 1.0 / weight;
            let gain = uncertainty / total;
            whitened.log_det += total.ln();
            let mut news = [0.0; K];
            for i in 0..K {
                news[i] = row[i] - expected[i];
            }
            for i in 0..K {
                let left = news[i] / total;
                for (j, right) in news.iter().enumerate().skip(i) {
                    whitened.products[i][j] += left * right;
                }
                expected[i] = self.decay * (expected[i] + gain * news[i]);
            }
            uncertainty = self.decay * self.decay * uncertainty * (1.0 - gain) + fresh;
        }
        for i in 0..K {
            for j in 0..i {
                whitened.products[i][j] = whitened.products[j][i];
            }
        }
        whitened
    }

    /// The most probable level at each observation, given all of them; its mean is zero.
    pub(crate) fn smooth(self, observed: &[(f64, f64)]) -> Vec<f64> {
        let fresh = self.variance * (1.0 - self.decay * self.decay);
        let mut filtered = Vec::with_capacity(observed.len());
        let (mut mean, mut uncertainty) = (0.0, self.variance);
        for (value, weight) in observed {
            let gain = uncertainty / (uncertainty + 1.0 / weight);
            let now = mean + gain * (value - mean);
            filtered.push((now, uncertainty * (1.0 - gain)));
            mean = self.decay * now;
            uncertainty = self.decay * self.decay * uncertainty * (1.0 - gain) + fresh;
        }
        let mut levels: Vec<f64> = filtered.iter().map(|(now, _)| *now).collect();
        for at in (0..levels.len().saturating_sub(1)).rev() {
            let (now, left) = filtered[at];
            let ahead = self.decay * self.decay * left + fresh;
            if ahead > 0.0 {
                levels[at] = now + self.decay * left / ahead * (levels[at + 1] - self.decay * now);
            }
        }
        levels
    }
}

/// Sums of products of columns, each observation weighted as its correlation with the earlier ones
/// allows, and the logarithm of the determinant of the covariance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whitened<const K: usize> {
    /// Column against column, symmetric.
    pub(crate) products: [[f64; K]; K],
    /// Grows by what each [`Self::take_out`] adds.
    pub(crate) log_det: f64,
}

impl<const K: usize> Whitened<K> {
    /// Integrates over the coefficient of a column: a normal one of mean zero and this variance in
    /// units of the noise, or any number at all if it is `None`.
    pub(crate) fn take_out(mut self, column: usize, variance: Option<f64>) -> Self {
        let mut pivot = self.products[column][column];
        if let Some(variance) = variance {
            pivot += 1.0 / variance;
            self.log_det += variance.ln();
        }
        let pivot = pivot.max(f64::MIN_POSITIVE);
        self.log_det += pivot.ln();
        let row = self.products[column];
        for i in 0..K {
            for j in 0..K {
                if i != column && j != column {
                    self.products[i][j] -= row[i] * row[j] / pivot;
                }
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERIES: [f64; 6] = [0.3, -0.2, 1.1, 0.9, 1.4, 0.2];
    const WEIGHTS: [f64; 6] = [1.0, 2.0, 1.0, 0.5, 1.0, 1.0];

    /// The covariance matrix of the observations, and of the level with them.
    fn covariance(variance: f64, time: f64) -> ([[f64; 6]; 6], [[f64; 6]; 6]) {
        let mut level = [[0.0; 6]; 6];
        for (i, row) in level.iter_mut().enumerate() {
            for (j, cell) in row.iter_mut().enumerate() {
                *cell = variance * (-(i.abs_diff(j) as f64) / time).exp();
            }
        }
        let mut observed = level;
        for (i, weight) in WEIGHTS.iter().enumerate() {
            observed[i][i] += 1.0 / weight;
        }
        (observed, level)
    }

    /// Solves a symmetric system by elimination; answers the solution and the log determinant.
    fn solve(mut matrix: [[f64; 6]; 6], mut right: [f64; 6]) -> ([f64; 6], f64) {
        let mut log_det = 0.0;
        for at in 0..6 {
            log_det += matrix[at][at].ln();
            for below in at + 1..6 {
                let factor = matrix[below][at] / matrix[at][at];
                let pivot = matrix[at];
                for (cell, above) in matrix[below].iter_mut().zip(pivot) {
                    *cell -= factor * above;
                }
                right[below] -= factor * right[at];
            }
        }
        for at in (0..6).rev() {
            let known: f64 = (at + 1..6).map(|j| matrix[at][j] * right[j]).sum();
            right[at] = (right[at] - known) / matrix[at][at];
        }
        (right, log_det)
    }

    #[test]
    fn whitening_is_the_inverse_of_the_covariance() {
        let (observed, _) = covariance(0.7, 3.0);
        let (solved, log_det) = solve(observed, SERIES);
        let square: f64 = SERIES.iter().zip(solved).map(|(a, b)| a * b).sum();
        let rows = SERIES.iter().zip(WEIGHTS).map(|(value, weight)| ([*value, 1.0], weight));
        let whitened = Wander::new(0.7, 3.0).whiten(rows);
        assert!((whitened.products[0][0] - square).abs() < 1e-12);
        assert!((whitened.products[1][0] - solved.iter().sum::<f64>()).abs() < 1e-12);
        assert!((whitened.log_det - log_det).abs() < 1e-12);
    }

    #[test]
    fn taking_a_mean_out_leaves_the_sum_of_squared_deviations() {
        let rows = SERIES.iter().map(|value| ([*value, 1.0], 1.0));
        let left = Wander::NONE.whiten(rows).take_out(1, None).products[0][0];
        let mean = SERIES.iter().sum::<f64>() / 6.0;
        let squares: f64 = SERIES.iter().map(|value| (value - mean).powi(2)).sum();
        assert!((left - squares).abs() < 1e-12);
    }

    #[test]
    fn smoothing_is_the_conditional_mean() {
        let (observed, level) = covariance(0.7, 3.0);
        let (solved, _) = solve(observed, SERIES);
        let seen: Vec<_> = SERIES.into_iter().zip(WEIGHTS).collect();
        for (at, smoothed) in Wander::new(0.7, 3.0).smooth(&seen).into_iter().enumerate() {
            let mean: f64 = level[at].iter().zip(solved).map(|(a, b)| a * b).sum();
            assert!((smoothed - mean).abs() < 1e-12, "{at}: {smoothed} {mean}");
        }
        assert_eq!(Wander::NONE.smooth(&seen), [0.0; 6]);
    }
}
