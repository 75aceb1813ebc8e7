//! What is measured while the store fails waits for it, and people are told: what is not kept is
//! lost when the process ends.

mod judging_support;

use judging_support::{IMPORT, Program, Told};
use kgas_perf_runtime::alert::{Alert, Fingerprint, Subject};
use kgas_perf_runtime::measure::Severity;
use kgas_perf_testkit::fake::FakeStore;

/// The open alert on the store.
fn alert(program: &Program) -> Option<Alert> {
    let fingerprint = Fingerprint::of("data_loss", &Subject::component("store"));
    program.handle.alerts().open.get(&fingerprint).cloned()
}

/// One second, and the flush at its end.
fn second(program: &mut Program) {
    program.second(20.0, 10.0);
    // A failure is what is looked for.
    let _ = program.handle.flush();
    let accounts = program.handle.store_status().unwrap().accounts;
    assert!(accounts.add_up(), "{accounts}");
}

#[test]
fn a_full_disk_is_an_emergency_and_everything_is_kept_once_there_is_room() {
    let told = Told::default();
    tracing::subscriber::with_default(told.clone(), || {
        let store = FakeStore::new();
        let mut program = Program::with(1, |builder| builder.store(store.clone()));
        (0..10).for_each(|_| second(&mut program));
        assert_eq!(store.calls(IMPORT), 200);

        store.fail(true);
        (0..3).for_each(|_| second(&mut program));
        let open = alert(&program).expect("within three seconds");
        assert_eq!(open.severity, Severity::Emergency);
        let what = open.evidence.what.unwrap();
        assert!(what.contains("no room left for fake.db"), "{what}");
        (0..120).for_each(|_| second(&mut program));
        let status = program.handle.store_status().unwrap();
        assert_eq!(store.calls(IMPORT), 200);
        assert_eq!(status.accounts.dropped.total(), 0);
        assert!(status.accounts.pending > 0);

        store.fail(false);
        second(&mut program);
        assert_eq!(store.calls(IMPORT), 200 + 124 * 20);
        let accounts = program.handle.store_status().unwrap().accounts;
        assert_eq!((accounts.stored, accounts.pending), (accounts.accepted, 0));
        (0..330).for_each(|_| second(&mut program));
        assert!(alert(&program).is_none(), "it is over five minutes later");
    });
    let lines = told.lines();
    let of_store: Vec<_> = lines.iter().filter(|line| line.contains("store")).collect();
    assert_eq!(of_store.len(), 2, "it is told when it fails and when that is over: {lines:#?}");
}
