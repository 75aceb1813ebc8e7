//! `Offer`: what one tick has to keep.

use std::borrow::Cow;

use crate::alert::{Now, Saved};
use crate::baseline::Baseline;
use crate::registry::{Snapshot, Window};
use crate::store::loaded::JudgeState;
use crate::store::note::Noted;

/// What one tick has to keep.
#[derive(Debug)]
pub struct Offer<'a> {
    /// When.
    pub now: Now,
    /// Everything, as it was then: it knows the operations' categories.
    pub snapshot: &'a Snapshot,
    /// What ended since the tick before.
    pub windows: &'a [Window],
    /// What was read of resources.
    pub numbers: Vec<Number>,
    /// Versions of baselines that are new.
    pub baselines: Vec<Baseline>,
    /// The alerts, if they have changed.
    pub alerts: Option<Saved>,
    /// What happened.
    pub notes: Vec<Noted>,
    /// What some of the judges know.
    pub judges: Vec<JudgeState>,
}

impl<'a> Offer<'a> {
    /// Calls and nothing else.
    pub fn calls(now: Now, snapshot: &'a Snapshot, windows: &'a [Window]) -> Self {
        Self {
            now,
            snapshot,
            windows,
            numbers: Vec::new(),
            baselines: Vec::new(),
            alerts: None,
            notes: Vec::new(),
            judges: Vec::new(),
        }
    }
}

/// A number that was read once.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// Its name; see [`Gauge`](crate::store::Gauge).
    pub name: Cow<'static, str>,
    /// Its unit, in UCUM.
    pub unit: &'static str,
    /// What it was. One that is not finite was not read.
    pub value: f64,
}
