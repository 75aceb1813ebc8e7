//! `Interval`: how far the truth may lie from what a few calls show.

use crate::detect::chance::{
    binomial_at_least, binomial_at_most, poisson_at_least, poisson_at_most, student_above,
};

/// Halvings of a range in search of a limit: 2⁻⁵⁰ of it is beyond a floating-point number's worth.
const HALVINGS: u32 = 50;

/// A range that holds the true value with a stated confidence, if calls are independent.
///
/// `confidence` is `0.0..1.0` throughout, half of the rest to each side.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::detect::Interval;
///
/// // No error in 100 calls: the rule of three says at most about 3 %.
/// let errors = Interval::of_share(0, 100, 0.95);
/// assert_eq!(errors.low, 0.0);
/// assert!(errors.high > 0.03 && errors.high < 0.04);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lowest value it may be.
    pub low: f64,
    /// The highest value it may be; infinite where the calls set no limit.
    pub high: f64,
}

impl Interval {
    /// The interval of what is known exactly.
    pub const fn exactly(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// Whether it holds a value.
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// The share of which `found` of `calls` are a sample; all of `0.0..=1.0` without calls.
    ///
    /// Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of
    /// the binomial", Biometrika 26 (1934): never holds the truth less often than it says.
    pub fn of_share(found: u64, calls: u64, confidence: f64) -> Self {
        let tail = (1.0 - confidence) / 2.0;
        let low = if found == 0 {
            0.0
        } else {
            crossing(0.0, 1.0, |share| binomial_at_least(found, calls, share) > tail)
        };
        let high = if found >= calls {
            1.0
        } else {
            crossing(0.0, 1.0, |share| binomial_at_most(found, calls, share) <= tail)
        };
        Self { low, high }
    }

    /// How many events are to be expected where `found` were seen.
    ///
    /// Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936).
    pub fn of_count(found: u64, confidence: f64) -> Self {
        let tail = (1.0 - confidence) / 2.0;
        let seen = found as f64;
        let wide = 20.0 + 20.0 * seen.sqrt();
        let low = if found == 0 {
            0.0
        } else {
            crossing((seen - wide).max(0.0), seen, |mean| poisson_at_least(found, mean) > tail)
        };
        let high = crossing(seen, seen + wide, |mean| poisson_at_most(found, mean) <= tail);
        Self { low, high }
    }

    /// The mean of which `count` values with this mean and standard deviation are a sample, by
    /// Student's t; without limits for fewer than two values.
    pub fn of_mean(mean: f64, std_dev: f64, count: u64, confidence: f64) -> Self {
        if count < 2 {
            return Self { low: f64::NEG_INFINITY, high: f64::INFINITY };
        }
        let (n, tail) = (count as f64, (1.0 - confidence) / 2.0);
        // With one degree of freedom t reaches 6.4e5 at a millionth.
        let t = crossing(0.0, 1e6, |t| student_above(t, n - 1.0) <= tail);
        let off = t * std_dev / n.sqrt();
        Self { low: mean - off, high: mean + off }
    }

    /// The ranks, from 1 to `calls`, between whose values a quantile lies; `None` in place of a
    /// rank where the calls set no limit on that side.
    ///
    /// Distribution-free, by the number of calls that do not exceed the quantile: David and
    /// Nagaraja, "Order Statistics" (2003), section 7.1.
    pub(crate) fn ranks(calls: u64, quantile: f64, confidence: f64) -> (Option<u64>, Option<u64>) {
        let tail = (1.0 - confidence) / 2.0;
        // The largest rank that is too high with the probability of a tail at most.
        let too_high = |rank: u64| binomial_at_most(rank - 1, calls, quantile) > tail;
        let low = first(calls, too_high) - 1;
        let far_enough = |rank: u64| binomial_at_least(rank, calls, quantile) <= tail;
        let high = first(calls, far_enough);
        ((low > 0).then_some(low), (high <= calls).then_some(high))
    }
}

/// Where in a range a condition begins to hold that holds from there on.
fn crossing(from: f64, to: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (from, to);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The first of `1..=last` for which a condition holds that holds from there on; `last + 1` if
/// there is none.
fn first(last: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (1, last + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, exact: f64) {
        assert!((found - exact).abs() < 5e-5 * exact.abs().max(1.0), "{found} for {exact}");
    }

    #[test]
    fn shares_have_the_limits_of_clopper_and_pearson() {
        // Their own example is 3 of 10: 6.67 % to 65.25 %.
        let interval = Interval::of_share(3, 10, 0.95);
        near(interval.low, 0.0667);
        near(interval.high, 0.6525);
        // All or nothing has a closed form: the n-th root of the tail.
        near(Interval::of_share(0, 20, 0.95).high, 1.0 - 0.025_f64.powf(1.0 / 20.0));
        near(Interval::of_share(20, 20, 0.95).low, 0.025_f64.powf(1.0 / 20.0));
        assert_eq!(Interval::of_share(0, 0, 0.95), Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    fn counts_have_the_limits_of_garwood() {
        // The table of Garwood: 10 events, 4.7954 to 18.3904.
        let interval = Interval::of_count(10, 0.95);
        near(interval.low, 4.7954);
        near(interval.high, 18.3904);
        near(Interval::of_count(0, 0.95).high, -(0.025_f64.ln()));
    }

    #[test]
    fn means_have_the_limits_of_student() {
        // t with 9 degrees of freedom leaves 2.5 % above 2.26216.
        let interval = Interval::of_mean(100.0, 10.0, 10, 0.95);
        near(interval.high, 100.0 + 2.26216 * 10.0 / 10.0_f64.sqrt());
        near(interval.low, 100.0 - 2.26216 * 10.0 / 10.0_f64.sqrt());
        assert_eq!(Interval::of_mean(5.0, 0.0, 1, 0.95).high, f64::INFINITY);
    }

    #[test]
    fn a_median_of_ten_lies_between_the_second_and_the_ninth() {
        // The textbook case: 97.9 % confidence.
        assert_eq!(Interval::ranks(10, 0.5, 0.95), (Some(2), Some(9)));
    }

    #[test]
    fn few_calls_set_no_upper_limit_on_a_high_quantile() {
        // 0.95^72 is the first power below 2.5 %.
        assert_eq!(Interval::ranks(71, 0.95, 0.95).1, None);
        assert_eq!(Interval::ranks(72, 0.95, 0.95).1, Some(72));
        assert_eq!(Interval::ranks(0, 0.5, 0.95), (None, None));
    }
}
