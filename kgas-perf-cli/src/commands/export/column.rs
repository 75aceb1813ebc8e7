//! `Column`: what a row says, in one place: the name, the kind, the meaning, and the value.

use std::time::Duration;

use serde_json::Value;

/// What is in a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// Nothing: it does not apply, or is not known.
    Missing,
    Text(String),
    Whole(i64),
    Real(f64),
    Truth(bool),
    /// What has parts of its own.
    Nested(Value),
}

/// What the cells of a column hold, where they hold something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A whole number of 64 bits, with a sign.
    Whole,
    /// A number in double precision.
    Real,
    Truth,
    /// JSON; text where a format has no parts.
    Json,
}

impl Kind {
    /// The name used in documentation.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Whole => "whole number",
            Self::Real => "number",
            Self::Truth => "true or false",
            Self::Json => "JSON",
        }
    }
}

/// What a column is, apart from its values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What it means, for people.
    pub(super) about: &'static str,
}

/// A column of rows of `T`.
#[derive(Debug)]
pub(super) struct Column<T> {
    pub(super) head: Head,
    pub(super) cell: fn(&T) -> Cell,
}

impl<T> Column<T> {
    const fn new(
        name: &'static str,
        kind: Kind,
        about: &'static str,
        cell: fn(&T) -> Cell,
    ) -> Self {
        Self { head: Head { name, kind, about }, cell }
    }

    pub(super) const fn text(
        name: &'static str,
        about: &'static str,
        cell: fn(&T) -> Cell,
    ) -> Self {
        Self::new(name, Kind::Text, about, cell)
    }

    pub(super) const fn whole(
        name: &'static str,
        about: &'static str,
        cell: fn(&T) -> Cell,
    ) -> Self {
        Self::new(name, Kind::Whole, about, cell)
    }

    pub(super) const fn real(
        name: &'static str,
        about: &'static str,
        cell: fn(&T) -> Cell,
    ) -> Self {
        Self::new(name, Kind::Real, about, cell)
    }

    pub(super) const fn truth(
        name: &'static str,
        about: &'static str,
        cell: fn(&T) -> Cell,
    ) -> Self {
        Self::new(name, Kind::Truth, about, cell)
    }

    pub(super) const fn json(
        name: &'static str,
        about: &'static str,
        cell: fn(&T) -> Cell,
    ) -> Self {
        Self::new(name, Kind::Json, about, cell)
    }
}

/// The heads of columns.
pub(super) fn heads<T>(columns: &[Column<T>]) -> Vec<Head> {
    columns.iter().map(|column| column.head).collect()
}

/// The cells of a row.
pub(super) fn cells<T>(columns: &[Column<T>], row: &T) -> Vec<Cell> {
    columns.iter().map(|column| (column.cell)(row)).collect()
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

/// Beyond 2^63 - 1 it is that: 292 years of nanoseconds.
impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Whole(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Whole(i64::from(number))
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

/// What is no finite number is missing.
impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        if number.is_finite() { Self::Real(number) } else { Self::Missing }
    }
}

impl From<bool> for Cell {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}

/// In whole nanoseconds.
impl From<Duration> for Cell {
    fn from(duration: Duration) -> Self {
        Self::Whole(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX))
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(known: Option<T>) -> Self {
        known.map_or(Self::Missing, T::into)
    }
}

/// What a value is made of, as JSON.
pub(super) fn nested(value: &impl serde::Serialize) -> Cell {
    match serde_json::to_value(value) {
        Ok(Value::Null) | Err(_) => Cell::Missing,
        Ok(value) => Cell::Nested(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_missing_and_never_zero() {
        assert_eq!(Cell::from(None::<u64>), Cell::Missing);
        assert_eq!(Cell::from(f64::NAN), Cell::Missing);
        assert_eq!(nested(&None::<u8>), Cell::Missing);
        assert_eq!(Cell::from(Some(0_u64)), Cell::Whole(0));
    }

    #[test]
    fn what_is_too_large_is_the_largest() {
        assert_eq!(Cell::from(u64::MAX), Cell::Whole(i64::MAX));
        assert_eq!(Cell::from(Duration::MAX), Cell::Whole(i64::MAX));
    }
}
