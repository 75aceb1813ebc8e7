//! Rank tests: do two sets of numbers lie higher or lower, whatever their distribution?

use statrs::function::erf::erfc;

/// Above so many numbers a rank sum is taken as normal.
const EXACT_UP_TO: usize = 40;

/// What a rank test found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankTest {
    /// [`mann_whitney`]: the pairs in which the second set is higher, ties counted half.
    /// [`signed_rank`]: the sum of the ranks of the positive differences.
    pub statistic: f64,
    /// The two-sided p-value, `0.0..=1.0`: how probable it is, when nothing differs, that the
    /// statistic is at least as far from its middle.
    pub p: f64,
}

/// The test of Mann and Whitney: is a number of `second` higher than one of `first` in more, or in
/// fewer, than half of all pairs?
///
/// Up to 40 numbers the p-value is exact, with ties too: it is the share of all ways to deal the
/// ranks to the two sets, counted by the shift algorithm. Above, the rank sum is taken as normal,
/// with the variance that ties leave and the correction for continuity. A set that is empty answers
/// p = 1. Numbers are ordered by [`f64::total_cmp`].
///
/// Mann and Whitney, *Ann. Math. Statist.* 18 (1947); Streitberg and Röhmel, *Statistical Software
/// Newsletter* 12 (1986).
///
/// # Cost
/// A sort of all numbers; up to 40 of them at most half a million additions besides.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::stats::mann_whitney;
///
/// let before = [10.1, 9.8, 10.3, 9.9];
/// let after = [11.2, 10.9, 11.0, 11.4];
/// let test = mann_whitney(&before, &after);
/// assert_eq!(test.statistic, 16.0);
/// // Two of the 70 ways to deal eight ranks to two sets of four are as extreme.
/// assert!((test.p - 2.0 / 70.0).abs() < 1e-12);
/// ```
pub fn mann_whitney(first: &[f64], second: &[f64]) -> RankTest {
    let (m, n) = (first.len(), second.len());
    let all: Vec<f64> = first.iter().chain(second).copied().collect();
    let ranks = midranks(&all);
    let lowest = (n * (n + 1)) as f64 / 2.0;
    let statistic = ranks[m..].iter().sum::<f64>() - lowest;
    if m == 0 || n == 0 {
        return RankTest { statistic, p: 1.0 };
    }
    let middle = (m * n) as f64 / 2.0;
    let p = if m + n <= EXACT_UP_TO {
        let distance = (statistic - middle).abs();
        share_of(&rank_sums(&ranks, n), |sum| (sum - lowest - middle).abs() >= distance - 1e-9)
    } else {
        let count = (m + n) as f64;
        let variance = middle / 6.0 * (count + 1.0 - tie_term(&ranks) / (count * (count - 1.0)));
        normal_p(statistic - middle, variance)
    };
    RankTest { statistic, p }
}

/// Wilcoxon's test of signed ranks: do paired differences lie to one side of zero?
///
/// Differences of zero are left out. Up to 40 differences the p-value is exact, with ties too;
/// above, the sum is taken as normal. No difference at all answers p = 1.
///
/// Wilcoxon, *Biometrics Bulletin* 1 (1945).
///
/// # Cost
/// A sort of all differences; up to 40 of them at most 70,000 additions besides.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::stats::signed_rank;
///
/// let test = signed_rank(&[0.3, 0.1, 0.4, 0.2, 0.6, 0.5]);
/// assert_eq!(test.statistic, 21.0);
/// // Two of the 64 ways to sign six ranks are as extreme.
/// assert!((test.p - 2.0 / 64.0).abs() < 1e-12);
/// ```
pub fn signed_rank(differences: &[f64]) -> RankTest {
    let kept: Vec<f64> = differences.iter().copied().filter(|each| *each != 0.0).collect();
    let sizes: Vec<f64> = kept.iter().map(|each| each.abs()).collect();
    let ranks = midranks(&sizes);
    let statistic: f64 =
        kept.iter().zip(&ranks).filter(|(each, _)| **each > 0.0).map(|(_, rank)| rank).sum();
    let middle = ranks.iter().sum::<f64>() / 2.0;
    let p = if kept.is_empty() {
        1.0
    } else if kept.len() <= EXACT_UP_TO {
        let distance = (statistic - middle).abs();
        share_of(&signed_sums(&ranks), |sum| (sum - middle).abs() >= distance - 1e-9)
    } else {
        normal_p(statistic - middle, ranks.iter().map(|rank| rank * rank).sum::<f64>() / 4.0)
    };
    RankTest { statistic, p }
}

/// How many ways to sign the ranks 1 to `count` have each sum, from 0 on, in shares of all.
pub(crate) fn signed_rank_shares(count: usize) -> Vec<f64> {
    let ranks: Vec<f64> = (1..=count).map(|rank| rank as f64).collect();
    let ways = signed_sums(&ranks);
    let all: f64 = ways.iter().sum();
    // The sums were counted in half ranks, and without ties only whole ones occur.
    ways.iter().step_by(2).map(|each| each / all).collect()
}

/// Ranks from 1 on; equal numbers share the mean of theirs.
pub(crate) fn midranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    while start < order.len() {
        let value = values[order[start]];
        let same = order[start..].iter().take_while(|at| values[**at] == value).count().max(1);
        for at in &order[start..start + same] {
            ranks[*at] = (2 * start + same + 1) as f64 / 2.0;
        }
        start += same;
    }
    ranks
}

/// The sum of t³ - t over groups of t equal ranks.
fn tie_term(ranks: &[f64]) -> f64 {
    let mut sorted = ranks.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
        .chunk_by(|a, b| a == b)
        .map(|group| (group.len() as f64).powi(3) - group.len() as f64)
        .sum()
}

/// In how many ways `chosen` of the ranks have each sum; the index is twice the sum.
fn rank_sums(ranks: &[f64], chosen: usize) -> Vec<f64> {
    let doubled: Vec<usize> = ranks.iter().map(|rank| (2.0 * rank) as usize).collect();
    let width = doubled.iter().sum::<usize>() + 1;
    let mut ways = vec![vec![0.0; width]; chosen + 1];
    ways[0][0] = 1.0;
    for (dealt, rank) in doubled.iter().enumerate() {
        for taken in (0..chosen.min(dealt + 1)).rev() {
            for sum in 0..width - rank {
                ways[taken + 1][sum + rank] += ways[taken][sum];
            }
        }
    }
    ways.swap_remove(chosen)
}

/// In how many ways the ranks that are given a plus have each sum; the index is twice the sum.
fn signed_sums(ranks: &[f64]) -> Vec<f64> {
    let doubled: Vec<usize> = ranks.iter().map(|rank| (2.0 * rank) as usize).collect();
    let width = doubled.iter().sum::<usize>() + 1;
    let mut ways = vec![0.0; width];
    ways[0] = 1.0;
    for rank in doubled {
        for sum in (rank..width).rev() {
            ways[sum] += ways[sum - rank];
        }
    }
    ways
}

/// The share of ways whose sum is extreme.
fn share_of(ways: &[f64], extreme: impl Fn(f64) -> bool) -> f64 {
    let all: f64 = ways.iter().sum();
    let counted = ways.iter().enumerate().filter(|(twice, _)| extreme(*twice as f64 / 2.0));
    (counted.map(|(_, count)| count).sum::<f64>() / all).min(1.0)
}

/// Two-sided, corrected for continuity.
fn normal_p(distance: f64, variance: f64) -> f64 {
    if variance <= 0.0 {
        return 1.0;
    }
    let z = (distance.abs() - 0.5).max(0.0) / variance.sqrt();
    erfc(z / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mann_whitney_gives_the_p_value_of_hollander_and_wolfe() {
        // Nonparametric Statistical Methods (1973), p. 69: permeability of the human
        // chorioamnion. The one-sided p-value printed is 0.1272.
        let at_term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let earlier = [1.15, 0.88, 0.90, 0.74, 1.21];
        let test = mann_whitney(&earlier, &at_term);
        assert_eq!(test.statistic, 35.0);
        assert!((test.p - 2.0 * 0.1272).abs() < 1e-4, "{}", test.p);
    }

    #[test]
    #[expect(clippy::approx_constant, reason = "a published figure is 3.14")]
    fn signed_rank_gives_the_p_value_of_hollander_and_wolfe() {
        // p. 29: Hamilton depression scale factor. The one-sided p-value printed is 0.0195.
        let first = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30];
        let second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
        let differences: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
        let test = signed_rank(&differences);
        assert_eq!(test.statistic, 40.0);
        assert!((test.p - 2.0 * 0.019_531_25).abs() < 1e-12, "{}", test.p);
    }

    #[test]
    fn ties_are_dealt_exactly() {
        // Of the 6 ways to deal two of {1, 1, 2, 3}, with ranks 1.5, 1.5, 3, 4 and a middle sum
        // of 5, those with the sums 3 and 7 are as extreme as {2, 3}.
        let test = mann_whitney(&[1.0, 1.0], &[2.0, 3.0]);
        assert!((test.p - 2.0 / 6.0).abs() < 1e-12, "{}", test.p);
        assert_eq!(mann_whitney(&[4.0; 8], &[4.0; 5]).p, 1.0);
        assert_eq!(mann_whitney(&[4.0; 80], &[4.0; 50]).p, 1.0);
    }

    #[test]
    fn the_normal_p_value_meets_the_exact_one() {
        let first: Vec<f64> = (0..20).map(f64::from).collect();
        let second: Vec<f64> = (0..20).map(|i| f64::from(i) + 4.3).collect();
        let exact = mann_whitney(&first, &second);
        let count = 40.0;
        let approximate = normal_p(exact.statistic - 200.0, 400.0 / 12.0 * (count + 1.0));
        assert!((exact.p - approximate).abs() < 0.002, "{} {approximate}", exact.p);
    }

    #[test]
    fn shares_of_signed_sums_are_those_of_coin_tosses() {
        assert_eq!(signed_rank_shares(3), [1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0].map(|way| way / 8.0));
    }

    #[test]
    fn nothing_to_rank_is_no_difference() {
        assert_eq!(mann_whitney(&[], &[1.0]).p, 1.0);
        assert_eq!(signed_rank(&[0.0, 0.0]).p, 1.0);
    }
}
