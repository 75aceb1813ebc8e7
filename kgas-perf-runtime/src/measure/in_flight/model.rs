//! The model of slots that are taken by one thread and given back by others.

use std::ptr::NonNull;

use loom::sync::Arc;
use loom::thread;

use super::{Slab, Slot};
use crate::histogram::arena::Arena;

/// A slab as its shard shares it: all see it, its owner alone takes.
struct Shared(Slab);

// SAFETY: the model's main thread alone calls what only the owner may call.
unsafe impl Sync for Shared {}
// SAFETY: as above.
unsafe impl Send for Shared {}

/// A slot that is on its way to another thread.
struct Sent(NonNull<Slot>);

// SAFETY: slots are made for being given back from any thread.
unsafe impl Send for Sent {}

/// The measurements in flight, by recorder.
fn in_flight(slab: &Slab) -> Vec<(usize, u64)> {
    let mut seen = Vec::new();
    slab.each(|recorder, since| seen.push((recorder, since)));
    seen.sort_unstable();
    seen
}

#[test]
fn loom_a_slot_that_comes_back_from_another_thread_is_neither_lost_nor_doubled() {
    loom::model(|| {
        let shared = Arc::new(Shared(Slab::new()));
        let (slab, arena) = (&shared.0, Arena::new());
        let others: Vec<_> = (1..=2)
            .map(|recorder| {
                let slot = Sent(slab.take(recorder, 0, &arena).expect("memory"));
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    let Sent(slot) = { slot };
                    // SAFETY: taken above, given back once.
                    unsafe { shared.0.give_back_remotely(slot) };
                })
            })
            .collect();
        // Meanwhile the owner takes another two: from what came back, or from a new block.
        let taken = [3, 4].map(|recorder| slab.take(recorder, 7, &arena).expect("memory"));
        assert_ne!(taken[0], taken[1]);
        for other in others {
            other.join().expect("no thread panics");
        }
        assert_eq!(in_flight(slab), [(3, 7), (4, 7)]);
        assert_eq!((slab.outstanding(), slab.started()), (2, 4));
        for slot in taken {
            // SAFETY: taken above, given back once, by the owner.
            unsafe { slab.give_back(slot) };
        }
        assert!(slab.is_idle());
        // Every slot there is can be taken again, and each of them once.
        let mut all: Vec<_> =
            (1..=4).map(|recorder| slab.take(recorder, 9, &arena).expect("memory")).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 4);
        assert_eq!(in_flight(slab).len(), 4);
    });
}

#[test]
fn loom_a_watcher_sees_a_measurement_whole_or_not_at_all() {
    loom::model(|| {
        let shared = Arc::new(Shared(Slab::new()));
        let watcher = thread::spawn({
            let shared = Arc::clone(&shared);
            move || in_flight(&shared.0)
        });
        let (slab, arena) = (&shared.0, Arena::new());
        let first = slab.take(1, 5, &arena).expect("memory");
        // SAFETY: taken above, given back once, by the owner.
        unsafe { slab.give_back(first) };
        let second = slab.take(2, 6, &arena).expect("memory");
        assert_eq!(first, second);
        for (recorder, since) in watcher.join().expect("the watcher does not panic") {
            assert!([1, 2].contains(&recorder), "nothing ran as {recorder}");
            // When a slot changes hands under a watcher, it may show the call before with the
            // start of the next one; never a start that no call had.
            assert!([5, 6].contains(&since), "nothing started at {since}");
        }
        assert_eq!(in_flight(slab), [(2, 6)]);
    });
}
