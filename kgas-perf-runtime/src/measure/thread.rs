//! Which shard the current thread records in.
//!
//! Two thread-local pointers, constant and without `Drop`, so that they cost one load and can be
//! read until the thread's last instruction. A third thread-local exists for its `Drop` alone:
//! it hands the shard over when the thread ends. Calls measured after that, in destructors of
//! other thread-locals, claim a shard each for their own time.

use std::cell::Cell;
use std::ptr::{null, without_provenance};
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::measure::call_site::CallSite;
use crate::measure::clock::TimeSource;
use crate::measure::mode;
use crate::measure::recorder::Recorder;
use crate::measure::roster::Roster;
use crate::measure::shard::{ONE_CALL, Shard};

/// Stands in `CURRENT` once the thread has handed its shard over.
const ENDED: *const Shard = without_provenance(1);

thread_local! {
    /// The shard, if its calls may take the fast path; else null.
    static FAST: Cell<*const Shard> = const { Cell::new(null()) };
    /// The shard; null before the first call, `ENDED` after the last.
    static CURRENT: Cell<*const Shard> = const { Cell::new(null()) };
    /// The shard that was handed over, once it was.
    static HANDED_OVER: Cell<*const Shard> = const { Cell::new(null()) };
    static HANDOVER: Handover = const { Handover(Cell::new(null())) };
}

/// Hands a shard of the global roster over when the thread ends.
struct Handover(Cell<*const Shard>);

impl Drop for Handover {
    fn drop(&mut self) {
        let shard = self.0.replace(null());
        HANDED_OVER.set(shard);
        if std::ptr::eq(CURRENT.get(), shard) {
            FAST.set(null());
            CURRENT.set(ENDED);
        }
        // SAFETY: shards of the global roster live as long as the process.
        if let Some(shard) = unsafe { shard.as_ref() } {
            shard.hand_over();
        }
    }
}

/// The shard whose calls may take the fast path, or null.
#[inline(always)]
pub(crate) fn fast() -> *const Shard {
    FAST.get()
}

/// The thread's shard, or null.
pub(crate) fn current() -> *const Shard {
    let shard = CURRENT.get();
    if shard == ENDED { null() } else { shard }
}

/// Where a call is recorded.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) shard: &'a Shard,
    pub(crate) recorder: &'a Recorder,
}

/// Where a call is recorded, if its thread has recorded there before.
#[inline]
pub(crate) fn known_place<'a>(site: &'static CallSite, size: Option<u64>) -> Option<Place<'a>> {
    // SAFETY: null, or the thread's own shard, which its registry keeps; recorders live as long
    // as their shard.
    unsafe {
        let shard = current().as_ref()?;
        let recorder = shard.recorder(site.recorder(size)).as_ref()?;
        Some(Place { shard, recorder })
    }
}

/// Finds, or makes, what the fast path did not find. `None` when the call is not measured:
/// switched off, no memory, or called from inside this very function by a signal handler.
#[cold]
#[inline(never)]
pub(crate) fn place<'a>(site: &'static CallSite, size: Option<u64>) -> Option<Place<'a>> {
    if !mode::is_on() {
        return None;
    }
    let shard = claimed()?;
    if shard.busy.replace(true) {
        // A subscriber's own measured calls are measured; they find their recorders made.
        let known = shard.recorder(site.recorder(size));
        // SAFETY: recorders live as long as their shard.
        return match unsafe { known.as_ref() } {
            Some(recorder) => Some(Place { shard, recorder }),
            None => {
                shard.roster().drop_call();
                None
            }
        };
    }
    let recorder = shard.recorder_or_new(site.register(size));
    shard.busy.set(false);
    match recorder {
        Some(recorder) => Some(Place { shard, recorder }),
        None => {
            shard.roster().drop_call();
            finished(shard);
            None
        }
    }
}

/// The thread's shard, claimed from the global roster if it has none.
fn claimed<'a>() -> Option<&'a Shard> {
    let current = CURRENT.get();
    if current != ENDED {
        // SAFETY: a current shard is kept by its registry, or is one of the global roster.
        if let Some(shard) = unsafe { current.as_ref() } {
            return Some(shard);
        }
    }
    // SAFETY: shards of the global roster live as long as the process.
    let shard: &Shard = unsafe { global().claim()?.as_ref() };
    let kept = current != ENDED
        && HANDOVER.try_with(|handover| handover.0.set(std::ptr::from_ref(shard))).is_ok();
    if kept {
        CURRENT.set(shard);
        FAST.set(if shard.path.get() == 0 { shard } else { null() });
    } else {
        CURRENT.set(ENDED);
        shard.path.set(shard.path.get() | ONE_CALL);
    }
    Some(shard)
}

/// Ends the use of a shard that was claimed for one call.
pub(crate) fn finished(shard: &Shard) {
    if shard.path.get() & ONE_CALL != 0 {
        shard.hand_over();
    }
}

/// What a thread recorded in before it entered another roster.
#[derive(Debug)]
pub(crate) struct Before {
    fast: *const Shard,
    current: *const Shard,
}

/// Makes `shard` the current thread's, until [`leave`].
pub(crate) fn enter(shard: &Shard) -> Before {
    let fast = FAST.replace(if shard.path.get() == 0 { shard } else { null() });
    Before { fast, current: CURRENT.replace(shard) }
}

/// Goes back to what the thread recorded in before, unless that was handed over meanwhile: a
/// scope can be kept in a thread-local and end after it.
pub(crate) fn leave(before: &Before) {
    let ended = !before.current.is_null() && before.current == HANDED_OVER.get();
    FAST.set(if ended { null() } else { before.fast });
    CURRENT.set(if ended { ENDED } else { before.current });
}

/// The process's roster, as a counted pointer that is never given back. Null before first use.
static GLOBAL: AtomicPtr<Roster> = AtomicPtr::new(std::ptr::null_mut());

/// The process's roster.
pub(crate) fn global() -> Arc<Roster> {
    let mut known: *const Roster = GLOBAL.load(Ordering::Acquire);
    if known.is_null() {
        known = start_global();
    }
    // SAFETY: the pointer came from `Arc::into_raw`, and that count is never given back.
    unsafe {
        Arc::increment_strong_count(known);
        Arc::from_raw(known)
    }
}

#[cold]
fn start_global() -> *const Roster {
    let made = Arc::into_raw(Arc::new(Roster::new(TimeSource::system())));
    match GLOBAL.compare_exchange(
        std::ptr::null_mut(),
        made.cast_mut(),
        Ordering::AcqRel,
        Ordering::Acquire,
    ) {
        Ok(_) => {
            disable_after_fork();
            made
        }
        Err(first) => {
            // SAFETY: made above, and nobody else has it.
            drop(unsafe { Arc::from_raw(made) });
            first
        }
    }
}

/// In a process made by `fork`, only the calling thread lives on: what other threads had in
/// flight would stay so for ever, and counts would be reported twice. So measuring is off in the
/// child until it installs again, with a roster of its own.
#[cfg(unix)]
fn disable_after_fork() {
    extern "C" fn in_child() {
        mode::disable_in_child();
        GLOBAL.store(std::ptr::null_mut(), Ordering::Release);
        FAST.set(null());
        HANDED_OVER.set(null());
        if CURRENT.get() != ENDED {
            CURRENT.set(null());
        }
        let _ = HANDOVER.try_with(|handover| handover.0.set(null()));
    }
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        // SAFETY: the handler stores to atomics and constant thread-locals only, which is allowed
        // between `fork` and whatever the child does next.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
}

#[cfg(not(unix))]
fn disable_after_fork() {}
