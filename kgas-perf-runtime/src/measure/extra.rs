//! `Extra`: what is noted of a call besides its time, when there is something to note.
//!
//! Most calls have nothing, so a measurement carries a pointer instead of these fields.

use std::ptr::{NonNull, null_mut};

use crate::measure::recorder::Recorder;
use crate::measure::shard::Shard;
use crate::measure::tally::{self, Tally};

/// Notes of one synchronous call, in its shard's arena; used again by later calls.
#[derive(Debug)]
pub(crate) struct Extra {
    memory: Option<MemoryBefore>,
    tallied: bool,
    /// The thread's tally when the call started.
    tally: Tally,
    /// What the caller's own callees had allocated when this call started.
    callees_before: Tally,
    /// The next unused one, while this one is.
    next: *mut Extra,
}

/// What was read of memory when a call started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemoryBefore {
    /// Resident pages of the process.
    pub(crate) pages: i64,
    /// Calls that had ever started beside this one; `None` if one of them was running.
    pub(crate) others: Option<u64>,
}

impl MemoryBefore {
    /// Reads memory if the budget allows, or if the call asks for it `every` time.
    pub(crate) fn read(shard: &Shard, recorder: &Recorder, now: u64, every: bool) -> Option<Self> {
        let pages = shard.reading_at_start(recorder, now, every)?;
        Some(Self { pages, others: shard.roster().entered_beside(shard) })
    }
}

impl Extra {
    /// Notes what is known before a call; null when the system has no more memory. Only the
    /// shard's owner may call this.
    pub(crate) fn take(shard: &Shard, memory: Option<MemoryBefore>, tallied: bool) -> *mut Self {
        let unused = NonNull::new(shard.extras.get()).inspect(|unused| {
            // SAFETY: unused ones are the owner's, and live as long as the shard.
            shard.extras.set(unsafe { unused.as_ref().next });
        });
        let Some(place) = unused.or_else(|| shard.arena.zeroed::<Self>()) else {
            return null_mut();
        };
        let extra = Self {
            memory,
            tallied,
            callees_before: if tallied { shard.callees_tally.take() } else { Tally::default() },
            tally: if tallied { tally::of_this_thread() } else { Tally::default() },
            next: null_mut(),
        };
        // SAFETY: the place is large enough, aligned and nobody else's.
        unsafe { place.write(extra) };
        place.as_ptr()
    }

    /// Records the call's allocations, and answers what was read of memory at its start.
    ///
    /// # Safety
    /// `extra` was taken from this shard, by its owner who calls this, and not given back since.
    pub(crate) unsafe fn give_back(
        extra: NonNull<Self>,
        shard: &Shard,
        recorder: &Recorder,
    ) -> Option<MemoryBefore> {
        // SAFETY: the caller's promise.
        let notes = unsafe { &mut *extra.as_ptr() };
        if notes.tallied {
            let tally = tally::of_this_thread().since(notes.tally);
            let callees = shard.callees_tally.replace(notes.callees_before.plus(tally));
            recorder.tally.record(tally, callees);
        }
        notes.next = shard.extras.replace(extra.as_ptr());
        notes.memory
    }
}
