//! Tests of saved runs and of what is said of two.

use super::*;
use crate::timing::VERSION;

/// A run whose samples scatter by about one in a hundred around so many nanoseconds a call.
fn run(operations: &[(&str, f64)]) -> SavedRun {
    let scattered = |middle: f64, process: usize| -> Vec<f64> {
        (0..50)
            .map(|at| middle * (1.0 + 0.01 * (((at * 37 + process * 11) % 50) as f64 / 25.0 - 1.0)))
            .collect()
    };
    let mut run = SavedRun {
        kgas_perf_run: 1,
        class: "linux x86_64, up to 2 cores, release".into(),
        toolchain: "rustc 1.95.0".into(),
        commit: "c53ae02".into(),
        date: "2026-01-31".into(),
        yardstick: VERSION,
        ..SavedRun::default()
    };
    for (name, ns) in operations {
        let saved = SavedOperation {
            statistic: "median".into(),
            samples_ns: (0..4).map(|process| scattered(*ns, process)).collect(),
            yardsticks_ns: vec![vec![[5_000.0; 4]; 50]; 4],
            ..SavedOperation::default()
        };
        run.operations.insert((*name).to_owned(), saved);
    }
    run
}

#[test]
fn each_operation_gets_what_may_be_said_of_it() {
    let before = run(&[("a", 1e3), ("b", 1e6), ("c", 1e9), ("d <&> \"|\"", 50.0), ("e", 1e3)]);
    let after =
        run(&[("a", 1.02e3), ("b", 0.8e6), ("c", 0.94e9), ("d <&> \"|\"", 60.0), ("f", 1.0)]);
    let table = Table::of(&before, &after, 0.05);
    let claims: Vec<Claim> = table.rows.iter().map(|row| row.claim).collect();
    use Claim::{Improved, Inconclusive, NoChange, Regressed, Validated};
    assert_eq!(claims, [NoChange, Validated, Improved, Regressed, Inconclusive, Inconclusive]);
    assert_eq!(table.conclusion(), Conclusion::Regressed);
    assert!((table.rows[1].effect.unwrap() + 0.2).abs() < 0.005);
    let text = table.render(Format::Text);
    assert!(text.contains("validated ≥ 10 % improvement"), "{text}");
    let markdown = table.render(Format::Markdown);
    assert!(markdown.contains("| d &lt;&> \"\\|\" | 50.0 ns | 60.0 ns | +20 % |"), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&table.render(Format::Json)).unwrap();
    assert_eq!(json["conclusion"], "regressed");
    assert_eq!(json["operations"][1]["verdict"], "validated");
    let junit = table.render(Format::Junit);
    assert!(junit.contains("tests=\"6\" failures=\"1\" skipped=\"2\""), "{junit}");
    assert!(junit.contains("name=\"d &lt;&amp;&gt; &quot;|&quot;\""), "{junit}");
}

#[test]
fn a_run_beside_itself_is_no_change_and_two_runs_differ_alike_either_way() {
    // Pieces of the yardstick that wander, each by itself, and with them what the operation takes.
    let wandering = |middle: f64, start: u32| {
        let mut run = run(&[("a", middle)]);
        for saved in run.operations.values_mut() {
            let all = saved.samples_ns.iter_mut().zip(&mut saved.yardsticks_ns);
            for (process, (samples, yardsticks)) in (start..).zip(all) {
                for (at, (sample, pieces)) in (0_u32..).zip(samples.iter_mut().zip(yardsticks)) {
                    for (piece, part) in (1_u32..).zip(pieces.iter_mut()) {
                        let phase = f64::from(at * piece) * 0.37 + f64::from(process * piece);
                        *part *= (0.2 * phase.sin()).exp();
                        *sample *= (0.05 * phase.sin()).exp();
                    }
                }
            }
        }
        run
    };
    let (before, after) = (wandering(1e3, 0), wandering(1.03e3, 7));
    let row = |one: &SavedRun, other: &SavedRun| Table::of(one, other, 0.05).rows[0].clone();
    let itself = row(&before, &before);
    assert_eq!(itself.claim, Claim::NoChange);
    assert!(itself.effect.is_some_and(|effect| effect.abs() < 1e-3), "{itself:?}");
    let (forth, back) = (row(&before, &after), row(&after, &before));
    let sum = forth.effect.unwrap().ln_1p() + back.effect.unwrap().ln_1p();
    assert!(sum.abs() < 1e-3, "{forth:?} {back:?}");
}

#[test]
fn what_follows_is_fine_only_if_every_operation_was_judged() {
    let one = run(&[("a", 1e3)]);
    let both = run(&[("a", 1e3), ("b", 1e3)]);
    assert_eq!(Table::of(&one, &one, 0.05).conclusion(), Conclusion::Fine);
    // What is new cannot have regressed; what is gone was not judged, and nothing is no success.
    assert_eq!(Table::of(&one, &both, 0.05).conclusion(), Conclusion::Fine);
    assert_eq!(Table::of(&both, &one, 0.05).conclusion(), Conclusion::NotJudged);
    assert_eq!(Table::of(&run(&[]), &run(&[]), 0.05).conclusion(), Conclusion::NotJudged);
    let codes = [Conclusion::Fine, Conclusion::Regressed, Conclusion::NotJudged];
    assert_eq!(codes.map(Conclusion::exit_code), [0, 1, 2]);
}

#[test]
fn more_of_something_exact_is_a_regression() {
    let mut before = run(&[]);
    let counts = |queries| SavedOperation {
        counts: [("queries".to_owned(), queries)].into(),
        ..SavedOperation::default()
    };
    before.operations.insert("load".into(), counts(2));
    let mut after = before.clone();
    assert_eq!(Table::of(&before, &after, 0.05).conclusion(), Conclusion::Fine);
    after.operations.insert("load".into(), counts(3));
    let table = Table::of(&before, &after, 0.05);
    assert_eq!(table.conclusion(), Conclusion::Regressed);
    assert!(table.render(Format::Text).contains("regressed; queries 2 → 3"));
}

#[test]
fn a_saved_run_is_read_back_and_nothing_else_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/run.json");
    std::thread::scope(|scope| {
        for writer in 0..6 {
            let file = &file;
            scope.spawn(move || {
                let name = format!("operation {writer}");
                SavedRun::add_to(
                    file,
                    || run(&[]),
                    &name,
                    |operation| {
                        *operation = run(&[("x", 5.0)]).operations["x"].clone();
                    },
                )
                .unwrap();
            });
        }
    });
    assert_eq!(SavedRun::read(&file).unwrap().operations.len(), 6);
    for (text, said) in [
        ("{", "EOF"),
        ("{}", "missing field"),
        (
            r#"{"kgas_perf_run":2,"class":"","toolchain":"","commit":"","date":"","yardstick":1,"operations":{}}"#,
            "its version is 2; 1 is known here",
        ),
        (
            r#"{"kgas_perf_run":1,"class":"","toolchain":"","commit":"","date":"","yardstick":1,"operations":{"a":{"samples_ns":[[1.0]],"yardsticks_ns":[]}}}"#,
            "the samples of `a` are no durations in pairs",
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        let error = SavedRun::read(&file).unwrap_err().to_string();
        assert!(error.contains("is no saved run") && error.contains(said), "{error}");
    }
}

#[test]
fn a_file_of_another_run_is_begun_anew_and_one_of_the_same_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    let names_after = |name: &str, change: &dyn Fn(&mut SavedRun)| -> Vec<String> {
        let mut fresh = run(&[]);
        change(&mut fresh);
        SavedRun::add_to(&file, || fresh.clone(), name, |_| ()).unwrap();
        let there = SavedRun::read(&file).unwrap();
        assert_eq!((&there.commit, &there.toolchain), (&fresh.commit, &fresh.toolchain));
        there.operations.into_keys().collect()
    };
    assert_eq!(names_after("a", &|_| ()), ["a"]);
    assert_eq!(names_after("b", &|_| ()), ["a", "b"]);
    // Another day, or a crate with features of its own, is the same run.
    assert_eq!(names_after("c", &|run| run.date.push('9')), ["a", "b", "c"]);
    assert_eq!(names_after("d", &|run| run.class.push_str(", tokio")), ["a", "b", "c", "d"]);
    assert_eq!(names_after("e", &|run| run.commit = "f5e53b4".into()), ["e"]);
    assert_eq!(names_after("f", &|run| run.toolchain = "rustc 1.96.0".into()), ["f"]);
    assert_eq!(names_after("g", &|run| run.yardstick += 1), ["g"]);
    let debug = "linux x86_64, up to 2 cores, debug";
    assert_eq!(names_after("h", &|run| run.class = debug.into()), ["h"]);
}

#[test]
fn in_turns_half_the_work_is_a_validated_improvement() {
    let work =
        |rounds: u64| move || (0..rounds).fold(7_u64, |all, each| std::hint::black_box(all ^ each));
    let report = Interleaved::default()
        .samples(30)
        // Much more than it needs, so that a busy machine makes it no less sure.
        .budget(std::time::Duration::from_secs(60))
        .run(work(4_000), work(1_000));
    assert_eq!(report.claim, Claim::Validated, "{report}");
    assert!(report.new_ns < report.old_ns);
}
