//! What is running now and since when, for calls that are not on one thread's stack.
//!
//! A synchronous call shows in its [`crate::measure::recorder::Recorder`]. A future or a
//! measurement by hand may start on one thread and end on another, so it takes a [`Slot`] from
//! the slab of the thread it starts on, and whichever thread ends it gives the slot back:
//!
//! ```text
//!  owner:  take ◄── own list ◄── (whole remote list at once) ◄── new block
//!  owner:  give back ──► own list
//!  others: give back ──► remote list (push)  ──► returned += 1, the last touch
//! ```
//!
//! The owner only ever takes the *whole* remote list, so a push cannot mistake one slot's second
//! stay for its first.

use std::cell::Cell;
use std::ptr::{NonNull, null_mut};

use crate::histogram::arena::Arena;
use crate::histogram::atomics::{AtomicPtr, AtomicU64, Ordering, add_owned};

/// Slots made at a time.
const BLOCK: usize = if cfg!(loom) { 2 } else { 32 };

/// One measurement in flight.
#[derive(Debug)]
pub(crate) struct Slot {
    /// The recorder's index; 0 while the slot is free.
    recorder: AtomicU64,
    /// When the measurement started, in ticks.
    since: AtomicU64,
    /// The next free slot, while this one is free.
    next: AtomicPtr<Slot>,
}

#[derive(Debug)]
struct Block {
    slots: [Slot; BLOCK],
    before: *const Block,
}

/// The slots of one shard.
#[derive(Debug)]
pub(crate) struct Slab {
    /// Free slots that only the owner sees.
    own: Cell<*mut Slot>,
    /// Free slots that other threads gave back.
    remote: AtomicPtr<Slot>,
    /// All slots ever made.
    blocks: AtomicPtr<Block>,
    /// Slots ever taken, less those that the owner gave back. Only the owner writes.
    taken: AtomicU64,
    /// Slots that other threads gave back.
    returned: AtomicU64,
    /// Measurements ever started here. Only the owner writes.
    started: AtomicU64,
}

impl Slab {
    pub(crate) fn new() -> Self {
        Self {
            own: Cell::new(null_mut()),
            remote: AtomicPtr::new(null_mut()),
            blocks: AtomicPtr::new(null_mut()),
            taken: AtomicU64::new(0),
            returned: AtomicU64::new(0),
            started: AtomicU64::new(0),
        }
    }

    /// Takes a slot and marks it; `None` when the system has no more memory. Only the owner may
    /// call this.
    #[inline]
    pub(crate) fn take(&self, recorder: usize, since: u64, arena: &Arena) -> Option<NonNull<Slot>> {
        let slot = match NonNull::new(self.own.get()) {
            Some(slot) => slot,
            None => self.refill(arena)?,
        };
        // SAFETY: slots live as long as the slab, and a slot in the own list is the owner's.
        let free = unsafe { slot.as_ref() };
        self.own.set(free.next.load(Ordering::Relaxed));
        free.since.store(since, Ordering::Relaxed);
        free.recorder.store(recorder as u64, Ordering::Release);
        add_owned(&self.taken, 1);
        add_owned(&self.started, 1);
        Some(slot)
    }

    /// Fills the own list from what others gave back, or with a new block; answers its first.
    #[cold]
    fn refill(&self, arena: &Arena) -> Option<NonNull<Slot>> {
        let returned = self.remote.swap(null_mut(), Ordering::Acquire);
        if let Some(first) = NonNull::new(returned) {
            self.own.set(returned);
            return Some(first);
        }
        let block = new_block(arena, self.blocks.load(Ordering::Relaxed))?;
        // SAFETY: the block is new and complete, and nobody else has it yet.
        let slots = unsafe { &(*block.as_ptr()).slots };
        for pair in slots.windows(2) {
            pair[0].next.store(std::ptr::from_ref(&pair[1]).cast_mut(), Ordering::Relaxed);
        }
        self.blocks.store(block.as_ptr(), Ordering::Release);
        self.own.set(std::ptr::from_ref(&slots[0]).cast_mut());
        NonNull::new(self.own.get())
    }

    /// Gives a slot back, as its owner's thread.
    ///
    /// # Safety
    /// The slot was taken from this slab and not given back since, and the caller owns the slab.
    #[inline]
    pub(crate) unsafe fn give_back(&self, slot: NonNull<Slot>) {
        // SAFETY: the slot is live: it belongs to this slab.
        let used = unsafe { slot.as_ref() };
        used.recorder.store(0, Ordering::Release);
        used.next.store(self.own.get(), Ordering::Relaxed);
        self.own.set(slot.as_ptr());
        self.taken.store(self.taken.load(Ordering::Relaxed).wrapping_sub(1), Ordering::Relaxed);
    }

    /// Gives a slot back from any thread. After this the slab may be gone.
    ///
    /// # Safety
    /// The slot was taken from this slab and not given back since.
    pub(crate) unsafe fn give_back_remotely(&self, slot: NonNull<Slot>) {
        // SAFETY: the slot is live: its slab stays until `returned` counts it.
        let used = unsafe { slot.as_ref() };
        used.recorder.store(0, Ordering::Release);
        let mut head = self.remote.load(Ordering::Relaxed);
        loop {
            used.next.store(head, Ordering::Relaxed);
            match self.remote.compare_exchange_weak(
                head,
                slot.as_ptr(),
                Ordering::Release,
                Ordering::Relaxed,
            ) {
                Ok(_) => break,
                Err(now) => head = now,
            }
        }
        self.returned.fetch_add(1, Ordering::Release);
    }

    /// Whether no slot is in use. Exact for the owner, and for whoever keeps the owner away.
    pub(crate) fn is_idle(&self) -> bool {
        self.outstanding() == 0
    }

    /// Measurements in flight that started here.
    pub(crate) fn outstanding(&self) -> u64 {
        let returned = self.returned.load(Ordering::Acquire);
        self.taken.load(Ordering::Relaxed).saturating_sub(returned)
    }

    /// Measurements ever started here.
    pub(crate) fn started(&self) -> u64 {
        self.started.load(Ordering::Relaxed)
    }

    /// Calls `see(recorder, since)` for every measurement in flight that started here.
    pub(crate) fn each(&self, mut see: impl FnMut(usize, u64)) {
        let mut block: *const Block = self.blocks.load(Ordering::Acquire);
        // SAFETY: blocks are published complete and live as long as the slab.
        while let Some(known) = unsafe { block.as_ref() } {
            for slot in &known.slots {
                let recorder = slot.recorder.load(Ordering::Acquire);
                let since = slot.since.load(Ordering::Relaxed);
                if recorder != 0 {
                    see(recorder as usize, since);
                }
            }
            block = known.before;
        }
    }
}

fn free_block(before: *const Block) -> Block {
    Block {
        slots: std::array::from_fn(|_| Slot {
            recorder: AtomicU64::new(0),
            since: AtomicU64::new(0),
            next: AtomicPtr::new(null_mut()),
        }),
        before,
    }
}

#[cfg(not(loom))]
fn new_block(arena: &Arena, before: *const Block) -> Option<NonNull<Block>> {
    let place = arena.zeroed::<Block>()?;
    // SAFETY: the place is large enough, aligned and nobody else's.
    unsafe { place.write(free_block(before)) };
    Some(place)
}

// A model's blocks may leak.
#[cfg(loom)]
fn new_block(_: &Arena, before: *const Block) -> Option<NonNull<Block>> {
    NonNull::new(Box::leak(Box::new(free_block(before))))
}

#[cfg(all(test, loom))]
mod model;

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn in_flight(slab: &Slab) -> Vec<(usize, u64)> {
        let mut seen = Vec::new();
        slab.each(|recorder, since| seen.push((recorder, since)));
        seen.sort_unstable();
        seen
    }

    #[test]
    fn shows_what_was_taken_and_not_given_back() {
        let (slab, arena) = (Slab::new(), Arena::new());
        let taken: Vec<_> = (1..=100)
            .map(|recorder| slab.take(recorder, recorder as u64 * 10, &arena).expect("memory"))
            .collect();
        assert_eq!(slab.outstanding(), 100);
        for (index, slot) in taken.iter().enumerate() {
            // SAFETY: taken above, given back once.
            unsafe {
                if index % 2 == 0 {
                    slab.give_back(*slot);
                } else if index != 99 {
                    slab.give_back_remotely(*slot);
                }
            }
        }
        assert_eq!(in_flight(&slab), [(100, 1_000)]);
        assert_eq!((slab.outstanding(), slab.started()), (1, 100));
    }

    #[test]
    fn slots_are_used_again() {
        let (slab, arena) = (Slab::new(), Arena::new());
        let mut places = std::collections::HashSet::new();
        for round in 0..1_000 {
            let slot = slab.take(9, round, &arena).expect("memory");
            places.insert(slot);
            // SAFETY: taken above, given back once.
            unsafe {
                if round % 3 == 0 { slab.give_back_remotely(slot) } else { slab.give_back(slot) }
            };
        }
        assert!(places.len() <= BLOCK, "{} places for one slot at a time", places.len());
        assert!(slab.is_idle());
    }
}
