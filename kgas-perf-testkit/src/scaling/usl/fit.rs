//! Least squares of the Universal Scalability Law, with bounds and without.

/// The three unknowns of the law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parameters {
    pub(super) lambda: f64,
    pub(super) sigma: f64,
    pub(super) kappa: f64,
}

impl Parameters {
    pub(super) fn at(&self, n: f64) -> f64 {
        self.lambda * n / denominator(self.sigma, self.kappa, n)
    }

    /// Where the throughput is highest; `None` where it never falls.
    pub(super) fn peak(&self) -> Option<f64> {
        let peak = ((1.0 - self.sigma) / self.kappa).sqrt();
        peak.is_finite().then_some(peak)
    }
}

fn denominator(sigma: f64, kappa: f64, n: f64) -> f64 {
    1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0)
}

/// The best law with `0 ≤ σ ≤ 1` and `0 ≤ κ`, and its sum of squares.
///
/// The best point without bounds is the answer if it keeps to them. Else the answer lies on a face,
/// which is a problem without bounds in fewer unknowns; of those that keep to the bounds the best
/// is taken.
pub(super) fn bounded(points: &[(f64, f64)]) -> (Parameters, f64) {
    let inside = |sigma: f64, kappa: f64| (0.0..=1.0).contains(&sigma) && kappa >= 0.0;
    if let Some(free) = minimise(points, [true, true], [0.0, 0.0])
        && inside(free[0], free[1])
    {
        let [sigma, kappa] = free;
        let lambda = lambda(points, free);
        return (Parameters { lambda, sigma, kappa }, squares(points, free));
    }
    let candidates = [
        minimise(points, [true, false], [0.0, 0.0]),
        minimise(points, [false, true], [0.0, 0.0]),
        minimise(points, [false, true], [1.0, 0.0]),
        Some([0.0, 0.0]),
        Some([1.0, 0.0]),
    ];
    let mut best = ([0.0, 0.0], f64::INFINITY);
    for candidate in candidates.into_iter().flatten() {
        let squares = squares(points, candidate);
        if inside(candidate[0], candidate[1]) && squares < best.1 {
            best = (candidate, squares);
        }
    }
    let [sigma, kappa] = best.0;
    (Parameters { lambda: lambda(points, best.0), sigma, kappa }, best.1)
}

/// Sums of squares with bounds and without, of residuals relative to the throughput: those of the
/// linear problem, which is exact where noise is a share of what is measured.
pub(super) fn relative(points: &[(f64, f64)]) -> (f64, f64) {
    let squares = |[sigma, kappa]: [f64; 2]| {
        let shape = |(n, x): &(f64, f64)| x / n * denominator(sigma, kappa, *n);
        let (first, second) = points
            .iter()
            .map(shape)
            .fold((0.0, 0.0), |(first, second), u| (first + u, second + u * u));
        (points.len() as f64 - first * first / second).max(0.0)
    };
    let free = squares(start(points, [true, true], [0.0, 0.0]));
    let faces = [[true, true], [true, false], [false, true], [false, false]];
    let kept = faces
        .map(|face| start(points, face, [0.0, 0.0]))
        .into_iter()
        .filter(|[sigma, kappa]| *sigma >= 0.0 && *kappa >= 0.0);
    (kept.map(squares).fold(f64::INFINITY, f64::min), free)
}

/// Levenberg and Marquardt's method on σ and κ, of which only the `free` ones move; λ is a ratio
/// of sums for any two of them (variable projection, Golub and Pereyra, 1973).
///
/// It starts from the linear problem `N/X = (1 + σ(N−1) + κN(N−1))/λ`, which has an answer in
/// closed form.
fn minimise(points: &[(f64, f64)], free: [bool; 2], fixed: [f64; 2]) -> Option<[f64; 2]> {
    let mut at = start(points, free, fixed);
    let mut least = squares(points, at);
    if !least.is_finite() {
        at = fixed;
        least = squares(points, at);
    }
    let mut damping = 1e-3;
    for _ in 0..200 {
        let residual = residuals(points, at);
        // The slopes of the residuals; λ follows along.
        let slopes: [Option<Vec<f64>>; 2] = [0, 1].map(|which| {
            free[which].then(|| {
                let step = 1e-7 * (1.0 + at[which].abs()) * if which == 1 { 1e-2 } else { 1.0 };
                let shifted = |by: f64| {
                    let mut moved = at;
                    moved[which] += by;
                    residuals(points, moved)
                };
                let (above, below) = (shifted(step), shifted(-step));
                above.iter().zip(&below).map(|(a, b)| (a - b) / (2.0 * step)).collect()
            })
        });
        let mut moved = None;
        for _ in 0..24 {
            let step = damped_step(&slopes, &residual, damping);
            let next = [at[0] + step[0], at[1] + step[1]];
            let squares = squares(points, next);
            if squares < least {
                moved = Some((next, squares));
                damping = (damping * 0.2).max(1e-14);
                break;
            }
            damping *= 5.0;
        }
        let Some((next, squares)) = moved else { break };
        let gained = least - squares;
        (at, least) = (next, squares);
        if gained <= 1e-13 * least {
            break;
        }
    }
    least.is_finite().then_some(at)
}

fn damped_step(slopes: &[Option<Vec<f64>>; 2], residual: &[f64], damping: f64) -> [f64; 2] {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    match slopes {
        [Some(s), Some(k)] => {
            let (ss, kk, sk) =
                (dot(s, s) * (1.0 + damping), dot(k, k) * (1.0 + damping), dot(s, k));
            let (rs, rk) = (-dot(s, residual), -dot(k, residual));
            let determinant = ss * kk - sk * sk;
            [(rs * kk - rk * sk) / determinant, (rk * ss - rs * sk) / determinant]
        }
        [Some(s), None] => [-dot(s, residual) / (dot(s, s) * (1.0 + damping)), 0.0],
        [None, Some(k)] => [0.0, -dot(k, residual) / (dot(k, k) * (1.0 + damping))],
        [None, None] => [0.0, 0.0],
    }
}

/// The answer to the linear problem: `N/X` regressed on 1, `N−1` and `N(N−1)`.
fn start(points: &[(f64, f64)], free: [bool; 2], fixed: [f64; 2]) -> [f64; 2] {
    // Unknowns are c = 1/λ, cσ and cκ; what is fixed stays with c.
    let mut matrix = [[0.0_f64; 4]; 3];
    for &(n, x) in points {
        let base = 1.0
            + if free[0] { 0.0 } else { fixed[0] * (n - 1.0) }
            + if free[1] { 0.0 } else { fixed[1] * n * (n - 1.0) };
        let row = [
            base,
            if free[0] { n - 1.0 } else { 0.0 },
            if free[1] { n * (n - 1.0) } else { 0.0 },
            n / x,
        ];
        for (one, line) in matrix.iter_mut().enumerate() {
            for (other, cell) in line.iter_mut().enumerate() {
                // Relative residuals: the inverse of a throughput weighs small ones too much.
                *cell += row[one] * row[other] * (x / n).powi(2);
            }
        }
    }
    for (which, free) in free.into_iter().enumerate() {
        if !free {
            matrix[which + 1][which + 1] = 1.0;
        }
    }
    let solved = solve(matrix);
    let value = |which: usize| {
        let value = solved[which + 1] / solved[0];
        if free[which] && value.is_finite() { value } else { fixed[which] }
    };
    [value(0), value(1)]
}

/// Gauss's elimination with the largest pivot.
fn solve(mut matrix: [[f64; 4]; 3]) -> [f64; 3] {
    for column in 0..3 {
        let pivot = (column..3)
            .max_by(|a, b| matrix[*a][column].abs().total_cmp(&matrix[*b][column].abs()))
            .unwrap_or(column);
        matrix.swap(column, pivot);
        let pivot_row = matrix[column];
        for (row, line) in matrix.iter_mut().enumerate() {
            if row != column {
                let factor = line[column] / pivot_row[column];
                for (cell, pivot) in line.iter_mut().zip(pivot_row) {
                    *cell -= factor * pivot;
                }
            }
        }
    }
    [0, 1, 2].map(|row| matrix[row][3] / matrix[row][row])
}

/// The best λ for a σ and a κ.
fn lambda(points: &[(f64, f64)], [sigma, kappa]: [f64; 2]) -> f64 {
    let (mut with, mut own) = (0.0, 0.0);
    for &(n, x) in points {
        let shape = n / denominator(sigma, kappa, n);
        with += x * shape;
        own += shape * shape;
    }
    with / own
}

fn residuals(points: &[(f64, f64)], at: [f64; 2]) -> Vec<f64> {
    let lambda = lambda(points, at);
    let law = Parameters { lambda, sigma: at[0], kappa: at[1] };
    points.iter().map(|(n, x)| law.at(*n) - x).collect()
}

/// The sum of squared residuals; infinite where the law has a pole within the measured range.
fn squares(points: &[(f64, f64)], at: [f64; 2]) -> f64 {
    if points.iter().any(|(n, _)| denominator(at[0], at[1], *n) <= 0.0) {
        return f64::INFINITY;
    }
    let sum: f64 = residuals(points, at).iter().map(|r| r * r).sum();
    if sum.is_finite() { sum } else { f64::INFINITY }
}
