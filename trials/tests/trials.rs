//! Detectors on streams: what is known of them must show.

use kgas_perf_trials::contender::{Contender, Detector, External, Naive};
use kgas_perf_trials::goal::Measure;
use kgas_perf_trials::streams::{Regime, Stream};
use kgas_perf_trials::table;
use kgas_perf_trials::trial::{Ledger, Plan, Topic};

fn plan(topics: &[Topic], rate: f64, hours: f64) -> Plan {
    Plan {
        topics: topics.to_vec(),
        regimes: Regime::CORE.to_vec(),
        rates: vec![rate],
        streams: Some(1),
        hours: Some(hours),
        seed: 1,
        seed_of_stream: None,
    }
}

fn run(plan: &Plan, detector: &str, threads: usize) -> Ledger {
    plan.run(&Contender::named(detector, false), threads, &|_, _| {}).unwrap()
}

fn figure(ledger: &Ledger, wanted: Measure) -> f64 {
    let rows = ledger.rows(ledger.rates()[0]);
    let (measure, tally) = rows.iter().find(|(measure, _)| *measure == wanted).unwrap();
    tally.figure(*measure).unwrap()
}

#[test]
fn naive_rule_raises_250_to_290_false_alarms_an_operation_day() {
    // At 0.2 calls a second the next call above the mean is waited for: 300 s and about 10 s.
    for (rate, hours) in [(0.2, 48.0), (1.0, 24.0), (10.0, 6.0)] {
        let ledger = run(&plan(&[Topic::Steady], rate, hours), "naive", 2);
        let a_day = figure(&ledger, Measure::FalseAlarms) / 7.0;
        assert!((245.0..=290.0).contains(&a_day), "{a_day} at {rate}/s");
        assert!((100.0..=280.0).contains(&(figure(&ledger, Measure::FalsePages) / 7.0)));
    }
}

#[test]
fn naive_rule_is_never_silent_and_so_finds_next_to_nothing() {
    let ledger = run(&plan(&[Topic::Found], 1.0, 1.0), "naive", 2);
    assert!(figure(&ledger, Measure::Found(100)) <= 0.2);
    assert!(figure(&ledger, Measure::F1) <= 0.05);
}

#[test]
fn cusum_finds_a_doubling_on_a_quiet_operation() {
    let plan = Plan {
        regimes: vec![Regime::named("quiet").unwrap()],
        streams: Some(10),
        ..plan(&[Topic::Early], 1.0, 1.0)
    };
    // A step of 3.5 standard deviations adds 3 a call: it is seen at the second or third one.
    assert!(figure(&run(&plan, "cusum", 1), Measure::Early(100)) >= 0.9);
}

#[test]
fn a_warm_up_while_it_is_learned_hides_no_slowdown_of_a_fifth() {
    let plan = Plan {
        regimes: vec![Regime::named("warm-up").unwrap()],
        streams: Some(8),
        ..plan(&[Topic::Found], 10.0, 1.0)
    };
    let ledger = run(&plan, "product", 2);
    assert!(figure(&ledger, Measure::Found(20)) >= 0.9);
    assert!(figure(&ledger, Measure::Found(10)) >= 0.4);
}

#[test]
fn a_load_of_the_day_on_a_coarse_timer_is_no_row_of_alarms() {
    let plan = Plan {
        regimes: vec![Regime::named("daily-ticks").unwrap()],
        streams: Some(4),
        ..plan(&[Topic::Steady], 10.0, 12.0)
    };
    // Two days in all. Were its shape trusted wherever the location is, there would be twelve.
    let alarms = run(&plan, "product", 2).false_alarms;
    assert!(alarms.len() <= 1, "{alarms:?}");
}

#[test]
fn table_does_not_depend_on_the_number_of_threads() {
    let plan = plan(&[Topic::Steady, Topic::Found, Topic::Contaminated], 0.2, 12.0);
    let (one, two) = (run(&plan, "cusum", 1), run(&plan, "cusum", 2));
    assert_eq!(table::text(&one, true), table::text(&two, true));
    assert_eq!(table::cases(&one), table::cases(&two));
}

#[test]
fn executable_gets_the_same_table_as_the_same_detector_within() {
    let topics = [Topic::Steady, Topic::Found, Topic::Spikes, Topic::Early];
    let plan = Plan { regimes: Regime::CORE[..3].to_vec(), ..plan(&topics, 0.2, 12.0) };
    let within = run(&plan, "cusum", 1);
    let command = format!("{} --detector cusum", env!("CARGO_BIN_EXE_kgas-perf-trials"));
    for lock_step in [false, true] {
        let contender = Contender::named(&command, lock_step);
        let outside = plan.run(&contender, 2, &|_, _| {}).unwrap();
        assert_eq!(table::text(&within, true), table::text(&outside, true));
        assert_eq!(table::cases(&within), table::cases(&outside));
    }
}

#[test]
fn baselines_of_an_executable_come_through() {
    let command = format!("{} --detector naive", env!("CARGO_BIN_EXE_kgas-perf-trials"));
    let mut outside = External::start(&command, false).unwrap();
    let mut within = Naive::default();
    let mut told = [Vec::new(), Vec::new()];
    let mut stream = Stream::new(Regime::CORE[1], 1.0, 3);
    outside.begin();
    for _ in 0..200 {
        let call = stream.next_call();
        within.call(call.t, call.d, call.ok, &mut told[0]);
        outside.call(call.t, call.d, call.ok, &mut told[1]);
    }
    outside.finish(&mut told[1]);
    assert_eq!(told[0], told[1]);
    assert_eq!(within.baselines(), outside.baselines());
    assert_eq!(outside.baselines().len(), 1);
}

#[test]
fn one_stream_can_be_run_again_by_its_seed() {
    let all = run(&plan(&[Topic::Steady], 0.2, 12.0), "cusum", 2);
    let wanted = all.false_alarms[0];
    let again = Plan {
        regimes: vec![Regime::named(wanted.regime).unwrap()],
        seed_of_stream: Some(wanted.seed),
        ..plan(&[Topic::Steady], 0.2, 12.0)
    };
    assert_eq!(run(&again, "cusum", 1).false_alarms[0], wanted);
}

#[test]
fn command_that_is_not_there_is_an_error() {
    assert!(External::start("no-such-detector-anywhere", false).is_err());
    assert!(External::start(" ", false).is_err());
}
