//! `Mount`: the space of one file system.

use serde::{Deserialize, Serialize};

/// The space of one file system that is watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Mount {
    /// Where it is mounted, as far as can be seen from what was asked for.
    pub place: String,
    /// Bytes of it.
    pub bytes: u64,
    /// Bytes in use.
    pub used_bytes: u64,
    /// Bytes that this process can still use: without what is kept for the superuser.
    pub available_bytes: u64,
    /// Whether nothing can be written to it: such a one is full by nature.
    pub read_only: bool,
    /// Files that it can hold; `None` where it knows no such number.
    pub inodes: Option<u64>,
    /// Files that it can still take.
    pub free_inodes: Option<u64>,
}

impl Mount {
    /// The share in use of what this process can use at all, as `df` counts it.
    pub fn used_share(&self) -> Option<f64> {
        share(self.used_bytes, self.limit_bytes())
    }

    /// Bytes at which it is full for this process.
    pub fn limit_bytes(&self) -> u64 {
        self.used_bytes.saturating_add(self.available_bytes)
    }

    /// The share of its inodes in use.
    pub fn used_inode_share(&self) -> Option<f64> {
        let (all, free) = (self.inodes?, self.free_inodes?);
        share(all.saturating_sub(free), all)
    }
}

/// A part of a whole, in `0.0..=1.0` while it is one; `None` of nothing.
pub(crate) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
