//! `Loaded`: what an earlier process left behind.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::Saved;
use crate::baseline::Baseline;
use crate::catalog::SizeClass;

/// What an earlier process of the same instance left behind.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// When it was last seen, since 1970-01-01 00:00 UTC; `None` if there was none.
    pub last_seen: Option<Duration>,
    /// Whether it ended as it should: it closed its store.
    pub ended_well: bool,
    /// Its baselines, by operation, size class and environment, oldest version first.
    pub baselines: Vec<Baseline>,
    /// Its alerts, incidents and silences.
    pub alerts: Option<Saved>,
    /// What its judges knew.
    pub judges: Vec<JudgeState>,
}

/// What the judge of one operation and size class knows, in a form that only it reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgeState {
    /// The operation.
    pub operation: String,
    /// The size class.
    pub size_class: SizeClass,
    /// When it was written down, since 1970-01-01 00:00 UTC.
    pub at: Duration,
    /// What it knows.
    pub state: Vec<u8>,
}
