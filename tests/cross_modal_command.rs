//! The `cross_modal` example as a person or a program meets it: what it prints, and how it ends.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

/// Runs the example, built as these tests are.
fn cross_modal(args: &[&str]) -> Output {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args([
        "run",
        "--quiet",
        "--example",
        "cross_modal",
    ]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    cargo.arg("--").args(args).output().expect("cargo runs")
}

fn stdout(output: &Output) -> &str {
    str::from_utf8(&output.stdout).expect("the report is text")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Standard output as JSON, which it is to the last byte.
fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", stderr(output));
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", stdout(output)))
}

/// A folder with one file in it.
fn file(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("kg.tsv");
    fs::write(&path, bytes).expect("a writable folder");
    (folder, path)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the temporary folder has a plain name")
}

/// A ring of so many entities, which is one line a triple.
fn ring(entities: usize) -> String {
    (0..entities).map(|n| format!("e{n}\tnext\te{}\n", (n + 1) % entities)).collect()
}

#[test]
fn json_of_the_lock_file_is_complete_and_alone_on_standard_output() {
    let report = json(&cross_modal(&["--json", "--repeat", "2", "--slow", "graph_to_table=2x"]));

    let lock =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).expect("a lock");
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    let input = &report["inputs"][0];
    assert_eq!(input["entities"], packages);
    assert_eq!((&input["bad_lines"], &input["rounds"]), (&0.into(), &2.into()));
    assert_eq!(input["neighbour_links"], packages * 10);
    assert!(input["recall_ppm"].as_u64() >= Some(900_000), "{input}");
    assert_eq!(input["slowed"]["operation"], "graph_to_table");

    let operations = report["operations"].as_array().expect("a list");
    let calls = |name: &str| {
        let row = operations.iter().find(|row| row["operation"] == name);
        row.unwrap_or_else(|| panic!("{name} is in {operations:?}"))["calls"].clone()
    };
    assert_eq!(calls("graph_to_table"), 2 + 5, "rounds and slowed calls");
    assert_eq!(calls("table_to_vector"), 2);
    assert_eq!(calls("vector_to_graph"), 2);
    for row in operations {
        for key in ["p50_ns", "p95_ns", "p99_ns", "mean_ns", "self_time_ns", "self_time_share_ppm"]
        {
            assert!(row[key].is_u64(), "{key} is a whole number in {row}");
        }
        assert_eq!(row["errors"], 0, "{row}");
        assert_eq!(row["size_class"], "small", "{row}");
        assert!(row["baseline"].is_null(), "two rounds make no baseline: {row}");
        assert!(row["worst_tier"].is_null(), "without a baseline no call crosses it: {row}");
    }
}

#[test]
fn slowed_step_is_told_once_baselines_stand() {
    let (_folder, path) = file(ring(20).as_bytes());

    // Eight times: on a busy machine, normal calls may have taken twice their time.
    let output = cross_modal(&["--json", "--slow", "vector_to_graph=8x", text(&path)]);

    let report = json(&output);
    let row = report["operations"].as_array().expect("a list");
    let row = row.iter().find(|row| row["operation"] == "vector_to_graph").expect("its row");
    assert_eq!(row["calls"], 100 + 5);
    assert_eq!(row["baseline"]["calls"], 100, "{row}");
    let tier = row["worst_tier"].as_str().expect("a tier was crossed");
    assert!(["warning", "critical"].contains(&tier), "8 times the work is {tier}");
    let told = stderr(&output);
    let event = format!("operation=\"vector_to_graph\" size_class=\"tiny\" severity=\"{tier}\"");
    let events = told.lines().filter(|line| line.contains(&event)).count();
    assert!((1..=5).contains(&events), "{events} events of the slowed calls in {told}");
}

#[test]
fn bad_lines_are_shown_with_file_and_number_and_counted() {
    let mut bytes = b"\xef\xbb\xbfa\tr\tb\r\nb\tr\r\n\na\t\tb\nb\tr\t\xff\xfe\n".to_vec();
    bytes.extend("one field\n".repeat(30).bytes());
    let (_folder, path) = file(&bytes);

    let output = cross_modal(&["--json", "--repeat", "1", text(&path)]);

    let input = &json(&output)["inputs"][0];
    assert_eq!((&input["triples"], &input["bad_lines"]), (&1.into(), &34.into()));
    let told = stderr(&output);
    let shown: Vec<&str> = told
        .lines()
        .filter(|line| line.contains("left out") || line.contains("bad lines"))
        .collect();
    assert_eq!(shown.len(), 21, "twenty lines and how many more: {told}");
    for (line, part) in [
        (0, "kg.tsv:2: found 2 tab-separated fields"),
        (1, "kg.tsv:3: found 1 tab-separated field,"),
        (2, "kg.tsv:4: the relation is empty"),
        (3, "kg.tsv:5: byte 5 is not valid utf-8"),
        (20, "and 14 more bad lines"),
    ] {
        assert!(shown[line].contains(part), "{part} in {}", shown[line]);
    }
}

#[test]
fn report_for_a_person_names_what_is_missing() {
    let (_folder, path) = file(ring(50).as_bytes());
    let output = cross_modal(&["--repeat", "1", text(&path)]);
    assert!(output.status.success(), "{}", stderr(&output));
    let report = stdout(&output);
    assert!(
        report
            .starts_with("kg.tsv: 50 entities, 50 triples (0 repeated), 1 relations; 0 bad lines"),
        "{report}"
    );
    let row = report.lines().find(|line| line.contains("vector_to_graph")).expect("its row");
    assert!(row.contains("tiny") && row.contains("not learned"), "{row}");
}

#[test]
fn input_without_a_graph_ends_with_code_two_and_says_why() {
    let cases: [(&[u8], &str); 3] =
        [(b"", "is empty"), (b"a,r,b\n", "has no good line"), (b"\xff\xfea\0", "is utf-16")];
    for (bytes, why) in cases {
        let (_folder, path) = file(bytes);
        let output = cross_modal(&[text(&path)]);
        assert_eq!(output.status.code(), Some(2), "{why}");
        assert!(stderr(&output).contains(why), "{why} in {}", stderr(&output));
        assert!(output.stdout.is_empty(), "nothing was measured");
    }
}

#[test]
fn every_missing_file_is_named_before_anything_runs() {
    let (_folder, good) = file(b"a\tr\tb\n");
    let output = cross_modal(&[text(&good), "no-such-file.tsv", "nor-this.tsv"]);
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output);
    assert!(
        told.contains("no-such-file.tsv cannot be read")
            && told.contains("nor-this.tsv cannot be read"),
        "{told}"
    );
    assert!(output.stdout.is_empty());
}

#[test]
fn unknown_operation_to_slow_is_refused_with_those_accepted() {
    let output = cross_modal(&["--slow", "graph_to_tabel=3x"]);
    assert_eq!(output.status.code(), Some(2));
    let told = stderr(&output);
    assert!(
        told.contains("unknown operation `graph_to_tabel`; accepted: graph_to_table"),
        "{told}"
    );
}
