//! Allocations and bytes, exactly.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};

use kgas_perf_runtime::measure::TallyAllocator;

/// What they are called among counts.
pub(super) const ALLOCATIONS: &str = "allocations";
pub(super) const BYTES: &str = "allocated_bytes";

/// How many allocations, of how many bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Allocations {
    pub(super) count: u64,
    pub(super) bytes: u64,
}

/// What was allocated while something was awaited.
#[derive(Clone, Copy, Debug)]
pub(super) struct Allocated {
    /// By its own polls.
    pub(super) own: Allocations,
    /// By everything else in the process: threads and tasks that it started or woke, and those
    /// that have nothing to do with it.
    pub(super) elsewhere: Allocations,
}

/// Awaits something; what was allocated meanwhile, if the program's allocator is a
/// [`TallyAllocator`].
///
/// Each poll is charged what its thread allocates until it returns: a future may go on on another
/// thread, and between two polls a thread works for others.
pub(super) async fn during(work: impl Future<Output = ()>) -> Option<Allocated> {
    let Some(all) = TallyAllocator::of_all_threads() else {
        work.await;
        return None;
    };
    let before = by_counting();
    let mut work = pin!(work);
    let mut own = Allocations::default();
    poll_fn(|context| {
        let before = of_this_thread();
        let polled = work.as_mut().poll(context);
        own = own.plus(of_this_thread().since(before));
        polled
    })
    .await;
    let (bytes, count) = all.so_far();
    let by_counting = by_counting().since(before);
    let elsewhere = Allocations {
        count: count.saturating_sub(own.count + by_counting.count),
        bytes: bytes.saturating_sub(own.bytes + by_counting.bytes),
    };
    Some(Allocated { own, elsewhere })
}

impl Allocations {
    pub(super) fn plus(self, other: Self) -> Self {
        Self { count: self.count + other.count, bytes: self.bytes + other.bytes }
    }

    fn since(self, earlier: Self) -> Self {
        Self {
            count: self.count.wrapping_sub(earlier.count),
            bytes: self.bytes.wrapping_sub(earlier.bytes),
        }
    }
}

thread_local! {
    /// What counting itself allocated on this thread.
    static BY_COUNTING_HERE: Cell<Allocations> =
        const { Cell::new(Allocations { count: 0, bytes: 0 }) };
}
/// What it allocated on all of them: allocations and bytes.
static BY_COUNTING: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];

/// Does what belongs to counting, and is no part of the call.
pub(super) fn for_counting<T>(work: impl FnOnce() -> T) -> T {
    let before = of_this_thread();
    let answer = work();
    let more = of_this_thread().since(before);
    BY_COUNTING_HERE.set(BY_COUNTING_HERE.get().plus(more));
    BY_COUNTING[0].fetch_add(more.count, Ordering::Relaxed);
    BY_COUNTING[1].fetch_add(more.bytes, Ordering::Relaxed);
    answer
}

fn by_counting() -> Allocations {
    let [count, bytes] = BY_COUNTING.each_ref().map(|sum| sum.load(Ordering::Relaxed));
    Allocations { count, bytes }
}

/// What this thread allocated so far, without what counting did.
fn of_this_thread() -> Allocations {
    let (bytes, count) = TallyAllocator::of_this_thread().unwrap_or_default();
    Allocations { count, bytes }.since(BY_COUNTING_HERE.get())
}

/// What to do where nobody counts.
pub(super) const MISSING: &str = "this test program does not count allocations: write \
    `#[global_allocator] static ALLOCATOR: kgas_perf_runtime::measure::TallyAllocator = \
    kgas_perf_runtime::measure::TallyAllocator::system();` into the test's file (or into \
    `lib.rs` under `#[cfg(test)]` for unit tests)";
