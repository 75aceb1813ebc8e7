//! `Provenance`: where a baseline came from.

use serde::{Deserialize, Serialize};

/// Where a baseline came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Provenance {
    /// From calls.
    #[default]
    Learned,
    /// From an objective that a person wrote down.
    Declared,
    /// From calls that had been unlike the baseline before, until a person said they are normal.
    Accepted {
        /// Who said so.
        by: String,
        /// Why.
        why: String,
    },
}

impl Provenance {
    /// The name used in tables and JSON.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Learned => "learned",
            Self::Declared => "declared",
            Self::Accepted { .. } => "accepted",
        }
    }
}
