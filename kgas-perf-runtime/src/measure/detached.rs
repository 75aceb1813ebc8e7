//! `DetachedMeasurement`: a call in progress that is on no thread's stack: a future between its
//! polls, or a measurement by hand. It may end on another thread than it started on.

use std::mem::MaybeUninit;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::ptr::NonNull;
use std::sync::atomic::AtomicU8;

use crate::histogram::atomics::{Ordering, add_owned};
use crate::measure::call_site::CallSite;
use crate::measure::in_flight::Slot;
use crate::measure::mode::{self, OFF as MODE_OFF};
use crate::measure::outcome::Outcome;
use crate::measure::roster::Roster;
use crate::measure::scoped::{EXACT, MemoryBefore, OFF, SAMPLED};
use crate::measure::shard::{ONE_CALL, Shard};
use crate::measure::slow_calls;
use crate::measure::thread::{self, Place};

/// A call in progress that may change threads, once it is [started](Self::start). Ends when it
/// is dropped: cancelled, unless [`DetachedMeasurement::set`] has said otherwise, or a panic
/// passes through.
///
/// # Cost
/// That of a [`crate::measure::ScopedMeasurement`], and a slot taken and given back: on its own
/// thread two loads and stores, from another one a compare-and-swap (`benches/measure.rs`).
#[derive(Debug)]
pub struct DetachedMeasurement<const MEMORY: u8> {
    /// `None` when no call has started that is measured.
    ticket: Option<Ticket>,
    /// Written exactly when there is a ticket.
    begun: MaybeUninit<Begun>,
    /// An `Outcome`; atomic since a measurement can be shared.
    outcome: AtomicU8,
}

/// What a measurement holds of the shard it started on, which stays until the slot comes back.
#[derive(Clone, Copy, Debug)]
struct Ticket {
    slot: NonNull<Slot>,
    shard: NonNull<Shard>,
}

/// What is remembered until the call ends.
#[derive(Clone, Copy, Debug)]
struct Begun {
    start: u64,
    /// Resident pages at the start, `NOT_READ` when they were not read.
    pages: i64,
    /// See [`MemoryBefore`]; `u64::MAX` if another call was running.
    others: u64,
    index: u32,
    was_panicking: bool,
}

const NOT_READ: i64 = i64::MIN;

// SAFETY: the slot and the shard are made for being given back from any thread, and stay where
// they are until then; a measurement is ended once, by whoever takes the ticket.
unsafe impl<const MEMORY: u8> Send for DetachedMeasurement<MEMORY> {}
// SAFETY: `&self` gives access to `outcome` alone, which is atomic.
unsafe impl<const MEMORY: u8> Sync for DetachedMeasurement<MEMORY> {}
// A measured future is as safe across a caught panic as the plain one.
impl<const MEMORY: u8> UnwindSafe for DetachedMeasurement<MEMORY> {}
impl<const MEMORY: u8> RefUnwindSafe for DetachedMeasurement<MEMORY> {}

impl<const MEMORY: u8> DetachedMeasurement<MEMORY> {
    /// A measurement of nothing yet.
    #[inline(always)]
    pub const fn idle() -> Self {
        Self {
            ticket: None,
            begun: MaybeUninit::uninit(),
            outcome: AtomicU8::new(Outcome::Cancelled as u8),
        }
    }

    /// Starts to measure a call, in the place where the measurement stands, as
    /// [`crate::measure::ScopedMeasurement::start`] does. Does nothing while a call that was
    /// started here is in progress.
    #[inline(always)]
    pub fn start(&mut self, site: &'static CallSite, size: Option<u64>, argument_bytes: u64) {
        if mode::mode() & MODE_OFF == 0 && self.ticket.is_none() {
            self.begin(site, size, argument_bytes);
        }
    }

    #[inline(never)]
    fn begin(&mut self, site: &'static CallSite, size: Option<u64>, argument_bytes: u64) {
        let known = thread::known_place(site, size).or_else(|| thread::place(site, size));
        let Some(Place { shard, recorder }) = known else {
            return;
        };
        let mut start = shard.now();
        let (mut pages, mut others) = (NOT_READ, 0);
        if MEMORY == EXACT
            || MEMORY == SAMPLED
                && (start >= shard.next_reading.get()
                    || start >= recorder.next_reading.load(Ordering::Relaxed))
        {
            if let Some(read) = MemoryBefore::read(shard, recorder, start, MEMORY == EXACT) {
                pages = read.pages;
                // Other futures may run on this very thread meanwhile.
                others = read.others.filter(|_| shard.slab.is_idle()).unwrap_or(u64::MAX);
            }
            // The reading took its time before the call, not in it.
            start = shard.now();
        }
        if argument_bytes != 0 {
            recorder.add_argument_bytes(argument_bytes);
        }
        let index = recorder.index;
        match shard.slab.take(index, start, &shard.arena) {
            Some(slot) => {
                let was_panicking = std::thread::panicking();
                let index = index as u32;
                self.begun.write(Begun { start, pages, others, index, was_panicking });
                self.ticket = Some(Ticket { slot, shard: NonNull::from(shard) });
            }
            None => shard.roster().drop_call(),
        }
        if shard.path.get() & ONE_CALL != 0 {
            thread::finished(shard);
        }
    }

    /// Whether a call is in progress that is measured.
    pub(crate) fn is_running(&self) -> bool {
        self.ticket.is_some()
    }

    /// Says how the call will have ended if it is dropped from here on, unless a panic passes
    /// through. [`Outcome::Cancelled`] takes it back.
    #[inline(always)]
    pub fn set(&self, outcome: Outcome) {
        self.outcome.store(outcome as u8, Ordering::Relaxed);
    }

    /// Ends the call, if there is one; `polled` is what its polls took, where that is known.
    #[inline(never)]
    pub(crate) fn end(&mut self, polled: Option<&PolledCall>) {
        let Some(ticket) = self.ticket.take() else {
            return;
        };
        // SAFETY: written, since there is a ticket.
        let begun = unsafe { self.begun.assume_init_ref() };
        // SAFETY: the shard stays until its slot is given back, at the end of this function.
        let home = unsafe { ticket.shard.as_ref() };
        let end = home.now();
        let duration = end.saturating_sub(begun.start);
        let mut outcome = Outcome::ALL[usize::from(self.outcome.load(Ordering::Relaxed) & 0b11)];
        if std::thread::panicking() && !begun.was_panicking {
            outcome = Outcome::Panicked;
        }
        let index = begun.index as usize;
        let current = thread::current();
        // SAFETY: null, or the thread's own shard; recorders live as long as their shard.
        let known = unsafe {
            current
                .as_ref()
                .filter(|shard| std::ptr::eq(shard.roster(), home.roster()) && !shard.busy.get())
                .and_then(|shard| {
                    let recorder = shard.recorder(index).as_ref()?;
                    Some(Place { shard, recorder })
                })
        };
        let (place, borrowed) = match known {
            Some(place) => (Some(place), false),
            None => elsewhere(home.roster(), index),
        };
        match place {
            Some(place) => {
                record::<MEMORY>(begun, place, duration, end, outcome, polled);
                if borrowed {
                    place.shard.hand_over();
                }
            }
            None => home.roster().drop_call(),
        }
        // SAFETY: the slot was taken for this measurement and is given back once, here.
        unsafe {
            if std::ptr::eq(current, home) {
                home.slab.give_back(ticket.slot);
            } else {
                home.slab.give_back_remotely(ticket.slot);
            }
        }
    }
}

impl<const MEMORY: u8> Drop for DetachedMeasurement<MEMORY> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.ticket.is_some() {
            self.end(None);
        }
    }
}

#[inline(always)]
fn record<const MEMORY: u8>(
    begun: &Begun,
    Place { shard, recorder }: Place<'_>,
    duration: u64,
    end: u64,
    outcome: Outcome,
    polled: Option<&PolledCall>,
) {
    let ended = match outcome {
        Outcome::Ok => Some(recorder),
        _ => recorder.of_or_new(outcome, &shard.arena),
    };
    match (ended, polled) {
        (Some(ended), None) => ended.record_whole(duration, &shard.arena),
        (Some(ended), Some(polled)) => {
            ended.record(duration, polled.callees.min(duration), &shard.arena);
            add_owned(&recorder.polled.polls, polled.polls);
            add_owned(&recorder.polled.busy, polled.busy);
            add_owned(&recorder.polled.futures, 1);
            if let Some((tally, callees)) = polled.tally {
                recorder.tally.record(tally, callees);
            }
        }
        (None, _) => shard.roster().drop_call(),
    }
    let before = (begun.pages != NOT_READ).then_some(MemoryBefore {
        pages: begun.pages,
        others: (begun.others != u64::MAX).then_some(begun.others),
    });
    if MEMORY != OFF && (before.is_some() || duration >= shard.window.get()) {
        shard.reading_at_end(recorder, before, duration, end);
    }
    if ended.is_some_and(|ended| recorder.crossed(ended, duration)) {
        slow_calls::crossed(shard, recorder, duration, end, outcome);
    }
}

/// What a future took inside its polls.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PolledCall {
    pub(crate) polls: u64,
    /// Ticks inside `poll`.
    pub(crate) busy: u64,
    /// Ticks of measured callees inside `poll`.
    pub(crate) callees: u64,
    /// Allocations inside `poll`, and of measured callees there.
    pub(crate) tally: Option<(crate::measure::tally::Tally, crate::measure::tally::Tally)>,
}

/// A place in a roster that the current thread's fast path does not lead to: the thread's own
/// shard when it has no such recorder yet, else one borrowed for this call (then `true`).
#[cold]
#[inline(never)]
fn elsewhere<'a>(roster: &Roster, index: usize) -> (Option<Place<'a>>, bool) {
    // SAFETY: null, or the thread's own shard, which its registry keeps.
    let own = unsafe { thread::current().as_ref() }
        .filter(|shard| std::ptr::eq(shard.roster(), roster) && !shard.busy.get());
    let (shard, borrowed) = match own {
        Some(shard) => (shard, false),
        None => {
            // SAFETY: the roster is behind an `Arc`, of which its shards hold counts.
            let roster = unsafe {
                std::sync::Arc::increment_strong_count(roster);
                std::sync::Arc::from_raw(std::ptr::from_ref(roster))
            };
            match roster.claim() {
                // SAFETY: a shard outlives this call: it is claimed, and its roster is kept by
                // the shard that the measurement started on.
                Some(shard) => (unsafe { shard.as_ref() }, true),
                None => return (None, false),
            }
        }
    };
    match shard.recorder_or_new(index) {
        Some(recorder) => (Some(Place { shard, recorder }), borrowed),
        None => {
            if borrowed {
                shard.hand_over();
            }
            (None, false)
        }
    }
}
