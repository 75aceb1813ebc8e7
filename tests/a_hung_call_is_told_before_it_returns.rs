//! A call that does not return is told while it runs, as a warning, then critical, then as an
//! emergency, and each once.

mod judging_support;

use std::time::Duration;

use judging_support::{IMPORT, Program, Told};
use kgas_perf_runtime::detect::{Kind, Watchdog};
use kgas_perf_runtime::measure::{Measurement, Outcome, Severity};

/// The levels in which alerts were told.
fn levels(told: &Told) -> Vec<String> {
    let level =
        |line: &String| line.split(" severity=\"").nth(1)?.split('"').next().map(str::to_owned);
    told.lines().iter().filter_map(level).collect()
}

#[test]
fn a_call_that_hangs_is_told_three_times_while_it_runs_and_is_over_when_it_returns() {
    let told = Told::default();
    tracing::subscriber::with_default(told.clone(), || {
        let mut program = Program::new(1);
        program.seconds(600, 10.0, 10.0);
        assert!(program.handle.baselines()[0].is_mature());

        let scope = program.registry.enter();
        let hung = Measurement::start(IMPORT);
        drop(scope);
        let mut found = Vec::new();
        for _ in 0..120 {
            let tick = program.second(10.0, 10.0);
            let unresponsive = tick.verdicts.into_iter().map(|found| found.verdict);
            found.extend(unresponsive.filter(|verdict| verdict.kind == Kind::Unresponsive));
        }
        let severities: Vec<_> = found.iter().map(|verdict| verdict.severity).collect();
        assert_eq!(severities, [Severity::Warning, Severity::Critical, Severity::Emergency]);
        assert_eq!(levels(&told), ["warning", "critical", "emergency"], "{:?}", told.lines());
        let alert = program.alert("unresponsive").unwrap();
        assert_eq!(alert.severity, Severity::Emergency);
        assert_eq!(alert.evidence.what.as_deref(), Some("age of the oldest call"));

        hung.finish(Outcome::Error);
        program.seconds(120, 10.0, 10.0);
        assert!(program.alert("unresponsive").is_none(), "it has returned");
        let lines = told.lines();
        assert!(lines[3].contains(" state=\"resolved\""), "{}", lines[3]);
        assert_eq!(lines.len(), 4);
    });
}

#[test]
fn a_bound_that_was_given_needs_no_baseline() {
    let mut program = Program::with(1, |builder| {
        builder.watchdog(Watchdog::new().bound(IMPORT, Duration::from_secs(3)))
    });
    let scope = program.registry.enter();
    let hung = Measurement::start(IMPORT);
    drop(scope);
    assert_eq!(program.seconds(2, 0.0, 1.0), 0);
    assert_eq!(program.seconds(3, 0.0, 1.0), 3);
    hung.finish(Outcome::Ok);
}

#[test]
fn a_suspended_machine_hangs_no_call_and_teaches_nothing() {
    let mut program = Program::with(1, |builder| builder.suspended_after(Duration::from_secs(15)));
    program.seconds(600, 10.0, 10.0);
    let before = program.handle.baselines();
    let scope = program.registry.enter();
    let asleep = Measurement::start(IMPORT);
    drop(scope);
    program.second(10.0, 10.0);
    program.clock.advance(Duration::from_secs(8 * 3_600));
    asleep.finish(Outcome::Ok);
    let tick = program.handle.tick();
    assert_eq!(tick.windows[0].series.calls(), 1);
    assert!(tick.verdicts.is_empty(), "{:?}", tick.verdicts);
    assert_eq!(program.seconds(300, 10.0, 10.0), 0);
    assert_eq!(program.handle.baselines(), before);
}
