//! What judges know is kept a few operations at a time, so that no tick stalls; alerts are kept
//! when they change; and a store that began anew is given everything again.

mod judging_support;

use std::collections::BTreeMap;
use std::time::Duration;

use judging_support::{IMPORT, Program};
use kgas_perf_runtime::measure::{Metadata, record_operation};
use kgas_perf_runtime::store::Batch;
use kgas_perf_testkit::fake::FakeStore;

fn program(seed: u64) -> (Program, FakeStore) {
    let store = FakeStore::new();
    (Program::with(seed, |builder| builder.store(store.clone())), store)
}

#[test]
fn every_judge_has_its_turn_within_two_minutes_and_no_tick_writes_many() {
    const OPERATIONS: usize = 240;
    let (program, store) = program(1);
    let names: Vec<String> = (0..OPERATIONS).map(|number| format!("step_{number}")).collect();
    let ticks = 130;
    for tick in 0..ticks {
        let millis = Duration::from_millis(10 + tick % 3);
        program.registry.run(|| {
            names.iter().for_each(|name| record_operation(name, millis, Metadata::default()));
        });
        program.clock.advance(Duration::from_secs(1));
        program.handle.tick();
        program.handle.flush().unwrap();
    }
    let batches = store.batches();
    let mut times = BTreeMap::new();
    for judge in batches.iter().flat_map(|batch| &batch.judges) {
        *times.entry(judge.operation.as_str()).or_insert(0) += 1;
    }
    assert_eq!(times.len(), OPERATIONS);
    // Two in turn, and at most sixteen that have just learned a baseline.
    let most = batches.iter().map(|batch| batch.judges.len()).max();
    assert!(most <= Some(2 + 16), "{most:?}");

    // At the end, all that were told something since are written, and none twice.
    program.handle.shutdown(Duration::from_secs(1)).unwrap();
    let last = &store.batches()[ticks as usize];
    assert!(last.judges.len() >= OPERATIONS - 2 * 18, "{}", last.judges.len());
}

#[test]
fn alerts_are_kept_when_they_change() {
    let (mut program, store) = program(2);
    let kept = |batches: &[Batch]| batches.iter().filter(|batch| batch.alerts.is_some()).count();
    let mut run = |seconds: u64, millis: f64| {
        let before = store.batches().len();
        for _ in 0..seconds {
            program.second(20.0, millis);
            program.handle.flush().unwrap();
        }
        kept(&store.batches()[before..])
    };
    assert_eq!(run(600, 10.0), 0, "nothing has changed");
    let opened = run(30, 30.0);
    assert!((1..=6).contains(&opened), "{opened}");
    // What speaks for it goes on: every half minute.
    assert!((8..=14).contains(&run(300, 30.0)));
    run(500, 10.0);
    assert_eq!(run(120, 10.0), 0, "it is over");
}

#[test]
fn a_store_that_began_anew_is_given_everything_again() {
    let (mut program, store) = program(3);
    let second = |program: &mut Program| {
        program.second(20.0, 10.0);
        program.handle.flush().unwrap();
    };
    (0..600).for_each(|_| second(&mut program));
    store.lose_everything();
    (0..3).for_each(|_| second(&mut program));
    let batches = store.batches();
    let baselines: Vec<_> = batches.iter().flat_map(|batch| &batch.baselines).collect();
    assert_eq!(baselines.len(), 1);
    assert_eq!((baselines[0].operation.as_str(), baselines[0].version), (IMPORT, 1));
    assert!(batches.iter().any(|batch| batch.alerts.is_some()));
    (0..120).for_each(|_| second(&mut program));
    assert!(store.batches().iter().any(|batch| !batch.judges.is_empty()));
}
