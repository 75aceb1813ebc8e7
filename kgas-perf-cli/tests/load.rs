//! `kgas-perf load`, run as a person runs it.

use std::process::{Command, Output};

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
