//! `Verdict`: what was found about one operation.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::measure::Severity;

/// In which way an operation is no longer as its baseline says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The typical call is slower.
    Location,
    /// Only the slow calls are slower, or there are more of them.
    Tail,
    /// More calls end in an error or a panic.
    Errors,
    /// The typical call has crept away from the first baseline, too slowly for a step.
    Drift,
    /// The typical call is faster. It never pages.
    Improvement,
    /// Calls leave more memory behind.
    Memory,
    /// A declared objective is not met.
    Objective,
    /// A call runs longer than it may, and has not returned; or a part of the monitor does.
    Unresponsive,
    /// What was measured is being lost, or is about to be.
    DataLoss,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Location,
        Self::Tail,
        Self::Errors,
        Self::Drift,
        Self::Improvement,
        Self::Memory,
        Self::Objective,
        Self::Unresponsive,
        Self::DataLoss,
    ];

    /// The name used in tables, JSON and metric labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Location => "location",
            Self::Tail => "tail",
            Self::Errors => "errors",
            Self::Drift => "drift",
            Self::Improvement => "improvement",
            Self::Memory => "memory",
            Self::Objective => "objective",
            Self::Unresponsive => "unresponsive",
            Self::DataLoss => "data_loss",
        }
    }
}

/// What was found about one operation and size class, and how sure that is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verdict {
    /// When it was found, by the clock of the stream.
    pub at: Duration,
    /// How bad it is.
    pub severity: Severity,
    /// In which way.
    pub kind: Kind,
    /// The relative change: 0.5 is half as much again. `None` where no single number says it.
    pub effect: Option<f64>,
    /// When it began, as estimated.
    pub since: Option<Duration>,
    /// How sure it is, `0.0..=1.0`: one minus the probability of a false verdict in the time it
    /// took to reach this one.
    pub score: f64,
}
