//! `TallyAllocator`: opt-in exact bytes and counts per measurement.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::sync::atomic;

use crate::histogram::atomics::{AtomicU64, Ordering, add_owned};
use crate::measure::mode;

mod all_threads;

pub use all_threads::AllThreads;

/// An allocator that counts what each thread asks of another one, so that measured calls can say
/// how much they allocated.
///
/// A synchronous call, and each poll of a future under `poll = true`, is charged exactly what
/// its own thread allocated between start and finish. Memory handed to another thread and freed
/// there is charged to whoever allocated it.
///
/// # Cost
/// An allocation pays two additions to thread-local counters, and every 64th of a thread, and
/// each of 64 KiB or more, two to counters that all threads share; a measured call pays four more
/// loads and stores (`benches/measure.rs`).
///
/// # Examples
/// ```
/// use kgas_perf_runtime::measure::TallyAllocator;
///
/// #[global_allocator]
/// static ALLOCATOR: TallyAllocator = TallyAllocator::system();
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TallyAllocator<A = std::alloc::System> {
    inner: A,
}

impl TallyAllocator {
    /// Counts over the operating system's allocator.
    pub const fn system() -> Self {
        Self { inner: std::alloc::System }
    }

    /// What the current thread has allocated since it began: bytes and allocations, both wrapping;
    /// `None` if no allocator of this kind has served any thread.
    pub fn of_this_thread() -> Option<(u64, u64)> {
        let Tally { bytes, allocations } = of_this_thread();
        (mode::mode() & mode::TALLY != 0).then_some((bytes, allocations))
    }

    /// Begins to count what all threads of the process allocate; `None` if no allocator of this
    /// kind has served any thread.
    pub fn of_all_threads() -> Option<AllThreads> {
        mode::is_tallied().then(AllThreads::begin)
    }
}

impl<A> TallyAllocator<A> {
    /// Counts over any allocator.
    pub const fn new(inner: A) -> Self {
        Self { inner }
    }
}

/// What a thread has allocated since it began: bytes and allocations, wrapping.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) bytes: u64,
    pub(crate) allocations: u64,
}

impl Tally {
    #[inline(always)]
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            bytes: self.bytes.wrapping_sub(earlier.bytes),
            allocations: self.allocations.wrapping_sub(earlier.allocations),
        }
    }

    #[inline(always)]
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.wrapping_add(other.bytes),
            allocations: self.allocations.wrapping_add(other.allocations),
        }
    }
}

thread_local! {
    // Constant and without `Drop`: usable from the first allocation of a thread to its last.
    static TALLY: Cell<Tally> = const { Cell::new(Tally { bytes: 0, allocations: 0 }) };
}

/// What all threads have handed on so far: bytes and allocations.
/// It is no part of loom's model, whose atomics no static can hold.
static OF_PROCESS: [atomic::AtomicU64; 2] = [const { atomic::AtomicU64::new(0) }; 2];

/// A thread hands on after so many allocations, and after one of so many bytes.
const EVERY: u64 = 64;
const LARGE: usize = 64 << 10;

/// A thread hands on when these bits of its number of allocations are zero: `EVERY - 1`, and 0, so
/// after each allocation, while somebody counts all threads.
static BETWEEN: atomic::AtomicU64 = atomic::AtomicU64::new(EVERY - 1);

thread_local! {
    /// What this thread had handed on by then.
    static HANDED_ON: Cell<Tally> = const { Cell::new(Tally { bytes: 0, allocations: 0 }) };
}

/// Bytes and allocations of the process so far, without what each thread has not handed on yet:
/// up to 63 allocations of less than 64 KiB each. `None` without a [`TallyAllocator`].
pub(crate) fn allocated_by_process() -> Option<(u64, u64)> {
    let [bytes, allocations] = OF_PROCESS.each_ref().map(|sum| sum.load(atomic::Ordering::Relaxed));
    mode::is_tallied().then_some((bytes, allocations))
}

#[cold]
fn hand_on(tally: Tally, bytes: usize) {
    all_threads::count(bytes);
    let more = tally.since(HANDED_ON.replace(tally));
    OF_PROCESS[0].fetch_add(more.bytes, atomic::Ordering::Relaxed);
    OF_PROCESS[1].fetch_add(more.allocations, atomic::Ordering::Relaxed);
}

/// What this thread has allocated so far.
#[inline(always)]
pub(crate) fn of_this_thread() -> Tally {
    TALLY.get()
}

#[inline(always)]
fn count(bytes: usize) {
    let tally = TALLY.get();
    if tally.allocations == 0 {
        mode::announce_tally();
    }
    let tally = tally.plus(Tally { bytes: bytes as u64, allocations: 1 });
    TALLY.set(tally);
    if tally.allocations & BETWEEN.load(atomic::Ordering::Relaxed) == 0 || bytes >= LARGE {
        hand_on(tally, bytes);
    }
}

// SAFETY: every call goes to the inner allocator unchanged; counting touches thread-local
// integers only, which neither allocate nor unwind.
unsafe impl<A: GlobalAlloc> GlobalAlloc for TallyAllocator<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise, passed on.
        unsafe { self.inner.alloc(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise, passed on.
        unsafe { self.inner.dealloc(place, layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: the caller's promise, passed on.
        unsafe { self.inner.alloc_zeroed(layout) }
    }

    /// Counts what is asked for beyond the old size; a smaller new size counts nothing.
    #[inline]
    unsafe fn realloc(&self, place: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if new_size > layout.size() {
            count(new_size - layout.size());
        }
        // SAFETY: the caller's promise, passed on.
        unsafe { self.inner.realloc(place, layout, new_size) }
    }
}

/// What the calls of one recorder allocated. One thread writes, any reads.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct TallyRecord {
    calls: AtomicU64,
    bytes: AtomicU64,
    allocations: AtomicU64,
    /// Of the above, what measured callees allocated.
    callees_bytes: AtomicU64,
    callees_allocations: AtomicU64,
    max_bytes: AtomicU64,
}

/// A copy of a [`TallyRecord`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TallyRead {
    pub(crate) calls: u64,
    pub(crate) bytes: u64,
    pub(crate) allocations: u64,
    pub(crate) callees_bytes: u64,
    pub(crate) callees_allocations: u64,
    pub(crate) max_bytes: u64,
}

impl TallyRecord {
    pub(crate) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            calls: zero(),
            bytes: zero(),
            allocations: zero(),
            callees_bytes: zero(),
            callees_allocations: zero(),
            max_bytes: zero(),
        }
    }

    /// Adds one call. Only the owner of the recorder may call this.
    #[inline(always)]
    pub(crate) fn record(&self, tally: Tally, callees: Tally) {
        add_owned(&self.bytes, tally.bytes);
        add_owned(&self.allocations, tally.allocations);
        add_owned(&self.callees_bytes, callees.bytes);
        add_owned(&self.callees_allocations, callees.allocations);
        if tally.bytes > self.max_bytes.load(Ordering::Relaxed) {
            self.max_bytes.store(tally.bytes, Ordering::Relaxed);
        }
        self.calls.store(self.calls.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
    }

    /// A copy; the sums may be one call ahead of the count.
    pub(crate) fn read(&self) -> TallyRead {
        TallyRead {
            calls: self.calls.load(Ordering::Acquire),
            bytes: self.bytes.load(Ordering::Relaxed),
            allocations: self.allocations.load(Ordering::Relaxed),
            callees_bytes: self.callees_bytes.load(Ordering::Relaxed),
            callees_allocations: self.callees_allocations.load(Ordering::Relaxed),
            max_bytes: self.max_bytes.load(Ordering::Relaxed),
        }
    }
}

#[cfg(all(test, loom))]
mod model;
