//! `Note`: something that happened, and when.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::{Mark, Subject, Told, Transition};
use crate::detect::Verdict;
use crate::registry::SlowCall;

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// When, since 1970-01-01 00:00 UTC.
    pub at: Duration,
    /// What.
    pub what: Noted,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Noted {
    /// A call lasted longer than its baseline's p95.
    SlowCall(SlowCall),
    /// Something was found that was not there before, or was milder.
    Verdict {
        /// About what.
        subject: Subject,
        /// What.
        verdict: Verdict,
        /// Whether what it was judged by is fit to page by.
        mature: bool,
    },
    /// An alert took a step in its life.
    Step {
        /// What the alert is about.
        subject: Subject,
        /// Its rule.
        rule: String,
        /// The step.
        step: Transition,
    },
    /// Somebody was told of an incident.
    Told {
        /// The incident's number.
        incident: u64,
        /// Who was told: the name of a channel.
        whom: String,
        /// What they know since.
        told: Told,
    },
    /// Something was changed.
    Mark(Mark),
}

impl Noted {
    /// The kind, as tables and JSON name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::SlowCall(_) => "slow_call",
            Self::Verdict { .. } => "verdict",
            Self::Step { .. } => "step",
            Self::Told { .. } => "told",
            Self::Mark(_) => "mark",
        }
    }

    /// What it is about, if it is about one thing.
    pub fn subject(&self) -> Option<String> {
        match self {
            Self::SlowCall(call) => {
                Some(Subject::operation(&call.operation, call.size_class).to_string())
            }
            Self::Verdict { subject, .. } | Self::Step { subject, .. } => Some(subject.to_string()),
            Self::Told { .. } | Self::Mark(_) => None,
        }
    }
}
