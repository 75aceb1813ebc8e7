//! `Alert`: what a detector says.

use serde::{Deserialize, Serialize};

/// How slow an operation has become, by what is normal for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Slower, but less than twice.
    Info,
    /// About twice or more. This and worse is a page.
    Warning,
    /// About five times or more.
    Critical,
    /// About ten times or more.
    Emergency,
}

/// In which way an operation has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The typical call.
    Location,
    /// Only the slow calls.
    Tail,
    /// Failed calls.
    Errors,
    /// A slow creep against the first baseline.
    Drift,
    /// Faster. Never an alarm.
    Improvement,
}

/// What a detector says about an operation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// When it was raised, in seconds on the operation's clock.
    pub t: f64,
    /// How bad it is.
    #[serde(rename = "level")]
    pub severity: Severity,
    /// In which way.
    pub kind: Kind,
}

impl Alert {
    /// Whether it says that something has become worse.
    pub fn is_regression(&self) -> bool {
        self.kind != Kind::Improvement
    }
}
