//! `Batch`: what is kept at a time.

use std::sync::Arc;
use std::time::Duration;

use crate::alert::Saved;
use crate::baseline::Baseline;
use crate::store::calls::Calls;
use crate::store::gauge::Gauge;
use crate::store::loaded::JudgeState;
use crate::store::note::Note;

/// What is kept at a time, in one transaction.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The latest time that anything in it is of, since 1970-01-01 00:00 UTC. A minute before it
    /// is over: nothing more of it will come.
    pub at: Duration,
    /// Calls that ended since the last batch, by minute, operation and size class, oldest minute
    /// first.
    pub calls: Vec<Calls>,
    /// What was read since the last batch, by minute and name.
    pub gauges: Vec<Gauge>,
    /// Versions of baselines that are new, oldest first.
    pub baselines: Vec<Baseline>,
    /// The alerts, incidents and silences as they are, if they have changed.
    pub alerts: Option<Arc<Saved>>,
    /// What happened, oldest first.
    pub notes: Vec<Note>,
    /// What judges know; each replaces what is there of the same operation and size class.
    pub judges: Vec<JudgeState>,
    /// How many entries it is, as [`Accounts`](crate::store::Accounts) count them.
    pub entries: u64,
}

impl Batch {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }
}
