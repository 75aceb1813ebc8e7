//! The models of the list of slow calls. It has one entry in them, so that all meet there.

use loom::sync::Arc;
use loom::thread;

use super::{SlowCallRead, SlowCalls};
use crate::measure::outcome::Outcome;
use crate::measure::severity::Severity;

/// A call whose fields tell whose they are.
fn call(number: u64) -> SlowCallRead {
    SlowCallRead {
        recorder: number as usize,
        duration: 10 * number,
        ended: 100 * number,
        outcome: Outcome::Ok,
        severity: Severity::Info,
        number: 0,
    }
}

/// The numbers of the calls in the list, each of which is whole.
fn read(calls: &SlowCalls) -> Vec<u64> {
    let number = |one: SlowCallRead| {
        let number = one.recorder as u64;
        assert_eq!((one.duration, one.ended), (10 * number, 100 * number), "{one:?}");
        number
    };
    calls.read().into_iter().map(number).collect()
}

#[test]
fn loom_two_slow_calls_at_once_leave_one_of_them_whole() {
    loom::model(|| {
        let calls = Arc::new(SlowCalls::new());
        let other = thread::spawn({
            let calls = Arc::clone(&calls);
            move || calls.remember(call(2))
        });
        calls.remember(call(1));
        other.join().expect("the other thread does not panic");
        let left = read(&calls);
        assert!(left == [1] || left == [2], "{left:?}");
        assert_eq!(calls.crossed(), 2);
    });
}

#[test]
fn loom_a_slow_call_is_read_whole_or_not_at_all() {
    loom::model(|| {
        let calls = Arc::new(SlowCalls::new());
        calls.remember(call(1));
        let reader = thread::spawn({
            let calls = Arc::clone(&calls);
            move || read(&calls)
        });
        calls.remember(call(2));
        let seen = reader.join().expect("the reader does not panic");
        assert!(seen.is_empty() || seen == [1] || seen == [2], "{seen:?}");
        assert_eq!(read(&calls), [2]);
    });
}
