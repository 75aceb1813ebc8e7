//! The model of a shard that goes from thread to thread.

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use super::Ownership;
use crate::histogram::Counts;
use crate::histogram::arena::Arena;
use crate::measure::recorder::Recorder;

/// What a shard holds: something for its owner alone, and something that any thread reads.
struct Held {
    ownership: Ownership,
    recorder: Recorder,
    calls: UnsafeCell<u64>,
}

// SAFETY: the cell is touched by the owner alone; loom fails the model if that is not so.
unsafe impl Sync for Held {}
// SAFETY: nothing in it belongs to one thread.
unsafe impl Send for Held {}

impl Held {
    /// What a thread does with the shard that it owns.
    fn record_and_hand_over(&self, arena: &Arena) {
        self.recorder.record(3, 0, arena);
        // SAFETY: this thread is the owner.
        self.calls.with_mut(|calls| unsafe { *calls += 1 });
        self.ownership.hand_over();
    }
}

#[test]
fn loom_one_thread_at_a_time_owns_a_shard_and_no_count_is_lost_between_them() {
    loom::model(|| {
        let held = Arc::new(Held {
            ownership: Ownership::new(),
            recorder: Recorder::new(8),
            calls: UnsafeCell::new(0),
        });
        let others: Vec<_> = (0..2)
            .map(|_| {
                let held = Arc::clone(&held);
                thread::spawn(move || {
                    let claimed = held.ownership.claim();
                    if claimed {
                        held.record_and_hand_over(&Arena::new());
                    }
                    u64::from(claimed)
                })
            })
            .collect();
        held.record_and_hand_over(&Arena::new());
        let claims: u64 =
            others.into_iter().map(|other| other.join().expect("no thread panics")).sum();
        assert!(held.ownership.claim(), "everybody has handed it over");
        let mut counts = Counts::default();
        held.recorder.read(&mut counts);
        assert_eq!(counts.total(), 1 + claims);
        // SAFETY: this thread is the owner.
        assert_eq!(held.calls.with(|calls| unsafe { *calls }), 1 + claims);
    });
}
