//! `Ownership`: which thread may write a shard. One at a time, and after it the next.

use crate::histogram::atomics::{AtomicU32, Ordering};

/// Passes from thread to thread, and what its owner has written goes with it.
#[derive(Debug)]
pub(crate) struct Ownership {
    /// 1 while a thread is the owner.
    owned: AtomicU32,
}

impl Ownership {
    /// The ownership of something new: it is the calling thread's.
    pub(crate) fn new() -> Self {
        Self { owned: AtomicU32::new(1) }
    }

    /// Becomes the owner if there is none.
    pub(crate) fn claim(&self) -> bool {
        // Acquire: the new owner goes on from what the last one wrote.
        self.owned.load(Ordering::Relaxed) == 0
            && self.owned.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    /// Lets the next thread have it. Only the owner may call this.
    pub(crate) fn hand_over(&self) {
        self.owned.store(0, Ordering::Release);
    }
}

#[cfg(all(test, loom))]
mod model;
