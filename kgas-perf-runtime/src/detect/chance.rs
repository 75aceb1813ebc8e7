//! How probable it is to see so much, or more, where all is as it should be.
//!
//! Everything here answers the probability of one tail, never its logarithm, and 1 where nothing
//! is to be seen.

use statrs::function::beta::checked_beta_reg;
use statrs::function::erf::erfc;
use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur};

/// From so many on, sums are approximated: the exact continued fractions take too many steps.
const MANY: u64 = 5_000;

/// The probability of at least `found` among `calls` when each is one with probability `share`.
///
/// Exact up to 5,000 calls. Above, the normal approximation of Peizer and Pratt, "A normal
/// approximation for binomial, F, beta, and other common, related tail probabilities", J. Am.
/// Stat. Assoc. 63 (1968): there within 1 % of a probability of a millionth.
pub(crate) fn binomial_at_least(found: u64, calls: u64, share: f64) -> f64 {
    if found == 0 || share >= 1.0 {
        return 1.0;
    }
    // What is no number is no share either.
    if found > calls || share.is_nan() || share <= 0.0 {
        return 0.0;
    }
    let (x, n) = (found as f64, calls as f64);
    if calls <= MANY {
        return checked_beta_reg(x, n - x + 1.0, share).unwrap_or(1.0).clamp(0.0, 1.0);
    }
    let rest = 1.0 - share;
    let less = x - 1.0;
    let distance = less + 2.0 / 3.0 - (n + 1.0 / 3.0) * share
        + 0.02 * (rest / x - share / (n - less) + (rest - 0.5) / (n + 1.0));
    let bend =
        1.0 + rest * skew((less + 0.5) / (n * share)) + share * skew((n - less - 0.5) / (n * rest));
    normal_above(distance * (bend / ((n + 1.0 / 6.0) * share * rest)).sqrt())
}

/// The probability of at most `found` among `calls` when each is one with probability `share`.
pub(crate) fn binomial_at_most(found: u64, calls: u64, share: f64) -> f64 {
    if found >= calls {
        return 1.0;
    }
    binomial_at_least(calls - found, calls, 1.0 - share)
}

/// The function `g` of Peizer and Pratt; 0 at 1 and 1 at 0.
fn skew(ratio: f64) -> f64 {
    let off = 1.0 - ratio;
    if ratio <= 0.0 {
        1.0
    } else if off.abs() < 1e-3 {
        // Its series: the quotient would cancel.
        off / 3.0 + off * off / 6.0
    } else {
        (1.0 - ratio * ratio + 2.0 * ratio * ratio.ln()) / (off * off)
    }
}

/// The probability of at least `found` events where `expected` are expected.
///
/// Exact up to 5,000, above by the cube root of Wilson and Hilferty (1931).
pub(crate) fn poisson_at_least(found: u64, expected: f64) -> f64 {
    if found == 0 {
        return 1.0;
    }
    if expected.is_nan() || expected <= 0.0 {
        return 0.0;
    }
    if found <= MANY && expected <= MANY as f64 {
        return checked_gamma_lr(found as f64, expected).unwrap_or(1.0).clamp(0.0, 1.0);
    }
    normal_above(-cube_root(found as f64, expected))
}

/// The probability of at most `found` events where `expected` are expected.
pub(crate) fn poisson_at_most(found: u64, expected: f64) -> f64 {
    if expected.is_nan() || expected <= 0.0 {
        return 1.0;
    }
    let next = found as f64 + 1.0;
    if found <= MANY && expected <= MANY as f64 {
        return checked_gamma_ur(next, expected).unwrap_or(1.0).clamp(0.0, 1.0);
    }
    normal_above(cube_root(next, expected))
}

/// A gamma variable of this shape is above `value` with the probability that a standard normal
/// one is above this.
fn cube_root(shape: f64, value: f64) -> f64 {
    ((value / shape).cbrt() - 1.0 + 1.0 / (9.0 * shape)) * 3.0 * shape.sqrt()
}

/// The probability that a standard normal variable is above `z`.
pub(crate) fn normal_above(z: f64) -> f64 {
    if z.is_nan() { 1.0 } else { 0.5 * erfc(z / std::f64::consts::SQRT_2) }
}

/// The probability that a variable of Student's t distribution is above `t`.
pub(crate) fn student_above(t: f64, freedom: f64) -> f64 {
    if t.is_nan() || freedom.is_nan() || freedom <= 0.0 {
        return 1.0;
    }
    if freedom > MANY as f64 {
        return normal_above(t);
    }
    let outside = checked_beta_reg(freedom / 2.0, 0.5, freedom / (freedom + t * t));
    let half = outside.unwrap_or(1.0).clamp(0.0, 1.0) / 2.0;
    if t >= 0.0 { half } else { 1.0 - half }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, exact: f64, within: f64) {
        assert!((found / exact - 1.0).abs() < within, "{found:e} for {exact:e}");
    }

    #[test]
    fn a_run_of_bad_calls_has_the_product_of_their_chances() {
        near(binomial_at_least(4, 4, 0.05), 0.05_f64.powi(4), 1e-12);
        near(binomial_at_most(0, 100, 0.05), 0.95_f64.powi(100), 1e-12);
        assert_eq!(binomial_at_least(0, 10, 0.3), 1.0);
        assert_eq!(binomial_at_least(3, 10, 0.0), 0.0);
        assert_eq!(binomial_at_least(11, 10, 0.5), 0.0);
    }

    // Reference values: mpmath 1.3 at 40 digits, the large ones summed term by term.
    #[test]
    fn binomial_tails_are_exact_up_to_five_thousand_calls() {
        near(binomial_at_least(10, 100, 0.05), 2.81882941634e-2, 1e-9);
        near(binomial_at_least(95, 1_000, 0.05), 3.29497218085e-9, 1e-9);
        near(binomial_at_least(310, 5_000, 0.05), 9.27284545339e-5, 1e-9);
    }

    #[test]
    fn binomial_tails_of_many_calls_are_within_a_per_cent() {
        near(binomial_at_least(560, 10_000, 0.05), 3.59502538174e-3, 0.01);
        near(binomial_at_least(130, 10_000, 0.01), 2.17509134892e-3, 0.01);
        near(binomial_at_least(30, 20_000, 0.0005), 2.48565976795e-7, 0.01);
    }

    #[test]
    fn the_two_ways_to_a_binomial_tail_meet() {
        for found in [230_u64, 250, 300, 340] {
            let exact = binomial_at_least(found, MANY, 0.05);
            let approximate = binomial_at_least(found, MANY + 1, 0.05);
            near(approximate, exact, 0.02);
        }
    }

    #[test]
    fn poisson_tails_are_those_of_the_gamma_function() {
        near(poisson_at_least(20, 10.0), 3.45434197586e-3, 1e-9);
        near(poisson_at_most(20, 10.0), 0.998411739338, 1e-9);
        near(poisson_at_least(7_000, 6_600.0), 5.54787564392e-7, 0.01);
        near(poisson_at_most(6_000, 6_200.0), 5.45923315055e-3, 0.01);
    }

    #[test]
    fn tails_of_the_t_distribution_are_those_of_tables() {
        near(student_above(2.0, 5.0), 5.09697394149e-2, 1e-9);
        near(student_above(8.0, 9.0), 1.10674084047e-5, 1e-9);
        near(student_above(-4.0, 30.0), 1.0 - 1.90922818042e-4, 1e-9);
    }
}
