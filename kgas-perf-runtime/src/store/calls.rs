//! `Calls`: the calls of one operation and size class that ended in one minute.

use serde::{Deserialize, Serialize};

use crate::catalog::{Category, SizeClass};
use crate::registry::Series;

/// The calls of one operation and size class that ended in one minute, or in a part of it, as
/// one process saw them.
///
/// They come by the window, and a window is not cut: it counts for the minute in which it ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Calls {
    /// The operation.
    pub operation: String,
    /// Its category.
    pub category: Category,
    /// When the minute began, in seconds since 1970-01-01 00:00 UTC.
    pub minute_unix_s: u64,
    /// The calls. What runs is not kept.
    pub series: Series,
    /// From how many windows they are.
    pub entries: u64,
}

impl Calls {
    /// The size class.
    pub fn size_class(&self) -> SizeClass {
        self.series.size_class
    }

    /// Adds the calls of another part of the minute.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.series.merge(&other.series);
        self.entries += other.entries;
    }

    /// About as much memory as it holds, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.operation.len() + self.series.heap_bytes()
    }
}
