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

use crate::histogram::Counts;
use crate::histogram::arena::Arena;
use crate::histogram::atomics::{
    AtomicPtr, AtomicU32, AtomicU64, Ordering, add_owned, fence, in_any_order,
};
use crate::histogram::concurrent::Histogram;
use crate::measure::memory::MemoryRecord;
use crate::measure::outcome::Outcome;
use crate::measure::severity::Severity;
use crate::measure::tally::TallyRecord;

/// Counters of one call site and size class on one thread.
///
/// Ordered by use: an ordinary call touches the first cache line and the bucket it files. With
/// many operations in turn it is cache lines that cost.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Recorder {
    /// Synchronous calls on the stack of this thread; 2 and more when it recurses.
    pub(crate) active: AtomicU32,
    /// Shallow size of the arguments of each synchronous call since the last change, in bytes.
    argument_bytes_each: AtomicU32,
    /// When the outermost running call started, in ticks.
    pub(crate) since: AtomicU64,
    /// Read memory in the next call that starts at or after this.
    pub(crate) next_reading: AtomicU64,
    /// A call longer than this is looked at: the least of `max` and `threshold`, or 0 when the
    /// threshold has changed.
    notable: AtomicU64,
    /// Duration of the last call; in no bucket yet when `count` is one ahead of the histogram.
    parked: AtomicU64,
    count: AtomicU64,
    sum: AtomicU64,
    /// Time in measured callees. What is left of `sum` is the operation's own.
    callees: AtomicU64,

    // From here on: what only some calls touch.
    max: AtomicU64,
    /// Calls longer than this crossed their baseline; `u64::MAX` until there is one.
    threshold: AtomicU64,
    /// Calls whose callees are unknown, and their durations.
    whole: AtomicU64,
    whole_sum: AtomicU64,
    /// Bytes of the arguments of the first `sized_calls` calls.
    argument_bytes: AtomicU64,
    sized_calls: AtomicU64,
    /// Durations for which the system had no memory: counted, in no bucket.
    pub(crate) unfiled: AtomicU64,
    histogram: Histogram,
    /// Recorders for the calls that did not end well, made when the first one ends.
    others: [AtomicPtr<Recorder>; Outcome::ALL.len() - 1],
    /// Calls that crossed the threshold, by severity.
    pub(crate) breaches: [AtomicU64; Severity::ALL.len()],
    pub(crate) memory: MemoryRecord,
    pub(crate) tally: TallyRecord,
    /// Its index in the tables of all threads.
    pub(crate) index: usize,
    /// Futures measured poll by poll.
    pub(crate) polled: Polled,
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

/// What was summed up beside the buckets of a [`Recorder`], in its unit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) sum: u64,
    pub(crate) max: u64,
    pub(crate) callees: u64,
    pub(crate) whole: u64,
    pub(crate) whole_sum: u64,
}

impl Recorder {
    pub(crate) fn new(index: usize) -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            active: AtomicU32::new(0),
            argument_bytes_each: AtomicU32::new(0),
            since: zero(),
            next_reading: zero(),
            notable: zero(),
            parked: zero(),
            count: zero(),
            sum: zero(),
            callees: zero(),
            max: zero(),
            threshold: AtomicU64::new(u64::MAX),
            whole: zero(),
            whole_sum: zero(),
            argument_bytes: zero(),
            sized_calls: zero(),
            unfiled: zero(),
            histogram: Histogram::new(),
            others: std::array::from_fn(|_| AtomicPtr::new(null_mut())),
            breaches: std::array::from_fn(|_| zero()),
            memory: MemoryRecord::new(),
            tally: TallyRecord::new(),
            index,
            polled: Polled { futures: zero(), polls: zero(), busy: zero() },
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

    /// Shallow size of the arguments of a synchronous call, in bytes, as it was set last.
    #[inline(always)]
    pub(crate) fn argument_bytes_each(&self) -> u32 {
        self.argument_bytes_each.load(Ordering::Relaxed)
    }

    /// Sets the shallow size of the arguments of the synchronous calls that start from now on:
    /// they differ when the call site is generic. Owner only, as all that follows down to
    /// [`Self::of`].
    pub(crate) fn set_argument_bytes_each(&self, bytes: u32) {
        if self.argument_bytes_each() != bytes {
            let (total, started) = (self.argument_bytes(), self.started());
            self.argument_bytes.store(total, Ordering::Relaxed);
            self.sized_calls.store(started, Ordering::Relaxed);
            self.argument_bytes_each.store(bytes, Ordering::Relaxed);
        }
    }

    /// Notes that a synchronous call has started.
    #[inline(always)]
    pub(crate) fn enter(&self, start: u64) {
        let active = self.active.load(Ordering::Relaxed);
        if active == 0 {
            self.since.store(start, Ordering::Relaxed);
        }
        self.active.store(active.wrapping_add(1), Ordering::Relaxed);
    }

    /// Notes that a synchronous call is over.
    #[inline(always)]
    pub(crate) fn leave(&self) {
        let active = self.active.load(Ordering::Relaxed);
        self.active.store(active.wrapping_sub(1), Ordering::Relaxed);
    }

    /// Records a finished call, or does nothing and answers `false` when that takes more than
    /// counting: [`Self::record`] does it then.
    #[inline(always)]
    pub(crate) fn record_quickly(&self, duration: u64, callees: u64) -> bool {
        // Before the first call nothing is parked; the empty histogram then has no counter for
        // the 0 that stands there.
        let parked = self.parked.load(Ordering::Relaxed);
        let filed = self.histogram.record_quickly(parked);
        if filed {
            self.add(duration, callees);
        }
        filed
    }

    /// Records a finished call.
    pub(crate) fn record(&self, duration: u64, callees: u64, arena: &Arena) {
        let parked = self.parked.load(Ordering::Relaxed);
        let any = self.count.load(Ordering::Relaxed) != 0;
        if any && !self.histogram.record(parked, arena) {
            add_owned(&self.unfiled, 1);
        }
        self.add(duration, callees);
    }

    /// As [`Self::record`], for a call whose measured callees are unknown: an asynchronous one
    /// shares its thread with others.
    #[inline(always)]
    pub(crate) fn record_whole(&self, duration: u64, arena: &Arena) {
        add_owned(&self.whole, 1);
        add_owned(&self.whole_sum, duration);
        if !self.record_quickly(duration, 0) {
            self.record(duration, 0, arena);
        }
    }

    #[inline(always)]
    fn add(&self, duration: u64, callees: u64) {
        add_owned(&self.sum, duration);
        add_owned(&self.callees, callees);
        self.parked.store(duration, Ordering::Release);
        let count = self.count.load(Ordering::Relaxed);
        self.count.store(count.wrapping_add(1), Ordering::Release);
    }

    /// Whether a recorded call must be [noted](Self::note): it is the longest so far, or may
    /// have crossed the threshold.
    #[inline(always)]
    pub(crate) fn is_notable(&self, duration: u64) -> bool {
        duration > self.notable.load(Ordering::Relaxed)
    }

    /// Keeps the longest duration, and answers whether the call crossed the threshold.
    #[cold]
    pub(crate) fn note(&self, duration: u64) -> bool {
        let max = self.max.load(Ordering::Relaxed).max(duration);
        self.max.store(max, Ordering::Relaxed);
        loop {
            let threshold = self.threshold.load(Ordering::Relaxed);
            self.notable.store(max.min(threshold), Ordering::Relaxed);
            // Whoever changes the threshold does so before it asks to be noted, and this looks
            // in the opposite order: one of the two sees the other.
            fence(Ordering::SeqCst);
            if self.threshold.load(Ordering::Relaxed) == threshold {
                return duration > threshold;
            }
        }
    }

    /// Notes a call that was recorded in `ended`, this recorder's of some outcome, and answers
    /// whether it crossed the threshold.
    pub(crate) fn crossed(&self, ended: &Self, duration: u64) -> bool {
        if ended.is_notable(duration) {
            ended.note(duration);
        }
        duration > self.threshold.load(Ordering::Relaxed)
    }

    /// Changes the threshold, from any thread.
    pub(crate) fn set_threshold(&self, threshold: u64) {
        if self.threshold.swap(threshold, Ordering::Relaxed) != threshold {
            fence(Ordering::SeqCst);
            self.notable.store(0, Ordering::Relaxed);
        }
    }

    /// Adds the arguments of a call that is not noted by [`Self::enter`].
    pub(crate) fn add_argument_bytes(&self, bytes: u64) {
        add_owned(&self.argument_bytes, bytes);
    }

    /// Synchronous calls that have started so far; exact for the owner.
    fn started(&self) -> u64 {
        let ended = |outcome| self.of(outcome).map_or(0, |part| part.count.load(Ordering::Relaxed));
        let ended: u64 = Outcome::ALL.into_iter().map(ended).sum();
        ended + u64::from(self.active.load(Ordering::Relaxed))
    }

    /// Shallow size of the arguments of all calls that have started, in bytes; exact once the
    /// owner is done.
    pub(crate) fn argument_bytes(&self) -> u64 {
        let each = u64::from(self.argument_bytes_each());
        let calls = self.started().saturating_sub(self.sized_calls.load(Ordering::Relaxed));
        self.argument_bytes.load(Ordering::Relaxed).wrapping_add(each.wrapping_mul(calls))
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
    pub(crate) fn of_or_new(&self, outcome: Outcome, arena: &Arena) -> Option<&Self> {
        if let Some(known) = self.of(outcome) {
            return Some(known);
        }
        let made = Self::in_arena(arena, self.index)?;
        let place = self.others.get(outcome as usize - 1)?;
        place.store(std::ptr::from_ref(made).cast_mut(), Ordering::Release);
        Some(made)
    }

    /// Copies the calls finished so far: their durations into `counts`, which forgets what it
    /// held, and the sums beside them.
    ///
    /// Never waits for the writer. When the writer is quick, the last call or two may be left to
    /// the next copy; what one copy holds, every later one holds too.
    pub(crate) fn read(&self, counts: &mut Counts) -> Sums {
        const ATTEMPTS: usize = if cfg!(loom) { 1 } else { 4 };
        for attempt in 1.. {
            counts.clear();
            let before = self.count.load(Ordering::Acquire);
            if before == 0 {
                break;
            }
            let parked = self.parked.load(Ordering::Acquire);
            self.histogram.read(counts);
            let [sum, max, callees, whole, whole_sum] = in_any_order(|| {
                [&self.sum, &self.max, &self.callees, &self.whole, &self.whole_sum]
                    .map(|counter| counter.load(Ordering::Relaxed))
            });
            // The reads above stay above the second look at the count.
            fence(Ordering::Acquire);
            let after = self.count.load(Ordering::Acquire);
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
            let (max, callees) = (max.max(parked), callees.min(sum));
            return Sums { sum, max, callees, whole, whole_sum };
        }
        Sums::default()
    }
}

#[cfg(all(test, loom))]
mod model;
