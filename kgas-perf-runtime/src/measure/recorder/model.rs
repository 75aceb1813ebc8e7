//! The model of a recorder that is read while its thread records. The writer runs first; see
//! the model of the histogram.

use std::collections::BTreeMap;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;

use super::Recorder;
use crate::histogram::arena::Arena;
use crate::histogram::{Counts, Distribution};
use crate::measure::outcome::Outcome;

/// One bucket's lower end and count, for every bucket that holds something.
type Buckets = BTreeMap<u64, u64>;

fn copy(recorder: &Recorder) -> Distribution {
    let mut counts = Counts::default();
    let sums = recorder.read(&mut counts);
    Distribution::of(counts, 1.0, sums.sum, sums.max)
}

fn read(recorder: &Recorder) -> Buckets {
    let copy = copy(recorder);
    let buckets: Buckets =
        copy.buckets().map(|bucket| (bucket.low_ns as u64, bucket.count)).collect();
    assert_eq!(buckets.values().sum::<u64>(), copy.count());
    buckets
}

/// Fails if the later copy lacks what the earlier one had.
fn assert_holds(later: &Buckets, earlier: &Buckets) {
    for (low, count) in earlier {
        let now = later.get(low).copied().unwrap_or(0);
        assert!(now >= *count, "{earlier:?}, then {later:?}");
    }
}

/// A thread records the durations of `before`, and then those of `meanwhile` while another copies
/// twice; when all is done it copies once more.
fn record_and_read(before: &'static [u64], meanwhile: &'static [u64]) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(PREEMPTIONS);
    model.check(move || {
        let recorder = Arc::new(Recorder::new(8));
        let finished = Arc::new(AtomicU64::new(0));
        let arena = Arena::new();
        let record = |duration: &u64| {
            if !recorder.record_quickly(*duration, 0) {
                recorder.record(*duration, 0, &arena);
            }
            if recorder.is_notable(*duration) {
                recorder.note(*duration);
            }
        };
        before.iter().for_each(record);
        let reader = thread::spawn({
            let (recorder, finished) = (Arc::clone(&recorder), Arc::clone(&finished));
            move || {
                let known = finished.load(Ordering::Acquire);
                let first = read(&recorder);
                // Of the calls that the reader was told of, the copy has all but the last.
                let seen = first.values().sum::<u64>() - before.len() as u64;
                assert!(seen + 1 >= known, "{seen} calls read after {known}");
                let second = read(&recorder);
                assert_holds(&second, &first);
                second
            }
        });
        for (index, duration) in meanwhile.iter().enumerate() {
            record(duration);
            finished.store(index as u64 + 1, Ordering::Release);
        }
        let second = reader.join().expect("the reader does not panic");

        let last = copy(&recorder);
        let ns =
            |duration: Option<std::time::Duration>| duration.map(|known| known.as_nanos() as u64);
        let all = before.iter().chain(meanwhile);
        assert_eq!(last.count(), all.clone().count() as u64);
        assert_eq!(ns(Some(last.sum())), Some(all.clone().sum()));
        assert_eq!(ns(last.max()), all.copied().max());
        assert_holds(&read(&recorder), &second);
    });
}

/// So often a thread may be stopped in the middle; each time more takes ten times as long.
const PREEMPTIONS: usize = 3;

#[test]
fn loom_a_later_copy_holds_what_an_earlier_one_did_and_the_last_one_all() {
    record_and_read(&[], &[2, 4, 2]);
}

#[test]
fn loom_calls_of_one_length_are_told_apart() {
    record_and_read(&[], &[2, 2, 2]);
}

#[test]
fn loom_two_buckets_that_grow_in_turn_are_never_seen_to_shrink() {
    record_and_read(&[2, 4, 2], &[4, 2]);
}

#[test]
fn loom_a_recorder_of_another_outcome_is_complete_when_it_is_found() {
    loom::model(|| {
        let recorder = Arc::new(Recorder::new(8));
        let reader = thread::spawn({
            let recorder = Arc::clone(&recorder);
            move || {
                let failed = recorder.of(Outcome::Error)?;
                assert_eq!(failed.index, 8);
                Some(copy(failed).count())
            }
        });
        let arena = Arena::new();
        let failed = recorder.of_or_new(Outcome::Error, &arena).expect("memory");
        failed.record(3, 0, &arena);
        let seen = reader.join().expect("the reader does not panic");
        assert!(seen.is_none_or(|count| count <= 1), "{seen:?}");
        let failed = recorder.of(Outcome::Error).expect("made");
        assert_eq!(copy(failed).count(), 1);
    });
}

#[test]
fn loom_a_threshold_set_while_a_call_ends_is_looked_at_by_the_next() {
    loom::model(|| {
        let recorder = Arc::new(Recorder::new(8));
        let judge = thread::spawn({
            let recorder = Arc::clone(&recorder);
            move || recorder.set_threshold(3)
        });
        recorder.note(5);
        judge.join().expect("the judge does not panic");
        assert!(recorder.is_notable(4), "4 is above the threshold and was not noted");
        assert!(recorder.note(4));
    });
}
