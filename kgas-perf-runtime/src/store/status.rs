//! `Status`: how a store is, and what became of what it was offered.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::store::accounts::Accounts;

/// How a store is, and what became of what it was offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Status {
    /// What became of everything that was offered.
    pub accounts: Accounts,
    /// About as much memory as what waits holds, in bytes.
    pub pending_bytes: usize,
    /// How it fails; `None` while it does not.
    pub failing: Option<Failing>,
    /// Why it could not be tidied when that was tried last: nothing is rolled up or dropped
    /// meanwhile. What is offered is kept all the same.
    pub untidied: Option<String>,
    /// Everything up to here is kept, by the registry's monotonic clock.
    pub kept_until: Duration,
    /// Up to here there is something that was offered, by the same clock.
    pub offered_until: Duration,
    /// How often the store had to begin anew: its file was damaged or taken away.
    pub begun_anew: u64,
    /// How often the wall clock was set to another time, sleep of the machine included.
    pub clock_steps: u64,
}

/// How a store fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failing {
    /// Since when, by the registry's monotonic clock.
    pub since: Duration,
    /// How often it was tried.
    pub attempts: u64,
    /// What it said last.
    pub error: String,
    /// Whether trying again may help without anybody doing anything.
    pub retryable: bool,
}
