//! `Shift`: by how much one set of numbers lies above another.

use statrs::function::erf::erfc_inv;

use crate::detect::interval::Interval;

/// By how much newer numbers lie above older ones, whatever their distribution, and undisturbed
/// by a few that lie far out.
///
/// Hodges and Lehmann, "Estimates of location based on rank tests", Ann. Math. Stat. 34 (1963):
/// the median of all differences, and the interval of shifts that the test of Mann and Whitney
/// does not reject, by its normal approximation with a correction for continuity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shift {
    pub(crate) by: f64,
    pub(crate) interval: Interval,
}

impl Shift {
    /// The shift from `older` to `newer`, with limits that it is beyond with a probability of
    /// `tail` on each side; `None` if one of the two is empty.
    pub(crate) fn between(older: &[f64], newer: &[f64], tail: f64) -> Option<Self> {
        let mut differences: Vec<f64> =
            newer.iter().flat_map(|new| older.iter().map(move |old| new - old)).collect();
        differences.sort_unstable_by(f64::total_cmp);
        let count = differences.len();
        let (low, high) =
            (differences.get(count.saturating_sub(1) / 2)?, differences.get(count / 2)?);
        let (n, m) = (older.len() as f64, newer.len() as f64);
        let z = std::f64::consts::SQRT_2 * erfc_inv(2.0 * tail);
        let rank = n * m / 2.0 + 0.5 - z * (n * m * (n + m + 1.0) / 12.0).sqrt();
        let interval = if rank < 1.0 {
            Interval { low: f64::NEG_INFINITY, high: f64::INFINITY }
        } else {
            let rank = rank as usize;
            Interval { low: differences[rank - 1], high: differences[count - rank] }
        };
        Some(Self { by: f64::midpoint(*low, *high), interval })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::dice::Dice;

    #[test]
    fn permeabilities_of_hollander_and_wolfe() {
        // "Nonparametric Statistical Methods", example 4.1: 0.305, and (-0.15, 0.76) at 95 %.
        let older = [1.15, 0.88, 0.90, 0.74, 1.21];
        let newer = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let shift = Shift::between(&older, &newer, 0.025).unwrap();
        let near = |found: f64, exact: f64| assert!((found - exact).abs() < 1e-9, "{found}");
        near(shift.by, 0.305);
        near(shift.interval.low, -0.15);
        near(shift.interval.high, 0.76);
    }

    #[test]
    fn too_few_numbers_set_no_limits() {
        let shift = Shift::between(&[1.0, 2.0], &[5.0, 6.0], 1e-5).unwrap();
        assert_eq!((shift.by, shift.interval.high), (4.0, f64::INFINITY));
        assert_eq!(Shift::between(&[], &[1.0], 0.1), None);
    }

    #[test]
    fn the_interval_holds_the_truth_as_often_as_it_says() {
        let mut dice = Dice::new(2);
        let runs = 2_000;
        let held = (0..runs)
            .filter(|_| {
                let older: Vec<_> = (0..16).map(|_| dice.log_normal(1.0, 1.0)).collect();
                let newer: Vec<_> = (0..8).map(|_| 3.0 + dice.log_normal(1.0, 1.0)).collect();
                Shift::between(&older, &newer, 0.05).unwrap().interval.contains(3.0)
            })
            .count();
        // 90 %, and three standard errors.
        assert!((held as f64 / f64::from(runs) - 0.9).abs() < 0.02, "{held}");
    }

    #[test]
    fn one_wild_number_moves_nothing() {
        let older: Vec<_> = (0..32).map(f64::from).collect();
        let mut newer: Vec<_> = (0..12).map(|n| f64::from(n * 2 + 4)).collect();
        let before = Shift::between(&older, &newer, 1e-5).unwrap();
        newer[3] = 1e12;
        let after = Shift::between(&older, &newer, 1e-5).unwrap();
        assert!((after.by - before.by).abs() <= 2.0, "{before:?} {after:?}");
        assert!(after.interval.low <= 0.0);
    }
}
