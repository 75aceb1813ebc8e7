//! `Reason`: why somebody is told.

use serde::{Deserialize, Serialize};

/// Why somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// They know of nothing that fires in this incident, and something does.
    First,
    /// An alert that they know has become worse.
    Escalated,
    /// An alert that they do not know fires.
    New,
    /// An alert that they know has become milder.
    DeEscalated,
    /// Some alerts that they know are over, and some are not.
    PartlyResolved,
    /// All alerts that they know are over.
    AllResolved,
    /// It goes on, and it is time to say so again.
    Repeat,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::First,
        Self::Escalated,
        Self::New,
        Self::DeEscalated,
        Self::PartlyResolved,
        Self::AllResolved,
        Self::Repeat,
    ];

    /// The name used in tables, JSON and metric labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Escalated => "escalated",
            Self::New => "new",
            Self::DeEscalated => "de_escalated",
            Self::PartlyResolved => "partly_resolved",
            Self::AllResolved => "all_resolved",
            Self::Repeat => "repeat",
        }
    }

    /// Whether it only tells that something is over.
    pub const fn is_resolve(self) -> bool {
        matches!(self, Self::PartlyResolved | Self::AllResolved)
    }
}
