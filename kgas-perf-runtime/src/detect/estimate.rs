//! `Estimate`: the number that an objective bounds, as far as the calls tell it.

use std::time::Duration;

use crate::detect::interval::Interval;

/// The number that an objective bounds, as far as the calls tell it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Estimate {
    /// The number, in the base unit of the metric's dimension: nanoseconds, bytes, a share of 1,
    /// events a second, bits a second, or a count.
    pub value: f64,
    /// Where it lies with 95 % confidence, if calls are independent.
    pub interval: Interval,
    /// The calls, look-ups or readings it is from.
    pub calls: u64,
    /// The stretch of time it is of, up to now.
    pub over: Duration,
}
