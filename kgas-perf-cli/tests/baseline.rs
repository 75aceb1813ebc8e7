//! `kgas-perf baseline` and `kgas-perf compare`, run as a person runs them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use kgas_perf_testkit::baselines::{Book, CountsEntry, Found, Origin, Pending};

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kgas-perf"))
        .current_dir(folder)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn pending(operation: &str, queries: u64, how: &str) -> Pending {
    let counts = BTreeMap::from([("queries".to_owned(), queries)]);
    let origin = Origin { date: "2026-01-31".into(), reason: how.into(), ..Origin::default() };
    Pending {
        operation: operation.into(),
        found: Found::Counts("release".into(), CountsEntry { counts, origin }),
        how: how.into(),
    }
}

#[test]
fn what_is_new_is_accepted_and_what_is_worse_takes_a_reason_that_is_kept() {
    let root = tempfile::tempdir().unwrap();
    let member = root.path().join("crates/member");
    fs::create_dir_all(&member).unwrap();
    let nothing = run(root.path(), &["baseline", "review"]);
    assert_eq!(stdout(&nothing), "nothing is pending\n");

    pending("load a/b", 2, "new").write(&member).unwrap();
    let listed = run(root.path(), &["baseline", "review"]);
    assert_eq!(listed.status.code(), Some(0));
    assert!(stdout(&listed).contains("load a/b is new (release)"));
    assert!(stdout(&listed).contains("this is no terminal; decide with --accept NAME"));
    let accepted = run(root.path(), &["baseline", "review", "--accept-new"]);
    assert_eq!(stdout(&accepted), "accepted load a/b (release)\n");
    let book = || Book::read(&Book::file_of(&member)).unwrap();
    assert_eq!(book().counts("load a/b", "release").unwrap().counts["queries"], 2);

    pending("load a/b", 9, "more").write(&member).unwrap();
    let refused = run(root.path(), &["baseline", "review", "--accept", "load a/b"]);
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(stderr(&refused), "`load a/b` is more; to accept that, say why: --reason \"…\"\n");
    assert_eq!(book().counts("load a/b", "release").unwrap().counts["queries"], 2);
    let reasoned = ["baseline", "review", "--accept", "load a/b", "--reason", "paging came"];
    assert_eq!(run(root.path(), &reasoned).status.code(), Some(0));
    let counts = book().counts("load a/b", "release").unwrap();
    assert_eq!((counts.counts["queries"], counts.origin.reason.as_str()), (9, "paging came"));
    assert!(Pending::all(&member).is_empty());
}

#[test]
fn what_is_rejected_is_gone_and_what_is_not_there_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    pending("load", 2, "new").write(root.path()).unwrap();
    let unknown = run(root.path(), &["baseline", "review", "--reject", "lode"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).starts_with("nothing is pending of `lode`"));
    let rejected = run(root.path(), &["baseline", "review", "--reject", "load"]);
    assert_eq!(stdout(&rejected), "rejected load (release)\n");
    assert!(!root.path().join("perf/baselines.toml").exists());
}

#[test]
fn a_broken_file_is_told_and_left_as_it_is() {
    let root = tempfile::tempdir().unwrap();
    pending("load", 2, "new").write(root.path()).unwrap();
    let file = root.path().join("perf/baselines.toml");
    fs::write(&file, "version = 1\n<<<<<<< HEAD\n").unwrap();
    let output = run(root.path(), &["baseline", "review", "--accept-new"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("baselines.toml:2: "), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(&file).unwrap(), "version = 1\n<<<<<<< HEAD\n");
}

#[test]
fn each_crate_is_named_and_one_key_alone_is_decided() {
    let root = tempfile::tempdir().unwrap();
    let [one, other] = ["one", "other"].map(|name| root.path().join(name));
    for folder in [&one, &other] {
        fs::create_dir_all(folder).unwrap();
        pending("load", 2, "new").write(folder).unwrap();
    }
    let mut debug = pending("load", 3, "new");
    if let Found::Counts(key, _) = &mut debug.found {
        *key = "debug".into();
    }
    debug.write(&one).unwrap();
    let listed = stdout(&run(root.path(), &["baseline", "review", "--list"]));
    let (first, second) = (listed.find("./one:\n"), listed.find("./other:\n"));
    assert!(first.is_some() && first < second, "{listed}");

    let review = ["baseline", "review", "--accept", "load (debug)"];
    let accepted = run(root.path(), &review);
    assert_eq!(stdout(&accepted), "accepted load (debug) in ./one\n");
    assert_eq!((Pending::all(&one).len(), Pending::all(&other).len()), (1, 1));
    let book = Book::read(&Book::file_of(&one)).unwrap();
    assert!(book.counts("load", "debug").is_some() && book.counts("load", "release").is_none());
    let again = run(root.path(), &review);
    assert!(stderr(&again).starts_with("nothing is pending of `load (debug)`"));
}

#[test]
fn a_broken_pending_file_is_told_and_blocks_no_other() {
    let root = tempfile::tempdir().unwrap();
    pending("load", 2, "new").write(root.path()).unwrap();
    let broken = Pending::folder(root.path()).join("a.toml");
    fs::write(&broken, "<<<<<<< HEAD\n").unwrap();
    let output = run(root.path(), &["baseline", "review", "--accept-new"]);
    assert_eq!(stdout(&output), "accepted load (release)\n");
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output);
    assert!(told.contains("a.toml:1: ") && told.contains("writes it anew"), "{told}");
    assert!(broken.exists());
    let nothing = run(root.path(), &["baseline", "review"]);
    assert_eq!((stdout(&nothing).as_str(), nothing.status.code()), ("", Some(2)));
}

#[test]
fn a_check_exits_with_one_while_something_is_pending() {
    let root = tempfile::tempdir().unwrap();
    let check = || run(root.path(), &["baseline", "review", "--check"]);
    assert_eq!(check().status.code(), Some(0));
    pending("load", 2, "new").write(root.path()).unwrap();
    let output = check();
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).starts_with("load is new (release)\n"));
}

#[test]
fn results_are_found_from_a_folder_within_the_workspace() {
    let root = tempfile::tempdir().unwrap();
    let member = root.path().join("crates/member");
    fs::create_dir_all(&member).unwrap();
    let results = || {
        Command::new(env!("CARGO_BIN_EXE_kgas-perf"))
            .current_dir(&member)
            .env_remove("KGAS_PERF_RESULTS")
            .env_remove("CARGO_TARGET_DIR")
            .args(["baseline", "results"])
            .output()
            .expect("the binary runs")
    };
    let missing = results();
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).contains("run tests that assert first"), "{}", stderr(&missing));
    let kept = root.path().join("target/kgas-perf/results");
    fs::create_dir_all(&kept).unwrap();
    fs::write(kept.join("a.json"), r#"{"operation":"a","answer":"kept","said":"fine"}"#).unwrap();
    assert_eq!(stdout(&results()), "kept          fine\n");
}

/// A saved run of one operation, its samples around so many nanoseconds.
fn saved(ns: f64) -> String {
    let samples: Vec<f64> =
        (0..50).map(|at| ns * (1.0 + 0.001 * f64::from(at * 37 % 11))).collect();
    serde_json::json!({
        "kgas_perf_run": 1, "class": "linux x86_64, up to 2 cores, release",
        "toolchain": "rustc 1.95.0", "commit": "", "date": "2026-01-31", "yardstick": 2,
        "operations": { "convert <a>": {
            "statistic": "median",
            "samples_ns": [samples, samples], "yardsticks_ns": [vec![[5_000.0; 4]; 50], vec![[5_000.0; 4]; 50]],
        } },
    })
    .to_string()
}

#[test]
fn two_runs_are_compared_and_the_exit_code_says_what_follows() {
    let root = tempfile::tempdir().unwrap();
    for (name, ns) in [("old", 1_000.0), ("same", 1_001.0), ("slow", 1_300.0), ("fast", 700.0)] {
        fs::write(root.path().join(name), saved(ns)).unwrap();
    }
    for (after, code, said) in [
        ("same", 0, "no change shown"),
        ("slow", 1, "regressed"),
        ("fast", 0, "validated ≥ 10 % improvement"),
    ] {
        for format in ["text", "markdown"] {
            let output = run(root.path(), &["compare", "old", after, "--format", format]);
            assert_eq!(output.status.code(), Some(code), "{after}: {}", stderr(&output));
            assert!(stdout(&output).contains(said), "{after}: {}", stdout(&output));
        }
    }
    let junit = stdout(&run(root.path(), &["compare", "old", "slow", "--format", "junit"]));
    let page = roxmltree::Document::parse(&junit).unwrap();
    let case = page.descendants().find(|node| node.has_tag_name("testcase")).unwrap();
    assert_eq!(case.attribute("name"), Some("convert <a>"));
    assert!(case.children().any(|node| node.has_tag_name("failure")));
    let json = stdout(&run(root.path(), &["compare", "old", "slow", "--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!((json["operations"][0]["effect"].as_f64().unwrap() - 0.3).abs() < 0.01);

    let missing = run(root.path(), &["compare", "old", "gone"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(stderr(&missing).starts_with("cannot read the run gone: "));
}
