//! What a measured call leaves behind, seen through a registry of its own and a clock that is
//! moved by hand.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::catalog::{Category, SizeBounds, SizeClass};
use crate::measure::{
    CallSite, CatalogueText, Clock as _, DetachedMeasurement, EXACT, ManualClock, Measured, OFF,
    Outcome, SAMPLED, ScopedMeasurement, SiteSpec, State,
};
use crate::registry::{Operation, Registry};

/// Starts a synchronous call, as the attribute does but for the place it stands in.
fn start<const MEMORY: u8>(
    site: &'static CallSite,
    size: Option<u64>,
    argument_bytes: u64,
    fallback: Outcome,
) -> Box<ScopedMeasurement<MEMORY>> {
    let mut call = Box::new(ScopedMeasurement::idle());
    call.start(site, size, argument_bytes, fallback);
    call
}

/// Starts a call that may change threads.
fn start_async<const MEMORY: u8>(
    site: &'static CallSite,
    size: Option<u64>,
    argument_bytes: u64,
) -> DetachedMeasurement<MEMORY> {
    let mut call = DetachedMeasurement::idle();
    call.start(site, size, argument_bytes);
    call
}

/// A call site of the operation, as the attribute leaves one behind.
macro_rules! site {
    ($operation:literal) => {
        site!($operation, false)
    };
    ($operation:literal, $sized:literal) => {{
        static SITE: CallSite = CallSite::new(&SiteSpec {
            operation: $operation,
            category: Category::Custom,
            file: file!(),
            line: line!(),
            path: || "tests",
            sized: $sized,
            size_bounds: SizeBounds::DEFAULT,
            catalogue: CatalogueText::BUILTIN,
        });
        &SITE
    }};
}

fn by_hand() -> (ManualClock, Registry) {
    let clock = ManualClock::new();
    (clock.clone(), Registry::with_clock(clock))
}

fn operation(registry: &Registry, name: &str) -> Operation {
    registry.snapshot().operation(name).cloned().expect("the operation was called")
}

fn counts(operation: &Operation) -> [u64; 4] {
    Outcome::ALL.map(|outcome| operation.outcome(outcome).count())
}

const MS: Duration = Duration::from_millis(1);

#[test]
fn each_outcome_has_a_distribution_of_its_own() {
    let (clock, registry) = by_hand();
    registry.run(|| {
        for (outcome, ms) in [(Outcome::Ok, 3), (Outcome::Error, 40), (Outcome::Ok, 5)] {
            let call = start::<SAMPLED>(site!("outcomes"), None, 0, Outcome::Ok);
            clock.advance(ms * MS);
            call.set(outcome);
        }
        let panicked = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let _call = start::<SAMPLED>(site!("outcomes"), None, 0, Outcome::Ok);
            clock.advance(7 * MS);
            std::panic::resume_unwind(Box::new("expected"));
        }));
        assert!(panicked.is_err());
    });
    let outcomes = operation(&registry, "outcomes");
    assert_eq!(counts(&outcomes), [2, 1, 1, 0]);
    assert_eq!(outcomes.outcome(Outcome::Ok).sum(), 8 * MS);
    assert_eq!(outcomes.outcome(Outcome::Error).max(), Some(40 * MS));
    assert_eq!(outcomes.outcome(Outcome::Panicked).max(), Some(7 * MS));
}

#[test]
fn a_call_that_starts_while_a_panic_unwinds_ends_as_it_says() {
    struct Cleanup<'a>(&'a ManualClock);
    impl Drop for Cleanup<'_> {
        fn drop(&mut self) {
            let _call = start::<SAMPLED>(site!("cleanup"), None, 0, Outcome::Ok);
            self.0.advance(MS);
        }
    }
    let (clock, registry) = by_hand();
    registry.run(|| {
        let _ = std::panic::catch_unwind(AssertUnwindSafe(|| {
            let _cleanup = Cleanup(&clock);
            std::panic::resume_unwind(Box::new("expected"));
        }));
    });
    assert_eq!(counts(&operation(&registry, "cleanup")), [1, 0, 0, 0]);
}

#[test]
fn time_in_measured_callees_is_not_the_callers_own() {
    let (clock, registry) = by_hand();
    registry.run(|| {
        let _outer = start::<SAMPLED>(site!("outer"), None, 0, Outcome::Ok);
        clock.advance(2 * MS);
        for _ in 0..3 {
            let _inner = start::<SAMPLED>(site!("inner"), None, 0, Outcome::Ok);
            clock.advance(4 * MS);
            let _innermost = start::<SAMPLED>(site!("innermost"), None, 0, Outcome::Ok);
            clock.advance(MS);
        }
        clock.advance(MS);
    });
    let own = |name| operation(&registry, name).by_class[0].self_time();
    assert_eq!(own("outer"), Some((3 * MS, 1)));
    assert_eq!(own("inner"), Some((12 * MS, 3)));
    assert_eq!(own("innermost"), Some((3 * MS, 3)));
    assert_eq!(operation(&registry, "outer").outcome(Outcome::Ok).sum(), 18 * MS);
}

#[test]
fn what_runs_shows_with_its_age_and_a_recursive_call_once_a_level() {
    fn recurse(clock: &ManualClock, levels: u32, at_the_bottom: &mut dyn FnMut()) {
        let _call = start::<SAMPLED>(site!("recursive"), None, 0, Outcome::Ok);
        clock.advance(MS);
        if levels == 1 { at_the_bottom() } else { recurse(clock, levels - 1, at_the_bottom) }
    }
    let (clock, registry) = by_hand();
    let mut seen = None;
    registry.run(|| {
        recurse(&clock, 100, &mut || seen = Some(operation(&registry, "recursive").in_flight()));
    });
    let seen = seen.expect("the bottom was reached");
    assert_eq!((seen.calls, seen.oldest), (100, Some(100 * MS)));
    let after = operation(&registry, "recursive").in_flight();
    assert_eq!((after.calls, after.oldest), (0, None));
}

#[test]
fn the_input_size_picks_the_class() {
    let registry = Registry::new();
    registry.run(|| {
        for size in [0, 99, 100, 999, 1_000, 9_999, 10_000, u64::MAX] {
            drop(start::<SAMPLED>(site!("sized", true), Some(size), 16, Outcome::Ok));
        }
    });
    let sized = operation(&registry, "sized");
    use SizeClass::{Large, Medium, Small, Tiny};
    let classes: Vec<_> =
        sized.by_class.iter().map(|series| (series.size_class, series.calls())).collect();
    assert_eq!(classes, [(Tiny, 2), (Small, 2), (Medium, 2), (Large, 2)]);
    assert_eq!(sized.by_class[0].argument_bytes, 32);
    assert_eq!(sized.call_sites[0].calls, 8);
}

#[test]
fn memory_is_read_in_every_call_when_exact_and_in_none_when_off() {
    let registry = Registry::new();
    registry.run(|| {
        for _ in 0..50 {
            drop(start::<OFF>(site!("unread"), None, 0, Outcome::Ok));
            drop(start::<EXACT>(site!("read"), None, 0, Outcome::Ok));
        }
    });
    assert_eq!(operation(&registry, "unread").by_class[0].memory, None);
    let memory = operation(&registry, "read").by_class[0].memory.expect("read at both ends");
    assert_eq!((memory.read, memory.end_only, memory.overlapped), (50, 0, 0));
}

/// Under a clock that stands still a reading costs nothing, and a window is one nanosecond.
const NS: Duration = Duration::from_nanos(1);

#[test]
fn memory_is_read_once_a_window_and_in_every_call_after_a_long_one() {
    let (clock, registry) = by_hand();
    let call = |ns: u32| {
        let call = start::<SAMPLED>(site!("budget"), None, 0, Outcome::Ok);
        clock.advance(ns * NS);
        drop(call);
        operation(&registry, "budget").by_class[0].memory.map_or(0, |memory| memory.read)
    };
    registry.run(|| {
        assert_eq!(call(0), 1, "the first call of a thread");
        assert_eq!(call(0), 1, "within the window");
        assert_eq!(call(0), 1, "within the window");
        clock.advance(2 * NS);
        assert_eq!(call(0), 2, "the first after the window");
        assert_eq!(call(3), 2, "longer than a window, and not read at its start");
        assert_eq!(call(0), 3, "follows one longer than a window");
    });
    let memory = operation(&registry, "budget").by_class[0].memory.unwrap();
    assert_eq!((memory.read, memory.end_only), (3, 0));
}

#[test]
fn a_call_of_many_windows_that_was_not_read_at_its_start_is_read_at_its_end() {
    let (clock, registry) = by_hand();
    registry.run(|| {
        for ns in [0, 8] {
            let _call = start::<SAMPLED>(site!("long"), None, 0, Outcome::Ok);
            clock.advance(ns * NS);
        }
    });
    let memory = operation(&registry, "long").by_class[0].memory.unwrap();
    assert_eq!((memory.read, memory.end_only), (2, 1));
}

#[test]
fn readings_take_a_hundredth_of_a_threads_time() {
    let registry = Registry::new();
    let time = crate::measure::clock::SystemClock;
    let resident = crate::measure::memory::ResidentSet::open();
    let (price, took) = registry.run(|| {
        // The least that a reading takes here; the budget is based on no less.
        let prices = (0..1_000).filter_map(|_| {
            let before = time.now();
            resident.pages().map(|_| time.now() - before)
        });
        let price = prices.min().expect("the resident set can be read");
        let before = time.now();
        for _ in 0..100_000 {
            drop(start::<SAMPLED>(site!("tight"), None, 0, Outcome::Ok));
        }
        (price, time.now() - before)
    });
    let read = operation(&registry, "tight").by_class[0].memory.unwrap().read;
    // Two readings a window; windows are spread from three quarters of their length on.
    let share = (2 * read) as f64 * price.as_secs_f64() / took.as_secs_f64();
    assert!(share < 0.015, "{read} calls read, {:.1} % of the time", 100.0 * share);
}

#[test]
fn a_call_during_which_another_thread_measured_says_that_it_overlapped() {
    let registry = Registry::new();
    let beside = || {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                registry.run(|| drop(start::<OFF>(site!("beside"), None, 0, Outcome::Ok)));
            });
        });
    };
    registry.run(|| {
        drop(start::<EXACT>(site!("overlapped"), None, 0, Outcome::Ok));
        let _call = start::<EXACT>(site!("overlapped"), None, 0, Outcome::Ok);
        beside();
    });
    let memory = operation(&registry, "overlapped").by_class[0].memory.unwrap();
    assert_eq!((memory.read, memory.overlapped), (2, 1));
}

#[test]
fn a_future_is_a_call_from_its_first_poll_and_ends_once() {
    let (clock, registry) = by_hand();
    let future = |polls: u32| {
        let clock = clock.clone();
        async move {
            let call = start_async::<SAMPLED>(site!("future"), None, 8);
            for _ in 0..polls {
                clock.advance(MS);
                yield_once().await;
            }
            call.set(Outcome::Ok);
        }
    };
    registry.run(|| {
        drop(future(1));
        assert!(registry.snapshot().operation("future").is_none(), "never polled, never called");
        let mut done = Box::pin(future(2));
        while poll(done.as_mut()).is_pending() {}
        drop(done);
        let mut cancelled = Box::pin(future(2));
        assert!(poll(cancelled.as_mut()).is_pending());
        let running = operation(&registry, "future").in_flight();
        assert_eq!((running.calls, running.oldest), (1, Some(MS)));
    });
    let future = operation(&registry, "future");
    assert_eq!(counts(&future), [1, 0, 0, 1]);
    assert_eq!(future.in_flight().calls, 0);
    assert_eq!(future.by_class[0].self_time(), None, "a thread is shared by futures");
    assert_eq!(future.outcome(Outcome::Ok).sum(), 2 * MS);
}

#[test]
fn a_future_that_starts_on_one_thread_and_ends_on_another_is_counted_where_it_started() {
    let registry = Registry::new();
    let mut future = Box::pin(async {
        let call = start_async::<SAMPLED>(site!("moving"), None, 0);
        yield_once().await;
        call.set(Outcome::Error);
    });
    registry.run(|| assert!(poll(future.as_mut()).is_pending()));
    // The other thread never enters the registry.
    std::thread::scope(|scope| {
        scope.spawn(move || assert!(poll(future.as_mut()).is_ready()));
    });
    assert_eq!(counts(&operation(&registry, "moving")), [0, 1, 0, 0]);
    assert_eq!(operation(&registry, "moving").in_flight().calls, 0);
}

#[test]
fn polls_tell_busy_from_waiting_and_own_time_from_callees() {
    let (clock, registry) = by_hand();
    let future = async {
        clock.advance(2 * MS);
        {
            let _callee = start::<SAMPLED>(site!("polled_callee"), None, 0, Outcome::Ok);
            clock.advance(3 * MS);
        }
        yield_once().await;
        clock.advance(MS);
    };
    let mut measured = Box::pin(Measured {
        site: site!("polled"),
        size: None,
        argument_bytes: 0,
        outcome_of: |(): &()| Outcome::Ok,
        state: State::<SAMPLED>::new(),
        future,
    });
    registry.run(|| {
        assert!(poll(measured.as_mut()).is_pending());
        clock.advance(10 * MS);
        assert!(poll(measured.as_mut()).is_ready());
    });
    drop(measured);
    let polled = operation(&registry, "polled");
    assert_eq!(counts(&polled), [1, 0, 0, 0]);
    assert_eq!(polled.outcome(Outcome::Ok).sum(), 16 * MS);
    let polls = polled.by_class[0].polls.expect("polled");
    assert_eq!((polls.futures, polls.polls, polls.busy), (1, 2, 6 * MS));
    // Waiting is nobody's callee: what is left is busy time of its own, and waiting.
    assert_eq!(polled.by_class[0].self_time(), Some((13 * MS, 1)));
}

#[test]
fn threads_that_end_give_up_their_counts_and_their_shards_are_used_again() {
    let registry = Registry::new();
    for _ in 0..50 {
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let _scope = registry.enter();
                for _ in 0..100 {
                    drop(start::<SAMPLED>(site!("ending_threads"), None, 0, Outcome::Ok));
                }
            });
        });
    }
    assert_eq!(operation(&registry, "ending_threads").calls(), 5_000);
    assert_eq!(registry.threads(), 1, "one thread at a time needs one shard");
}

#[test]
fn snapshots_only_grow_while_threads_record_and_end_exact() {
    const CALLS: u64 = 300_000;
    let registry = Registry::new();
    let done = std::sync::atomic::AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                registry.run(|| {
                    for call in 0..CALLS {
                        let outcome = if call % 3 == 0 { Outcome::Error } else { Outcome::Ok };
                        drop(start::<SAMPLED>(site!("grows"), None, 1, outcome));
                    }
                });
                done.fetch_add(1, std::sync::atomic::Ordering::Release);
            });
        }
        let mut before = registry.snapshot();
        while done.load(std::sync::atomic::Ordering::Acquire) < 2 {
            let now = registry.snapshot();
            for window in now.since(&before) {
                let earlier =
                    before.operation("grows").map_or(0, |known| known.outcome(Outcome::Ok).count());
                let later = now.operation("grows").unwrap().outcome(Outcome::Ok).count();
                let between = window.series.outcome(Outcome::Ok).count();
                assert_eq!(later - earlier, between, "a bucket has shrunk");
            }
            before = now;
        }
    });
    let grows = operation(&registry, "grows");
    assert_eq!(counts(&grows), [2 * CALLS * 2 / 3, 2 * CALLS / 3, 0, 0]);
    assert_eq!(grows.by_class[0].argument_bytes, 2 * CALLS);
}

#[test]
fn a_registry_may_go_before_the_future_that_started_in_it() {
    let registry = Registry::new();
    let mut future = Box::pin(async {
        let call = start_async::<SAMPLED>(site!("outlives"), None, 0);
        yield_once().await;
        call.set(Outcome::Ok);
    });
    registry.run(|| assert!(poll(future.as_mut()).is_pending()));
    drop(registry);
    assert!(poll(future.as_mut()).is_ready());
}

#[test]
fn scopes_that_end_out_of_order_lose_nothing_and_touch_no_freed_memory() {
    let (first, second) = (Registry::new(), Registry::new());
    let outer = first.enter();
    let inner = second.enter();
    drop(outer);
    drop(start::<SAMPLED>(site!("out_of_order"), None, 0, Outcome::Ok));
    drop(inner);
    drop(start::<SAMPLED>(site!("out_of_order"), None, 0, Outcome::Ok));
    assert_eq!(operation(&second, "out_of_order").calls(), 1);
    assert_eq!(operation(&first, "out_of_order").calls(), 1);
    drop((first, second));
    drop(start::<SAMPLED>(site!("out_of_order"), None, 0, Outcome::Ok));
}

#[test]
fn a_scope_may_end_inside_a_measured_call() {
    let registry = Registry::new();
    let scope = registry.enter();
    let call = start::<SAMPLED>(site!("scope_ends_inside"), None, 0, Outcome::Ok);
    drop(scope);
    drop(call);
    assert_eq!(operation(&registry, "scope_ends_inside").calls(), 1);
    registry.run(|| drop(start::<SAMPLED>(site!("scope_ends_inside"), None, 0, Outcome::Ok)));
    assert_eq!(operation(&registry, "scope_ends_inside").calls(), 2);
}

#[test]
fn calls_in_destructors_of_thread_locals_are_counted() {
    struct Last;
    impl Drop for Last {
        fn drop(&mut self) {
            for _ in 0..10 {
                drop(start::<SAMPLED>(site!("teardown"), None, 0, Outcome::Ok));
                drop(start_async::<SAMPLED>(site!("teardown"), None, 0));
            }
        }
    }
    thread_local! {
        static FIRST: Last = const { Last };
    }
    let thread = std::thread::spawn(|| {
        // Registered before the runtime's own destructor, so it runs after it.
        FIRST.with(|_| ());
        drop(start::<SAMPLED>(site!("teardown"), None, 0, Outcome::Ok));
    });
    thread.join().unwrap();
    assert_eq!(counts(&operation(&Registry::global(), "teardown")), [11, 0, 0, 10]);
}

#[test]
fn a_scope_kept_in_a_thread_local_may_end_after_the_threads_shard_was_handed_over() {
    thread_local! {
        static KEPT: std::cell::RefCell<Option<(Registry, crate::registry::Scope)>> =
            const { std::cell::RefCell::new(None) };
        static LAST: After = const { After };
    }
    struct After;
    impl Drop for After {
        fn drop(&mut self) {
            drop(start::<SAMPLED>(site!("after_scope"), None, 0, Outcome::Ok));
        }
    }
    let before = Registry::global().snapshot().operation("after_scope").map_or(0, |op| op.calls());
    let thread = std::thread::spawn(|| {
        LAST.with(|_| ());
        KEPT.with(|_| ());
        // Claims the thread's own shard, and with it registers the destructor that runs first.
        drop(start::<SAMPLED>(site!("after_scope"), None, 0, Outcome::Ok));
        let registry = Registry::new();
        let scope = registry.enter();
        KEPT.with(|kept| *kept.borrow_mut() = Some((registry, scope)));
    });
    thread.join().unwrap();
    let after = operation(&Registry::global(), "after_scope").calls();
    assert_eq!(after - before, 2);
}

/// Pending once, then ready.
fn yield_once() -> impl Future<Output = ()> {
    let mut yielded = false;
    std::future::poll_fn(move |_| {
        if std::mem::replace(&mut yielded, true) { Poll::Ready(()) } else { Poll::Pending }
    })
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop()))
}
