//! `kgas-perf load`, run as a person runs it.

use std::process::{Command, Output};
#[cfg(unix)]
use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

fn load(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kgas-perf"));
    command.arg("load").args(arguments).output().expect("the binary runs")
}

#[test]
fn the_example_is_told_as_json_as_a_page_and_as_a_junit_file() {
    let folder = tempfile::tempdir().unwrap();
    let [page, junit] = ["load.html", "load.xml"].map(|name| folder.path().join(name));
    let (page_argument, junit_argument) = (page.to_str().unwrap(), junit.to_str().unwrap());
    let arguments = [
        "--example",
        "--duration",
        "1",
        "--json",
        "--html",
        page_argument,
        "--junit",
        junit_argument,
    ];
    let output = load(&arguments);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    // Whether all is fine depends on the machine; that both say the same does not.
    assert_eq!(json["exit_code"].as_i64(), output.status.code().map(i64::from));
    let reports = json["reports"].as_array().unwrap();
    for report in reports {
        let counts = &report["total"]["counts"];
        let count = |name: &str| counts[name].as_u64().unwrap();
        let ends = ["ok", "error", "panicked", "timed_out", "cancelled", "dropped"];
        assert_eq!(count("planned"), ends.iter().map(|end| count(end)).sum::<u64>());
        assert!(count("planned") > 0);
    }
    assert!(std::fs::read_to_string(page).unwrap().contains("<svg"));
    let junit = std::fs::read_to_string(junit).unwrap();
    roxmltree::Document::parse(&junit).expect("XML");
    // In a pipe, each stage is one line.
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.lines().any(|line| line.starts_with("http: steady: ")), "{told}");
}

#[test]
fn without_anything_to_put_load_on_it_says_what_is_missing() {
    let output = load(&[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--example"));
    let output = load(&["--example", "--duration", "0"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_file_that_cannot_be_written_is_told_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (page, missing) = (folder.path().join("load.html"), folder.path().join("no/load.xml"));
    std::fs::write(&page, "of an earlier run").unwrap();
    let (page_argument, junit_argument) = (page.to_str().unwrap(), missing.to_str().unwrap());
    let arguments = ["--example", "--duration", "60", "--html", page_argument];
    let output = load(&[&arguments[..], &["--junit", junit_argument]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.starts_with(&format!("cannot write {junit_argument}: ")), "{told}");
    // A run would have told its stages.
    assert_eq!(told.lines().count(), 1, "{told}");
    assert_eq!(std::fs::read_to_string(page).unwrap(), "of an earlier run");
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_cannot_be_written_in_the_end_loses_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let junit = folder.path().join("load.xml");
    std::fs::write(&junit, "x".repeat(1_000_000)).unwrap();
    let arguments = ["--example", "--duration", "1", "--json", "--html", "/dev/full", "--junit"];
    let output = load(&[&arguments[..], &[junit.to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(2));
    serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("cannot write /dev/full: "), "{told}");
    let junit = std::fs::read_to_string(junit).unwrap();
    roxmltree::Document::parse(&junit).expect("XML, and nothing of what was there before");
}

#[cfg(unix)]
#[test]
fn one_that_is_interrupted_tells_what_it_has_found() {
    use rustix::process::{Pid, Signal, kill_process};

    let mut command = Command::new(env!("CARGO_BIN_EXE_kgas-perf"));
    command.args(["load", "--example", "--duration", "30"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The warm-up of the first of five runs is over.
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.starts_with("conversions: warm-up: "), "{first}");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let told: Vec<String> = lines.map_while(Result::ok).collect();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("conversions") && text.contains("INVALID: it was stopped"), "{text}");
    assert!(!text.contains("storm"), "{text}");
    assert_eq!(output.status.code(), Some(2), "{told:?}");
}
