//! `AllThreads`: what every thread of the process allocates for a while, exactly.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{BETWEEN, EVERY};

/// Bytes and allocations of all threads, of the times when somebody counted them.
static COUNTED: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];
/// How many are counting.
static COUNTING: Mutex<u32> = Mutex::new(0);

/// Counts what every thread of the process allocates, until it is dropped; made by
/// [`TallyAllocator::of_all_threads`](super::TallyAllocator::of_all_threads).
///
/// An allocation counts on whichever thread it is made: those that are started meanwhile, those
/// of a pool, and those that have nothing to do with what is looked at. Who made it is not known.
///
/// # Cost
/// While there is one, every allocation of every thread pays four additions to counters that all
/// threads share; else none does.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::measure::TallyAllocator;
///
/// #[global_allocator]
/// static ALLOCATOR: TallyAllocator = TallyAllocator::system();
///
/// let all = TallyAllocator::of_all_threads().expect("the allocator above has served something");
/// let kept = std::thread::spawn(|| vec![0_u8; 1_000]).join().unwrap();
/// let (bytes, allocations) = all.so_far();
/// assert!(bytes >= 1_000 && allocations >= 1);
/// # drop(kept);
/// ```
#[derive(Debug)]
#[must_use = "it counts until it is dropped"]
pub struct AllThreads {
    before: [u64; 2],
}

impl AllThreads {
    pub(super) fn begin() -> Self {
        let mut counting = COUNTING.lock().unwrap_or_else(PoisonError::into_inner);
        *counting += 1;
        BETWEEN.store(0, Ordering::Relaxed);
        Self { before: counted() }
    }

    /// Bytes and allocations since it began. An allocation that happens before this call, as
    /// those of a thread that was joined, is among them.
    pub fn so_far(&self) -> (u64, u64) {
        let [bytes, allocations] = counted();
        (bytes.wrapping_sub(self.before[0]), allocations.wrapping_sub(self.before[1]))
    }
}

impl Drop for AllThreads {
    fn drop(&mut self) {
        let mut counting = COUNTING.lock().unwrap_or_else(PoisonError::into_inner);
        *counting -= 1;
        if *counting == 0 {
            BETWEEN.store(EVERY - 1, Ordering::Relaxed);
        }
    }
}

fn counted() -> [u64; 2] {
    COUNTED.each_ref().map(|sum| sum.load(Ordering::Relaxed))
}

/// One allocation, if anybody counts.
pub(super) fn count(bytes: usize) {
    if BETWEEN.load(Ordering::Relaxed) == 0 {
        COUNTED[0].fetch_add(bytes as u64, Ordering::Relaxed);
        COUNTED[1].fetch_add(1, Ordering::Relaxed);
    }
}
