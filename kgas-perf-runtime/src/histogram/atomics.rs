//! The standard library's atomics, or loom's in the model of what threads share.

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};
#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence};

/// Does something whose place among what other threads do makes no difference to the model, which
/// then need not try every place.
#[inline(always)]
pub(crate) fn in_any_order<T>(work: impl FnOnce() -> T) -> T {
    #[cfg(loom)]
    loom::stop_exploring();
    let done = work();
    #[cfg(loom)]
    loom::explore();
    done
}

/// Adds to a counter that only the calling thread writes.
///
/// A plain load and store, with no bus lock: several times cheaper than `fetch_add`, and exact
/// as long as the single-writer rule of the place that calls it holds.
#[inline(always)]
pub(crate) fn add_owned(counter: &AtomicU64, amount: u64) {
    counter.store(counter.load(Ordering::Relaxed).wrapping_add(amount), Ordering::Relaxed);
}
