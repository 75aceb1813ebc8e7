//! `ScopedMeasurement`: a synchronous call in progress, from one point of a thread's stack to
//! the end of the block it stands in.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr::{NonNull, null, null_mut};

use crate::histogram::atomics::{Ordering, add_owned};
use crate::measure::call_site::CallSite;
use crate::measure::clock;
use crate::measure::extra::{Extra, MemoryBefore};
use crate::measure::mode::{self, OFF as MODE_OFF, TALLY};
use crate::measure::outcome::Outcome;
use crate::measure::recorder::Recorder;
use crate::measure::shard::{ONE_CALL, Shard};
use crate::measure::slow_calls;
use crate::measure::thread::{self, Place};

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
    /// What the caller's own callees had taken when this call started.
    callees_before: u64,
    /// What was noted of memory and allocations, else null.
    extra: *mut Extra,
    /// How the call will have ended, in the lowest byte, and the bits below. 0 for an ordinary
    /// call that ends well: then, and only then, the fast path may end it.
    state: Cell<u32>,
    /// Stays on its thread: the shard is the thread's own.
    _not_send: PhantomData<*const ()>,
}

/// In `state`: the slow path started the call, and must end it.
const STARTED_SLOWLY: u32 = 1 << 8;
/// In `state`: a panic was already unwinding when the call started.
const WAS_PANICKING: u32 = 1 << 9;

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
    let mode = mode::mode();
    let shard = thread::fast();
    // SAFETY: null, or the thread's own shard; its recorders live as long as it does.
    let known =
        unsafe { shard.as_ref().and_then(|shard| shard.recorder(site.recorder(size)).as_ref()) };
    if mode == mode::ON
        && let Some(recorder) = known
    {
        // SAFETY: a recorder was found in it, so it is the thread's shard.
        let shard = unsafe { &*shard };
        let start = clock::ticks();
        let reading_is_due = start >= shard.next_reading.get()
            || start >= recorder.next_reading.load(Ordering::Relaxed);
        let reads = MEMORY == EXACT || MEMORY == SAMPLED && reading_is_due;
        if !reads && !std::thread::panicking() {
            let place = Place { shard, recorder };
            return begin(place, start, null_mut(), argument_bytes, fallback as u32);
        }
    }
    start_slowly::<MEMORY>(site, size, argument_bytes, fallback)
}

/// Starts a call that is not measured, or whose recorder must be made or found by the slow path,
/// or of which more than the time is noted.
#[inline(never)]
fn start_slowly<const MEMORY: u8>(
    site: &'static CallSite,
    size: Option<u64>,
    argument_bytes: u64,
    fallback: Outcome,
) -> ScopedMeasurement<MEMORY> {
    let mode = mode::mode();
    let known = if mode & MODE_OFF == 0 { thread::known_place(site, size) } else { None };
    let Some(place) = known.or_else(|| thread::place(site, size)) else {
        return ScopedMeasurement {
            recorder: null(),
            shard: null(),
            start: 0,
            callees_before: 0,
            extra: null_mut(),
            state: Cell::new(0),
            _not_send: PhantomData,
        };
    };
    let Place { shard, recorder } = place;
    let tallied = mode & TALLY != 0;
    let mut memory = None;
    if MEMORY != OFF {
        let now = shard.now();
        if MEMORY == EXACT
            || now >= shard.next_reading.get()
            || now >= recorder.next_reading.load(Ordering::Relaxed)
        {
            memory = MemoryBefore::read(shard, recorder, now, MEMORY == EXACT);
        }
    }
    let extra =
        if memory.is_some() || tallied { Extra::take(shard, memory, tallied) } else { null_mut() };
    let mut state = fallback as u32 | STARTED_SLOWLY;
    if std::thread::panicking() {
        state |= WAS_PANICKING;
    }
    // The readings took their time before the call, not in it.
    begin(place, shard.now(), extra, argument_bytes, state)
}

#[inline(always)]
fn begin<const MEMORY: u8>(
    Place { shard, recorder }: Place<'_>,
    start: u64,
    extra: *mut Extra,
    argument_bytes: u64,
    state: u32,
) -> ScopedMeasurement<MEMORY> {
    add_owned(&shard.entered, 1);
    let active = recorder.active.load(Ordering::Relaxed);
    if active == 0 {
        recorder.since.store(start, Ordering::Relaxed);
    }
    recorder.active.store(active.wrapping_add(1), Ordering::Relaxed);
    if argument_bytes != 0 {
        add_owned(&recorder.argument_bytes, argument_bytes);
    }
    ScopedMeasurement {
        recorder,
        shard,
        start,
        callees_before: shard.callees.replace(0),
        extra,
        state: Cell::new(state),
        _not_send: PhantomData,
    }
}

impl<const MEMORY: u8> ScopedMeasurement<MEMORY> {
    /// Says how the call will have ended, unless a panic passes through.
    #[inline(always)]
    pub fn set(&self, outcome: Outcome) {
        self.state.set(self.state.get() & !0xff | outcome as u32);
    }

    /// Ends a call. Not inlined: one copy stays in the processor's cache for all measured
    /// functions, and each of them grows by one call instruction.
    ///
    /// It is a straight line that changes nothing before it knows that nothing is unusual; all
    /// else is left to the slow path, which starts over.
    #[inline(never)]
    fn finish(&mut self) {
        // SAFETY: `drop` has looked. The shard is the thread's own, and stays so while `entered`
        // is ahead of `left`; the recorder lives as long as the shard.
        let (shard, recorder) = unsafe { (&*self.shard, &*self.recorder) };
        if self.state.get() != 0 || std::thread::panicking() {
            return self.finish_slowly(None);
        }
        let end = clock::ticks();
        // A thread can move to a processor whose counter is a little behind.
        let duration = end.saturating_sub(self.start);
        let callees = shard.callees.get();
        if !recorder.record_quickly(duration, callees) {
            return self.finish_slowly(Some(end));
        }
        self.leave(shard, recorder, duration);
        let threshold = recorder.threshold.load(Ordering::Relaxed);
        if duration > threshold || MEMORY != OFF && duration >= shard.window.get() {
            after_long_call::<MEMORY>(shard, recorder, duration, end);
        }
    }

    /// Ends any call; `end` is when, if that is known already.
    #[inline(never)]
    fn finish_slowly(&mut self, end: Option<u64>) {
        // SAFETY: as in `finish`.
        let (shard, recorder) = unsafe { (&*self.shard, &*self.recorder) };
        let end = end.unwrap_or_else(|| shard.now());
        let duration = end.saturating_sub(self.start);
        let mut outcome = Outcome::ALL[(self.state.get() & 0b11) as usize];
        if self.state.get() & WAS_PANICKING == 0 && std::thread::panicking() {
            outcome = Outcome::Panicked;
        }
        let memory = NonNull::new(self.extra).and_then(|extra| {
            // SAFETY: taken from this shard in `start_slowly`, and given back once, here.
            unsafe { Extra::give_back(extra, shard, recorder) }
        });
        let callees = shard.callees.get();
        match recorder.of_or_new(outcome, &shard.arena) {
            Some(ended) => ended.record(duration, callees, &shard.arena),
            None => shard.roster().drop_call(),
        }
        self.leave(shard, recorder, duration);
        if MEMORY != OFF && (memory.is_some() || duration >= shard.window.get()) {
            shard.reading_at_end(recorder, memory, duration, end);
        }
        if duration > recorder.threshold.load(Ordering::Relaxed) {
            slow_calls::crossed(shard, recorder, duration, end, outcome);
        }
        if shard.path.get() & ONE_CALL != 0 {
            thread::finished(shard);
        }
    }

    /// The call is over for its caller and for those who watch what runs.
    #[inline(always)]
    fn leave(&self, shard: &Shard, recorder: &Recorder, duration: u64) {
        shard.callees.set(self.callees_before.wrapping_add(duration));
        let active = recorder.active.load(Ordering::Relaxed);
        recorder.active.store(active.wrapping_sub(1), Ordering::Relaxed);
        add_owned(&shard.left, 1);
    }
}

impl<const MEMORY: u8> Drop for ScopedMeasurement<MEMORY> {
    #[inline(always)]
    fn drop(&mut self) {
        if !self.recorder.is_null() {
            self.finish();
        }
    }
}

/// What remains to do after a call that ended well and was long: see to its memory, tell if it
/// crossed its threshold.
#[inline(never)]
fn after_long_call<const MEMORY: u8>(shard: &Shard, recorder: &Recorder, duration: u64, end: u64) {
    if MEMORY != OFF && duration >= shard.window.get() {
        shard.reading_at_end(recorder, None, duration, end);
    }
    if duration > recorder.threshold.load(Ordering::Relaxed) {
        slow_calls::crossed(shard, recorder, duration, end, Outcome::Ok);
    }
}
