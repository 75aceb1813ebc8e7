//! The model of a histogram that is read while it is written.
//!
//! Here and in the other models the thread that writes is the one that loom runs first. Loom
//! looks for other orders where one thread changes what another has accessed before, but keeps in
//! mind the last access alone: were the reader first, a writer that loads a counter before it
//! stores to it would make loom forget that reader.

use loom::sync::Arc;
use loom::thread;

use super::Histogram;
use crate::histogram::arena::Arena;
use crate::histogram::distribution::Counts;

/// What is recorded: two octaves, and one bucket so often that its counters widen.
const VALUES: [u64; 4] = [1, 5, 5, 5];

/// Counts of the buckets that hold 1 and 5.
fn read(histogram: &Histogram) -> [u64; 2] {
    let mut counts = Counts::default();
    histogram.read(&mut counts);
    let mut read = [0; 2];
    for (low, _, count) in counts.buckets() {
        match low {
            1 => read[0] = count,
            4 => read[1] = count,
            _ => panic!("nothing was recorded at {low}, but {count} were read"),
        }
    }
    read
}

/// Records [`VALUES`] while another thread looks twice, and answers what that thread saw.
fn looks<T: 'static>(look: fn(&Histogram) -> T) -> [T; 3] {
    let histogram = Arc::new(Histogram::new());
    let reader = thread::spawn({
        let histogram = Arc::clone(&histogram);
        move || [look(&histogram), look(&histogram)]
    });
    let arena = Arena::new();
    for value in VALUES {
        assert!(histogram.record(value, &arena));
    }
    let [first, second] = reader.join().expect("the reader does not panic");
    [first, second, look(&histogram)]
}

#[test]
fn loom_a_histogram_shows_no_count_too_many_and_none_less_than_before() {
    loom::model(|| {
        let [first, second, last] = looks(read);
        assert_eq!(last, [1, 3]);
        for bucket in 0..2 {
            assert!(first[bucket] <= second[bucket], "{first:?}, then {second:?}");
            assert!(second[bucket] <= last[bucket], "{second:?}, then {last:?}");
        }
    });
}

#[test]
fn loom_the_count_of_one_value_never_goes_back() {
    loom::model(|| {
        let [first, second, last] = looks(|histogram| histogram.count_at(5));
        assert!(first <= second && second <= last, "{first}, {second}, {last}");
        assert_eq!(last, 3);
    });
}
