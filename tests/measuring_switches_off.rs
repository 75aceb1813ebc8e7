//! `KGAS_PERF=off` and `set_on(false)` leave calls unmeasured, and nothing else changes.

use std::process::Command;

use kgas_perf_runtime::measure::{Measurement, Outcome, is_on, set_on};
use kgas_perf_runtime::{Metadata, Registry, record_operation};

fn calls_of_three_kinds(registry: &Registry) -> u64 {
    registry.run(|| {
        Measurement::start("import").finish(Outcome::Ok);
        record_operation("import", std::time::Duration::from_millis(1), Metadata::default());
    });
    registry.snapshot().operations().iter().map(|operation| operation.calls()).sum()
}

#[test]
fn the_environment_and_the_program_can_switch_it_off_and_on() {
    let registry = Registry::new();
    if std::env::var_os("KGAS_PERF").is_some() {
        assert!(!is_on());
        assert_eq!(calls_of_three_kinds(&registry), 0);
        set_on(true);
        assert_eq!(calls_of_three_kinds(&registry), 2, "the program has the last word");
        return;
    }
    assert!(is_on());
    assert_eq!(calls_of_three_kinds(&registry), 2);
    set_on(false);
    assert_eq!(calls_of_three_kinds(&registry), 2);
    let started_off = Measurement::start("import");
    set_on(true);
    started_off.finish(Outcome::Ok);
    assert_eq!(calls_of_three_kinds(&registry), 4, "a call is measured whole or not at all");

    let itself = std::env::current_exe().unwrap();
    for value in ["off", "0", "False", "NO"] {
        let again = Command::new(&itself).env("KGAS_PERF", value).output().unwrap();
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
    }
}
