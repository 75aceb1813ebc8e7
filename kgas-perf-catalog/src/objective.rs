//! `Objective`: a bound that a person wrote down.

use std::fmt;

use crate::metric::{Metric, Statistic};
use crate::quantity::Quantity;
use crate::size::SizeClass;

/// A bound that a person wrote down for one metric of an operation.
///
/// At least one of `expected`, `at_least` and `at_most` is there, and they never contradict each
/// other: `at_least ≤ expected.0 ≤ expected.1 ≤ at_most`. All have the metric's dimension.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// What is bounded.
    pub metric: Metric,
    /// Which number of it; `None` where [`Metric::statistics`] is empty.
    pub statistic: Option<Statistic>,
    /// The inputs it is meant for; `None` for those of every size.
    pub size_class: Option<SizeClass>,
    /// The lowest and the highest value that is normal.
    pub expected: Option<(Quantity, Quantity)>,
    /// The lowest value that still meets the objective.
    pub at_least: Option<Quantity>,
    /// The highest value that still meets the objective.
    pub at_most: Option<Quantity>,
}

impl Objective {
    /// Whether two objectives bound the same number of the same calls.
    pub(crate) fn bounds_the_same_as(&self, other: &Self) -> bool {
        (self.metric, self.statistic, self.size_class)
            == (other.metric, other.statistic, other.size_class)
    }

    /// What is bounded, in words: `p95 duration (small)`.
    pub(crate) fn subject(&self) -> String {
        let statistic = self.statistic.map_or(String::new(), |s| format!("{} ", s.as_str()));
        let class = self.size_class.map_or(String::new(), |c| format!(" ({})", c.as_str()));
        format!("{statistic}{}{class}", self.metric.as_str())
    }
}

/// Writes the objective for a person: `p95 duration (small): 5 s to 15 s, at most 15 s`.
impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.subject())?;
        let mut separator = ": ";
        if let Some((low, high)) = self.expected {
            write!(f, "{separator}{low} to {high}")?;
            separator = ", ";
        }
        if let Some(bound) = self.at_least {
            write!(f, "{separator}at least {bound}")?;
            separator = ", ";
        }
        if let Some(bound) = self.at_most {
            write!(f, "{separator}at most {bound}")?;
        }
        Ok(())
    }
}
