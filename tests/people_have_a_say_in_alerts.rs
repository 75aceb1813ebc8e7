//! What fires can be acknowledged, silenced and explained by what was changed before; what is
//! slower on purpose is accepted.

mod judging_support;

use std::time::Duration;

use judging_support::{IMPORT, Program, Told};
use kgas_perf_runtime::alert::{
    AlertError, Because, Change, Fingerprint, Matcher, Silence, Subject,
};
use kgas_perf_runtime::baseline::Provenance;
use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::collector::AcceptError;

const HOUR: Duration = Duration::from_secs(3_600);

fn fingerprint() -> Fingerprint {
    Fingerprint::of("slower", &Subject::operation(IMPORT, SizeClass::Unsized))
}

/// A program that has become twice as slow, and is told so.
fn regressed(told: &Told) -> Program {
    let mut program = Program::new(7);
    program.seconds(600, 10.0, 10.0);
    assert!(program.handle.mark(Change::Deploy, "v2"));
    program.seconds(60, 10.0, 20.0);
    assert_eq!(told.lines().len(), 1, "{:?}", told.lines());
    program
}

#[test]
fn an_alert_names_the_deploy_before_it() {
    let told = Told::default();
    tracing::subscriber::with_default(told.clone(), || {
        let program = regressed(&told);
        let alert = program.alert("slower").unwrap();
        assert_eq!(alert.marks[0].text, "v2");
        assert!(alert.next_step.contains("after a deploy (v2)"), "{}", alert.next_step);
        assert!(told.lines()[0].contains("after a deploy (v2)"), "{}", told.lines()[0]);
    });
}

#[test]
fn what_goes_on_is_told_again_after_four_hours_unless_somebody_is_on_it() {
    for acknowledged in [false, true] {
        let told = Told::default();
        tracing::subscriber::with_default(told.clone(), || {
            let mut program = regressed(&told);
            let incident = *program.handle.alerts().incidents.keys().next().unwrap();
            if acknowledged {
                program.handle.acknowledge(incident, "ada").unwrap();
                let because = program.handle.explain(fingerprint()).because;
                assert_eq!(because, [Because::Acknowledged("ada".to_owned())]);
            }
            assert!(program.handle.acknowledge(incident + 1, "ada").is_err());
            // A minute a tick: it goes on as it is.
            let quiet = (HOUR * 4).as_secs() / 60 - 2;
            for _ in 0..quiet {
                program.clock.advance(Duration::from_secs(59));
                program.second(600.0, 20.0);
            }
            assert_eq!(told.lines().len(), 1);
            for _ in 0..5 {
                program.clock.advance(Duration::from_secs(59));
                program.second(600.0, 20.0);
            }
            assert_eq!(told.lines().len(), if acknowledged { 1 } else { 2 });
        });
    }
}

#[test]
fn what_is_silenced_is_told_when_the_silence_ends_and_it_still_holds() {
    let told = Told::default();
    tracing::subscriber::with_default(told.clone(), || {
        let mut program = Program::new(7);
        program.seconds(600, 10.0, 10.0);
        let now = program.handle.snapshot().unix;
        let import = Matcher::is("operation", IMPORT);
        let silence = Silence::new(import, now, now + HOUR, "ada", "the index is rebuilt").unwrap();
        let number = program.handle.silence(silence).unwrap();
        program.seconds(90, 10.0, 20.0);
        assert!(program.pages() && told.lines().is_empty(), "{:?}", told.lines());
        let because = program.handle.explain(fingerprint()).because;
        assert!(matches!(because[..], [Because::Silenced { .. }]), "{because:?}");

        program.handle.end_silence(number, "ada").unwrap();
        program.seconds(10, 10.0, 20.0);
        assert_eq!(told.lines().len(), 1);
        let over = program.handle.end_silence(number, "ada").unwrap_err();
        assert_eq!(over, AlertError::NoSuchSilence { silence: number });
    });
}

#[test]
fn what_is_accepted_is_the_normal_from_then_on_with_who_and_why() {
    let told = Told::default();
    tracing::subscriber::with_default(told.clone(), || {
        let mut program = regressed(&told);
        let accept =
            |by| program.handle.accept(IMPORT, SizeClass::Unsized, by, "a larger ontology");
        assert!(matches!(accept(""), Err(AcceptError::History(_))));
        let accepted = accept("ada").unwrap();
        let p50 = accepted.p50.as_secs_f64();
        assert!((p50 / 0.020 - 1.0).abs() < 0.1, "{p50}");
        assert_eq!(accepted.version, 2);
        assert!(accepted.is_mature());
        assert!(matches!(&accepted.provenance, Provenance::Accepted { by, .. } if by == "ada"));

        // Kept for five minutes, and over; not found again.
        program.seconds(420, 10.0, 20.0);
        assert!(!program.pages());
        assert_eq!(program.seconds(600, 10.0, 20.0), 0);
        let versions = program.handle.collector().versions(IMPORT, SizeClass::Unsized);
        assert_eq!(versions.last().unwrap().version, 1);
        // Twice as slow again is found again.
        program.seconds(60, 10.0, 40.0);
        assert!(program.pages());
        let none = program.handle.accept("export", SizeClass::Unsized, "ada", "why").unwrap_err();
        assert!(matches!(none, AcceptError::NoCalls { .. }));
    });
}
