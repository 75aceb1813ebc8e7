//! Whether calls are measured at all: one byte that every call reads.

use std::sync::atomic::{AtomicU8, Ordering};

/// Nothing is decided yet; the first call asks the environment.
const UNDECIDED: u8 = 0;
/// Set while calls are measured.
pub(crate) const ON: u8 = 1;
/// Set beside `ON` once a [`crate::measure::TallyAllocator`] has served an allocation.
pub(crate) const TALLY: u8 = 2;
/// Set when measuring was switched off; a call then reads this byte and nothing else.
pub(crate) const OFF: u8 = 4;

/// Set beside `OFF` in a process made by `fork`, until it installs again.
const FORKED: u8 = 8;

static MODE: AtomicU8 = AtomicU8::new(UNDECIDED);

/// The variable that switches measuring off when the process starts.
pub const ENVIRONMENT_VARIABLE: &str = "KGAS_PERF";

/// The mode as it is.
#[inline(always)]
pub(crate) fn mode() -> u8 {
    MODE.load(Ordering::Relaxed)
}

/// Whether calls are measured, asking the environment if nobody has decided yet.
///
/// `KGAS_PERF=off` (also `0`, `false`, `no`) switches measuring off.
pub fn is_on() -> bool {
    if mode() & (ON | OFF) == UNDECIDED {
        let off = std::env::var_os(ENVIRONMENT_VARIABLE).is_some_and(|value| {
            ["off", "0", "false", "no"].iter().any(|word| value.eq_ignore_ascii_case(word))
        });
        let decided = if off { OFF } else { ON };
        let _ = MODE.try_update(Ordering::Relaxed, Ordering::Relaxed, |mode| {
            (mode & (ON | OFF) == UNDECIDED).then_some(mode | decided)
        });
    }
    mode() & ON != 0
}

/// Switches measuring on or off for the whole process, whatever the environment says.
///
/// Calls already in progress are recorded as usual. While off, a measured call costs one relaxed
/// load and a branch.
pub fn set_on(on: bool) {
    let (set, clear) = if on { (ON, OFF | FORKED) } else { (OFF, ON) };
    let _ =
        MODE.try_update(Ordering::Relaxed, Ordering::Relaxed, |mode| Some((mode & !clear) | set));
}

/// Switches measuring off in a process made by `fork`.
pub(crate) fn disable_in_child() {
    let _ = MODE.try_update(Ordering::Relaxed, Ordering::Relaxed, |mode| {
        // Whatever was decided before is asked again when the child installs.
        Some((mode & TALLY) | OFF | FORKED)
    });
}

/// Undoes [`disable_in_child`]; what somebody switched off on purpose stays off.
pub(crate) fn enable_again() {
    let _ = MODE.try_update(Ordering::Relaxed, Ordering::Relaxed, |mode| {
        (mode & FORKED != 0).then_some(mode & TALLY)
    });
    is_on();
}

/// Whether an allocator keeps a tally.
pub(crate) fn is_tallied() -> bool {
    mode() & TALLY != 0
}

/// Says that an allocator keeps a tally.
pub(crate) fn announce_tally() {
    MODE.fetch_or(TALLY, Ordering::Relaxed);
}
