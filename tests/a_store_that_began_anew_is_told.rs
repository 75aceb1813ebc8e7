//! A store that had to begin anew has lost what it had: people are told, for five minutes.

mod judging_support;

use judging_support::Program;
use kgas_perf_runtime::alert::{Fingerprint, Subject};
use kgas_perf_runtime::measure::Severity;
use kgas_perf_testkit::fake::FakeStore;

#[test]
fn a_store_that_began_anew_is_an_emergency_for_five_minutes() {
    let store = FakeStore::new();
    let mut program = Program::with(1, |builder| builder.store(store.clone()));
    let mut seconds = |many: u64| {
        for _ in 0..many {
            program.second(20.0, 10.0);
            program.handle.flush().unwrap();
        }
        let fingerprint = Fingerprint::of("data_loss", &Subject::component("store"));
        program.handle.alerts().open.get(&fingerprint).cloned()
    };
    assert!(seconds(10).is_none());
    store.lose_everything();
    let open = seconds(2).expect("what was kept is lost");
    assert_eq!(open.severity, Severity::Emergency);
    assert!(open.evidence.what.unwrap().contains("begin anew"));
    seconds(300);
    // It is kept for five minutes more, as every alert of its rule.
    assert!(seconds(305).is_none());
    assert_eq!(program.handle.store_status().unwrap().begun_anew, 1);
}

#[test]
fn what_comes_last_is_kept_before_the_end() {
    let store = FakeStore::new();
    let mut program = Program::with(1, |builder| builder.store(store.clone()));
    program.second(20.0, 10.0);
    program.handle.shutdown(std::time::Duration::from_secs(5)).unwrap();
    assert_eq!(store.calls("import"), 20);
    assert!(store.is_closed());
}
