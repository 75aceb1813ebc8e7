//! `CountsEntry`: one operation's exact numbers.

use std::collections::BTreeMap;

use super::entry::Origin;

/// What one call of an operation takes, in numbers that are the same on every machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CountsEntry {
    /// How many of what: `allocations`, `allocated_bytes`, `queries`, …
    pub counts: BTreeMap<String, u64>,
    /// Where they came from.
    pub origin: Origin,
}
