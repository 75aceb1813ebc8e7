//! The engine in virtual time: queues with known answers, a frozen server, and that every
//! operation is counted once whatever happens.

use proptest::prelude::*;

use crate::dice::Dice;
use crate::load::call::Call;
use crate::load::scenario::Scenario;
use crate::load::simulation::simulate;
use crate::load::stage::{Load, Stage};

use super::*;

fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn plan(loads: &[(Load, f64)]) -> Plan {
    let stages = loads.iter().map(|(load, length)| Stage::new("s", *load, seconds(*length)));
    let stages = Stages::new(stages.collect()).unwrap();
    let most_in_flight = if stages.is_open() { 1_000_000 } else { stages.most_workers() };
    Plan {
        seed: 1,
        mix: Mix::new(1, &[Scenario::new("only", |_: &Call| ())]).unwrap(),
        stages: Arc::new(stages),
        deadlines: vec![seconds(1e6)],
        most_in_flight,
        most_waiting: 1_000_000,
        drain: seconds(1e6),
        think_time: Duration::ZERO,
        operations: None,
    }
}

/// One server that takes exponential times and serves in order.
fn mm1(service_per_second: f64, seed: u64) -> impl FnMut(&Ticket) -> (Duration, Ended) {
    let mut dice = Dice::new(seed);
    let mut free = Duration::ZERO;
    move |ticket| {
        free = free.max(ticket.started) + seconds(dice.exponential() / service_per_second);
        (free, Ended::Ok)
    }
}

/// Mean and half the width of its 99.9 % interval (Student's t, nine degrees of freedom).
fn interval(values: &[f64; 10]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / 10.0;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 9.0;
    (mean, 4.781 * (variance / 10.0).sqrt())
}

/// Ten runs of an M/M/1 queue with λ = 80 and μ = 100 a second: mean and p95 of the latency, and
/// the mean service time.
fn runs_of_mm1(bound: usize) -> [[f64; 10]; 3] {
    let found: [[f64; 3]; 10] = std::array::from_fn(|run| {
        let mut plan = plan(&[(Load::poisson(80.0), 250.0)]);
        plan.seed = run as u64;
        plan.most_in_flight = bound;
        let mut engine = Engine::new(plan);
        simulate(&mut engine, mm1(100.0, 100 + run as u64));
        let total = engine.books().total();
        assert_eq!(total.counts.ok, total.counts.planned);
        let latency = total.latency.distribution();
        let service = total.service.distribution();
        [latency.mean(), latency.quantile(0.95), service.mean()].map(|it| it.unwrap().as_secs_f64())
    });
    std::array::from_fn(|what| found.map(|run| run[what]))
}

#[test]
fn a_queue_with_a_known_answer_has_that_answer() {
    let [means, p95s, _] = runs_of_mm1(1_000_000);
    // In an M/M/1 queue the time from arrival to end is exponential with rate μ − λ = 20 a second
    // (Kleinrock, Queueing Systems I, 1975): mean 50 ms, p95 ln 20 / 20 s.
    for (values, truth) in [(means, 0.05), (p95s, 20.0_f64.ln() / 20.0)] {
        let (mean, half) = interval(&values);
        assert!((mean - truth).abs() < half, "{truth} is not in {mean} ± {half}");
        assert!(half < 0.25 * truth, "{half} says nothing about {truth}");
    }
}

#[test]
fn what_waits_for_a_place_waits_in_its_latency_and_not_in_its_service_time() {
    // The bound of one operation in flight makes the queue; the server only serves.
    let [means, _, services] = runs_of_mm1(1);
    for (values, truth) in [(means, 0.05), (services, 0.01)] {
        let (mean, half) = interval(&values);
        assert!((mean - truth).abs() < half, "{truth} is not in {mean} ± {half}");
        assert!(half < 0.25 * truth, "{half} says nothing about {truth}");
    }
}

/// A server that answers in a millisecond, but not from second 2 to second 8.
fn frozen(ticket: &Ticket) -> (Duration, Ended) {
    let end = ticket.started + Duration::from_millis(1);
    let frozen = (seconds(2.0)..seconds(8.0)).contains(&end);
    (if frozen { seconds(8.0) } else { end }, Ended::Ok)
}

#[test]
fn the_median_of_an_open_model_shows_a_server_that_stopped_for_six_of_ten_seconds() {
    for bound in [1_000, 8] {
        let mut plan = plan(&[(Load::rate(100.0), 10.0)]);
        plan.most_in_flight = bound;
        let mut engine = Engine::new(plan);
        simulate(&mut engine, frozen);
        let total = engine.books().total();
        assert_eq!(total.counts.planned, 1_000);
        // 400 operations take a millisecond; of the others, one in a hundred each ten
        // milliseconds up to six seconds. The median is the 100th of these: 1 s, and what it
        // takes the eight to make up for the 500 that came before it.
        let median = total.latency.distribution().quantile(0.5).unwrap();
        assert!((0.95..1.08).contains(&median.as_secs_f64()), "{median:?} with {bound} in flight");
    }
}

#[test]
fn the_median_of_a_closed_model_does_not_show_it() {
    let mut engine = Engine::new(plan(&[(Load::workers(8), 10.0)]));
    simulate(&mut engine, frozen);
    let total = engine.books().total();
    let latency = total.latency.distribution();
    assert!(latency.quantile(0.5).unwrap() < Duration::from_millis(2));
    assert_eq!(latency.count_above(seconds(1.0)), 8);
}

#[test]
fn what_finds_no_place_is_dropped_and_counted() {
    let mut plan = plan(&[(Load::rate(10.0), 10.0)]);
    plan.most_in_flight = 2;
    plan.most_waiting = 3;
    let mut engine = Engine::new(plan);
    // Each takes a second, so two a second end.
    simulate(&mut engine, |ticket| (ticket.started + seconds(1.0), Ended::Ok));
    let counts = engine.books().total().counts;
    assert_eq!(counts.planned, 100);
    // Twenty in ten seconds, and the five that have a place when the last arrives.
    assert!((22..=25).contains(&counts.ok), "{counts:?}");
    assert!(counts.agree());
    assert_eq!(engine.books().occupancy[0].most, 2);
}

#[test]
fn a_generator_that_starts_too_late_shows_it_and_a_full_system_does_not() {
    let lag = |engine: &Engine| engine.books().lag.distribution().max().unwrap();
    let mut limited = plan(&[(Load::rate(10.0), 10.0)]);
    limited.most_in_flight = 1;
    let mut engine = Engine::new(limited);
    simulate(&mut engine, |ticket| (ticket.started + seconds(0.5), Ended::Ok));
    assert_eq!(lag(&engine), Duration::ZERO);

    // Asked 70 ms after the second start was due, with room in flight.
    let mut engine = Engine::new(plan(&[(Load::rate(10.0), 1.0)]));
    assert!(matches!(engine.next(Duration::ZERO), Next::Start(_)));
    assert!(matches!(engine.next(seconds(0.17)), Next::Start(_)));
    assert_eq!(lag(&engine), seconds(0.07));
}

#[test]
fn a_call_that_does_not_return_is_censored_at_its_deadline_and_its_return_counts_no_more() {
    let mut plan = plan(&[(Load::rate(10.0), 1.0)]);
    plan.deadlines = vec![seconds(0.2)];
    let mut engine = Engine::new(plan);
    simulate(&mut engine, |ticket| {
        let hangs = ticket.number == 3;
        (ticket.started + seconds(if hangs { 60.0 } else { 0.01 }), Ended::Ok)
    });
    let total = engine.books().total();
    assert_eq!((total.counts.ok, total.counts.timed_out), (9, 1));
    assert_eq!(total.censored_from, Some(seconds(0.2)));
    assert_eq!(total.latency.distribution().count(), 10);
    assert_eq!(total.latency.distribution().max(), Some(seconds(0.2)));
}

#[test]
fn a_warm_up_is_kept_apart() {
    let stages = vec![
        Stage::new("warm-up", Load::rate(10.0), seconds(5.0)).warm_up(),
        Stage::new("load", Load::rate(20.0), seconds(5.0)),
    ];
    let mut plan = plan(&[(Load::rate(1.0), 1.0)]);
    plan.stages = Arc::new(Stages::new(stages).unwrap());
    let mut engine = Engine::new(plan);
    simulate(&mut engine, |ticket| (ticket.started + seconds(0.01), Ended::Ok));
    assert_eq!(engine.books().total().counts.planned, 100);
    assert_eq!(engine.books().of_stage(0).counts.planned, 50);
    assert_eq!(engine.books().counted_time(), seconds(5.0));
}

#[test]
fn the_order_of_scenarios_does_not_depend_on_the_number_of_workers() {
    let order = |workers: usize| {
        let two = [Scenario::new("a", |_: &Call| ()), Scenario::new("b", |_: &Call| ())];
        let mut plan = plan(&[(Load::workers(workers), 1e3)]);
        plan.mix = Mix::new(1, &two).unwrap();
        plan.deadlines = vec![seconds(60.0); 2];
        plan.operations = Some(500);
        let mut chosen = vec![0; 500];
        simulate(&mut Engine::new(plan), |ticket| {
            chosen[ticket.number as usize] = ticket.scenario;
            (ticket.started + Duration::from_millis(1 + ticket.number % 7), Ended::Ok)
        });
        chosen
    };
    assert_eq!(order(1), order(50));
    assert_eq!(order(1).iter().sum::<usize>().abs_diff(250) / 45, 0);
}

#[test]
fn little_is_in_flight_where_workers_think() {
    let mut plan = plan(&[(Load::workers(10), 100.0)]);
    plan.think_time = seconds(0.9);
    let mut engine = Engine::new(plan);
    simulate(&mut engine, |ticket| (ticket.started + seconds(0.1), Ended::Ok));
    // Each worker makes one call a second, and a tenth of its time is in it.
    assert_eq!(engine.books().total().counts.planned, 1_000);
    let mean = engine.books().occupancy[0].mean().unwrap();
    assert!((mean - 1.0).abs() < 0.02, "{mean}");
}

fn any_load() -> impl Strategy<Value = Load> {
    prop_oneof![
        (0..40_u32, 1..40_u32).prop_map(|(from, to)| Load::rate_ramp(from.into(), to.into())),
        (1..40_u32).prop_map(|rate| Load::poisson(rate.into())),
    ]
}

fn any_workers() -> impl Strategy<Value = Load> {
    (0..9_usize, 1..9_usize).prop_map(|(from, to)| Load::worker_ramp(from, to))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    /// Whatever the load, the bounds and what operations do: each planned operation ends as one
    /// thing, and the run ends.
    #[test]
    fn every_operation_is_counted_once(
        loads in prop_oneof![
            prop::collection::vec((any_load(), 0.1..5.0_f64), 1..4),
            prop::collection::vec((any_workers(), 0.1..5.0_f64), 1..4),
        ],
        (in_flight, waiting, drain) in (1..20_usize, 0..20_usize, 0.0..5.0_f64),
        (think, deadline) in (0.0..0.5_f64, 0.01..2.0_f64),
        operations in prop::option::of(1..100_u64),
        stop_after in prop::option::of(0.0..10.0_f64),
        seed in any::<u64>(),
    ) {
        let mut plan = plan(&loads);
        plan.seed = seed;
        if plan.stages.is_open() {
            plan.most_in_flight = in_flight;
        }
        plan.most_waiting = waiting;
        plan.drain = seconds(drain);
        plan.think_time = seconds(think);
        plan.deadlines = vec![seconds(deadline)];
        plan.operations = operations;
        let most = plan.most_in_flight;
        let mut dice = Dice::new(seed);
        let mut engine = Engine::new(plan);
        let mut started = 0;
        let mut server = |ticket: &Ticket| {
            started += 1;
            let ended = match dice.below(5) {
                0 => Ended::Error("refused".into()),
                1 => Ended::Panicked("oh".into()),
                2 => Ended::Cancelled,
                _ => Ended::Ok,
            };
            (ticket.started + seconds(0.001 + dice.exponential() * 0.5), ended)
        };
        match stop_after {
            None => {
                simulate(&mut engine, &mut server);
            }
            Some(after) => {
                // Operations that have not ended are cancelled.
                let mut now = Duration::ZERO;
                while let Next::Start(_) | Next::Wait(Some(_)) = engine.next(now) {
                    now += seconds(0.05);
                    engine.expire(now);
                    if now > seconds(after) {
                        break;
                    }
                }
                engine.stop(now);
            }
        }
        let total = engine.books().total();
        prop_assert!(total.counts.agree(), "{:?}", total.counts);
        prop_assert_eq!(total.latency.distribution().count(), total.counts.ended());
        prop_assert_eq!(total.service.distribution().count(), total.counts.ended());
        prop_assert_eq!(engine.in_flight(), 0);
        prop_assert_eq!(engine.waiting(), 0);
        if stop_after.is_none() {
            prop_assert_eq!(started, total.counts.ended());
        }
        prop_assert!(engine.books().occupancy.iter().all(|stage| stage.most <= most));
        if let Some(operations) = operations {
            prop_assert!(total.counts.planned <= operations);
        }
        // Nothing is longer than from its intended start, through waiting, to its deadline.
        let longest = total.service.distribution().max().unwrap_or_default();
        prop_assert!(longest <= seconds(deadline));
    }
}
