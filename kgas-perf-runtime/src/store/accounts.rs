//! `Accounts`: what became of everything that was offered.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What became of everything that was offered to the store since the process began, in entries:
/// a window of one operation, a reading of one number, a version of a baseline, a change of the
/// alerts, a note, what one judge knows.
///
/// At any time `accepted = stored + dropped + pending`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    /// Offered.
    pub accepted: u64,
    /// Kept.
    pub stored: u64,
    /// Not kept, and never will be.
    pub dropped: Dropped,
    /// Waiting to be kept, or being written right now.
    pub pending: u64,
}

/// Why entries were not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Dropped {
    /// The store failed for so long that there was no room to wait in.
    pub no_room: u64,
    /// They came after the store was closed.
    pub closed: u64,
    /// The process ended, or gave up, while they waited.
    pub not_written: u64,
}

impl Dropped {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.reasons().iter().map(|(_, count)| count).sum()
    }

    /// How many for each reason, as tables and JSON name it.
    pub fn reasons(&self) -> [(&'static str, u64); 3] {
        [("no_room", self.no_room), ("closed", self.closed), ("not_written", self.not_written)]
    }
}

impl Accounts {
    /// Whether they add up.
    pub fn add_up(&self) -> bool {
        self.accepted == self.stored + self.dropped.total() + self.pending
    }
}

/// As people read it: `accepted 120 = stored 118 + dropped 0 + pending 2`.
impl fmt::Display for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted, stored, dropped, pending } = self;
        write!(f, "accepted {accepted} = stored {stored} + dropped {}", dropped.total())?;
        let mut separator = " (";
        for (reason, count) in dropped.reasons().into_iter().filter(|(_, count)| *count > 0) {
            write!(f, "{separator}{reason} {count}")?;
            separator = ", ";
        }
        if separator == ", " {
            f.write_str(")")?;
        }
        write!(f, " + pending {pending}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_loss_is_named() {
        let dropped = Dropped { no_room: 3, ..Dropped::default() };
        let mut accounts = Accounts { accepted: 10, stored: 5, dropped, pending: 2 };
        assert!(accounts.add_up());
        assert_eq!(
            accounts.to_string(),
            "accepted 10 = stored 5 + dropped 3 (no_room 3) + pending 2"
        );
        accounts.accepted += 1;
        assert!(!accounts.add_up());
    }
}
