//! `Roster`: what all threads that record in one registry share.
//!
//! It is read and written on rare paths alone: when a thread comes or goes, when a call crosses
//! its threshold, when somebody looks.

use std::ptr::NonNull;
use std::sync::Arc;

use crate::histogram::arena::{map_zeroed, unmap};
use crate::histogram::atomics::{AtomicPtr, AtomicU64, Ordering, fence};
use crate::measure::call_site::CAPACITY;
use crate::measure::clock::TimeSource;
use crate::measure::shard::Shard;
use crate::measure::slow_calls::SlowCalls;

/// The shards of one registry, and what its calls are judged by.
#[derive(Debug)]
pub(crate) struct Roster {
    pub(crate) time: TimeSource,
    /// The newest shard; each knows the next older one. Only grows while the roster is in use.
    newest: AtomicPtr<Shard>,
    /// By index of the recorder; `None` when the system had no memory for it.
    references: Option<NonNull<[Reference; CAPACITY]>>,
    pub(crate) slow_calls: SlowCalls,
    /// Calls that could not be measured: no memory, or called from inside a rare path.
    dropped: AtomicU64,
}

// SAFETY: the references are atomics in memory that lives as long as the roster, and shards
// follow the rules of `Shard`.
unsafe impl Send for Roster {}
// SAFETY: as above.
unsafe impl Sync for Roster {}

/// What the calls of one recorder index are judged by. All zero: by nothing yet.
#[derive(Debug)]
pub(crate) struct Reference {
    /// The baseline's p95 in ticks, 0 for none.
    threshold: AtomicU64,
    /// The baseline's median in ticks.
    pub(crate) median: AtomicU64,
    /// When the next event may be told, in ticks (see `slow_calls`).
    pub(crate) next_event: AtomicU64,
    /// Events not told since the last one that was.
    pub(crate) untold: AtomicU64,
}

impl Roster {
    pub(crate) fn new(time: TimeSource) -> Self {
        Self {
            time,
            newest: AtomicPtr::new(std::ptr::null_mut()),
            references: map_zeroed(size_of::<[Reference; CAPACITY]>()).map(NonNull::cast),
            slow_calls: SlowCalls::new(),
            dropped: AtomicU64::new(0),
        }
    }

    /// A shard that the caller now owns: one that a thread left behind, or a new one. `None`
    /// when the system has no more memory. It lives as long as the roster.
    #[cold]
    pub(crate) fn claim(self: &Arc<Self>) -> Option<NonNull<Shard>> {
        if let Some(left_behind) = self.shards().find(|shard| shard.claim()) {
            return Some(NonNull::from(left_behind));
        }
        let shard = Shard::map(self)?;
        let mut newest = self.newest.load(Ordering::Relaxed);
        loop {
            // SAFETY: nobody else has the shard before the exchange succeeds.
            unsafe { Shard::set_older(shard, newest) };
            match self.newest.compare_exchange_weak(
                newest,
                shard.as_ptr(),
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Some(shard),
                Err(now) => newest = now,
            }
        }
    }

    /// Every shard.
    pub(crate) fn shards(&self) -> impl Iterator<Item = &Shard> {
        let mut next: *const Shard = self.newest.load(Ordering::Acquire);
        std::iter::from_fn(move || {
            // SAFETY: null, or a shard that was published complete and lives as long as this.
            let shard = unsafe { next.as_ref() }?;
            next = shard.older();
            Some(shard)
        })
    }

    pub(crate) fn reference(&self, recorder: usize) -> Option<&Reference> {
        // SAFETY: zeroed memory of the right size and alignment is an array of atomics; it lives
        // as long as the roster.
        unsafe { self.references?.as_ref() }.get(recorder)
    }

    /// Calls of this recorder that last longer are looked at, in ticks.
    pub(crate) fn threshold(&self, recorder: usize) -> u64 {
        let set =
            self.reference(recorder).map_or(0, |known| known.threshold.load(Ordering::Relaxed));
        if set == 0 { u64::MAX } else { set }
    }

    /// What calls of a recorder are judged by from now on, in ticks: `p95` is crossed, and the
    /// severity follows from how many medians a call lasted.
    pub(crate) fn judge_by(&self, recorder: usize, p95: u64, median: u64) {
        let Some(reference) = self.reference(recorder) else {
            return;
        };
        reference.median.store(median.max(1), Ordering::Relaxed);
        reference.threshold.store(p95.max(1), Ordering::Relaxed);
        // See `Shard::recorder_or_new`.
        fence(Ordering::SeqCst);
        for shard in self.shards() {
            // SAFETY: recorders live as long as their shard.
            if let Some(known) = unsafe { shard.recorder(recorder).as_ref() } {
                known.set_threshold(p95.max(1));
            }
        }
    }

    /// How many measurements have ever started on other shards; `None` while one of them runs.
    pub(crate) fn entered_beside(&self, shard: &Shard) -> Option<u64> {
        self.shards().filter(|other| !std::ptr::eq(*other, shard)).try_fold(0_u64, |sum, other| {
            let left = other.left.load(Ordering::Relaxed);
            let entered = other.entered.load(Ordering::Relaxed);
            let idle = entered == left && other.slab.is_idle();
            idle.then(|| sum.wrapping_add(entered).wrapping_add(other.slab.started()))
        })
    }

    /// Counts a call that could not be measured.
    pub(crate) fn drop_call(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Calls that could not be measured so far.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Frees all shards, if nothing that started here is still in progress. Else everything
    /// stays, for ever: a future that started here may still end, and looks at all shards then.
    ///
    /// # Safety
    /// Nothing starts in this roster any more, and only measurements that already have may
    /// walk its shards.
    pub(crate) unsafe fn close(&self) {
        if !self.shards().all(|shard| shard.claim() && shard.is_quiescent()) {
            return;
        }
        let mut next = self.newest.swap(std::ptr::null_mut(), Ordering::Relaxed).cast_const();
        while let Some(shard) = NonNull::new(next.cast_mut()) {
            // SAFETY: every shard was claimed and found quiescent above, so no thread has it and
            // no measurement will come back to it; it is out of the list now.
            unsafe {
                next = shard.as_ref().older();
                Shard::unmap(shard);
            }
        }
    }
}

impl Drop for Roster {
    fn drop(&mut self) {
        if let Some(references) = self.references {
            // SAFETY: mapped in `new`; the last user is gone.
            unsafe { unmap(references.as_ptr().cast(), size_of::<[Reference; CAPACITY]>()) };
        }
    }
}
