//! The model of a record of memory that is read while its thread writes it. The writer runs
//! first; see the model of the histogram.

use loom::sync::Arc;
use loom::thread;

use super::{MemoryRead, MemoryRecord};

#[test]
fn loom_a_copy_that_says_it_is_whole_mixes_no_two_calls() {
    const ONE: MemoryRead =
        MemoryRead { read: 1, sum: 3, min: 3, max: 3, overlapped: 1, end_only: 0 };
    const BOTH: MemoryRead =
        MemoryRead { read: 2, sum: -1, min: -4, max: 3, overlapped: 1, end_only: 1 };
    loom::model(|| {
        let record = Arc::new(MemoryRecord::new());
        record.record(3, true, false);
        let reader = thread::spawn({
            let record = Arc::clone(&record);
            move || record.look()
        });
        record.record(-4, false, true);
        if let (copy, true) = reader.join().expect("the reader does not panic") {
            assert!([ONE, BOTH].contains(&copy), "{copy:?}");
        }
        assert_eq!(record.look(), (BOTH, true));
    });
}
