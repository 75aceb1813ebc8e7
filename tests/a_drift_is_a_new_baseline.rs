//! An operation that creeps over days is told of, for information, and gets a new version of its
//! baseline; what it drifted from is the first one.

mod judging_support;

use judging_support::{IMPORT, Program, Told};
use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::detect::Kind;
use kgas_perf_runtime::measure::Severity;

const DAY: u64 = 86_400;
/// Seconds of a tick: days of seconds would take a test too long.
const TICK: u64 = 120;

#[test]
fn a_creep_over_days_makes_a_new_version_and_an_information() {
    let told = Told::default();
    tracing::subscriber::with_default(told.clone(), || {
        let mut program = Program::new(1);
        let (mut found, mut version_then) = (None, 0);
        // A fifth slower each day, from the first day's end on.
        for tick in 0..9 * DAY / TICK {
            let day = (tick * TICK) as f64 / DAY as f64;
            let creep = (1.0 + 0.2 * (day - 1.0)).max(1.0);
            let seen = program.tick_of(TICK, 0.5, 10.0 * creep);
            let verdicts = seen.verdicts.into_iter().map(|finding| finding.verdict);
            for verdict in verdicts {
                assert_eq!((verdict.kind, verdict.severity), (Kind::Drift, Severity::Info));
                assert!(found.is_none(), "it is told once");
                version_then = versions(&program)[0];
                found = Some((day, verdict));
            }
        }
        let (day, verdict) = found.expect("it has drifted");
        assert!((4.0..8.0).contains(&day), "on day {day}");
        // Against the first day, and not against yesterday.
        assert!((0.55..0.75).contains(&verdict.effect.unwrap()), "{verdict:?}");
        assert_eq!(version_then, 1);
        assert_eq!(versions(&program), [2, 1]);
        let kept = program.handle.collector().versions(IMPORT, SizeClass::Unsized);
        let ratio = kept[0].p50.as_secs_f64() / kept[1].p50.as_secs_f64();
        assert!((1.5..2.7).contains(&ratio), "{ratio}");
    });
    let lines = told.lines();
    assert!(lines.iter().all(|line| line.starts_with("INFO")), "nobody is paged: {lines:#?}");
}

fn versions(program: &Program) -> Vec<u32> {
    let kept = program.handle.collector().versions(IMPORT, SizeClass::Unsized);
    kept.iter().map(|baseline| baseline.version).collect()
}
