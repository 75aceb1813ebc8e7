//! `Slope`: how fast a series rises, whatever a minority of its values do.

use statrs::function::erf::erfc_inv;

/// How fast a series rises, with an interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// The median of the slopes between all pairs of points.
    pub estimate: f64,
    /// The interval's ends.
    pub low: f64,
    /// The upper one.
    pub high: f64,
}

/// The estimate of Theil and Sen: the median of the slopes between all pairs of points, with the
/// interval that Kendall's rank correlation gives it. Up to 29 % of the points may be anything.
///
/// Points are pairs of time and value; those of equal time make no slope. `None` with fewer than
/// two different times. The interval takes points as independent of each other: where neighbours
/// are alike it is too narrow.
///
/// Theil, *Proc. Kon. Ned. Akad. Wetensch.* 53 (1950); Sen, *J. Amer. Statist. Assoc.* 63 (1968).
///
/// # Cost
/// n² / 2 slopes are sorted: meant for some dozens of points.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::stats::theil_sen;
///
/// // One value of ten is far off.
/// let points: Vec<_> =
///     (0..10).map(|x| (f64::from(x), if x == 4 { 900.0 } else { 2.0 * f64::from(x) })).collect();
/// let slope = theil_sen(&points, 0.95).unwrap();
/// assert_eq!(slope.estimate, 2.0);
/// assert!(slope.low <= 2.0 && 2.0 <= slope.high);
/// ```
pub fn theil_sen(points: &[(f64, f64)], confidence: f64) -> Option<Slope> {
    let mut slopes = Vec::with_capacity(points.len() * points.len().saturating_sub(1) / 2);
    for (index, (x, y)) in points.iter().enumerate() {
        for (later_x, later_y) in &points[index + 1..] {
            let slope = (later_y - y) / (later_x - x);
            if later_x != x && slope.is_finite() {
                slopes.push(slope);
            }
        }
    }
    slopes.sort_unstable_by(f64::total_cmp);
    let estimate = median(&slopes)?;
    let half = half_width(points, confidence);
    let middle = slopes.len() as f64 / 2.0;
    // The ranks, from 1 on, of Sen's equations 4.6; beyond the first and last there is no bound.
    let rank = |rank: f64, outside: f64| {
        let index = rank - 1.0;
        if index < 0.0 || index >= slopes.len() as f64 { outside } else { slopes[index as usize] }
    };
    Some(Slope {
        estimate,
        low: rank((middle - half).floor(), f64::NEG_INFINITY),
        high: rank((middle + half).ceil() + 1.0, f64::INFINITY),
    })
}

/// Half of what Kendall's score may be, in pairs, where nothing rises or falls: by its variance,
/// less what equal values take off.
fn half_width(points: &[(f64, f64)], confidence: f64) -> f64 {
    let term = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let mut values: Vec<f64> = points.iter().map(|(_, y)| *y).collect();
    values.sort_unstable_by(f64::total_cmp);
    let ties: f64 = values.chunk_by(|a, b| a == b).map(|same| term(same.len() as f64)).sum();
    let variance = (term(points.len() as f64) - ties).max(0.0) / 18.0;
    let z = std::f64::consts::SQRT_2 * erfc_inv(1.0 - confidence.clamp(0.0, 1.0 - 1e-9));
    z * variance.sqrt() / 2.0
}

/// The median of numbers in ascending order.
pub(crate) fn median(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_that_of_hollander_and_wolfe() {
        // Nonparametric Statistical Methods (1973), p. 201: the effect of cloud seeding over five
        // years; the ten slopes have the median -0.056.
        let ratios = [1.26, 1.27, 1.12, 1.16, 1.03];
        let points: Vec<_> = ratios.iter().enumerate().map(|(x, y)| (x as f64, *y)).collect();
        let slope = theil_sen(&points, 0.95).unwrap();
        assert!((slope.estimate + 0.05625).abs() < 1e-9, "{slope:?}");
        // Kendall's variance of five points is 50/3: the interval spans all ten slopes.
        assert!(slope.low <= -0.15 && slope.high >= 0.04, "{slope:?}");
    }

    #[test]
    fn the_interval_holds_the_truth_as_often_as_it_says() {
        let mut state = 7_u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let held = (0..2_000)
            .filter(|_| {
                let points: Vec<_> = (0..24)
                    .map(|x| (f64::from(x), 0.3 * f64::from(x) + 20.0 * uniform()))
                    .collect();
                let slope = theil_sen(&points, 0.95).unwrap();
                slope.low <= 0.3 && 0.3 <= slope.high
            })
            .count();
        let share = held as f64 / 2_000.0;
        assert!((0.94..0.975).contains(&share), "{share}");
    }

    #[test]
    fn without_two_times_there_is_no_slope_and_with_equal_values_it_is_zero() {
        assert_eq!(theil_sen(&[], 0.95), None);
        assert_eq!(theil_sen(&[(1.0, 2.0), (1.0, 5.0)], 0.95), None);
        let flat: Vec<_> = (0..9).map(|x| (f64::from(x), 4.0)).collect();
        let slope = theil_sen(&flat, 0.95).unwrap();
        assert_eq!((slope.estimate, slope.low, slope.high), (0.0, 0.0, 0.0));
    }
}
