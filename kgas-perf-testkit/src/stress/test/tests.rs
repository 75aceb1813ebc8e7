//! Stress tests: the search against queues of known capacity in virtual time, and short runs on
//! real threads that assert sums and states.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::load::virtual_run;
use crate::load::{Call, Standing};

use super::*;

fn milliseconds(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Searches in virtual time: one server in order, with times from `service`, against a p95.
fn search(ramp: &Ramp, bound: Duration, service: impl Fn(u64) -> Duration) -> (f64, f64) {
    let mut search = ramp.search();
    let mut seed = 0;
    while let Some(level) = search.next() {
        seed += 1;
        let mut free = Duration::ZERO;
        let standing = virtual_run(
            ramp.unit.load(level),
            ramp.probe_time(),
            seed,
            &Threshold::p95(bound),
            |number, started| {
                free = free.max(started) + service(number ^ (seed << 40));
                free
            },
        );
        search.observe(match standing {
            Standing::Met => Verdict::Held,
            Standing::Broken => Verdict::Broken,
            Standing::NotJudged => Verdict::Unknown,
        });
    }
    (search.highest_held().unwrap(), search.lowest_broken().unwrap())
}

#[test]
fn the_breakpoint_of_a_queue_with_a_known_answer_is_that_answer() {
    // M/M/1 with μ = 100 a second: the p95 of the time in the system is ln 20 / (μ − λ), so it
    // passes 100 ms at λ = 100 − 29.96 = 70.04 a second.
    let ramp = Ramp::rate(10.0, 1_000.0).resolution(0.03).probe(Duration::from_secs(400));
    let (held, broken) = search(&ramp, milliseconds(100), |number| {
        let mut dice = crate::load::Dice::new(number);
        Duration::from_secs_f64(dice.exponential() / 100.0)
    });
    assert!(held < broken);
    // A probe of 28,000 arrivals knows its p95 within some per cent, and with it the rate.
    assert!((65.0..75.0).contains(&f64::midpoint(held, broken)), "{held} to {broken}");
}

#[test]
fn the_breakpoint_of_a_server_with_fixed_times_is_below_its_capacity_and_close_to_it() {
    // M/D/1 with 10 ms: nothing holds above 100 a second. At a load of ρ the mean wait is
    // ρ / (2 (1 − ρ)) times 10 ms (Pollaczek and Khinchine): 0.5 s at ρ = 0.99.
    let ramp = Ramp::rate(10.0, 1_000.0).resolution(0.03).probe(Duration::from_secs(250));
    let (held, broken) = search(&ramp, Duration::from_secs(1), |_| milliseconds(10));
    assert!((90.0..101.0).contains(&held) && broken < 105.0, "{held} to {broken}");
}

#[test]
fn a_ramp_of_workers_finds_the_pool_that_is_too_small_for_them() {
    // At most six are let in; who finds six there fails. So six workers hold and seven break.
    let inside = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (pool, seen) = (inside.clone(), most.clone());
    let found = StressTest::new("pool")
        .scenario(Scenario::new("take", move |_: &Call| {
            let taken = pool.fetch_add(1, Ordering::SeqCst) + 1;
            seen.fetch_max(taken, Ordering::SeqCst);
            std::thread::park_timeout(milliseconds(2));
            pool.fetch_sub(1, Ordering::SeqCst);
            if taken > 6 { Err("the pool is empty") } else { Ok(()) }
        }))
        .threshold(Threshold::error_rate(0.0))
        .breakpoint(&Ramp::workers(2, 64).probe(milliseconds(150)))
        .unwrap();
    // Six never find six others. Seven workers do not always meet on a busy machine.
    assert!(found.highest_held >= Some(6.0), "{found}");
    assert!(found.lowest_broken.is_some_and(|broken| broken > 6.0), "{found}");
    assert!(found.limited_by[0].starts_with("error rate: at most 0 %"), "{found}");
    assert!(matches!(
        found.saturated,
        Some(Saturation::Errors(_) | Saturation::Processors(_) | Saturation::Waiting(_))
    ));
    assert_eq!((found.exit_code(), found.to_json()["unit"].as_str()), (0, Some("workers")));
    assert!(found.to_string().contains("at its limit: "));
}

#[test]
fn a_ramp_without_a_threshold_is_refused() {
    let test = StressTest::new("t").scenario(Scenario::new("op", |_: &Call| ()));
    let refused = test.breakpoint(&Ramp::workers(1, 2)).unwrap_err().to_string();
    assert_eq!(refused, "thresholds: none is not accepted; accepted: at least one that can break");
}

#[test]
fn fifty_workers_make_ten_thousand_operations_where_nothing_is_said() {
    let report = StressTest::new("t").scenario(Scenario::new("op", |_: &Call| ())).run().unwrap();
    assert_eq!((report.total.counts.ok, report.generator.most_in_flight), (10_000, 50));
}

#[test]
fn tools_are_called_at_the_same_time_and_held_against_the_catalogue() {
    let inside = Arc::new(AtomicUsize::new(0));
    let tool = move |_: &Call| {
        // Nobody leaves before all are in: this returns only if they are really called at once.
        inside.fetch_add(1, Ordering::SeqCst);
        let turn = inside.load(Ordering::SeqCst).div_ceil(16) * 16;
        while inside.load(Ordering::SeqCst) < turn {
            std::thread::yield_now();
        }
    };
    let report = StressTest::new("tools")
        .scenario(Scenario::new("tool", tool).operation("tool_simple"))
        .objectives_of(Catalogue::builtin())
        .concurrently(16, 20)
        .unwrap();
    assert_eq!((report.total.counts.ok, report.stages[0].most_in_flight), (320, 16));
    let concurrency = report.judged.iter().filter(|it| it.threshold.starts_with("concurrency"));
    assert!(concurrency.clone().count() == 2, "{report}");
    assert!(concurrency.into_iter().all(|judged| judged.standing == Standing::Met));
}

#[test]
fn a_tool_that_fails_when_others_run_breaks_its_concurrency() {
    let inside = Arc::new(AtomicUsize::new(0));
    let report = StressTest::new("tools")
        .scenario(Scenario::new("tool", move |_: &Call| {
            if inside.fetch_add(1, Ordering::SeqCst) % 10 > 7 { Err("busy") } else { Ok(()) }
        }))
        .concurrently(10, 2)
        .unwrap();
    assert_eq!(report.judged[0].standing, Standing::Broken);
    assert_eq!(report.judged[0].found, "10 at once, 16 of 20 ended well");
}

#[test]
fn a_soak_that_is_too_short_has_no_slopes() {
    let soak = StressTest::new("soak")
        .workers(1)
        .leak_at_most(1_000)
        .scenario(Scenario::new("op", |_: &Call| std::thread::park_timeout(milliseconds(1))))
        .soak(milliseconds(100))
        .unwrap();
    assert_eq!(soak.resident_bytes, None);
    assert_eq!(soak.report.judged[0].standing, Standing::NotJudged);
    assert_eq!((soak.exit_code(), soak.growing().len()), (2, 0));
    assert!(soak.to_json()["resident_bytes"].is_null());
}
