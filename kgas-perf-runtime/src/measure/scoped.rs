//! `ScopedMeasurement`: a synchronous call in progress, from one point of a thread's stack to
//! the end of the block it stands in.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr::null;

use crate::histogram::atomics::{Ordering, add_owned};
use crate::measure::call_site::CallSite;
use crate::measure::clock;
use crate::measure::mode::{self, OFF as MODE_OFF, TALLY};
use crate::measure::outcome::Outcome;
use crate::measure::recorder::Recorder;
use crate::measure::shard::{ONE_CALL, OWN_CLOCK, Shard};
use crate::measure::slow_calls;
use crate::measure::tally::{self, Tally};
use crate::measure::thread;

/// `memory = "sampled"`: read memory on a budget.
pub const SAMPLED: u8 = 0;
/// `memory = "exact"`: read memory before and after every call.
pub const EXACT: u8 = 1;
/// `memory = "off"`: never read memory.
pub const OFF: u8 = 2;

/// A synchronous call in progress. Ends when it is dropped.
///
/// # Cost
/// Two reads of the processor's counter, and plain loads and stores to memory that only this
/// thread writes (`benches/measure.rs`). While measuring is switched off: one relaxed load.
#[derive(Debug)]
pub struct ScopedMeasurement<const MEMORY: u8> {
    /// Null when the call is not measured.
    recorder: *const Recorder,
    shard: *const Shard,
    start: u64,
    callees_before: u64,
    memory: MemoryBefore,
    tally: Tally,
    callees_tally_before: Tally,
    index: u32,
    tallied: bool,
    was_panicking: bool,
    outcome: Cell<Outcome>,
    /// Stays on its thread: the shard is the thread's own.
    _not_send: PhantomData<*const ()>,
}

/// What was read of memory when a call started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MemoryBefore {
    pub(crate) pages: Option<i64>,
    /// See [`crate::measure::roster::Roster::entered_beside`].
    pub(crate) others: u64,
}

impl MemoryBefore {
    const NONE: Self = Self { pages: None, others: 0 };

    #[cold]
    #[inline(never)]
    pub(crate) fn read(shard: &Shard, recorder: &Recorder, now: u64, every: bool) -> Self {
        let others = shard.roster().entered_beside(shard).unwrap_or(u64::MAX);
        Self { pages: shard.reading_at_start(recorder, now, every), others }
    }
}

/// Starts to measure a call.
///
/// `size` is `Some` exactly when the site's spec says that calls are sized. `fallback` is how the
/// call ended if [`ScopedMeasurement::set`] is never called and no panic passes through.
#[inline(always)]
pub fn start<const MEMORY: u8>(
    site: &'static CallSite,
    size: Option<u64>,
    argument_bytes: u64,
    fallback: Outcome,
) -> ScopedMeasurement<MEMORY> {
    let mut measurement = ScopedMeasurement {
        recorder: null(),
        shard: thread::fast(),
        start: 0,
        callees_before: 0,
        memory: MemoryBefore::NONE,
        tally: Tally::default(),
        callees_tally_before: Tally::default(),
        index: site.recorder(size) as u32,
        tallied: false,
        was_panicking: false,
        outcome: Cell::new(fallback),
        _not_send: PhantomData,
    };
    let mode = mode::mode();
    if mode & MODE_OFF != 0 {
        return measurement;
    }
    // SAFETY: null, or the thread's own shard.
    let mut recorder = match unsafe { measurement.shard.as_ref() } {
        Some(shard) => shard.recorder(measurement.index as usize),
        None => null(),
    };
    if recorder.is_null() {
        let Some(place) = thread::place(site, size) else {
            return measurement;
        };
        measurement.shard = place.shard;
        measurement.index = site.recorder(size) as u32;
        recorder = place.recorder;
    }
    measurement.recorder = recorder;
    // SAFETY: the shard is the thread's own and stays so while `entered` is ahead of `left`; the
    // recorder lives as long as the shard.
    let (shard, recorder) = unsafe { (&*measurement.shard, &*recorder) };

    measurement.start = now(shard);
    if MEMORY == EXACT
        || MEMORY == SAMPLED
            && (measurement.start >= shard.next_reading.get()
                || measurement.start >= recorder.next_reading.load(Ordering::Relaxed))
    {
        measurement.memory =
            MemoryBefore::read(shard, recorder, measurement.start, MEMORY == EXACT);
        // The reading took its time before the call, not in it.
        measurement.start = now(shard);
    }
    measurement.callees_before = shard.callees.replace(0);
    add_owned(&shard.entered, 1);
    let active = recorder.active.load(Ordering::Relaxed);
    if active == 0 {
        recorder.since.store(measurement.start, Ordering::Relaxed);
    }
    recorder.active.store(active + 1, Ordering::Relaxed);
    if argument_bytes != 0 {
        add_owned(&recorder.argument_bytes, argument_bytes);
    }
    if mode & TALLY != 0 {
        measurement.tallied = true;
        measurement.callees_tally_before = shard.callees_tally.take();
        measurement.tally = tally::of_this_thread();
    }
    measurement.was_panicking = std::thread::panicking();
    measurement
}

/// Now, in the ticks of the shard's registry.
#[inline(always)]
fn now(shard: &Shard) -> u64 {
    if shard.path.get() & OWN_CLOCK == 0 { clock::ticks() } else { shard.ticks() }
}

impl<const MEMORY: u8> ScopedMeasurement<MEMORY> {
    /// Says how the call will have ended, unless a panic passes through.
    #[inline(always)]
    pub fn set(&self, outcome: Outcome) {
        self.outcome.set(outcome);
    }
}

impl<const MEMORY: u8> Drop for ScopedMeasurement<MEMORY> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.recorder.is_null() {
            return;
        }
        // SAFETY: as in `start`; nobody ends a call twice.
        let (shard, recorder) = unsafe { (&*self.shard, &*self.recorder) };
        let end = now(shard);
        // A thread can move to a processor whose counter is a little behind.
        let duration = end.saturating_sub(self.start);
        let callees = shard.callees.replace(self.callees_before.wrapping_add(duration));
        if self.tallied {
            let tally = tally::of_this_thread().since(self.tally);
            let callees = shard.callees_tally.replace(self.callees_tally_before.plus(tally));
            recorder.tally.record(tally, callees);
        }
        let mut outcome = self.outcome.get();
        if std::thread::panicking() && !self.was_panicking {
            outcome = Outcome::Panicked;
        }
        if outcome == Outcome::Ok {
            recorder.record(duration, callees.min(duration), &shard.arena);
        } else {
            record_other(shard, recorder, duration, callees.min(duration), outcome);
        }
        recorder.active.store(recorder.active.load(Ordering::Relaxed) - 1, Ordering::Relaxed);
        add_owned(&shard.left, 1);
        if MEMORY != OFF && (self.memory.pages.is_some() || duration >= shard.window.get()) {
            let others = self.memory.pages.map(|_| self.memory.others);
            shard.reading_at_end(recorder, self.memory.pages, others, duration, end);
        }
        if duration > recorder.threshold.load(Ordering::Relaxed) {
            let index = self.index as usize;
            slow_calls::crossed(shard, recorder, index, duration, end, outcome);
        }
        if shard.path.get() & ONE_CALL != 0 {
            thread::finished(shard);
        }
    }
}

/// Records a call that did not end well.
#[cold]
#[inline(never)]
fn record_other(shard: &Shard, recorder: &Recorder, duration: u64, callees: u64, outcome: Outcome) {
    match recorder.of_or_new(outcome, &shard.arena) {
        Some(other) => other.record(duration, callees, &shard.arena),
        None => shard.roster().drop_call(),
    }
}
