//! `Change`: what is planted into a stream.

/// A change of known size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Every call takes longer by this share: 0.5 is 50 % longer, -0.2 is 20 % shorter.
    Slower(f64),
    /// The slowest calls, this share of all, take this many times as long; the others stay.
    Tail {
        /// The share of calls that is slower, `0.0..1.0`.
        share: f64,
        /// How much slower they are.
        factor: f64,
    },
    /// This share of the calls fails, `0.0..=1.0`.
    Errors(f64),
}

impl Change {
    /// The slowest twentieth takes three times as long: p99 is three times as high, the median stays.
    pub const TAIL: Self = Self::Tail { share: 0.05, factor: 3.0 };

    /// What durations are multiplied by, for a change of every call.
    pub const fn factor(self) -> f64 {
        match self {
            Self::Slower(effect) => 1.0 + effect,
            _ => 1.0,
        }
    }
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Slower(effect) => write!(f, "{:+.0} %", effect * 100.0),
            Self::Tail { share, factor } => {
                write!(f, "slowest {:.0} % x{factor}", share * 100.0)
            }
            Self::Errors(rate) => write!(f, "errors {:.0} %", rate * 100.0),
        }
    }
}
