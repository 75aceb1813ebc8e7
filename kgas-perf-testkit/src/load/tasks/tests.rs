//! Load tests on tokio: sums and states, which no busy machine changes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use crate::load::call::{Call, End};
use crate::load::scenario::Scenario;
use crate::load::test::LoadTest;

use super::*;

fn milliseconds(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_models_make_what_is_planned() {
    let closed = LoadTest::closed("t", 10)
        .operations(1_000)
        .scenario(Scenario::new_async("yields", async |_| tokio::task::yield_now().await))
        .run_async()
        .await
        .unwrap();
    assert_eq!((closed.total.counts.ok, closed.exit_code()), (1_000, 0));
    assert!(closed.stages[0].most_in_flight <= 10);

    let open = LoadTest::open("t", 500.0)
        .duration(milliseconds(200))
        .lag_at_most(Duration::from_secs(60))
        .scenario(Scenario::new_async("sleeps", async |_| {
            tokio::time::sleep(milliseconds(2)).await
        }))
        .run_async()
        .await
        .unwrap();
    assert_eq!((open.total.counts.planned, open.total.counts.ok), (100, 100));
    assert!(open.total.service.durations.min() >= Some(milliseconds(1)));
    assert_eq!((open.exit_code(), open.still_running()), (0, 0));
}

#[tokio::test(flavor = "current_thread")]
async fn a_future_that_is_never_ready_is_dropped_at_its_deadline() {
    struct Counts(Arc<AtomicUsize>);
    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let seen = dropped.clone();
    let report = LoadTest::closed("t", 4)
        .operations(20)
        .operation_deadline(milliseconds(20))
        .scenario(Scenario::new_async("never", move |_| {
            let counts = Counts(seen.clone());
            async move {
                std::future::pending::<()>().await;
                drop(counts);
            }
        }))
        .run_async()
        .await
        .unwrap();
    assert_eq!((report.total.counts.timed_out, report.total.counts.planned), (20, 20));
    assert_eq!((dropped.load(Ordering::Relaxed), report.still_running()), (20, 0));
    assert!(report.total.latency.percentile(0.5).at_least);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_runs_deadline_drops_what_is_in_flight() {
    let report = LoadTest::closed("t", 7)
        .duration(Duration::from_secs(3_600))
        .deadline(milliseconds(50))
        .scenario(Scenario::new_async("never", |_| std::future::pending::<()>()))
        .run_async()
        .await
        .unwrap();
    assert_eq!((report.total.counts.cancelled, report.total.counts.planned), (7, 7));
    assert_eq!((report.exit_code(), report.still_running()), (2, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_blocks_its_thread_does_not_hold_up_the_runs_end() {
    let release = Arc::new(AtomicBool::new(false));
    let released = release.clone();
    let report = LoadTest::closed("t", 1)
        .duration(Duration::from_secs(3_600))
        .deadline(milliseconds(50))
        .scenario(Scenario::new_async("blocks", move |_| {
            let released = released.clone();
            async move {
                while !released.load(Ordering::Relaxed) {
                    std::thread::park_timeout(milliseconds(5));
                }
            }
        }))
        .run_async()
        .await
        .unwrap();
    assert_eq!((report.total.counts.cancelled, report.exit_code()), (1, 2));
    assert_eq!(report.still_running(), 1);
    release.store(true, Ordering::Relaxed);
    while report.still_running() > 0 {
        tokio::time::sleep(milliseconds(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_storm_the_sums_agree_and_nothing_is_left_running() {
    struct Grudge;
    impl Drop for Grudge {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let hold = Arc::new(Notify::new());
    let hanging = hold.clone();
    let made: [Arc<AtomicUsize>; 6] = Default::default();
    let counted = made.clone();
    let report = LoadTest::closed("storm", 50)
        .operations(100_000)
        .operation_deadline(Duration::from_secs(1))
        .scenario(Scenario::new_async("storm", move |call: Call| {
            let kind = match call.dice().below(100_000) {
                0..30 => 3,
                30..2_000 => 2,
                2_000..12_000 => 1,
                12_000..14_000 => 4,
                14_000..15_000 => 5,
                _ => 0,
            };
            counted[kind].fetch_add(1, Ordering::Relaxed);
            let hanging = hanging.clone();
            async move {
                match kind {
                    1 => return End::Error("refused".into()),
                    2 => panic!("storm"),
                    3 => hanging.notified().await,
                    4 => return End::Cancelled,
                    5 => {
                        let _grudge = Grudge;
                        tokio::task::yield_now().await;
                    }
                    _ => {}
                }
                End::Ok
            }
        }))
        .run_async()
        .await
        .unwrap();
    let counts = report.total.counts;
    let made = |kind: usize| made[kind].load(Ordering::Relaxed) as u64;
    assert!(report.sums_agree());
    assert_eq!(counts.ended(), 100_000);
    // A machine that stands still for a second may time out others, too.
    let stalled = counts.timed_out - made(3);
    for (counted, made) in [
        (counts.error, made(1)),
        (counts.panicked, made(2) + made(5)),
        (counts.cancelled, made(4)),
        (counts.ok, made(0)),
    ] {
        assert!(counted <= made && made - counted <= stalled, "{counts:?}");
    }
    assert_eq!(report.still_running(), 0);
    drop(report);
    while Arc::strong_count(&hold) > 1 {
        tokio::time::sleep(milliseconds(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_nobody_awaits_any_more_stops() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let test = LoadTest::closed("t", 2).duration(Duration::from_secs(3_600)).scenario(
        Scenario::new_async("counts", move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now()
        }),
    );
    let run = tokio::time::timeout(milliseconds(50), test.run_async()).await;
    assert!(run.is_err());
    drop(test);
    // The operations are let go, so none is called any more.
    while Arc::strong_count(&calls) > 1 {
        tokio::time::sleep(milliseconds(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_may_be_a_task_of_its_own() {
    let run = tokio::spawn(async {
        let nothing = Scenario::new_async("nothing", async |_| ());
        LoadTest::closed("t", 2).operations(10).scenario(nothing).run_async().await
    });
    assert_eq!(run.await.unwrap().unwrap().total.counts.ok, 10);
}

#[test]
fn where_there_is_no_runtime_or_no_timer_that_is_said() {
    let test = LoadTest::closed("t", 1)
        .operations(1)
        .scenario(Scenario::new_async("nothing", async |_| ()));
    let mut context = Context::from_waker(Waker::noop());
    let mut run = std::pin::pin!(test.run_async());
    let Poll::Ready(Err(error)) = run.as_mut().poll(&mut context) else { panic!("it began") };
    assert!(matches!(error, LoadError::NoRuntime));
    let without_timer = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(matches!(without_timer.block_on(test.run_async()), Err(LoadError::NoRuntime)));
    assert!(test.run().unwrap_err().to_string().starts_with("scenarios: an asynchronous one"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_stopped_tells_what_there_was() {
    let stop = Arc::new(AtomicBool::new(false));
    let set = stop.clone();
    let report = LoadTest::closed("t", 2)
        .duration(Duration::from_secs(600))
        .stopped_by(&stop)
        .scenario(Scenario::new_async("op", move |call: Call| {
            set.fetch_or(call.number() == 20, Ordering::Relaxed);
            tokio::task::yield_now()
        }))
        .run_async()
        .await
        .unwrap();
    assert!(report.elapsed < Duration::from_secs(600) && report.total.counts.ok > 10);
    assert!(report.sums_agree());
    assert_eq!(
        (report.invalid, report.left_running.load(Ordering::Relaxed)),
        (vec!["it was stopped".to_owned()], 0)
    );
}
