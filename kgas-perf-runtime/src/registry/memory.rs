//! What a snapshot says of memory: RSS deltas of the calls that were read, and allocations.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::measure::memory::{MemoryRead, page_bytes};
use crate::measure::tally::TallyRead;

/// How much the process's resident set grew while calls ran: net, at their ends, not at its peak,
/// and whoever caused it.
///
/// Of the calls that were read; a call that was not has no delta, which is not a delta of 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryDeltas {
    /// Calls that were read.
    pub read: u64,
    /// Of those, calls during which another measured call ran, so that the growth may be its.
    pub overlapped: u64,
    /// Of those, long calls with a reading at the end alone; they are measured from the
    /// thread's last reading, at most one budget window before their start.
    pub end_only: u64,
    /// Sum of the deltas, in bytes.
    pub sum_bytes: i64,
    /// Smallest delta, in bytes.
    pub min_bytes: i64,
    /// Largest delta, in bytes.
    pub max_bytes: i64,
}

impl MemoryDeltas {
    /// Mean delta of the calls that were read, in bytes.
    pub fn mean_bytes(&self) -> f64 {
        self.sum_bytes as f64 / self.read as f64
    }

    pub(crate) fn of(read: MemoryRead) -> Option<Self> {
        let bytes = page_bytes() as i64;
        (read.read > 0).then_some(Self {
            read: read.read,
            overlapped: read.overlapped,
            end_only: read.end_only,
            sum_bytes: read.sum * bytes,
            min_bytes: read.min * bytes,
            max_bytes: read.max * bytes,
        })
    }

    pub(crate) fn merge(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(one), Some(other)) = (one, other) else {
            return one.or(other);
        };
        Some(Self {
            read: one.read + other.read,
            overlapped: one.overlapped + other.overlapped,
            end_only: one.end_only + other.end_only,
            sum_bytes: one.sum_bytes + other.sum_bytes,
            min_bytes: one.min_bytes.min(other.min_bytes),
            max_bytes: one.max_bytes.max(other.max_bytes),
        })
    }

    /// The calls read since `earlier`. Their extremes are unknown; those of all calls stand in.
    pub(crate) fn since(later: Option<Self>, earlier: Option<Self>) -> Option<Self> {
        let (Some(later), Some(earlier)) = (later, earlier) else {
            return later;
        };
        (later.read > earlier.read).then_some(Self {
            read: later.read - earlier.read,
            overlapped: later.overlapped.saturating_sub(earlier.overlapped),
            end_only: later.end_only.saturating_sub(earlier.end_only),
            sum_bytes: later.sum_bytes - earlier.sum_bytes,
            ..later
        })
    }
}

/// What calls allocated on their own threads, exactly; known under a
/// [`crate::measure::TallyAllocator`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocations {
    /// Calls that were counted.
    pub calls: u64,
    /// Bytes that they and everything they called allocated, whether freed again or not.
    pub bytes: u64,
    /// In so many allocations.
    pub allocations: u64,
    /// Bytes without those of measured callees: the operation's own.
    pub own_bytes: u64,
    /// Allocations without those of measured callees.
    pub own_allocations: u64,
    /// The most that one call allocated, in bytes, with all it called.
    pub max_bytes: u64,
}

impl Allocations {
    pub(crate) fn of(read: TallyRead) -> Option<Self> {
        (read.calls > 0).then_some(Self {
            calls: read.calls,
            bytes: read.bytes,
            allocations: read.allocations,
            own_bytes: read.bytes.saturating_sub(read.callees_bytes),
            own_allocations: read.allocations.saturating_sub(read.callees_allocations),
            max_bytes: read.max_bytes,
        })
    }

    pub(crate) fn merge(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(one), Some(other)) = (one, other) else {
            return one.or(other);
        };
        Some(Self {
            calls: one.calls + other.calls,
            bytes: one.bytes + other.bytes,
            allocations: one.allocations + other.allocations,
            own_bytes: one.own_bytes + other.own_bytes,
            own_allocations: one.own_allocations + other.own_allocations,
            max_bytes: one.max_bytes.max(other.max_bytes),
        })
    }

    /// The calls counted since `earlier`. The most that one allocated stands for all calls.
    pub(crate) fn since(later: Option<Self>, earlier: Option<Self>) -> Option<Self> {
        let (Some(later), Some(earlier)) = (later, earlier) else {
            return later;
        };
        (later.calls > earlier.calls).then_some(Self {
            calls: later.calls - earlier.calls,
            bytes: later.bytes.saturating_sub(earlier.bytes),
            allocations: later.allocations.saturating_sub(earlier.allocations),
            own_bytes: later.own_bytes.saturating_sub(earlier.own_bytes),
            own_allocations: later.own_allocations.saturating_sub(earlier.own_allocations),
            max_bytes: later.max_bytes,
        })
    }
}

/// Futures that were measured poll by poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Polls {
    /// Futures.
    pub futures: u64,
    /// Polls of all of them.
    pub polls: u64,
    /// Time inside `poll`. The rest of their durations they waited.
    pub busy: Duration,
}

impl Polls {
    pub(crate) fn merge(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(one), Some(other)) = (one, other) else {
            return one.or(other);
        };
        Some(Self {
            futures: one.futures + other.futures,
            polls: one.polls + other.polls,
            busy: one.busy + other.busy,
        })
    }

    pub(crate) fn since(later: Option<Self>, earlier: Option<Self>) -> Option<Self> {
        let (Some(later), Some(earlier)) = (later, earlier) else {
            return later;
        };
        (later.futures > earlier.futures).then_some(Self {
            futures: later.futures - earlier.futures,
            polls: later.polls.saturating_sub(earlier.polls),
            busy: later.busy.saturating_sub(earlier.busy),
        })
    }
}
