//! `ControlGroup`: what a container may use, and how much of it is used.

use serde::{Deserialize, Serialize};

/// The limits of the control group that the process is in, which are those of its container,
/// and how much of them is used. Where groups are nested the tightest limit counts, with the use
/// of the group that has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ControlGroup {
    /// Bytes of memory that it may use; `None` where there is no limit.
    pub memory_limit_bytes: Option<u64>,
    /// Bytes of memory in use, without what the kernel takes back first (its inactive files).
    pub memory_used_bytes: Option<u64>,
    /// Processors that it may use: 0.5 is half the time of one. `None` where there is no limit.
    pub cpu_quota_cores: Option<f64>,
    /// Counter: nanoseconds on processors.
    pub cpu_ns: Option<u64>,
    /// Counter: periods in which it ran.
    pub periods: Option<u64>,
    /// Counter: of these, periods in which its quota was used up.
    pub throttled_periods: Option<u64>,
    /// Counter: nanoseconds in which it had to stand still for that.
    pub throttled_ns: Option<u64>,
    /// Threads and processes in it.
    pub threads: Option<u64>,
    /// How many there may be; `None` where there is no limit.
    pub thread_limit: Option<u64>,
}
