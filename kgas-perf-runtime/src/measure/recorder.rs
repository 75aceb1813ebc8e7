//! `Recorder`: what one thread has recorded of one call site and size class.
//!
//! One thread writes it with plain loads and stores; any thread reads it at any time.
//!
//! # The parked duration
//! A finished call does not go into the histogram at once: it is *parked*, and the next call
//! files it. On current processors a store whose address depends on a fresh clock reading holds
//! up the next reading; parking takes that dependency away. The writer's order is
//!
//! ```text
//! file the duration parked before → park (Release) → count (Release)
//! ```
//!
//! and [`Recorder::read`] adds the parked duration exactly when it is not yet in a bucket.

use std::ptr::null_mut;

use crate::histogram::Distribution;
use crate::histogram::arena::Arena;
use crate::histogram::atomics::{AtomicPtr, AtomicU64, Ordering, add_owned, fence, in_any_order};
use crate::histogram::concurrent::Histogram;
use crate::measure::memory::MemoryRecord;
use crate::measure::outcome::Outcome;
use crate::measure::severity::Severity;
use crate::measure::tally::TallyRecord;

/// Counters of one call site and size class on one thread.
///
/// Ordered by use: an ordinary call touches the first two cache lines, one pointer of the
/// histogram and the bucket it files.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Recorder {
    /// Synchronous calls on the stack of this thread; 2 and more when it recurses.
    pub(crate) active: AtomicU64,
    /// When the outermost of them started, in ticks.
    pub(crate) since: AtomicU64,
    /// Calls longer than this are looked at; `u64::MAX` until a baseline stands.
    pub(crate) threshold: AtomicU64,
    /// Read memory in the next call that starts at or after this.
    pub(crate) next_reading: AtomicU64,
    calls: Calls,
    /// Shallow size of all arguments so far, in bytes.
    pub(crate) argument_bytes: AtomicU64,
    /// Durations for which the system had no memory: counted, in no bucket.
    pub(crate) unfiled: AtomicU64,
    /// Recorders for the calls that did not end well, made when the first one ends.
    others: [AtomicPtr<Recorder>; Outcome::ALL.len() - 1],
    histogram: Histogram,
    /// Calls that crossed the threshold, by severity.
    pub(crate) breaches: [AtomicU64; Severity::ALL.len()],
    pub(crate) memory: MemoryRecord,
    pub(crate) tally: TallyRecord,
    /// Its index in the tables of all threads.
    pub(crate) index: usize,
    /// Futures measured poll by poll.
    pub(crate) polled: Polled,
}

/// What every finished call changes.
#[derive(Debug)]
#[repr(C)]
struct Calls {
    /// Duration of the last call; in no bucket yet when `count` is one ahead of the histogram.
    parked: AtomicU64,
    count: AtomicU64,
    sum: AtomicU64,
    /// Time in measured callees. What is left of `sum` is the operation's own.
    callees: AtomicU64,
    max: AtomicU64,
    /// Calls whose callees are unknown, and their durations.
    whole: AtomicU64,
    whole_sum: AtomicU64,
}

/// Sums over futures that were measured poll by poll.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Polled {
    pub(crate) futures: AtomicU64,
    pub(crate) polls: AtomicU64,
    /// Time inside `poll`, in ticks. The rest of a future's duration it waited.
    pub(crate) busy: AtomicU64,
}

/// A consistent copy of a [`Recorder`]'s calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallsRead {
    pub(crate) distribution: Distribution,
    pub(crate) callees: u64,
    pub(crate) whole: u64,
    pub(crate) whole_sum: u64,
}

impl Recorder {
    pub(crate) fn new(index: usize) -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            active: zero(),
            since: zero(),
            threshold: AtomicU64::new(u64::MAX),
            next_reading: zero(),
            calls: Calls {
                parked: zero(),
                count: zero(),
                sum: zero(),
                callees: zero(),
                max: zero(),
                whole: zero(),
                whole_sum: zero(),
            },
            argument_bytes: zero(),
            breaches: std::array::from_fn(|_| zero()),
            unfiled: zero(),
            others: std::array::from_fn(|_| AtomicPtr::new(null_mut())),
            memory: MemoryRecord::new(),
            tally: TallyRecord::new(),
            index,
            polled: Polled { futures: zero(), polls: zero(), busy: zero() },
            histogram: Histogram::new(),
        }
    }

    /// A recorder in the arena; `None` when the system has no more memory.
    #[cfg(not(loom))]
    pub(crate) fn in_arena<'a>(arena: &Arena, index: usize) -> Option<&'a Self> {
        let place = arena.zeroed::<Self>()?;
        // SAFETY: the place is large enough, aligned and nobody else's; it lives as long as the
        // arena, which its shard keeps until nobody uses it.
        unsafe {
            place.write(Self::new(index));
            Some(place.as_ref())
        }
    }

    #[cfg(loom)]
    pub(crate) fn in_arena<'a>(_: &Arena, index: usize) -> Option<&'a Self> {
        Some(Box::leak(Box::new(Self::new(index))))
    }

    /// Records a finished call, or does nothing and answers `false` when that takes more than
    /// counting: [`Self::record`] does it then. Only the thread that owns the shard may call this.
    #[inline(always)]
    pub(crate) fn record_quickly(&self, duration: u64, callees: u64) -> bool {
        // Before the first call nothing is parked; the empty histogram then has no counter for
        // the 0 that stands there.
        let filed = self.histogram.record_quickly(self.calls.parked.load(Ordering::Relaxed));
        if filed {
            self.add(duration, callees);
        }
        filed
    }

    /// Records a finished call. Only the thread that owns the shard may call this.
    pub(crate) fn record(&self, duration: u64, callees: u64, arena: &Arena) {
        let parked = self.calls.parked.load(Ordering::Relaxed);
        let any = self.calls.count.load(Ordering::Relaxed) != 0;
        if any && !self.histogram.record(parked, arena) {
            add_owned(&self.unfiled, 1);
        }
        self.add(duration, callees);
    }

    #[inline(always)]
    fn add(&self, duration: u64, callees: u64) {
        let calls = &self.calls;
        add_owned(&calls.sum, duration);
        add_owned(&calls.callees, callees);
        if duration > calls.max.load(Ordering::Relaxed) {
            calls.max.store(duration, Ordering::Relaxed);
        }
        calls.parked.store(duration, Ordering::Release);
        let count = calls.count.load(Ordering::Relaxed);
        calls.count.store(count.wrapping_add(1), Ordering::Release);
    }

    /// As [`Self::record`], for a call whose measured callees are unknown: an asynchronous one
    /// shares its thread with others.
    #[inline(always)]
    pub(crate) fn record_whole(&self, duration: u64, arena: &Arena) {
        add_owned(&self.calls.whole, 1);
        add_owned(&self.calls.whole_sum, duration);
        if !self.record_quickly(duration, 0) {
            self.record(duration, 0, arena);
        }
    }

    /// The recorder of an outcome; this one's is `Ok`. `None` when nothing has ended so yet.
    pub(crate) fn of(&self, outcome: Outcome) -> Option<&Self> {
        let Some(other) = (outcome as usize).checked_sub(1) else {
            return Some(self);
        };
        // SAFETY: null, or a recorder of the same arena, published complete.
        unsafe { self.others[other].load(Ordering::Acquire).as_ref() }
    }

    /// As [`Self::of`], made if it is missing; `None` when the system has no more memory.
    #[cold]
    pub(crate) fn of_or_new(&self, outcome: Outcome, arena: &Arena) -> Option<&Self> {
        if let Some(known) = self.of(outcome) {
            return Some(known);
        }
        let made = Self::in_arena(arena, self.index)?;
        let place = self.others.get(outcome as usize - 1)?;
        place.store(std::ptr::from_ref(made).cast_mut(), Ordering::Release);
        Some(made)
    }

    /// A copy of the calls finished so far, whose count is that of its buckets.
    ///
    /// Never waits for the writer. When the writer is quick, the last call or two may be left to
    /// the next copy; what one copy holds, every later one holds too.
    pub(crate) fn read(&self, ns_per_unit: f64) -> CallsRead {
        const ATTEMPTS: usize = if cfg!(loom) { 2 } else { 4 };
        let calls = &self.calls;
        for attempt in 1.. {
            let before = calls.count.load(Ordering::Acquire);
            if before == 0 {
                break;
            }
            let parked = calls.parked.load(Ordering::Acquire);
            let mut counts = Default::default();
            self.histogram.read(&mut counts);
            let [sum, max, callees, whole, whole_sum] = in_any_order(|| {
                [&calls.sum, &calls.max, &calls.callees, &calls.whole, &calls.whole_sum]
                    .map(|counter| counter.load(Ordering::Relaxed))
            });
            // The reads above stay above the second look at the count.
            fence(Ordering::Acquire);
            let after = calls.count.load(Ordering::Acquire);
            let filed = counts.total() + self.unfiled.load(Ordering::Relaxed);
            if before == after && filed < before {
                // No call ended meanwhile and none has begun to end: the parked one is missing.
                counts.add_value(parked);
            } else if attempt < ATTEMPTS {
                continue;
            } else {
                // An earlier copy may have held the duration that was parked at first. It is in
                // its bucket by now, but may not have been when the bucket was read.
                counts.raise(parked, self.histogram.count_at(parked));
            }
            return CallsRead {
                distribution: Distribution::of(counts, ns_per_unit, sum, max),
                callees,
                whole,
                whole_sum,
            };
        }
        CallsRead::default()
    }
}

#[cfg(all(test, loom))]
mod model;
