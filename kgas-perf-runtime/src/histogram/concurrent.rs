//! `Histogram`: written by one thread, read by any, while it is written.
//!
//! ```text
//!  octaves[59] ──► block of 64 × u32          the usual case: even address
//!              ──► block of 64 × u64, tagged  after 2^31 samples in one bucket: odd address
//!              ──► nothing, tagged            no sample in this octave yet: odd address
//! ```
//!
//! The tag makes the recording thread's test a single one: even means "count here".

use std::ptr::{null_mut, without_provenance_mut};

use crate::histogram::arena::Arena;
use crate::histogram::atomics::{AtomicPtr, AtomicU32, AtomicU64, Ordering};
use crate::histogram::buckets::{OCTAVES, PER_OCTAVE, locate};
use crate::histogram::distribution::Counts;

/// Counters of one octave, 256 bytes.
type Narrow = [AtomicU32; PER_OCTAVE];
/// Counters of one octave in which some bucket has passed [`WIDEN_AT`].
type Wide = [AtomicU64; PER_OCTAVE];

/// A narrow counter that reaches this moves its octave to a wide block.
const WIDEN_AT: u32 = if cfg!(loom) { 3 } else { 1 << 31 };
/// Marks a pointer that is no narrow block.
const TAG: usize = 1;

/// Counts by bucket, being written.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Histogram {
    /// Never null: a narrow block, `TAG`, or a wide block with `TAG`. Only the owner stores.
    octaves: [AtomicPtr<Narrow>; OCTAVES],
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self { octaves: std::array::from_fn(|_| AtomicPtr::new(without_provenance_mut(TAG))) }
    }

    /// Counts one value if that is no more than adding to a narrow counter, else does nothing
    /// and answers `false`: [`Self::record`] counts it then.
    ///
    /// Only one thread at a time may call this.
    #[inline(always)]
    pub(crate) fn record_quickly(&self, value: u64) -> bool {
        let (octave, position) = locate(value);
        // SAFETY: `locate` answers below `OCTAVES` for every value (tested in `buckets`).
        let block = unsafe { self.octaves.get_unchecked(octave) }.load(Ordering::Relaxed);
        if block.addr() & TAG != 0 {
            return false;
        }
        // SAFETY: an untagged pointer is a narrow block that lives as long as the histogram, and
        // `locate` answers a position below `PER_OCTAVE`.
        let counter = unsafe { (*block).get_unchecked(position) };
        let count = counter.load(Ordering::Relaxed).wrapping_add(1);
        if count >= WIDEN_AT {
            return false;
        }
        // Release: a reader that sees this count, and fences, sees all that were there before.
        counter.store(count, Ordering::Release);
        true
    }

    /// Counts one value. `false` when the system had no memory for it; it is then not counted.
    ///
    /// Only one thread at a time may call this, and always with the same arena, which lives as
    /// long as the histogram does.
    pub(crate) fn record(&self, value: u64, arena: &Arena) -> bool {
        if self.record_quickly(value) {
            return true;
        }
        let (octave, position) = locate(value);
        let slot = &self.octaves[octave];
        let mut block = slot.load(Ordering::Relaxed);
        if block.addr() & TAG == 0 {
            // A narrow counter is full.
            block = widen(block, arena);
            if block.is_null() {
                return false;
            }
            slot.store(block, Ordering::Release);
        }
        if let Some(wide) = wide(block) {
            let counter = &wide[position];
            counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Release);
            return true;
        }
        let block = new_narrow(arena);
        if block.is_null() {
            return false;
        }
        // SAFETY: the block is new, and nobody else has it yet.
        unsafe { (&(*block))[position].store(1, Ordering::Relaxed) };
        slot.store(block, Ordering::Release);
        true
    }

    /// Adds what has been counted so far to `counts`.
    pub(crate) fn read(&self, counts: &mut Counts) {
        for (octave, slot) in self.octaves.iter().enumerate() {
            // Acquire: a block's counters are seen at least as they were when it was published.
            let block = slot.load(Ordering::Acquire);
            if block.addr() & TAG == 0 {
                // SAFETY: an untagged pointer is a narrow block; blocks are never freed before
                // the histogram, even when a wide one takes their place.
                let narrow = unsafe { &*block };
                counts.add(octave, |position| u64::from(narrow[position].load(Ordering::Relaxed)));
            } else if let Some(wide) = wide(block) {
                counts.add(octave, |position| wide[position].load(Ordering::Relaxed));
            }
        }
    }

    /// How often the bucket of `value` was counted so far.
    pub(crate) fn count_at(&self, value: u64) -> u64 {
        let (octave, position) = locate(value);
        let block = self.octaves[octave].load(Ordering::Acquire);
        if block.addr() & TAG == 0 {
            // SAFETY: as in `read`.
            u64::from(unsafe { &*block }[position].load(Ordering::Relaxed))
        } else {
            wide(block).map_or(0, |wide| wide[position].load(Ordering::Relaxed))
        }
    }
}

/// The wide block behind a tagged pointer, if there is one.
fn wide<'a>(tagged: *mut Narrow) -> Option<&'a Wide> {
    let block: *const Wide = tagged.map_addr(|address| address & !TAG).cast();
    // SAFETY: with its tag taken off, the pointer is null or a wide block that was published
    // complete and is never freed before the histogram.
    unsafe { block.as_ref() }
}

/// A tagged wide block with the counts of a narrow one; null when the system has no memory.
fn widen(narrow: *mut Narrow, arena: &Arena) -> *mut Narrow {
    let block = new_wide(arena);
    if block.is_null() {
        return null_mut();
    }
    // SAFETY: both blocks are live, and the new one is nobody else's yet.
    unsafe {
        for (to, from) in (*block).iter().zip(&*narrow) {
            to.store(u64::from(from.load(Ordering::Relaxed)), Ordering::Relaxed);
        }
    }
    block.cast::<Narrow>().map_addr(|address| address | TAG)
}

#[cfg(not(loom))]
fn new_narrow(arena: &Arena) -> *mut Narrow {
    arena.zeroed::<Narrow>().map_or(null_mut(), |block| block.as_ptr())
}

#[cfg(not(loom))]
fn new_wide(arena: &Arena) -> *mut Wide {
    arena.zeroed::<Wide>().map_or(null_mut(), |block| block.as_ptr())
}

// Loom's atomics have constructors that must run; a model's blocks may leak.
#[cfg(loom)]
fn new_narrow(_: &Arena) -> *mut Narrow {
    Box::leak(Box::new(std::array::from_fn(|_| AtomicU32::new(0))))
}

#[cfg(loom)]
fn new_wide(_: &Arena) -> *mut Wide {
    Box::leak(Box::new(std::array::from_fn(|_| AtomicU64::new(0))))
}

#[cfg(all(test, loom))]
mod model;

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn total(histogram: &Histogram) -> Vec<(u64, u64)> {
        let mut counts = Counts::default();
        histogram.read(&mut counts);
        counts.buckets().map(|(low, _, count)| (low, count)).collect()
    }

    #[test]
    fn values_below_sixty_four_are_kept_exactly() {
        let (histogram, arena) = (Histogram::new(), Arena::new());
        for value in [0, 1, 1, 63] {
            assert!(histogram.record(value, &arena));
        }
        assert_eq!(total(&histogram), [(0, 1), (1, 2), (63, 1)]);
        assert_eq!(histogram.count_at(1), 2);
        assert_eq!(histogram.count_at(u64::MAX), 0);
    }

    #[test]
    fn a_counter_that_outgrows_32_bits_moves_its_octave_and_loses_nothing() {
        let (histogram, arena) = (Histogram::new(), Arena::new());
        histogram.record(70, &arena);
        histogram.record(100, &arena);
        let block = histogram.octaves[1].load(Ordering::Relaxed);
        // SAFETY: one sample made the block; this test is its only user.
        unsafe { (&(*block))[6].store(WIDEN_AT - 1, Ordering::Relaxed) };
        for _ in 0..5 {
            assert!(histogram.record(70, &arena));
        }
        assert_eq!(total(&histogram), [(70, u64::from(WIDEN_AT) + 4), (100, 1)]);
        assert_eq!(histogram.count_at(70), u64::from(WIDEN_AT) + 4);
    }
}
