//! `Complexity`: the classes that a cost is sorted into.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a cost grows with the size `n` of its input.
///
/// Each class is the family `a + b·g(n)` with `a` and `b` of 0 or more: a fixed overhead, and a
/// part that grows. The order is that of growth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Complexity {
    /// The same for every size.
    #[serde(rename = "O(1)")]
    Constant,
    /// Like the logarithm of the size.
    #[serde(rename = "O(log n)")]
    LogN,
    /// Like the size.
    #[serde(rename = "O(n)")]
    N,
    /// Like the size times its logarithm.
    #[serde(rename = "O(n log n)")]
    NLogN,
    /// Like the square of the size.
    #[serde(rename = "O(n²)")]
    N2,
    /// Like the third power of the size.
    #[serde(rename = "O(n³)")]
    N3,
}

impl Complexity {
    /// Every class, by ascending growth.
    pub const ALL: [Self; 6] =
        [Self::Constant, Self::LogN, Self::N, Self::NLogN, Self::N2, Self::N3];

    /// The name that people, texts and JSON use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Constant => "O(1)",
            Self::LogN => "O(log n)",
            Self::N => "O(n)",
            Self::NLogN => "O(n log n)",
            Self::N2 => "O(n²)",
            Self::N3 => "O(n³)",
        }
    }

    /// The part that grows, `g(n)`; logarithms are to the base 2, and 1 for the constant class.
    pub fn growth(self, size: f64) -> f64 {
        match self {
            Self::Constant => 1.0,
            Self::LogN => size.log2(),
            Self::N => size,
            Self::NLogN => size * size.log2(),
            Self::N2 => size * size,
            Self::N3 => size * size * size,
        }
    }

    /// The mean exponent of `g` between two sizes: the slope of the chord in the log-log plane.
    ///
    /// It is the class's own exponent for powers, and for `n log n` from 100 to 100,000 it is
    /// 1.13. A logarithm of 0 is taken at a size of 2.
    ///
    /// ```
    /// use kgas_perf_testkit::scaling::Complexity;
    ///
    /// assert_eq!(Complexity::N2.exponent_between(100.0, 100_000.0), 2.0);
    /// let n_log_n = Complexity::NLogN.exponent_between(100.0, 100_000.0);
    /// assert!((n_log_n - 1.13).abs() < 0.005);
    /// ```
    pub fn exponent_between(self, from: f64, to: f64) -> f64 {
        match self {
            Self::Constant => 0.0,
            Self::N => 1.0,
            Self::N2 => 2.0,
            Self::N3 => 3.0,
            Self::LogN | Self::NLogN => {
                let (from, to) = (from.max(2.0), to.max(2.0));
                if to <= from {
                    return if self == Self::LogN { 0.0 } else { 1.0 };
                }
                (self.growth(to) / self.growth(from)).ln() / (to / from).ln()
            }
        }
    }
}

impl fmt::Display for Complexity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
