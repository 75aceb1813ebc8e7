//! `Quantity`: a number with its unit, kept in the base unit of its `Dimension`.

use std::cmp::Ordering;
use std::fmt;

/// What a quantity is a quantity of; each has one base unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Time, in nanoseconds.
    Duration,
    /// Memory, in bytes.
    Bytes,
    /// A share of a whole, from 0 to 1.
    Ratio,
    /// How often something happens, a second.
    Rate,
    /// Data on its way, in bits a second.
    DataRate,
    /// How many of a thing there are.
    Count,
}

impl Dimension {
    /// The words that messages use: "a duration".
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Duration => "a duration",
            Self::Bytes => "an amount of memory",
            Self::Ratio => "a share",
            Self::Rate => "a rate",
            Self::DataRate => "a data rate",
            Self::Count => "a count",
        }
    }

    /// A value that can be written as it stands.
    pub(crate) const fn example(self) -> &'static str {
        match self {
            Self::Duration => "100 ms",
            Self::Bytes => "500 MB",
            Self::Ratio => "60 %",
            Self::Rate => "100 /s",
            Self::DataRate => "10 Mbit/s",
            Self::Count => "10",
        }
    }

    /// The accepted units by ascending size, and how many base units each is.
    ///
    /// Rates are the exception: theirs is the number of seconds the unit divides by.
    pub(crate) const fn units(self) -> &'static [(&'static str, u64)] {
        match self {
            Self::Duration => &[
                ("ns", 1),
                ("us", 1_000),
                ("µs", 1_000),
                ("ms", 1_000_000),
                ("s", 1_000_000_000),
                ("min", 60_000_000_000),
                ("h", 3_600_000_000_000),
                ("d", 86_400_000_000_000),
            ],
            Self::Bytes => &[
                ("B", 1),
                ("kB", 1_000),
                ("KiB", 1 << 10),
                ("MB", 1_000_000),
                ("MiB", 1 << 20),
                ("GB", 1_000_000_000),
                ("GiB", 1 << 30),
                ("TB", 1_000_000_000_000),
                ("TiB", 1 << 40),
            ],
            Self::Ratio => &[("%", 1)],
            Self::Rate => &[("/s", 1), ("/min", 60), ("/h", 3_600)],
            Self::DataRate => &[
                ("bit/s", 1),
                ("B/s", 8),
                ("kbit/s", 1_000),
                ("kB/s", 8_000),
                ("Mbit/s", 1_000_000),
                ("MB/s", 8_000_000),
                ("Gbit/s", 1_000_000_000),
                ("GB/s", 8_000_000_000),
            ],
            Self::Count => &[],
        }
    }

    const ALL: [Self; 6] =
        [Self::Duration, Self::Bytes, Self::Ratio, Self::Rate, Self::DataRate, Self::Count];
}

/// A number in the base unit of its dimension.
///
/// What is counted in whole base units is kept exactly, so that `"0.3 s"` is 300,000,000 ns and
/// not a neighbour of it. Two quantities compare when they have the same dimension.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Quantity {
    /// A duration, in nanoseconds.
    DurationNs(u64),
    /// An amount of memory, in bytes.
    Bytes(u64),
    /// A share, in `0.0..=1.0`.
    Ratio(f64),
    /// How often something happens, a second.
    PerSecond(f64),
    /// Data on its way, in bits a second.
    BitsPerSecond(u64),
    /// How many of a thing there are.
    Count(u64),
}

impl Quantity {
    /// What this is a quantity of.
    pub const fn dimension(self) -> Dimension {
        match self {
            Self::DurationNs(_) => Dimension::Duration,
            Self::Bytes(_) => Dimension::Bytes,
            Self::Ratio(_) => Dimension::Ratio,
            Self::PerSecond(_) => Dimension::Rate,
            Self::BitsPerSecond(_) => Dimension::DataRate,
            Self::Count(_) => Dimension::Count,
        }
    }

    /// Reads a number and a unit, such as `"100 ms"`; a mistake is a message for a person.
    pub(crate) fn parse(text: &str, dimension: Dimension) -> Result<Self, String> {
        let example = dimension.example();
        let Some((number, unit)) = split(text) else {
            return Err(format!(
                "`{text}` is not a number and a unit; write it like \"{example}\""
            ));
        };
        let Some(&(_, factor)) = dimension.units().iter().find(|(name, _)| *name == unit) else {
            return Err(wrong_unit(text, unit, dimension));
        };
        match dimension {
            Dimension::Duration => whole(text, number, factor, "ns").map(Self::DurationNs),
            Dimension::Bytes => whole(text, number, factor, "B").map(Self::Bytes),
            Dimension::DataRate => whole(text, number, factor, "bit/s").map(Self::BitsPerSecond),
            // A count has no unit, so no text gets past the search for one.
            Dimension::Count => Err(format!("`{text}` is not a whole number")),
            Dimension::Rate if decimal(number).is_infinite() => {
                Err(format!("`{text}` has too many digits"))
            }
            Dimension::Rate => Ok(Self::PerSecond(decimal(number) / factor as f64)),
            Dimension::Ratio if decimal(number) > 100.0 => Err(format!("`{text}` is over 100 %")),
            Dimension::Ratio => Ok(Self::Ratio(decimal(number) / 100.0)),
        }
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::DurationNs(a), Self::DurationNs(b))
            | (Self::Bytes(a), Self::Bytes(b))
            | (Self::BitsPerSecond(a), Self::BitsPerSecond(b))
            | (Self::Count(a), Self::Count(b)) => a.partial_cmp(b),
            (Self::Ratio(a), Self::Ratio(b)) | (Self::PerSecond(a), Self::PerSecond(b)) => {
                a.partial_cmp(b)
            }
            _ => None,
        }
    }
}

/// Writes the quantity in the largest unit that needs no fraction, as a catalogue would.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::DurationNs(n) | Self::Bytes(n) | Self::BitsPerSecond(n) => {
                let units = self.dimension().units();
                let (unit, factor) = units
                    .iter()
                    .rev()
                    .find(|(_, factor)| n != 0 && n.is_multiple_of(*factor))
                    .unwrap_or(&units[0]);
                write!(f, "{} {unit}", n / factor)
            }
            // A millionth of a per cent is finer than anybody's objective, and coarse enough to
            // hide that 0.07 × 100 is 7.000000000000001.
            Self::Ratio(ratio) => write!(f, "{} %", (ratio * 1e8).round() / 1e6),
            Self::PerSecond(rate) => write!(f, "{rate} /s"),
            Self::Count(n) => write!(f, "{n}"),
        }
    }
}

/// Splits `"100 ms"` into `"100"` and `"ms"`; `None` where it does not begin with a number.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (integer, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = !integer.is_empty() && !fraction.is_empty() && !fraction.contains('.');
    is_number.then_some((number, unit.trim_start()))
}

/// `number` times `factor`, exactly, where that is a whole number that fits.
fn whole(text: &str, number: &str, factor: u64, base: &str) -> Result<u64, String> {
    let (integer, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let scaled = format!("{integer}{fraction}")
        .parse::<u128>()
        .ok()
        .and_then(|digits| digits.checked_mul(factor.into()))
        .zip(10_u128.checked_pow(fraction.len().try_into().unwrap_or(u32::MAX)));
    let Some((scaled, denominator)) = scaled else {
        return Err(format!("`{text}` has too many digits"));
    };
    if !scaled.is_multiple_of(denominator) {
        return Err(format!("`{text}` is not a whole number of {base}"));
    }
    u64::try_from(scaled / denominator)
        .map_err(|_| format!("`{text}` is too large; the largest is {} {base}", u64::MAX))
}

/// The nearest floating-point number; `split` made sure that `number` is one.
fn decimal(number: &str) -> f64 {
    number.parse().unwrap_or(f64::INFINITY)
}

/// Says whether the unit is none at all or one of another dimension, and which are accepted.
fn wrong_unit(text: &str, unit: &str, dimension: Dimension) -> String {
    let accepted: Vec<_> = dimension.units().iter().map(|(name, _)| format!("`{name}`")).collect();
    let accepted = accepted.join(", ");
    if unit.is_empty() {
        return format!("`{text}` has no unit; accepted: {accepted}");
    }
    let other = Dimension::ALL
        .into_iter()
        .find(|other| other.units().iter().any(|(name, _)| *name == unit));
    match other {
        Some(other) => format!(
            "`{text}` is {}, not {}; accepted units: {accepted}",
            other.as_str(),
            dimension.as_str()
        ),
        None => format!("unknown unit `{unit}` in `{text}`; accepted: {accepted}"),
    }
}

#[cfg(test)]
mod tests;
