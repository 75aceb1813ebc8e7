//! Calls that take twice as long are an alert within a minute, whatever their rate, and it
//! resolves when they no longer do. A spike of five seconds and faster calls are none.

mod judging_support;

use judging_support::{Program, Told};
use kgas_perf_runtime::alert::State;
use kgas_perf_runtime::baseline::Learning;
use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::measure::Severity;

const RATES: [f64; 3] = [1.0, 10.0, 100.0];

/// A program whose baseline is established.
fn settled(rate: f64, seed: u64) -> Program {
    let mut program = Program::new(seed);
    let seconds = (3_000.0 / rate).max(600.0) as u64;
    assert_eq!(program.seconds(seconds, rate, 10.0), 0, "a false alert at {rate}/s");
    let learning = program.handle.learning("import", SizeClass::Unsized).unwrap();
    assert!(matches!(learning, Learning::Established { .. }), "{learning} at {rate}/s");
    program
}

#[test]
fn twice_as_slow_is_told_within_a_minute_and_resolves_after_recovery() {
    for rate in RATES {
        for seed in 1..=2 {
            let told = Told::default();
            tracing::subscriber::with_default(told.clone(), || {
                let mut program = settled(rate, seed);
                let fired = (1..=60).find(|_| {
                    program.second(rate, 20.0);
                    program.pages()
                });
                let seconds = fired.unwrap_or_else(|| panic!("no alert at {rate}/s"));
                let alert = program.alert("slower").unwrap();
                assert!(alert.severity >= Severity::Warning || seconds < 60);
                assert!(alert.mature);
                assert!(told.lines().is_empty(), "it is gathered before it is told");
                program.seconds(60 - seconds, rate, 20.0);
                let lines = told.lines();
                assert_eq!(lines.len(), 1, "{lines:?}");
                assert!(lines[0].starts_with("WARN "), "{}", lines[0]);
                for part in [
                    " operation=\"import\"",
                    " state=\"firing\"",
                    " reason=\"first\"",
                    " severity=\"warning\"",
                    " kind=\"location\"",
                    " baseline_version=1",
                    " baseline_mature=true",
                ] {
                    assert!(lines[0].contains(part), "{part} is not in {}", lines[0]);
                }

                // It is kept for five minutes after it is gone.
                assert!(program.seconds(240, rate, 10.0) == 240);
                program.seconds(180, rate, 10.0);
                assert!(!program.pages(), "at {rate}/s");
                let alerts = program.handle.alerts();
                let over = alerts.closed.iter().find(|closed| closed.id == alert.id).unwrap();
                assert_eq!(over.state, State::Resolved);
                let lines = told.lines();
                assert_eq!(lines.len(), 2, "{lines:?}");
                assert!(lines[1].contains(" state=\"resolved\""), "{}", lines[1]);
                assert!(lines[1].contains(" reason=\"all_resolved\""), "{}", lines[1]);
            });
        }
    }
}

#[test]
fn a_spike_of_five_seconds_never_pages() {
    for rate in RATES {
        let mut program = settled(rate, 3);
        for times in [2.0, 10.0] {
            assert_eq!(program.seconds(5, rate, 10.0 * times), 0, "{times} times at {rate}/s");
            assert_eq!(program.seconds(300, rate, 10.0), 0, "{times} times at {rate}/s");
        }
    }
}

#[test]
fn faster_calls_never_page() {
    for rate in RATES {
        let mut program = settled(rate, 4);
        assert_eq!(program.seconds(600, rate, 5.0), 0, "at {rate}/s");
    }
}
