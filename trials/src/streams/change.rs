//! `Change`: what is planted into a stream.

use std::fmt;
use std::str::FromStr;

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
    /// The slowest fiftieth takes three times as long: p99 is three times as high, p95 stays.
    pub const TAIL: Self = Self::Tail { share: 0.02, factor: 3.0 };

    /// What durations are multiplied by, for a change of every call.
    pub const fn factor(self) -> f64 {
        match self {
            Self::Slower(effect) => 1.0 + effect,
            _ => 1.0,
        }
    }
}

impl FromStr for Change {
    type Err = String;

    /// Reads `+50` or `-20` (percent), `tail`, or `errors30` (percent).
    fn from_str(text: &str) -> Result<Self, String> {
        let percent = |number: &str| {
            number.parse::<f64>().ok().filter(|it| it.is_finite()).map(|it| it / 100.0)
        };
        let change = match text.strip_prefix("errors") {
            Some(number) => percent(number).filter(|it| (0.0..=1.0).contains(it)).map(Self::Errors),
            None if text == "tail" => Some(Self::TAIL),
            None => percent(text).filter(|it| *it > -1.0).map(Self::Slower),
        };
        change.ok_or_else(|| {
            format!("unknown change `{text}`; accepted: `+50`, `-20`, `tail`, `errors30`")
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slower(effect) => write!(f, "{:+.0} %", effect * 100.0),
            Self::Tail { share, factor } => {
                write!(f, "slowest {:.0} % x{factor}", share * 100.0)
            }
            Self::Errors(rate) => write!(f, "errors {:.0} %", rate * 100.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn change_is_read_as_people_write_it() {
        assert_eq!("+50".parse(), Ok(Change::Slower(0.5)));
        assert_eq!("-20".parse(), Ok(Change::Slower(-0.2)));
        assert_eq!("tail".parse(), Ok(Change::TAIL));
        assert_eq!("errors30".parse(), Ok(Change::Errors(0.3)));
        for wrong in ["", "errors", "errors130", "-100", "nan", "tails"] {
            assert!(wrong.parse::<Change>().is_err(), "{wrong}");
        }
    }
}
