//! While a baseline is being learned, what is unlike it is shown and told nobody. What a person
//! declared is judged from the first calls on.

mod judging_support;

use std::time::Duration;

use judging_support::{IMPORT, Program, Told};
use kgas_perf_runtime::alert::{Because, Fingerprint, Muted, Subject};
use kgas_perf_runtime::baseline::Learning;
use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::measure::{CatalogueText, Severity};

#[test]
fn what_a_learning_baseline_says_is_an_info_and_told_nobody() {
    let told = Told::default();
    tracing::subscriber::with_default(told.clone(), || {
        let mut program = Program::new(1);
        program.seconds(160, 1.0, 10.0);
        let learning = program.handle.learning(IMPORT, SizeClass::Unsized).unwrap();
        assert!(matches!(learning, Learning::Estimating { .. }), "{learning}");
        let baseline = &program.handle.baselines()[0];
        assert_eq!((baseline.is_mature(), baseline.version), (false, 0));

        let found = (0..60).any(|_| {
            let tick = program.second(1.0, 50.0);
            tick.verdicts.iter().any(|found| {
                assert!(!found.mature);
                found.verdict.severity > Severity::Info
            })
        });
        assert!(found, "it is seen");
        program.seconds(60, 1.0, 50.0);
        assert!(!program.pages());
        let alert = program.alert("slower").unwrap();
        assert_eq!(alert.severity, Severity::Info);
        assert_eq!(alert.muted, Some(Muted::Immature));
        assert!(alert.but_immature > Some(Severity::Info));
        let subject = Subject::operation(IMPORT, SizeClass::Unsized);
        let because = program.handle.explain(Fingerprint::of("slower", &subject)).because;
        assert!(matches!(because[..], [Because::Immature(_), ..]), "{because:?}");
    });
    assert!(told.lines().is_empty(), "{:?}", told.lines());
}

/// `import`, of which 95 in 100 calls are to end within 15 ms.
const DECLARED: CatalogueText = CatalogueText {
    text: "[operations.import]\ncategory = \"tool\"\n\
           objectives = [{ metric = \"duration\", statistic = \"p95\", at_most = \"500 ms\" }]\n",
    file: "declared.toml",
};

#[test]
fn objectives_are_judged_while_the_baseline_is_learned_as_they_were_overridden() {
    let tonight = "[operations.import]\n\
        objectives = [{ metric = \"duration\", statistic = \"p95\", at_most = \"15 ms\" }]\n";
    let told = Told::default();
    tracing::subscriber::with_default(told.clone(), || {
        let mut program = Program::with(1, |builder| {
            builder.catalogue(DECLARED).override_objectives(tonight, "tonight.toml")
        });
        let fired = (1..=60).find(|_| {
            program.second(1.0, 30.0);
            program.pages()
        });
        assert!(fired.is_some(), "the objective is broken from the first call on");
        let learning = program.handle.learning(IMPORT, SizeClass::Unsized).unwrap();
        assert!(matches!(learning, Learning::Collecting { .. }), "{learning}");
        let alert = program.alert("objective").unwrap();
        assert!(alert.severity >= Severity::Warning);
        assert_eq!(alert.evidence.what.as_deref(), Some("p95 duration"));
        program.seconds(6, 1.0, 30.0);
        assert!(told.lines()[0].contains(" kind=\"objective\""), "{:?}", told.lines());
    });

    // As it was declared it is met.
    let mut program = Program::with(1, |builder| builder.catalogue(DECLARED));
    assert_eq!(program.seconds(120, 1.0, 30.0), 0);
    assert_eq!(program.clock_seconds(), 120);
}

impl Program {
    fn clock_seconds(&self) -> u64 {
        Duration::as_secs(&self.handle.snapshot().monotonic)
    }
}
