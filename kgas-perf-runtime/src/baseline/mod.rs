//! `Baseline`: what is normal for an operation, and where that came from.
//!
//! - `learn`: calls that ended well to a baseline.

mod learn;

use std::time::Duration;

use crate::catalog::SizeClass;

pub use learn::ENOUGH;

/// What is normal for one operation and size class, learned from at least [`ENOUGH`] calls that
/// ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Baseline {
    /// The operation's name.
    pub operation: String,
    /// The size class of its inputs.
    pub size_class: SizeClass,
    /// Calls it was learned from.
    pub count: u64,
    /// Half of them lasted no longer.
    pub p50: Duration,
    /// 95 % of them lasted no longer. A call that does is above baseline.
    pub p95: Duration,
    /// 99 % of them lasted no longer.
    pub p99: Duration,
    /// Their mean, from the exact sum.
    pub mean: Duration,
    /// Their standard deviation.
    pub std_dev: Duration,
    /// When it was learned, since 1970-01-01 00:00 UTC by the registry's clock.
    pub learned: Duration,
}
