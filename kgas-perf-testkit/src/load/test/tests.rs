//! Load tests on real threads: sums and states, which no busy machine changes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};

use crate::load::call::{Call, End};
use crate::load::stage::HIGHEST_RATE;
use crate::load::threshold::Standing;

use super::*;

fn milliseconds(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn nothing() -> Scenario {
    Scenario::new("nothing", |_: &Call| ())
}

fn refused(test: LoadTest) -> String {
    test.run().unwrap_err().to_string()
}

#[test]
fn settings_that_make_no_sense_are_refused_by_name() {
    let test = || LoadTest::closed("t", 1).operations(1).scenario(nothing());
    assert_eq!(refused(test().operations(0)), "operations: 0 is not accepted; accepted: 1 or more");
    assert!(refused(LoadTest::closed("t", 1).scenario(nothing())).starts_with("duration: none"));
    assert!(refused(LoadTest::closed("t", 1).operations(1)).starts_with("scenarios: 0"));
    assert!(
        refused(LoadTest::closed("t", 0).operations(1).scenario(nothing())).contains("0 workers")
    );
    assert!(
        refused(LoadTest::open("t", f64::NAN).operations(1).scenario(nothing())).contains("NaN")
    );
    assert!(
        refused(LoadTest::open("t", 0.0).operations(1).scenario(nothing()))
            .starts_with("load: 0 a second")
    );
    assert!(refused(test().duration(Duration::ZERO)).contains("a duration of 0"));
    assert!(refused(test().warm_up(Duration::ZERO)).contains("a duration of 0"));
    assert!(refused(test().deadline(Duration::ZERO)).starts_with("deadline: 0"));
    let early = test().warm_up(milliseconds(500)).deadline(milliseconds(100));
    assert!(refused(early).ends_with("accepted: more than 500ms, where what counts begins"));
    assert!(refused(test().operation_deadline(Duration::ZERO)).starts_with("operation_deadline"));
    let hasty = Scenario::new("hasty", |_: &Call| ()).deadline(Duration::ZERO);
    assert!(refused(test().scenario(hasty)).starts_with("deadline of `hasty`: 0ns"));
    assert!(refused(test().in_flight_at_most(0)).starts_with("in_flight_at_most: 0"));
    assert!(refused(test().waiting_at_most(usize::MAX)).starts_with("waiting_at_most: "));
    assert!(refused(test().abandoned_at_most(20_000)).starts_with("abandoned_at_most: "));
    assert!(refused(test().threshold(Threshold::error_rate(-0.1))).contains("a share from 0 to 1"));
    let stage = Stage::new("s", Load::workers(1), milliseconds(1));
    assert!(refused(test().stage(stage).duration(milliseconds(1))).starts_with("duration: one"));
    let ramp = LoadTest::of("t", Load::worker_ramp(1, 2)).operations(1).scenario(nothing());
    assert!(refused(ramp).starts_with("duration: none"));
    let unknown = Scenario::new("s", |_: &Call| ()).operation("no_such_operation");
    let unknown = LoadTest::closed("t", 1).operations(1).scenario(unknown);
    let unknown = refused(unknown.objectives_of(Catalogue::builtin()));
    assert!(unknown.starts_with("operation of `s`: `no_such_operation`"), "{unknown}");
}

#[test]
fn a_closed_model_makes_every_operation_once_with_more_workers_than_operations_too() {
    for (workers, operations) in [(1, 1), (1, 500), (4, 500), (64, 5)] {
        let made = Arc::new(Mutex::new(Vec::new()));
        let seen = made.clone();
        let report = LoadTest::closed("t", workers)
            .operations(operations)
            .scenario(Scenario::new("op", move |call: &Call| {
                seen.lock().unwrap().push(call.number());
            }))
            .run()
            .unwrap();
        let mut made = made.lock().unwrap().clone();
        made.sort_unstable();
        assert_eq!(made, (0..operations).collect::<Vec<_>>());
        assert_eq!((report.total.counts.ok, report.total.counts.planned), (operations, operations));
        assert_eq!((report.exit_code(), report.still_running()), (0, 0));
        assert!(report.sums_agree() && report.invalid.is_empty());
    }
}

#[test]
fn inputs_are_the_same_whatever_the_number_of_workers() {
    let inputs = |workers| {
        let drawn = Arc::new(Mutex::new(vec![0; 300]));
        let seen = drawn.clone();
        let draw = move |call: &Call| {
            seen.lock().unwrap()[call.number() as usize] = call.dice().bits();
        };
        LoadTest::closed("t", workers)
            .operations(300)
            .seed(11)
            .scenario(Scenario::new("a", draw.clone()))
            .scenario(Scenario::new("b", move |call: &Call| draw(call)))
            .run()
            .unwrap();
        std::mem::take(&mut *drawn.lock().unwrap())
    };
    assert_eq!(inputs(1), inputs(8));
}

#[test]
fn an_open_model_starts_what_its_plan_says() {
    let report = LoadTest::open("t", 1_000.0)
        .duration(milliseconds(200))
        .lag_at_most(Duration::from_secs(60))
        .scenario(nothing())
        .run()
        .unwrap();
    assert_eq!((report.total.counts.planned, report.total.counts.ok), (200, 200));
    // A busy machine may end the last one later.
    assert!(report.counted >= milliseconds(200));
    assert_eq!(report.exit_code(), 0);
    // Latency runs from the intended start, so it is no shorter than the service time.
    let (latency, service) = (&report.total.latency, &report.total.service);
    assert!(latency.durations.sum() >= service.durations.sum());
}

#[test]
fn a_call_that_never_returns_is_given_up_replaced_and_counted_until_it_returns() {
    let gate = Arc::new((Mutex::new(false), Condvar::new()));
    let hangs = gate.clone();
    let report = LoadTest::closed("t", 2)
        .operations(20)
        .operation_deadline(milliseconds(20))
        .scenario(Scenario::new("op", move |call: &Call| {
            if (3..5).contains(&call.number()) {
                let (open, changed) = &*hangs;
                drop(changed.wait_while(open.lock().unwrap(), |open| !*open).unwrap());
            }
        }))
        .run()
        .unwrap();
    assert_eq!((report.total.counts.ok, report.total.counts.timed_out), (18, 2));
    assert_eq!((report.generator.abandoned, report.generator.left_running), (2, 2));
    assert_eq!(report.still_running(), 2);
    assert!(report.total.latency.percentile(0.95).at_least);
    assert!(report.total.latency.durations.max() >= Some(milliseconds(20)));
    *gate.0.lock().unwrap() = true;
    gate.1.notify_all();
    wait_until(|| report.still_running() == 0);
}

/// What another thread does takes as long as it takes; a minute is given up.
fn wait_until(done: impl Fn() -> bool) {
    for _ in 0..60_000 {
        if done() {
            return;
        }
        std::thread::park_timeout(milliseconds(1));
    }
    panic!("it did not happen within a minute");
}

#[test]
fn a_call_that_asks_whether_it_is_given_up_leaves_nothing_behind() {
    let report = LoadTest::closed("t", 4)
        .duration(Duration::from_secs(3_600))
        .deadline(milliseconds(100))
        .operation_deadline(milliseconds(10))
        .scenario(Scenario::new("op", |call: &Call| {
            while !call.is_given_up() {
                std::thread::yield_now();
            }
        }))
        .run()
        .unwrap();
    assert!(report.total.counts.timed_out > 0 && report.sums_agree());
    assert_eq!(report.exit_code(), 2);
    assert_eq!(report.invalid, ["the run's deadline of 100ms was over"]);
    wait_until(|| report.still_running() == 0);
}

#[test]
fn a_run_whose_calls_all_hang_ends_when_too_many_do() {
    let release = Arc::new(AtomicBool::new(false));
    let released = release.clone();
    let report = LoadTest::closed("t", 3)
        .duration(Duration::from_secs(3_600))
        .operation_deadline(milliseconds(1))
        .abandoned_at_most(10)
        .scenario(Scenario::new("op", move |_: &Call| {
            while !released.load(Ordering::Relaxed) {
                std::thread::park_timeout(milliseconds(1));
            }
        }))
        .run()
        .unwrap();
    assert_eq!(report.exit_code(), 2);
    assert!(report.invalid[0].ends_with("did not return after their deadline"));
    assert!((11..=16).contains(&report.generator.left_running), "{:?}", report.generator);
    assert!(report.sums_agree());
    release.store(true, Ordering::Relaxed);
    wait_until(|| report.still_running() == 0);
}

/// Panics when it is dropped.
struct Grudge;

impl Drop for Grudge {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

impl std::fmt::Display for Grudge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a grudge")
    }
}

#[test]
fn what_panics_when_it_is_dropped_is_a_panic_of_its_operation() {
    let report = LoadTest::closed("t", 2)
        .operations(40)
        .scenario(Scenario::new("returned", |_: &Call| Ok::<_, String>(Grudge)))
        .scenario(Scenario::new("error", |_: &Call| Err::<(), _>(Grudge)))
        .scenario(Scenario::new("local", |_: &Call| {
            let _grudge = Grudge;
        }))
        .scenario(Scenario::new("thrown", |_: &Call| -> () { std::panic::panic_any(Grudge) }))
        .run()
        .unwrap();
    assert_eq!(report.total.counts.panicked, 40);
    let said: Vec<_> = report.total.panics.iter().map(|(text, _)| text.as_str()).collect();
    assert!(said.contains(&"dropped") && said.contains(&"(no text)"), "{said:?}");
}

#[test]
fn thresholds_are_judged_and_end_a_run_when_one_is_broken_for_sure() {
    let failing = || Scenario::new("fails", |_: &Call| Err::<(), _>("no"));
    let report = LoadTest::closed("t", 2)
        .duration(Duration::from_secs(3_600))
        .think_time(milliseconds(1))
        .scenario(failing())
        .threshold(Threshold::error_rate(0.1).abort())
        .run()
        .unwrap();
    assert_eq!(report.ended_by.as_deref(), Some("error rate: at most 10 %"));
    assert_eq!((report.exit_code(), report.judged[0].standing), (1, Standing::Broken));
    assert_eq!(report.total.errors[0].0, "no");

    let few = LoadTest::closed("t", 1)
        .operations(50)
        .scenario(nothing())
        .threshold(Threshold::p99(Duration::from_secs(60)))
        .run()
        .unwrap();
    assert_eq!(few.judged[0].standing, Standing::NotJudged);
    assert_eq!(few.judged[0].found, "n too small: p99 needs 100, there are 50");
    assert_eq!(few.exit_code(), 2);
    assert!(std::panic::catch_unwind(|| few.assert_fine()).is_err());
}

#[test]
fn a_size_class_is_held_against_its_objectives() {
    let report = LoadTest::closed("t", 2)
        .operations(100)
        .scenario(Scenario::new("small", |_: &Call| ()).operation_of_size("graph_to_table", 500))
        .scenario(Scenario::new("queries", |_: &Call| ()).operation("database_transaction"))
        .objectives_of(Catalogue::builtin())
        .run()
        .unwrap();
    assert_eq!(report.judged[0].threshold, "p95 latency of `small`: at most 15s");
    assert!(report.judged.iter().all(|judged| judged.standing == Standing::Met));
    assert_eq!(report.unanswered.len(), 2, "{:?}", report.unanswered);
}

#[test]
fn what_operations_measure_is_recorded_in_the_registry_they_are_given() {
    let registry = Registry::new();
    LoadTest::closed("t", 3)
        .operations(30)
        .registry(&registry)
        .scenario(Scenario::new("measured", |_: &Call| {
            kgas_perf_runtime::Measurement::start("tool_simple")
                .finish(kgas_perf_runtime::Outcome::Ok);
        }))
        .run()
        .unwrap();
    let calls = registry.snapshot().operation("tool_simple").map(|known| known.calls());
    assert_eq!(calls, Some(30));
}

#[test]
fn the_longest_durations_and_the_most_operations_are_no_trap() {
    let report = LoadTest::closed("t", 2)
        .operations(u64::MAX)
        .think_time(Duration::MAX)
        .drain(Duration::MAX)
        .deadline(Duration::MAX)
        .operation_deadline(Duration::from_secs(3_000_000_000))
        .duration(milliseconds(50))
        .scenario(nothing())
        .run()
        .unwrap();
    // Each worker thinks for ever after its first.
    assert_eq!((report.total.counts.ok, report.exit_code()), (2, 0));
    assert!(
        refused(LoadTest::closed("t", 1).duration(Duration::MAX).scenario(nothing()))
            .contains("100 years")
    );

    let hurried = LoadTest::closed("t", 2)
        .operations(100)
        .operation_deadline(Duration::from_nanos(1))
        .scenario(nothing())
        .run()
        .unwrap();
    assert_eq!(hurried.total.counts.timed_out, 100);
    assert!(hurried.total.latency.percentile(0.5).at_least);
    wait_until(|| hurried.still_running() == 0);
}

#[test]
fn more_starts_than_any_generator_makes_are_an_invalid_run_in_bounded_memory() {
    let report = LoadTest::open("t", HIGHEST_RATE)
        .duration(milliseconds(100))
        .in_flight_at_most(2)
        .waiting_at_most(1_000)
        .drain(milliseconds(1))
        .scenario(Scenario::new("op", |_: &Call| std::thread::park_timeout(milliseconds(1))))
        .run()
        .unwrap();
    assert_eq!(report.total.counts.planned, 100_000);
    assert!(report.sums_agree() && report.total.counts.dropped > 90_000, "{report}");
    assert!(report.notes[0].contains("could not start"), "{report}");
}

#[test]
fn operations_that_waited_for_a_place_in_flight_are_told() {
    let run = |most: usize| {
        LoadTest::open("t", 500.0)
            .duration(milliseconds(100))
            .in_flight_at_most(most)
            .scenario(Scenario::new("op", |_: &Call| std::thread::sleep(milliseconds(10))))
            .run()
            .unwrap()
    };
    let held = run(2);
    let many = held.generator.held_back;
    // Two at a time end 20 of them in this time.
    assert!((20..50).contains(&many), "{held}");
    let told = format!("{many} of 50 operations waited for a place, since all 2 in flight were");
    assert!(held.to_string().contains(&format!("note: {told}")), "{held}");
    assert!(held.to_html().contains(&told));
    let json = held.to_json();
    assert!(json["notes"][0].as_str().unwrap().starts_with(&told));
    assert_eq!(json["generator"]["held_back"], many);

    let free = run(50);
    assert_eq!(free.generator.held_back, 0);
    assert!(!free.to_string().contains("waited for a place"), "{free}");
}

#[test]
fn a_load_test_may_be_run_by_an_operation_of_another() {
    let report = LoadTest::closed("outer", 2)
        .operations(4)
        .scenario(Scenario::new("inner", |_: &Call| {
            let inner = Scenario::new("panics", |_: &Call| -> () { panic!("inside") });
            let inner = LoadTest::closed("inner", 2).operations(5).scenario(inner).run();
            let panicked = inner.map(|report| report.total.counts.panicked);
            if panicked.is_ok_and(|many| many == 5) { Ok(()) } else { Err("inner") }
        }))
        .run()
        .unwrap();
    assert_eq!(report.total.counts.ok, 4);
}

/// Fifty workers, ten thousand operations each, of every kind; the hangs wait until they are
/// released.
#[test]
fn in_a_storm_the_sums_agree_and_nothing_is_left_running() {
    const OPERATIONS: u64 = 500_000;
    let release = Arc::new(AtomicBool::new(false));
    let kinds: [Arc<AtomicUsize>; 5] = Default::default();
    let (released, counted) = (release.clone(), kinds.clone());
    let report = LoadTest::closed("storm", 50)
        .operations(OPERATIONS)
        .operation_deadline(Duration::from_secs(1))
        .seed(3)
        .scenario(Scenario::new("storm", move |call: &Call| {
            let point = call.dice().below(100_000);
            let kind = match point {
                0..6 => 3,
                6..2_000 => 2,
                2_000..12_000 => 1,
                12_000..14_000 => 4,
                _ => 0,
            };
            counted[kind].fetch_add(1, Ordering::Relaxed);
            match kind {
                1 => return End::Error("refused".into()),
                2 => panic!("storm"),
                3 => {
                    while !released.load(Ordering::Relaxed) {
                        std::thread::park_timeout(milliseconds(20));
                    }
                }
                4 => return End::Cancelled,
                _ => {}
            }
            End::Ok
        }))
        .run()
        .unwrap();
    let counts = report.total.counts;
    let made = |kind: usize| kinds[kind].load(Ordering::Relaxed) as u64;
    assert_eq!(counts.planned, OPERATIONS);
    assert!(report.sums_agree());
    assert_eq!(
        counts.error + counts.ok + counts.panicked + counts.cancelled + counts.timed_out,
        OPERATIONS
    );
    // A machine that stands still for a second may time out others, too.
    let stalled = counts.timed_out - made(3);
    assert!(counts.panicked <= made(2) && made(2) - counts.panicked <= stalled);
    assert!(counts.error <= made(1) && made(1) - counts.error <= stalled);
    assert!(counts.cancelled <= made(4) && made(4) - counts.cancelled <= stalled);
    // What is late may end by itself before anybody gives it up.
    assert!((made(3)..=counts.timed_out).contains(&(report.generator.abandoned as u64)));
    release.store(true, Ordering::Relaxed);
    wait_until(|| report.still_running() == 0);
    // Whoever still held the operations has left.
    drop(report);
    wait_until(|| Arc::strong_count(&release) == 1);
}

#[test]
#[cfg(target_os = "linux")]
fn memory_that_operations_keep_is_held_against_a_bound() {
    // What is kept is still there at the last reading. Other tests of this process come and go,
    // but not by 150 MB.
    let kept = std::sync::Mutex::new(Vec::new());
    let takes = move |_: &Call| kept.lock().unwrap().push(vec![1_u8; 50_000_000]);
    let report = LoadTest::closed("t", 1)
        .operations(4)
        .scenario(Scenario::new("takes", takes))
        .threshold(Threshold::memory(50_000_000))
        .threshold(Threshold::memory(1 << 40))
        .run()
        .unwrap();
    let standings: Vec<_> = report.judged.iter().map(|judged| judged.standing).collect();
    assert_eq!(standings, [Standing::Broken, Standing::Met], "{report}");
    assert_eq!(report.judged[0].threshold, "memory: at most 50 MB");
}

#[test]
fn the_memory_of_the_system_is_not_what_operations_take() {
    let report = LoadTest::closed("t", 1)
        .operations(1)
        .scenario(Scenario::new("all", |_: &Call| ()).operation_of_size("system", 5_000))
        .scenario(Scenario::new("tool", |_: &Call| ()).operation("tool_simple"))
        .objectives_of(Catalogue::builtin())
        .run()
        .unwrap();
    let memory = |text: &&String| text.contains("memory");
    let unanswered: Vec<_> = report.unanswered.iter().filter(memory).collect();
    assert_eq!(unanswered.len(), 1, "{:?}", report.unanswered);
    assert!(unanswered[0].starts_with("all: "), "{:?}", report.unanswered);
    let judged = report.judged.iter().map(|judged| judged.threshold.as_str());
    assert!(judged.into_iter().any(|threshold| threshold == "memory of `tool`: at most 500 MB"));
}

#[test]
fn a_run_that_is_stopped_tells_what_there_was() {
    let stop = Arc::new(AtomicBool::new(false));
    let (set, ends) = (stop.clone(), 20);
    let report = LoadTest::closed("t", 2)
        .duration(Duration::from_secs(600))
        .stopped_by(&stop)
        .threshold(Threshold::error_rate(0.0))
        .scenario(Scenario::new("op", move |call: &Call| {
            set.fetch_or(call.number() == ends, Ordering::Relaxed);
        }))
        .run()
        .unwrap();
    assert!(report.elapsed < Duration::from_secs(600) && report.total.counts.ok > ends);
    assert!(report.sums_agree());
    assert_eq!(
        (report.invalid.as_slice(), report.exit_code()),
        (&["it was stopped".into()][..], 2)
    );
    assert!(report.to_string().contains("INVALID: it was stopped"), "{report}");
}
