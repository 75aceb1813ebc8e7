//! Assertions as a crate's tests make them, each in a process of its own: what is written where,
//! what fails, and what is said though it passes.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use kgas_perf_testkit::baselines::{Book, Pending};
use kgas_perf_testkit::exact::KeepsCounts;
use kgas_perf_testkit::scaling::Experiment;
use kgas_perf_testkit::{
    __private::Place, WithinBaseline, assert_constant, assert_counts, assert_linear, assert_scales,
};

/// The folder that stands for the crate's; none if cargo runs the tests below by themselves.
fn place() -> Option<Place> {
    let folder = std::env::var("KGAS_PERF_TEST_FOLDER").ok()?;
    Some(Place::new(&folder, std::env::var_os("KGAS_PERF_TEST_DEBUG").is_some()))
}

#[test]
#[ignore = "run by the tests below"]
fn durations() {
    let Some(place) = place() else { return };
    let mut state = 1_u64;
    // Borrows, and returns something that is dropped.
    let mut work = || {
        state = state.wrapping_mul(0x0100_0000_01b3) ^ 7;
        vec![state; 3]
    };
    let assertion = WithinBaseline::at("odd / name: \"ü\" 🦀", place);
    assertion
        .samples(8)
        .warm_up(Duration::from_millis(1))
        .budget(Duration::from_secs(1))
        .assert(&mut work);
}

#[test]
#[ignore = "run by the tests below"]
fn counts() {
    let Some(place) = place() else { return };
    let queries = std::env::var("KGAS_PERF_TEST_QUERIES").map_or(2, |count| count.parse().unwrap());
    let operation = std::env::var("KGAS_PERF_TEST_OPERATION").unwrap_or("load".to_owned());
    KeepsCounts::at(operation, place).assert(|counts| counts.add("queries", queries));
}

#[test]
#[ignore = "run by the tests below"]
fn scaling() {
    if place().is_some() {
        assert_scales!(|n| n, at_most = N, Experiment::new().sizes([1, 2, 4, 8, 16]));
    }
}

#[test]
#[ignore = "run by the tests below"]
fn limits_and_growth() {
    if place().is_none() {
        return;
    }
    assert_counts!("load", |counts| counts.add("queries", 2), at_most("queries", 2));
    assert_constant!("queries", [1, 10], |_, counts| counts.add("queries", 3));
    assert_linear!("rows", [1, 10, 100], |size, counts| counts.add("rows", size));
    assert_constant!("rows", [1, 10], |size, counts| counts.add("rows", size));
}

fn run(test: &str, folder: &Path, environment: &[(&str, &str)]) -> Output {
    command(test, folder, environment).output().unwrap()
}

fn command(test: &str, folder: &Path, environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in ["CI", "KGAS_PERF_UPDATE", "KGAS_PERF_STRICT", "KGAS_PERF_SAVE", "KGAS_PERF_REASON"]
    {
        command.env_remove(name);
    }
    command
        .args([test, "--exact", "--include-ignored"])
        .env("KGAS_PERF_TEST_FOLDER", folder)
        .env("KGAS_PERF_RESULTS", folder.join("results"))
        .envs(environment.iter().copied())
        .stdin(Stdio::null());
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn what_is_new_passes_is_said_past_the_capture_and_waits_for_review() {
    let folder = tempfile::tempdir().unwrap();
    let output = run("durations", folder.path(), &[]);
    assert!(output.status.success(), "{}", said(&output));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(
        told.contains("kgas-perf: `odd / name: \"ü\" 🦀` is new: it has no baseline yet"),
        "{told}"
    );
    let pending = Pending::all(folder.path());
    let pending = pending[0].as_ref().unwrap();
    assert_eq!((pending.operation.as_str(), pending.how.as_str()), ("odd / name: \"ü\" 🦀", "new"));
    assert!(!Book::file_of(folder.path()).exists());
    assert_eq!(fs::read_dir(folder.path().join("results")).unwrap().count(), 1);

    let strict = run("durations", folder.path(), &[("KGAS_PERF_STRICT", "1")]);
    assert!(!strict.status.success());
    assert!(said(&strict).contains("assertions_in_a_crate.rs"), "{}", said(&strict));
}

#[test]
fn unseen_is_written_by_other_processes_too_and_ci_never_writes() {
    let folder = tempfile::tempdir().unwrap();
    let ci = run("durations", folder.path(), &[("CI", "true"), ("KGAS_PERF_UPDATE", "force")]);
    assert!(ci.status.success(), "{}", said(&ci));
    assert!(!folder.path().join("perf").exists());

    let output = run("durations", folder.path(), &[("KGAS_PERF_UPDATE", "unseen")]);
    assert!(output.status.success(), "{}", said(&output));
    let book = Book::read(&Book::file_of(folder.path())).unwrap();
    let operation = "odd / name: \"ü\" 🦀";
    let class = book.classes(operation).remove(0);
    let entry = book.entry(operation, &class).unwrap();
    // A busy machine is named after that.
    assert!(entry.origin.reason.starts_with("first baseline"), "{}", entry.origin.reason);
    // This test names its thread, so the program could run it again.
    let fresh: &[usize] = if entry.n >= 12 { &[6, 10, 16] } else { &[1] };
    assert!(fresh.contains(&entry.in_yardsticks.len()), "{} samples", entry.n);

    let mistyped = run("durations", folder.path(), &[("KGAS_PERF_UPDATE", "allways")]);
    assert!(!mistyped.status.success());
    assert!(said(&mistyped).contains("KGAS_PERF_UPDATE is `allways`; accepted: auto"));
}

#[test]
fn a_class_without_a_baseline_is_told_the_others_and_gets_its_first() {
    let folder = tempfile::tempdir().unwrap();
    let run = || run("durations", folder.path(), &[("KGAS_PERF_UPDATE", "unseen")]);
    run();
    let file = Book::file_of(folder.path());
    let operation = "odd / name: \"ü\" 🦀";
    let here = Book::read(&file).unwrap().classes(operation).remove(0);
    let other = "plan9 mips, up to 1 core, release";
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace(here.as_str(), other)).unwrap();
    let output = run();
    let note = format!("this class is `{here}`; there are baselines of others: `{other}`");
    assert!(said(&output).contains(&note), "{}", said(&output));
    let entry = Book::read(&file).unwrap().entry(operation, &here).unwrap();
    assert!(entry.origin.reason.starts_with("first baseline"), "{}", entry.origin.reason);
}

#[test]
fn a_broken_file_fails_with_its_line_and_stays_and_a_debug_build_is_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let file = Book::file_of(folder.path());
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "version = 1\n\nwhat = is this\n").unwrap();
    for test in ["durations", "counts"] {
        let output = run(test, folder.path(), &[("KGAS_PERF_UPDATE", "always")]);
        assert!(!output.status.success());
        assert!(said(&output).contains("baselines.toml:3: "), "{}", said(&output));
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "version = 1\n\nwhat = is this\n");

    let debug = run("durations", folder.path(), &[("KGAS_PERF_TEST_DEBUG", "1")]);
    assert!(debug.status.success());
    assert!(said(&debug).contains("is not judged: debug build"), "{}", said(&debug));
}

#[test]
fn one_query_more_fails_one_fewer_is_said_and_always_takes_both() {
    let folder = tempfile::tempdir().unwrap();
    let queries = |count, update| {
        run(
            "counts",
            folder.path(),
            &[("KGAS_PERF_TEST_QUERIES", count), ("KGAS_PERF_UPDATE", update)],
        )
    };
    assert!(said(&queries("2", "unseen")).contains("the counts of `load` are new: queries 2"));
    assert!(queries("2", "auto").status.success());
    let more = queries("3", "auto");
    assert!(!more.status.success());
    assert!(said(&more).contains("queries: 3, normal are 2"), "{}", said(&more));
    assert_eq!(Pending::all(folder.path()).len(), 1);
    let fewer = queries("1", "no");
    assert!(fewer.status.success());
    assert!(said(&fewer).contains("queries: 1, normal were 2"), "{}", said(&fewer));
    // As its baseline says again: nothing is pending any more.
    assert!(queries("2", "auto").status.success());
    assert!(Pending::all(folder.path()).is_empty());
    assert!(queries("3", "always").status.success());
    assert!(queries("3", "no").status.success());
}

#[test]
#[cfg(debug_assertions)]
fn what_is_not_judged_of_scaling_is_said_past_the_capture_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let output = run("scaling", folder.path(), &[]);
    assert!(output.status.success(), "{}", said(&output));
    let told = String::from_utf8_lossy(&output.stderr);
    let line = "kgas-perf: not judged: debug build; at most O(n) was asserted\n";
    assert!(told.contains(line), "{told}");
    assert!(results(folder.path()).contains("\"answer\":\"not judged\""));
}

#[test]
fn limits_and_growth_are_kept_whether_they_hold_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let output = run("limits_and_growth", folder.path(), &[]);
    assert!(said(&output).contains("`rows` grows with the input"), "{}", said(&output));
    let results = results(folder.path());
    for kept in [
        "a call of `load` keeps its limits\\n  queries: 2, allowed are at most 2\\n  at ",
        "`queries` stays constant as the input grows\\n  1: 3\\n  10: 3\\n  at ",
        "`rows` grows no faster than the input\\n  1: 1\\n",
        "`rows` grows with the input, and is to stay constant\\n  1: 1\\n",
    ] {
        assert!(results.contains(kept), "{kept} in\n{results}");
    }
    assert_eq!(results.matches("\"answer\":\"kept\"").count(), 3, "{results}");
    assert_eq!(results.matches("\"answer\":\"not kept\"").count(), 1, "{results}");
}

/// What was kept for `kgas-perf baseline results`.
fn results(folder: &Path) -> String {
    let files = fs::read_dir(folder.join("results")).unwrap();
    files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

/// As under nextest: each test a process of its own, many at once.
#[test]
fn processes_side_by_side_lose_nothing_of_each_other_s() {
    let folder = tempfile::tempdir().unwrap();
    let operations: Vec<String> = (0..12).map(|at| format!("operation {at:02}")).collect();
    let all_at_once = |queries: &str, update: &str| {
        let start = |operation: &String| {
            let environment = [
                ("KGAS_PERF_TEST_OPERATION", operation.as_str()),
                ("KGAS_PERF_TEST_QUERIES", queries),
                ("KGAS_PERF_UPDATE", update),
            ];
            let mut command = command("counts", folder.path(), &environment);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        let mut processes: Vec<_> = operations.iter().map(start).collect();
        processes.iter_mut().all(|process| process.wait().unwrap().success())
    };
    // All into one file, which each of them reads, changes and writes.
    assert!(all_at_once("2", "unseen"));
    let book = fs::read_to_string(Book::file_of(folder.path())).unwrap();
    for operation in &operations {
        assert_eq!(book.matches(operation.as_str()).count(), 1, "{operation} in\n{book}");
    }
    // Each waits for review; then each takes its own back, the last the folder too.
    assert!(all_at_once("1", "new"));
    let pending = |pending: Vec<Result<Pending, _>>| {
        let names = pending.into_iter().map(|each| each.unwrap().operation);
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    };
    assert_eq!(pending(Pending::all(folder.path())), operations);
    assert!(all_at_once("2", "new"));
    assert!(!Pending::folder(folder.path()).exists());
}

#[test]
fn in_a_folder_that_cannot_be_written_tests_pass_and_say_so() {
    // A file in the place of the folder: so for every user, root too.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("perf"), "").unwrap();
    let output = run("counts", folder.path(), &[]);
    let told = said(&output);
    // Reading says that there is no such folder, or that it is none.
    assert!(
        told.contains("nothing was kept for review: cannot write the baselines")
            || told.contains("cannot read the baselines"),
        "{told}"
    );
    let folder = folder.path().join("gone");
    let output = run("counts", &folder, &[("KGAS_PERF_UPDATE", "no")]);
    assert!(output.status.success(), "{}", said(&output));
}
