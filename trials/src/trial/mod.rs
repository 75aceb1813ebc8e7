//! Which streams are run, and what each of them tells.
//!
//! * `ledger.rs`: what was counted.
//! * `plan.rs`: which streams there are, and who runs them.
//! * `steady.rs`: nothing changes; whatever is said is false.
//! * `changes.rs`: one change at a known time, early or late, after clean or spoilt learning.
//! * `spikes.rs`: disturbances that are over within 5 s.
//! * `baselines.rs`: whether what is taken for normal is normal.

mod baselines;
mod changes;
mod ledger;
mod plan;
mod spikes;
mod steady;

pub use self::ledger::{FalseAlarm, Ledger, Miss, Tally};
pub use self::plan::{Job, Plan, Topic};

/// The calls that every operation has for learning before anything counts.
pub const LEARNING_CALLS: u64 = 100;

/// The seconds after a change for which alerts are watched, at `rate` calls a second.
pub fn watched(rate: f64) -> f64 {
    if rate > 50.0 { 180.0 } else { 300.0 }
}
