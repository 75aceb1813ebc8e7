//! By how much one set of numbers lies higher than another.

use super::rank::signed_rank_shares;

/// The estimate of Hodges and Lehmann: the median of all differences between a number of `second`
/// and one of `first`, in their unit. Zero if a set is empty.
///
/// It is the shift at which the test of Mann and Whitney finds no difference: nearly as precise as
/// the difference of means where that is best, and unharmed by outliers.
///
/// Hodges and Lehmann, *Ann. Math. Statist.* 34 (1963).
///
/// # Cost
/// Two sorts and about sixty passes over both sets; no list of all differences is made.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::stats::shift;
///
/// let before = [1.0, 2.0, 3.0, 4.0];
/// let after = [3.5, 4.5, 5.5, 1_000.0];
/// assert!((shift(&before, &after) - 2.5).abs() < 1e-9);
/// ```
pub fn shift(first: &[f64], second: &[f64]) -> f64 {
    let (mut first, mut second) = (first.to_vec(), second.to_vec());
    first.sort_by(f64::total_cmp);
    second.sort_by(f64::total_cmp);
    let (Some(lowest), Some(highest)) = (first.first(), first.last()) else { return 0.0 };
    let (Some(low), Some(high)) = (second.first(), second.last()) else { return 0.0 };
    let (least, most) = (low - highest, high - lowest);
    let pairs = first.len() * second.len();
    // The middle difference, or the mean of the two in the middle.
    let below = difference_of_rank(&first, &second, pairs.div_ceil(2), least, most);
    if pairs % 2 == 1 {
        return below;
    }
    0.5 * (below + difference_of_rank(&first, &second, pairs / 2 + 1, below, most))
}

/// The smallest number, to a part in 10^17 of the range, that at least `rank` differences of two
/// sorted sets do not exceed.
fn difference_of_rank(first: &[f64], second: &[f64], rank: usize, least: f64, most: f64) -> f64 {
    let reaches = |bound: f64| {
        let mut passed = 0;
        let mut count = 0;
        for value in second {
            while passed < first.len() && first[passed] < value - bound {
                passed += 1;
            }
            count += first.len() - passed;
        }
        count >= rank
    };
    let (mut low, mut high) = (least, most);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if reaches(middle) { high = middle } else { low = middle }
    }
    high
}

/// The estimate of Hodges and Lehmann for paired differences, and an interval that holds the truth
/// with at least the probability `confidence`, from the test of signed ranks.
///
/// The interval is infinite where there are too few differences for any bound.
///
/// # Cost
/// Memory and a sort of n (n + 1) / 2 numbers: it is for few differences.
pub(crate) fn paired_shift(differences: &[f64], confidence: f64) -> (f64, (f64, f64)) {
    let count = differences.len();
    let mut walsh: Vec<f64> = (0..count)
        .flat_map(|i| (i..count).map(move |j| (i, j)))
        .map(|(i, j)| 0.5 * (differences[i] + differences[j]))
        .collect();
    walsh.sort_by(f64::total_cmp);
    let averages = walsh.len();
    if averages == 0 {
        return (0.0, (f64::NEG_INFINITY, f64::INFINITY));
    }
    let middle = 0.5 * (walsh[(averages - 1) / 2] + walsh[averages / 2]);
    let mut tail = 0.0;
    let cut = signed_rank_shares(count)
        .iter()
        .take_while(|share| {
            tail += **share;
            tail <= (1.0 - confidence) / 2.0
        })
        .count();
    if cut == 0 {
        return (middle, (f64::NEG_INFINITY, f64::INFINITY));
    }
    (middle, (walsh[cut - 1], walsh[averages - cut]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shift_is_the_median_of_all_differences() {
        let first = [0.3, 1.7, 0.2, 9.0, 4.4];
        let second = [2.2, 0.1, 5.0, 5.5];
        let mut differences: Vec<f64> =
            second.iter().flat_map(|b| first.iter().map(move |a| b - a)).collect();
        differences.sort_by(f64::total_cmp);
        let median = 0.5 * (differences[9] + differences[10]);
        assert!((shift(&first, &second) - median).abs() < 1e-12);
        assert!(
            (shift(&first, &first[..3]) - {
                let mut all: Vec<f64> =
                    first[..3].iter().flat_map(|b| first.iter().map(move |a| b - a)).collect();
                all.sort_by(f64::total_cmp);
                all[7]
            })
            .abs()
                < 1e-12
        );
    }

    #[test]
    fn shift_of_equal_numbers_is_their_difference() {
        assert!((shift(&[2.0; 7], &[2.5; 4]) - 0.5).abs() < 1e-12);
        assert_eq!(shift(&[], &[1.0]), 0.0);
    }

    #[test]
    #[expect(clippy::approx_constant, reason = "a published figure is 3.14")]
    fn the_paired_interval_is_that_of_hollander_and_wolfe() {
        // Nonparametric Statistical Methods (1973), p. 29: estimate 0.46; of the 45 Walsh averages
        // of nine differences the sixth from either end bound 96.1 %.
        let first = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30];
        let second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
        let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
        let (estimate, (low, high)) = paired_shift(&differences, 0.95);
        assert!((estimate - 0.46).abs() < 1e-9, "{estimate}");
        assert!((low - 0.01).abs() < 1e-9 && (high - 0.786).abs() < 1e-9, "{low} {high}");
    }

    #[test]
    fn too_few_differences_bound_nothing() {
        assert_eq!(paired_shift(&[0.1; 5], 0.95).1, (f64::NEG_INFINITY, f64::INFINITY));
        assert_eq!(paired_shift(&[0.1; 6], 0.95).1, (0.1, 0.1));
    }
}
