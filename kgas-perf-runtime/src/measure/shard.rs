//! `Shard`: everything that one thread records in one registry.

use std::cell::{Cell, OnceCell};
use std::ptr::NonNull;
use std::sync::Arc;

use crate::histogram::arena::{Arena, map_zeroed, unmap};
use crate::histogram::atomics::{AtomicPtr, AtomicU64, Ordering, fence};
use crate::measure::call_site::CAPACITY;
use crate::measure::clock;
use crate::measure::in_flight::Slab;
use crate::measure::memory::{LONG, RARE, ResidentSet, WINDOW};
use crate::measure::ownership::Ownership;
use crate::measure::recorder::Recorder;
use crate::measure::roster::Roster;
use crate::measure::scoped::MemoryBefore;
use crate::measure::tally::Tally;

/// Calls take the slow path: this registry's ticks are not the processor's counter.
pub(crate) const OWN_CLOCK: u8 = 1;
/// The shard is held for one call alone, by a thread that is coming to its end.
pub(crate) const ONE_CALL: u8 = 2;

/// Keeps sums of windows within 64 bits whatever a clock says; some hours of ticks.
const LONGEST_WINDOW: u64 = 1 << 45;

/// What one thread records. One thread at a time owns it and writes; any thread reads.
///
/// A thread that ends hands its shard over, counts and all, to the next that needs one; so
/// memory follows the greatest number of threads at once, and nothing is merged or lost.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Shard {
    /// Ticks that measured callees of the innermost running call have taken. Owner only.
    pub(crate) callees: Cell<u64>,
    /// Synchronous calls that ever started here, and those that ended. Only the owner writes.
    pub(crate) entered: AtomicU64,
    pub(crate) left: AtomicU64,
    /// Read memory in the next call that starts at or after this. Owner only.
    pub(crate) next_reading: Cell<u64>,
    /// One window of the memory budget, in ticks; `u64::MAX` before the first reading.
    pub(crate) window: Cell<u64>,
    /// `OWN_CLOCK` and `ONE_CALL`. Owner only.
    pub(crate) path: Cell<u8>,
    /// Set while a rare path runs or an event is told, for signal handlers and subscribers that
    /// call measured functions. Owner only.
    pub(crate) busy: Cell<bool>,
    pub(crate) callees_tally: Cell<Tally>,
    pub(crate) arena: Arena,
    pub(crate) slab: Slab,
    memory: OnceCell<ResidentSet>,
    /// The last reading: pages, and when. Owner only.
    last_reading: Cell<Option<(i64, u64)>>,
    /// State of the generator that spreads readings. Owner only.
    random: Cell<u64>,
    ownership: Ownership,
    /// The next older shard of the registry. Written before the shard is published.
    older: *const Shard,
    /// The registry's roster, counted.
    roster: *const Roster,
    recorders: [AtomicPtr<Recorder>; CAPACITY],
}

impl Shard {
    /// Maps a new shard, owned by the caller; `None` when the system has no more memory.
    pub(crate) fn map(roster: &Arc<Roster>) -> Option<NonNull<Self>> {
        let place: NonNull<Self> = map_zeroed(size_of::<Self>())?.cast();
        // SAFETY: a fresh mapping is aligned to a page and large enough. The table of recorders
        // stays as it is mapped: null pointers are zeroes, and untouched pages cost nothing.
        // Every other field is written before the shard is shared.
        unsafe {
            let shard = place.as_ptr();
            (&raw mut (*shard).callees).write(Cell::new(0));
            (&raw mut (*shard).entered).write(AtomicU64::new(0));
            (&raw mut (*shard).left).write(AtomicU64::new(0));
            (&raw mut (*shard).next_reading).write(Cell::new(0));
            (&raw mut (*shard).window).write(Cell::new(u64::MAX));
            let path = if roster.time.is_counter() { 0 } else { OWN_CLOCK };
            (&raw mut (*shard).path).write(Cell::new(path));
            (&raw mut (*shard).busy).write(Cell::new(false));
            (&raw mut (*shard).callees_tally).write(Cell::default());
            (&raw mut (*shard).arena).write(Arena::new());
            (&raw mut (*shard).slab).write(Slab::new());
            (&raw mut (*shard).memory).write(OnceCell::new());
            (&raw mut (*shard).last_reading).write(Cell::new(None));
            let seed = (place.addr().get() as u64) | 1;
            (&raw mut (*shard).random).write(Cell::new(seed));
            (&raw mut (*shard).ownership).write(Ownership::new());
            (&raw mut (*shard).older).write(std::ptr::null());
            (&raw mut (*shard).roster).write(Arc::into_raw(Arc::clone(roster)));
        }
        Some(place)
    }

    /// Takes the shard down.
    ///
    /// # Safety
    /// The caller owns the shard, it is [quiescent](Self::is_quiescent), and it is in no list.
    pub(crate) unsafe fn unmap(shard: NonNull<Self>) {
        // SAFETY: the caller's promise. Recorders, blocks and slots go with the arena.
        unsafe {
            drop(Arc::from_raw(shard.as_ref().roster));
            std::ptr::drop_in_place(&raw mut (*shard.as_ptr()).arena);
            std::ptr::drop_in_place(&raw mut (*shard.as_ptr()).memory);
            unmap(shard.as_ptr().cast(), size_of::<Self>());
        }
    }

    /// Becomes the owner if there is none.
    pub(crate) fn claim(&self) -> bool {
        self.ownership.claim()
    }

    /// Lets the next thread have the shard. One with a call that never ended stays taken: its
    /// counts are read, but nobody may write them again.
    pub(crate) fn hand_over(&self) {
        if self.entered.load(Ordering::Relaxed) == self.left.load(Ordering::Relaxed) {
            self.path.set(self.path.get() & !ONE_CALL);
            self.callees.set(0);
            self.ownership.hand_over();
        }
    }

    /// Whether no measurement that started here is in progress.
    pub(crate) fn is_quiescent(&self) -> bool {
        self.entered.load(Ordering::Relaxed) == self.left.load(Ordering::Relaxed)
            && self.slab.is_idle()
    }

    pub(crate) fn roster(&self) -> &Roster {
        // SAFETY: the shard holds a count of its roster.
        unsafe { &*self.roster }
    }

    pub(crate) fn older(&self) -> *const Self {
        self.older
    }

    /// Sets the next older shard.
    ///
    /// # Safety
    /// The shard is not published yet.
    pub(crate) unsafe fn set_older(shard: NonNull<Self>, older: *const Self) {
        // SAFETY: the caller alone has the shard.
        unsafe { (*shard.as_ptr()).older = older };
    }

    /// Now, in the registry's ticks.
    #[inline(always)]
    pub(crate) fn now(&self) -> u64 {
        if self.path.get() & OWN_CLOCK == 0 { clock::ticks() } else { self.roster().time.ticks() }
    }

    /// The recorder with this index, if the shard has it.
    #[inline(always)]
    pub(crate) fn recorder(&self, index: usize) -> *const Recorder {
        debug_assert!(index < CAPACITY);
        // SAFETY: `call_site` hands out indices below `CAPACITY` only.
        unsafe { self.recorders.get_unchecked(index) }.load(Ordering::Acquire)
    }

    /// The recorder with this index, made if it is missing; `None` when the system has no more
    /// memory. Only the owner may call this.
    #[cold]
    pub(crate) fn recorder_or_new(&self, index: usize) -> Option<&Recorder> {
        let known = self.recorder(index);
        if !known.is_null() {
            // SAFETY: recorders live as long as their shard.
            return Some(unsafe { &*known });
        }
        let made = Recorder::in_arena(&self.arena, index)?;
        let place = self.recorders.get(index)?;
        place.store(std::ptr::from_ref(made).cast_mut(), Ordering::Release);
        // A tick may have set thresholds just before it could see this recorder: it writes the
        // roster first and looks for recorders then; this does the opposite.
        fence(Ordering::SeqCst);
        made.set_threshold(self.roster().threshold(index));
        Some(made)
    }

    /// The recorders that exist, with their indices.
    pub(crate) fn recorders(&self) -> impl Iterator<Item = (usize, &Recorder)> {
        let end = crate::measure::call_site::recorders().min(CAPACITY);
        self.recorders[..end].iter().enumerate().filter_map(|(index, place)| {
            // SAFETY: null, or a recorder that was published complete and lives as long as this.
            unsafe { place.load(Ordering::Acquire).as_ref() }.map(|recorder| (index, recorder))
        })
    }

    /// Reads memory before a call, if the budget allows or the call asks for it every time.
    #[cold]
    pub(crate) fn reading_at_start(
        &self,
        recorder: &Recorder,
        now: u64,
        every: bool,
    ) -> Option<i64> {
        let window = self.window.get();
        if !every && now < self.next_reading.get() && window != u64::MAX {
            // Only the operation is due. Rare ones may run up a debt, but not without bound.
            let debt = self.next_reading.get() - now;
            if debt > LONG.saturating_mul(window) {
                recorder.next_reading.store(now.saturating_add(window), Ordering::Relaxed);
                return None;
            }
        }
        let pages = self.read_memory();
        if pages.is_none() {
            self.next_reading.set(u64::MAX);
            recorder.next_reading.store(u64::MAX, Ordering::Relaxed);
        }
        pages
    }

    /// Accounts for the memory of a finished call that was read at its start, or was long.
    #[cold]
    pub(crate) fn reading_at_end(
        &self,
        recorder: &Recorder,
        before: Option<MemoryBefore>,
        duration: u64,
        end: u64,
    ) {
        let window = self.window.get();
        let long = duration >= LONG.saturating_mul(window);
        let start = end.saturating_sub(duration);
        let fresh = self
            .last_reading
            .get()
            .filter(|(_, at)| *at <= start && start - *at <= window)
            .map(|(pages, _)| pages);
        let start_pages = before.map(|read| read.pages).or_else(|| fresh.filter(|_| long));
        if let Some(start_pages) = start_pages
            && let Some(pages) = self.read_memory()
        {
            let others = self.roster().entered_beside(self);
            let overlapped = others.is_none() || before.is_some_and(|read| read.others != others);
            recorder.memory.record(pages - start_pages, overlapped, before.is_none());
            // A pair of readings is paid for by a window from the call's start on, so a long call
            // has paid for itself when it ends. The debt is bounded, for calls that read every
            // time run up one without end.
            let window = self.window.get();
            let next = self.next_reading.get().max(start).saturating_add(self.spread(window));
            let bound = end.saturating_add(2 * LONG * window);
            self.next_reading.set(next.min(bound));
            recorder.next_reading.store(end.saturating_add(RARE * window), Ordering::Relaxed);
        }
        if duration >= window {
            recorder.next_reading.store(0, Ordering::Relaxed);
        }
    }

    /// Resident pages now. Learns the price of a reading, and the window from it.
    fn read_memory(&self) -> Option<i64> {
        let memory = self.memory.get_or_init(ResidentSet::open);
        let before = self.now();
        let pages = memory.pages()?;
        let after = self.now();
        self.last_reading.set(Some((pages, after)));
        let seen = after.saturating_sub(before).saturating_mul(WINDOW).max(1);
        let window = match self.window.get() {
            u64::MAX => seen,
            // One reading that was interrupted does not move the window far.
            known => known - known / 8 + seen.min(4 * known) / 8,
        };
        self.window.set(window.clamp(1, LONGEST_WINDOW));
        Some(pages)
    }

    /// Three quarters to five quarters of a window: readings must not keep step with a load that
    /// repeats (Marsaglia's xorshift64).
    fn spread(&self, window: u64) -> u64 {
        let mut random = self.random.get();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        self.random.set(random);
        let quarter = window / 4;
        window - quarter + random % (2 * quarter + 1)
    }
}
