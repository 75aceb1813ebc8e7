//! `CountScaling`: how a number that is exact grows, such as queries or allocations a call.

use std::fmt;

use serde::Serialize;

use crate::scaling::complexity::Complexity;
use crate::scaling::error::ScalingError;

/// A count is off by at most this from a class that it follows: where `log n` is no whole number
/// a program rounds it.
const ROUNDING: f64 = 1.0;
/// And by this share of itself, for the rounding of each of many parts.
const SHARE: f64 = 0.005;

/// How an exact number grows with the size of the input.
///
/// There is no noise, so there is no confidence: a class fits, or it does not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CountScaling {
    /// The smallest class `a + b·g(n)` that meets every count to within its rounding; `None` if
    /// none does.
    pub class: Option<Complexity>,
    /// The exponent of the count between the size in the middle and the largest one.
    pub exponent: f64,
    /// Sizes and counts, ascending.
    pub counts: Vec<(u64, u64)>,
}

impl CountScaling {
    /// Analyses counts at three sizes or more.
    ///
    /// # Errors
    /// With a size of 0, or fewer than three different sizes.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_testkit::scaling::{Complexity, CountScaling};
    ///
    /// // One query for the list and one for each entry: the "N + 1" problem.
    /// let queries = CountScaling::of([10, 100, 1_000].map(|n| (n, n + 1)))?;
    /// assert_eq!(queries.class, Some(Complexity::N));
    /// assert!(!queries.is_at_most(Complexity::Constant));
    /// # Ok::<(), kgas_perf_testkit::scaling::ScalingError>(())
    /// ```
    pub fn of(counts: impl IntoIterator<Item = (u64, u64)>) -> Result<Self, ScalingError> {
        let mut counts: Vec<(u64, u64)> = counts.into_iter().collect();
        counts.sort_unstable();
        // Of several counts at one size the largest stands for it.
        counts.reverse();
        counts.dedup_by_key(|(size, _)| *size);
        counts.reverse();
        if counts.first().is_some_and(|(size, _)| *size == 0) {
            return Err(ScalingError::SizeZero);
        }
        if counts.len() < 3 {
            return Err(ScalingError::TooFewCounts { sizes: counts.len() });
        }
        let class = Complexity::ALL.into_iter().find(|class| fits(*class, &counts));
        let (middle, last) = (counts[counts.len() / 2], counts[counts.len() - 1]);
        let middle = if middle == last { counts[0] } else { middle };
        let exponent = (last.1.max(1) as f64 / middle.1.max(1) as f64).ln()
            / (last.0 as f64 / middle.0 as f64).ln();
        Ok(Self { class, exponent, counts })
    }

    /// Whether the count grows like this class at most.
    ///
    /// Where no class fits, as with a buffer that doubles, the exponent decides: between the same
    /// sizes the count grows no more than the class does, and twice as much for a last step.
    pub fn is_at_most(&self, bound: Complexity) -> bool {
        match self.class {
            Some(class) => class <= bound,
            // What is not the same for every size is just that: no step is allowed for.
            None if bound == Complexity::Constant => false,
            None => {
                let place = self.counts.len() / 2;
                let (from, to) = (self.counts[place].0, self.counts[self.counts.len() - 1].0);
                let from = if from == to { self.counts[0].0 } else { from };
                let (from, to) = (from as f64, to as f64);
                let step = std::f64::consts::LN_2 / (to / from).ln();
                self.exponent <= bound.exponent_between(from, to) + step
            }
        }
    }
}

/// Whether `a + b·g(n)`, with `b` of 0 or more, meets all counts.
///
/// The line through the first and the last count decides `a` and `b`; both ends may be rounded,
/// which the tolerance allows for twice.
fn fits(class: Complexity, counts: &[(u64, u64)]) -> bool {
    let (first, last) = (counts[0], counts[counts.len() - 1]);
    if class == Complexity::Constant {
        return counts.iter().all(|(_, count)| *count == first.1);
    }
    let g = |size: u64| class.growth(size as f64);
    let factor = (last.1 as f64 - first.1 as f64) / (g(last.0) - g(first.0));
    factor > 0.0
        && counts.iter().all(|(size, count)| {
            let fitted = first.1 as f64 + factor * (g(*size) - g(first.0));
            let tolerance = if class == Complexity::LogN || class == Complexity::NLogN {
                2.0 * ROUNDING + SHARE * *count as f64
            } else {
                0.5 + 1e-9 * *count as f64
            };
            (fitted - *count as f64).abs() <= tolerance
        })
}

/// `O(n), exponent 1.00: 10 at 10, 100 at 100`.
impl fmt::Display for CountScaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = self.class.map_or("no class", Complexity::as_str);
        write!(f, "{class}, exponent {:.2}:", self.exponent)?;
        for (place, (size, count)) in self.counts.iter().enumerate() {
            let separator = if place == 0 { "" } else { "," };
            write!(f, "{separator} {count} at {size}")?;
        }
        Ok(())
    }
}

/// Asserts that an exact count grows like a class at most, and answers with what was found.
///
/// Counts are equal on every machine, so this judges debug builds too: «the number of queries
/// stays constant as the input grows» is `at_most` [`Complexity::Constant`].
///
/// # Panics
/// At the caller's line, with all counts, if they grow faster; also with fewer than three sizes.
#[track_caller]
pub fn assert_count_scales(
    sizes: impl IntoIterator<Item = u64>,
    mut count: impl FnMut(u64) -> u64,
    at_most: Complexity,
) -> CountScaling {
    match CountScaling::of(sizes.into_iter().map(|size| (size, count(size)))) {
        Ok(found) if found.is_at_most(at_most) => found,
        Ok(found) => panic!("the count grows faster than {at_most}: {found}"),
        Err(error) => panic!("{error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [u64; 6] = [16, 50, 128, 500, 1_024, 5_000];

    #[test]
    fn exact_counts_are_recognised() {
        let of =
            |count: fn(u64) -> u64| CountScaling::of(SIZES.map(|n| (n, count(n)))).unwrap().class;
        assert_eq!(of(|_| 3), Some(Complexity::Constant));
        assert_eq!(of(|n| u64::from(n.ilog2()) + 1), Some(Complexity::LogN));
        assert_eq!(of(|n| n + 1), Some(Complexity::N));
        assert_eq!(of(|n| n * u64::from(n.ilog2() + 1)), None, "whole levels leave steps");
        assert_eq!(of(|n| (n as f64 * (n as f64).log2()) as u64), Some(Complexity::NLogN));
        assert_eq!(of(|n| n * (n - 1) / 2), None, "n²/2 − n/2 is no a + b·n²");
        assert_eq!(of(|n| n * n + 7), Some(Complexity::N2));
        assert_eq!(of(|n| n * n * n), Some(Complexity::N3));
    }

    #[test]
    fn counts_without_a_class_are_held_against_a_bound_by_their_exponent() {
        let pairs = CountScaling::of(SIZES.map(|n| (n, n * (n - 1) / 2))).unwrap();
        assert!(pairs.is_at_most(Complexity::N2) && !pairs.is_at_most(Complexity::NLogN));
        let buffer = CountScaling::of(SIZES.map(|n| (n, n.next_power_of_two()))).unwrap();
        assert!(buffer.is_at_most(Complexity::N) && !buffer.is_at_most(Complexity::LogN));
    }

    #[test]
    fn one_query_more_at_the_largest_size_is_not_constant() {
        let found = CountScaling::of([(10, 2), (100, 2), (1_000, 3)]).unwrap();
        assert!(!found.is_at_most(Complexity::Constant), "{found}");
    }

    #[test]
    fn allocations_of_a_growing_vector_are_logarithmic() {
        let growths = |n: u64| {
            let (mut vector, mut growths, mut capacity) = (Vec::new(), 0, 0);
            for each in 0..n {
                vector.push(each);
                growths += u64::from(vector.capacity() != capacity);
                capacity = vector.capacity();
            }
            growths
        };
        assert_eq!(
            assert_count_scales(SIZES, growths, Complexity::LogN).class,
            Some(Complexity::LogN)
        );
    }

    #[test]
    #[should_panic(
        expected = "the count grows faster than O(1): O(n), exponent 1.00: 16 at 16, 50 at"
    )]
    fn a_query_for_each_entity_panics_with_all_counts() {
        assert_count_scales(SIZES, |n| n, Complexity::Constant);
    }
}
