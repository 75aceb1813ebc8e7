//! `LineFits`: what a level, or a line, leaves of any stretch of a series.

/// Running sums over a series, from which the residual sum of squares of any stretch is read at
/// once, however long it is.
#[derive(Debug)]
pub(crate) struct LineFits {
    sums: Vec<Sums>,
}

/// Sums over the first values of a series.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    time: f64,
    time_squared: f64,
    value: f64,
    value_squared: f64,
    both: f64,
}

/// The sums of squares that fits leave of a stretch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Residuals {
    /// About the mean.
    pub(crate) level: f64,
    /// About the least-squares line.
    pub(crate) line: f64,
}

impl LineFits {
    /// The running sums of a series, best of one whose mean is zero and whose variance is one.
    pub(crate) fn of(series: &[f64]) -> Self {
        let mut sums = Vec::with_capacity(series.len() + 1);
        let mut sum = Sums::default();
        sums.push(sum);
        for (at, value) in series.iter().enumerate() {
            // Time from 0 to 1 keeps all sums of one size.
            let time = at as f64 / series.len() as f64;
            sum.time += time;
            sum.time_squared += time * time;
            sum.value += value;
            sum.value_squared += value * value;
            sum.both += time * value;
            sums.push(sum);
        }
        Self { sums }
    }

    /// What fits leave of the stretch from `start` up to, and without, `end`.
    pub(crate) fn residuals(&self, start: usize, end: usize) -> Residuals {
        let (a, b) = (self.sums[start], self.sums[end]);
        let count = (end - start) as f64;
        let (time, value) = (b.time - a.time, b.value - a.value);
        let level = (b.value_squared - a.value_squared - value * value / count).max(0.0);
        let spread = b.time_squared - a.time_squared - time * time / count;
        let shared = b.both - a.both - time * value / count;
        let line = if end - start > 2 && spread > 0.0 {
            (level - shared * shared / spread).max(0.0)
        } else {
            level
        };
        Residuals { level, line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_leaves_nothing_of_a_line() {
        let series: Vec<f64> = (0..50).map(|at| 3.0 - 0.1 * f64::from(at)).collect();
        let left = LineFits::of(&series).residuals(10, 40);
        assert!(left.line < 1e-9, "{left:?}");
        // The variance of thirty equally spaced numbers is (30² - 1) / 12 steps.
        assert!((left.level - 30.0 * 0.01 * 899.0 / 12.0).abs() < 1e-9, "{left:?}");
    }

    #[test]
    fn residuals_are_those_of_least_squares() {
        // Anscombe's first set (The American Statistician 27, 1973) in the order of x: the
        // residual sum of squares about the line is 13.763, about the mean 41.273.
        let set = [4.26, 5.68, 7.24, 4.82, 6.95, 8.81, 8.04, 8.33, 10.84, 7.58, 9.96];
        let left = LineFits::of(&set).residuals(0, 11);
        assert!((left.line - 13.763).abs() < 1e-3, "{left:?}");
        assert!((left.level - 41.273).abs() < 1e-3, "{left:?}");
    }
}
