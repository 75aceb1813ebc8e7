//! Allocations and bytes, exactly.

use kgas_perf_runtime::measure::TallyAllocator;

/// What they are called among counts.
pub(super) const ALLOCATIONS: &str = "allocations";
pub(super) const BYTES: &str = "allocated_bytes";

/// Runs something once; what this thread allocated meanwhile, as allocations and bytes, if the
/// program's allocator is a [`TallyAllocator`].
pub(super) fn during<T>(work: impl FnOnce() -> T) -> (T, Option<(u64, u64)>) {
    let before = TallyAllocator::of_this_thread();
    let answer = work();
    let after = TallyAllocator::of_this_thread();
    let spent = before
        .zip(after)
        .map(|(before, after)| (after.1.wrapping_sub(before.1), after.0.wrapping_sub(before.0)));
    (answer, spent)
}

/// What to do where nobody counts.
pub(super) const MISSING: &str = "this test program does not count allocations: write \
    `#[global_allocator] static ALLOCATOR: kgas_perf_runtime::measure::TallyAllocator = \
    kgas_perf_runtime::measure::TallyAllocator::system();` into the test's file (or into \
    `lib.rs` under `#[cfg(test)]` for unit tests)";
