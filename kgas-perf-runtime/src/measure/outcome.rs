//! How a call ended.

use serde::{Deserialize, Serialize};

/// How a call ended. Each outcome has a distribution of its own; baselines learn from `Ok` alone.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Outcome {
    /// It returned, and what it returned is not an error.
    #[default]
    Ok = 0,
    /// It returned an `Err`, or its `ok` predicate said no.
    Error = 1,
    /// A panic passed through it.
    Panicked = 2,
    /// Its future was dropped after the first poll and before it was ready.
    Cancelled = 3,
}

impl Outcome {
    /// Every outcome, in the order of their discriminants.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Error, Self::Panicked, Self::Cancelled];

    /// `Ok` or `Error`, by what a call returned.
    pub const fn of<T, E>(returned: &Result<T, E>) -> Self {
        match returned {
            Ok(_) => Self::Ok,
            Err(_) => Self::Error,
        }
    }

    /// The name used in tables, JSON and metric labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Panicked => "panicked",
            Self::Cancelled => "cancelled",
        }
    }
}
