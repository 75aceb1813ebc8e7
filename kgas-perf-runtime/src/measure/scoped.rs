//! `ScopedMeasurement`: a synchronous call in progress, from one point of a thread's stack to
//! the end of the block it stands in.

use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

use crate::histogram::atomics::{Ordering, add_owned};
use crate::measure::call_site::CallSite;
use crate::measure::clock;
use crate::measure::mode::{self, OFF as MODE_OFF, TALLY};
use crate::measure::outcome::Outcome;
use crate::measure::recorder::Recorder;
use crate::measure::shard::{ONE_CALL, Shard};
use crate::measure::slow_calls;
use crate::measure::tally::{self, Tally};
use crate::measure::thread::{self, Place};

/// `memory = "sampled"`: read memory on a budget.
pub const SAMPLED: u8 = 0;
/// `memory = "exact"`: read memory before and after every call.
pub const EXACT: u8 = 1;
/// `memory = "off"`: never read memory.
pub const OFF: u8 = 2;

/// A synchronous call in progress, once it is [started](Self::start). Ends when it is dropped.
///
/// # Cost
/// Two reads of the processor's counter, and plain loads and stores to memory that only this
/// thread writes (`benches/measure.rs`). While measuring is switched off: one relaxed load.
#[derive(Debug)]
pub struct ScopedMeasurement<const MEMORY: u8> {
    /// How the call will have ended, in the lowest byte, and the bits below. 0 for an ordinary
    /// call that ends well.
    state: Cell<u32>,
    /// Stays on its thread: the shard is the thread's own.
    _not_send: PhantomData<*const ()>,
    /// Written exactly when `state` does not say `IDLE`.
    begun: MaybeUninit<Begun>,
    /// The thread's tally when the call started, and what the caller's own callees had allocated
    /// then. Written exactly when `state` says `TALLIED`.
    tally: MaybeUninit<[Tally; 2]>,
    /// Written exactly when `state` says `MEMORY_READ`.
    memory: MaybeUninit<MemoryBefore>,
}

/// In `state`: no call has started that is measured.
const IDLE: u32 = 1 << 8;
/// In `state`: the slow path started the call, and must end it.
const STARTED_SLOWLY: u32 = 1 << 9;
/// In `state`: a panic was already unwinding when the call started.
const WAS_PANICKING: u32 = 1 << 10;
/// In `state`: memory was read when the call started.
const MEMORY_READ: u32 = 1 << 11;
/// In `state`: allocations are counted.
const TALLIED: u32 = 1 << 12;

/// Where a call is recorded, and what is remembered until it ends.
#[derive(Clone, Copy, Debug)]
struct Begun {
    recorder: *const Recorder,
    shard: *const Shard,
    start: u64,
    /// What the caller's own callees had taken when this call started.
    callees_before: u64,
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

impl<const MEMORY: u8> ScopedMeasurement<MEMORY> {
    /// A measurement of nothing yet.
    #[inline(always)]
    pub const fn idle() -> Self {
        Self {
            state: Cell::new(IDLE),
            _not_send: PhantomData,
            begun: MaybeUninit::uninit(),
            tally: MaybeUninit::uninit(),
            memory: MaybeUninit::uninit(),
        }
    }

    /// Starts to measure a call, in the place where the measurement stands: one that is moved
    /// just after it was written stalls the processor for longer than all the rest takes. Does
    /// nothing if a call was started here before.
    ///
    /// `size` is `Some` exactly when the site's spec says that calls are sized. `fallback` is how
    /// the call ended if [`ScopedMeasurement::set`] is never called and no panic passes through.
    #[inline(always)]
    pub fn start(
        &mut self,
        site: &'static CallSite,
        size: Option<u64>,
        argument_bytes: u64,
        fallback: Outcome,
    ) {
        if self.state.get() & IDLE == 0 {
            return;
        }
        self.state.set(fallback as u32 | IDLE);
        let bytes = u32::try_from(argument_bytes).unwrap_or(u32::MAX);
        match (mode::mode(), size) {
            (mode::ON, None) => start_unsized(self, site, bytes),
            (mode::ON, Some(size)) => start_sized(self, site, size, bytes),
            (mode, _) if mode & MODE_OFF != 0 => {}
            (_, size) => start_tallied(self, site, size, bytes),
        }
    }

    /// Says how the call will have ended, unless a panic passes through.
    #[inline(always)]
    pub fn set(&self, outcome: Outcome) {
        self.state.set(self.state.get() & !0xff | outcome as u32);
    }
}

impl<const MEMORY: u8> Drop for ScopedMeasurement<MEMORY> {
    #[inline(always)]
    fn drop(&mut self) {
        match self.state.get() {
            0 => finish(self),
            IDLE => {}
            _ => finish_tallied(self),
        }
    }
}

// Starting and ending are functions that are not inlined: one copy of each stays in the
// processor's caches for all measured functions, and each of those grows by two calls and a few
// branches that are hardly ever taken. They are straight lines that change nothing before they know that nothing is unusual,
// and leave everything else to slower functions as the last thing they do.

#[inline(never)]
fn start_unsized<const MEMORY: u8>(
    out: &mut ScopedMeasurement<MEMORY>,
    site: &'static CallSite,
    argument_bytes: u32,
) {
    start_quickly::<MEMORY, false>(out, site, None, argument_bytes);
}

#[inline(never)]
fn start_sized<const MEMORY: u8>(
    out: &mut ScopedMeasurement<MEMORY>,
    site: &'static CallSite,
    size: u64,
    argument_bytes: u32,
) {
    start_quickly::<MEMORY, false>(out, site, Some(size), argument_bytes);
}

/// Starts a call whose allocations are counted, if they are.
#[inline(never)]
fn start_tallied<const MEMORY: u8>(
    out: &mut ScopedMeasurement<MEMORY>,
    site: &'static CallSite,
    size: Option<u64>,
    argument_bytes: u32,
) {
    if mode::mode() == mode::ON | TALLY {
        start_quickly::<MEMORY, true>(out, site, size, argument_bytes);
    } else {
        start_slowly(out, site, size, argument_bytes);
    }
}

#[inline(always)]
fn start_quickly<const MEMORY: u8, const TALLIED: bool>(
    out: &mut ScopedMeasurement<MEMORY>,
    site: &'static CallSite,
    size: Option<u64>,
    argument_bytes: u32,
) {
    if std::thread::panicking() {
        return start_slowly(out, site, size, argument_bytes);
    }
    // SAFETY: null, or the thread's own shard; its recorders live as long as it does.
    let known = unsafe {
        thread::fast().as_ref().and_then(|shard| {
            let recorder = shard.recorder(site.recorder(size)).as_ref()?;
            Some(Place { shard, recorder })
        })
    };
    let Some(place) = known else {
        return start_slowly(out, site, size, argument_bytes);
    };
    let start = clock::ticks();
    if MEMORY == EXACT
        || MEMORY == SAMPLED && reading_is_due(place, start)
        || place.recorder.argument_bytes_each() != argument_bytes
    {
        return start_slowly(out, site, size, argument_bytes);
    }
    begin(out, place, start, 0);
    if TALLIED {
        start_tally(out, place.shard);
    }
}

/// Starts a call that is not measured, or whose recorder must be made or found by the slow path,
/// or of which more than the time is noted.
#[cold]
#[inline(never)]
fn start_slowly<const MEMORY: u8>(
    out: &mut ScopedMeasurement<MEMORY>,
    site: &'static CallSite,
    size: Option<u64>,
    argument_bytes: u32,
) {
    let mode = mode::mode();
    if mode & MODE_OFF != 0 || out.state.get() & IDLE == 0 {
        return;
    }
    let Some(place) = thread::known_place(site, size).or_else(|| thread::place(site, size)) else {
        return;
    };
    place.recorder.set_argument_bytes_each(argument_bytes);
    let mut state = STARTED_SLOWLY;
    if std::thread::panicking() {
        state |= WAS_PANICKING;
    }
    if MEMORY != OFF {
        let now = place.shard.now();
        if (MEMORY == EXACT || reading_is_due(place, now))
            && let Some(read) =
                MemoryBefore::read(place.shard, place.recorder, now, MEMORY == EXACT)
        {
            out.memory.write(read);
            state |= MEMORY_READ;
        }
    }
    // The reading took its time before the call, not in it.
    begin(out, place, place.shard.now(), state);
    if mode & TALLY != 0 {
        start_tally(out, place.shard);
    }
}

/// Whether the memory budget, or the operation's rarity, asks for a reading.
#[inline(always)]
fn reading_is_due(place: Place<'_>, now: u64) -> bool {
    now >= place.shard.next_reading.get()
        || now >= place.recorder.next_reading.load(Ordering::Relaxed)
}

/// Notes that a call has started, and `flags` in its state.
#[inline(always)]
fn begin<const MEMORY: u8>(
    out: &mut ScopedMeasurement<MEMORY>,
    Place { shard, recorder }: Place<'_>,
    start: u64,
    flags: u32,
) {
    add_owned(&shard.entered, 1);
    recorder.enter(start);
    out.begun.write(Begun { recorder, shard, start, callees_before: shard.callees.replace(0) });
    out.state.set(out.state.get() & !IDLE | flags);
}

/// Notes the thread's tally, last of all that is done before the call.
#[inline(always)]
fn start_tally<const MEMORY: u8>(out: &mut ScopedMeasurement<MEMORY>, shard: &Shard) {
    out.state.set(out.state.get() | TALLIED);
    out.tally.write([tally::of_this_thread(), shard.callees_tally.take()]);
}

/// Ends an ordinary call that ended well: its state is 0.
#[inline(never)]
fn finish<const MEMORY: u8>(call: &mut ScopedMeasurement<MEMORY>) {
    finish_quickly::<MEMORY, false>(call);
}

/// Ends a call whose allocations are counted, if they are and it is ordinary otherwise.
#[inline(never)]
fn finish_tallied<const MEMORY: u8>(call: &mut ScopedMeasurement<MEMORY>) {
    if call.state.get() == TALLIED {
        finish_quickly::<MEMORY, true>(call);
    } else {
        finish_slowly(call, None);
    }
}

#[inline(always)]
fn finish_quickly<const MEMORY: u8, const TALLIED: bool>(call: &mut ScopedMeasurement<MEMORY>) {
    if std::thread::panicking() {
        return finish_slowly(call, None);
    }
    // SAFETY: the state does not say idle.
    let (begun, shard, recorder) = unsafe { begun(call) };
    let end = clock::ticks();
    // Should the thread have moved to a processor whose counter is a little behind, this is far
    // above every bound.
    let duration = end.wrapping_sub(begun.start);
    if recorder.is_notable(duration) || MEMORY != OFF && duration >= shard.window.get() {
        return finish_slowly(call, Some(end));
    }
    if !recorder.record_quickly(duration, shard.callees.get()) {
        return finish_slowly(call, Some(end));
    }
    if TALLIED {
        finish_tally(call, shard, recorder);
    }
    leave(begun, shard, recorder, duration);
}

/// Ends any call; `end` is when, if that is known already.
#[inline(never)]
fn finish_slowly<const MEMORY: u8>(call: &mut ScopedMeasurement<MEMORY>, end: Option<u64>) {
    let state = call.state.get();
    if state & IDLE != 0 {
        return;
    }
    // SAFETY: the state does not say idle.
    let (begun, shard, recorder) = unsafe { begun(call) };
    let end = end.unwrap_or_else(|| shard.now());
    let duration = end.saturating_sub(begun.start);
    let mut outcome = Outcome::ALL[(state & 0b11) as usize];
    if state & WAS_PANICKING == 0 && std::thread::panicking() {
        outcome = Outcome::Panicked;
    }
    if state & TALLIED != 0 {
        finish_tally(call, shard, recorder);
    }
    let ended = recorder.of_or_new(outcome, &shard.arena);
    match ended {
        Some(ended) => ended.record(duration, shard.callees.get(), &shard.arena),
        None => shard.roster().drop_call(),
    }
    leave(begun, shard, recorder, duration);
    // SAFETY: written, says the state.
    let memory = (state & MEMORY_READ != 0).then(|| unsafe { call.memory.assume_init_read() });
    if MEMORY != OFF && (memory.is_some() || duration >= shard.window.get()) {
        shard.reading_at_end(recorder, memory, duration, end);
    }
    if ended.is_some_and(|ended| recorder.crossed(ended, duration)) {
        slow_calls::crossed(shard, recorder, duration, end, outcome);
    }
    if shard.path.get() & ONE_CALL != 0 {
        thread::finished(shard);
    }
}

/// Accounts for what a call has allocated. Its state says `TALLIED`.
#[inline(always)]
fn finish_tally<const MEMORY: u8>(
    call: &ScopedMeasurement<MEMORY>,
    shard: &Shard,
    recorder: &Recorder,
) {
    debug_assert!(call.state.get() & TALLIED != 0);
    // SAFETY: written, says the state.
    let [before, callees_before] = unsafe { call.tally.assume_init_read() };
    let tally = tally::of_this_thread().since(before);
    let callees = shard.callees_tally.replace(callees_before.plus(tally));
    recorder.tally.record(tally, callees);
}

/// Where a call is recorded and what is remembered of its start.
///
/// # Safety
/// The state does not say idle.
#[inline(always)]
unsafe fn begun<const MEMORY: u8>(call: &ScopedMeasurement<MEMORY>) -> (&Begun, &Shard, &Recorder) {
    // SAFETY: written, since the call is not idle. The shard is the thread's own and stays so
    // while `entered` is ahead of `left`; the recorder lives as long as the shard.
    unsafe {
        let begun = call.begun.assume_init_ref();
        (begun, &*begun.shard, &*begun.recorder)
    }
}

/// The call is over for its caller and for those who watch what runs.
#[inline(always)]
fn leave(begun: &Begun, shard: &Shard, recorder: &Recorder, duration: u64) {
    shard.callees.set(begun.callees_before.wrapping_add(duration));
    recorder.leave();
    add_owned(&shard.left, 1);
}
