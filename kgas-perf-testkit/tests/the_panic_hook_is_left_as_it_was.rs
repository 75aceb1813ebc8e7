//! Panics of operations are counted and not written, and the process's panic hook is afterwards
//! what it was before. One test, since the hook belongs to the process.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};

use kgas_perf_testkit::load::{Call, LoadTest, Scenario};

static FIRST: AtomicUsize = AtomicUsize::new(0);
static SECOND: AtomicUsize = AtomicUsize::new(0);

fn panics(operation: impl Fn() + Send + Sync + 'static) -> u64 {
    let scenario = Scenario::new("panics", move |_: &Call| -> () {
        operation();
        panic!("of an operation")
    });
    let report = LoadTest::closed("t", 2).operations(10).scenario(scenario).run().unwrap();
    report.total.counts.panicked
}

#[test]
fn the_panic_hook_is_left_as_it_was() {
    let original = panic::take_hook();
    panic::set_hook(Box::new(|_| {
        FIRST.fetch_add(1, Ordering::SeqCst);
    }));
    assert_eq!(panics(|| ()), 10);
    assert_eq!(FIRST.load(Ordering::SeqCst), 0, "panics of operations are not told");

    // Other threads of the process are told as ever, while a run is on.
    let told = || {
        let other = std::thread::spawn(|| panic!("not of an operation"));
        assert!(other.join().is_err());
    };
    assert_eq!(panics(told), 10);
    assert_eq!(FIRST.load(Ordering::SeqCst), 10);
    assert!(panic::catch_unwind(|| panic!("after the run")).is_err());
    assert_eq!(FIRST.load(Ordering::SeqCst), 11);

    // Two runs at once: the hook is back when the last is over.
    std::thread::scope(|scope| {
        scope.spawn(|| assert_eq!(panics(|| ()), 10));
        scope.spawn(|| assert_eq!(panics(|| ()), 10));
    });
    assert!(panic::catch_unwind(|| panic!("after both")).is_err());
    assert_eq!(FIRST.load(Ordering::SeqCst), 12);

    // A hook that somebody sets during a run stays.
    let sets = || {
        panic::set_hook(Box::new(|_| {
            SECOND.fetch_add(1, Ordering::SeqCst);
        }));
    };
    assert_eq!(panics(sets), 10);
    let before = SECOND.load(Ordering::SeqCst);
    assert!(panic::catch_unwind(|| panic!("after the change")).is_err());
    assert_eq!((FIRST.load(Ordering::SeqCst), SECOND.load(Ordering::SeqCst)), (12, before + 1));
    panic::set_hook(original);
}
