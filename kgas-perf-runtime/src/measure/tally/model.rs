//! The model of a tally that is read while its thread writes it. The writer runs first; see the
//! model of the histogram.

use loom::sync::Arc;
use loom::thread;

use super::{Tally, TallyRecord};

#[test]
fn loom_no_count_of_calls_is_ahead_of_what_they_allocated() {
    const CALL: Tally = Tally { bytes: 100, allocations: 3 };
    const CALLEES: Tally = Tally { bytes: 40, allocations: 1 };
    loom::model(|| {
        let record = Arc::new(TallyRecord::new());
        let reader = thread::spawn({
            let record = Arc::clone(&record);
            move || record.read()
        });
        record.record(CALL, CALLEES);
        record.record(CALL, CALLEES);
        let copy = reader.join().expect("the reader does not panic");
        let calls = copy.calls;
        assert!(copy.bytes >= 100 * calls && copy.allocations >= 3 * calls, "{copy:?}");
        assert!(copy.callees_bytes >= 40 * calls && copy.callees_allocations >= calls, "{copy:?}");
        assert!(calls == 0 || copy.max_bytes == 100, "{copy:?}");
        let copy = record.read();
        assert_eq!((copy.calls, copy.bytes, copy.allocations), (2, 200, 6));
        assert_eq!((copy.callees_bytes, copy.callees_allocations, copy.max_bytes), (80, 2, 100));
    });
}
