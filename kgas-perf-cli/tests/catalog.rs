//! `kgas-perf catalog`, run as a person runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const RANK: &str = "
[operations.rank]
category = 'custom'
objectives = [
  { metric = 'duration', statistic = 'p95', size_class = 'small', expected = ['5 ms', '20 ms'] },
  { metric = 'error_rate', at_most = '1 %' },
]
";

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kgas-perf"))
        .current_dir(folder)
        .args(args)
        .output()
        .expect("the binary runs")
}

fn stdout(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("UTF-8")
}

fn stderr(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("UTF-8")
}

#[test]
fn check_finds_the_catalogue_above_the_current_folder() {
    let root = tempfile::tempdir().unwrap();
    let member = root.path().join("member");
    fs::create_dir(&member).unwrap();
    let file = root.path().join("kgas-perf.toml");
    fs::write(&file, RANK).unwrap();

    let here = run(root.path(), &["catalog", "check"]);
    assert_eq!(stdout(&here), "kgas-perf.toml: operations: 1, objectives: 2, mistakes: none\n");
    assert_eq!(here.status.code(), Some(0));

    let below = run(&member, &["catalog", "check"]);
    assert!(
        stdout(&below).ends_with("kgas-perf.toml: operations: 1, objectives: 2, mistakes: none\n")
    );
    assert_eq!(below.status.code(), Some(0));
}

#[test]
fn check_prints_every_mistake_and_exits_with_one() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("own.toml"), RANK.replace("custom", "costum").replace("1 %", "1"))
        .unwrap();
    let output = run(root.path(), &["catalog", "check", "own.toml"]);
    assert_eq!(stdout(&output), "");
    assert_eq!(
        stderr(&output),
        "own.toml:3: operations.rank.category: unknown category `costum`; did you mean `custom`? \
         accepted: `cross_modal`, `tool`, `llm`, `database`, `system`, `custom`\n\
         own.toml:6: operations.rank.objectives[1].at_most: `1` has no unit; accepted: `%`\n"
    );
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_file_that_cannot_be_read_exits_with_two() {
    let root = tempfile::tempdir().unwrap();
    let output = run(root.path(), &["catalog", "check", "absent.toml"]);
    assert!(stderr(&output).starts_with("cannot read absent.toml: "), "{}", stderr(&output));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_command_that_does_not_exist_exits_with_two() {
    let root = tempfile::tempdir().unwrap();
    let output = run(root.path(), &["catalog", "polish"]);
    assert!(stderr(&output).contains("unrecognized subcommand 'polish'"));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn show_lists_the_builtin_catalogue_where_there_is_no_file() {
    let root = tempfile::tempdir().unwrap();
    let output = run(root.path(), &["catalog", "show"]);
    let text = stdout(&output);
    assert!(text.starts_with("<built-in catalogue>\n"), "{text}");
    assert!(text.contains("small from 100, medium from 1000, large from 10000"), "{text}");
    for cell in ["graph_to_table", "cross_modal", "p95 duration (small): 5 s to 15 s, at most 15 s"]
    {
        assert!(text.contains(cell), "{cell} is not in\n{text}");
    }
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn show_writes_json_with_raw_numbers_and_units() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("kgas-perf.toml"), RANK).unwrap();
    let output = run(root.path(), &["catalog", "show", "--json"]);
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let expected = serde_json::json!({
        "file": "kgas-perf.toml",
        "size_classes": { "small": 100, "medium": 1_000, "large": 10_000 },
        "operations": [{
            "name": "rank",
            "category": "custom",
            "objectives": [
                {
                    "metric": "duration",
                    "statistic": "p95",
                    "size_class": "small",
                    "expected": [
                        { "value": 5_000_000, "unit": "ns" },
                        { "value": 20_000_000, "unit": "ns" },
                    ],
                    "at_least": null,
                    "at_most": null,
                },
                {
                    "metric": "error_rate",
                    "statistic": null,
                    "size_class": null,
                    "expected": null,
                    "at_least": null,
                    "at_most": { "value": 0.01, "unit": "ratio" },
                },
            ],
        }],
    });
    assert_eq!(shown, expected);
}

#[cfg(unix)]
#[test]
fn a_reader_that_stops_early_is_no_failure() {
    let shell = format!(
        "set -o pipefail; '{}' catalog show --json | true",
        env!("CARGO_BIN_EXE_kgas-perf")
    );
    let root = tempfile::tempdir().unwrap();
    let output =
        Command::new("bash").current_dir(root.path()).args(["-c", &shell]).output().unwrap();
    assert_eq!(stderr(&output), "");
    assert_eq!(output.status.code(), Some(0));
}
