//! `Baseline`: what is normal for an operation, and where that came from.
//!
//! - `learner`: calls to a baseline, as they come; `pause`: why it does not learn for a while;
//!   `learning`: how far it has come, for people.
//! - `learn`: a distribution to a baseline, at once.
//! - `environment`: what it is true of; `provenance`: where it came from.
//! - `history`: its versions.
//! - `sound`: what is read back is checked.

mod environment;
mod history;
mod learn;
mod learner;
mod learning;
mod pause;
mod provenance;
mod sound;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::catalog::SizeClass;

pub use environment::Environment;
pub use history::{History, HistoryError};
pub use learn::ENOUGH;
pub use learner::Learner;
pub use learning::{Lack, Learning};
pub use pause::Pause;
pub use provenance::Provenance;
pub(crate) use sound::sound;

/// A baseline is mature above this confidence.
pub const ESTABLISHED: f64 = 0.95;

/// What is normal for one operation and size class, learned from at least [`ENOUGH`] calls that
/// ended well.
///
/// What was not learned with it is `None`: [`Baseline::learn`] sees durations alone, a
/// [`Learner`] everything but the environment and the memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Baseline {
    /// The operation's name.
    pub operation: String,
    /// The size class of its inputs.
    pub size_class: SizeClass,
    /// Which of the versions in its [`History`] it is, from 1; 0 while it is in none.
    pub version: u32,
    /// Where it came from.
    pub provenance: Provenance,
    /// What it is true of.
    pub environment: Option<Arc<Environment>>,
    /// Calls it was learned from.
    pub count: u64,
    /// Half of them lasted no longer.
    pub p50: Duration,
    /// 95 % of them lasted no longer. A call that does is above baseline.
    pub p95: Duration,
    /// 99 % of them lasted no longer.
    pub p99: Duration,
    /// Their mean: from the exact sum, or, from a [`Learner`], within 1 % and with durations
    /// beyond five times p99 taken as that long.
    pub mean: Duration,
    /// Their standard deviation, of the same durations.
    pub std_dev: Duration,
    /// The probability, `0.0..=1.0`, that p50, p95 and p99 are within 5, 10 and 20 % of the truth.
    pub confidence: Option<f64>,
    /// The share of calls, `0.0..=1.0`, that ended in an error or a panic.
    pub error_rate: Option<f64>,
    /// Calls a second, however they ended, in the time it was learned in.
    pub calls_per_second: Option<f64>,
    /// Memory that a call leaves behind, in bytes.
    pub memory_growth: Option<f64>,
    /// What was seen and is no part of it.
    pub left_out: Option<LeftOut>,
    /// The time it was learned in, pauses and idle time left out.
    pub learned_over: Option<Duration>,
    /// When it was learned, since 1970-01-01 00:00 UTC by the registry's clock.
    pub learned: Duration,
}

/// Calls that a [`Learner`] saw and left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// The share of the calls after the warm-up, `0.0..=1.0`, that lay in episodes.
    pub removed: f64,
    /// How many episodes these were.
    pub episodes: u32,
    /// Calls that were dropped as warm-up.
    pub warm_up: u64,
}

impl Baseline {
    /// Whether it may page somebody: its confidence is above [`ESTABLISHED`], or a person
    /// vouches for it.
    pub fn is_mature(&self) -> bool {
        self.provenance != Provenance::Learned
            || self.confidence.is_some_and(|confidence| confidence > ESTABLISHED)
    }

    /// The same, true of an environment.
    #[must_use]
    pub fn in_environment(mut self, environment: Arc<Environment>) -> Self {
        self.environment = Some(environment);
        self
    }

    /// The same, with the memory a call leaves behind, in bytes.
    #[must_use]
    pub fn with_memory_growth(mut self, bytes: f64) -> Self {
        self.memory_growth = Some(bytes);
        self
    }
}
