//! `kgas-perf merge`, run as a person runs it.

mod stores;

use std::fs;
use std::path::Path;

use kgas_perf_runtime::measure::Outcome;
use rusqlite::Connection;
use serde_json::Value;
use stores::{MARCH, Program, kgas_perf, text};

/// Calls of some durations on a host, in the same minutes as those of others.
fn host(path: &Path, host: &str, durations: impl Iterator<Item = u64>) {
    let mut program = Program::begin(path, host, "importer", MARCH);
    for (minute, ns) in durations.enumerate() {
        program.keep(MARCH + minute as u64 % 5 * 60, "import", &[(ns, Outcome::Ok)]);
    }
    program.end();
}

/// What is exported of a file, without what it covers.
fn exported(root: &Path, file: &str) -> Vec<Value> {
    let until = "2026-03-01T01:00:00Z";
    let args = ["export", file, "--what", "calls", "--format", "jsonl", "--until", until];
    let output = kgas_perf(root, &args);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines = text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap());
    let mut rows: Vec<Value> = lines.filter(|row: &Value| row["about"].is_null()).collect();
    rows.sort_by_key(|row| row["start_unix_s"].to_string() + row["host"].as_str().unwrap());
    rows
}

#[test]
fn the_whole_is_its_parts_and_merging_twice_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    host(&root.join("ada.sqlite"), "ada", (1..=50).map(|n| n * 1_000));
    host(&root.join("bob.sqlite"), "bob", (1..=70).map(|n| n * 3_000));
    let before = fs::read(root.join("ada.sqlite")).unwrap();
    let merged = kgas_perf(root, &["merge", "all.sqlite", "ada.sqlite", "bob.sqlite"]);
    assert_eq!((text(&merged.stderr), merged.status.code()), ("", Some(0)));
    let told = text(&merged.stdout);
    assert!(told.starts_with("ada.sqlite: rows added: ") && told.contains("\nbob.sqlite: "));

    let mut parts = exported(root, "ada.sqlite");
    parts.extend(exported(root, "bob.sqlite"));
    parts.sort_by_key(|row| row["start_unix_s"].to_string() + row["host"].as_str().unwrap());
    let whole = exported(root, "all.sqlite");
    assert_eq!(whole, parts);
    let calls: u64 = whole.iter().map(|row| row["calls"].as_u64().unwrap()).sum();
    assert_eq!(calls, 120);

    let again = kgas_perf(root, &["merge", "all.sqlite", "bob.sqlite", "ada.sqlite"]);
    assert!(text(&again.stdout).contains("ada.sqlite: rows added: 0, there already: "));
    assert_eq!(exported(root, "all.sqlite"), whole);
    assert_eq!(fs::read(root.join("ada.sqlite")).unwrap(), before, "it is only read");
    let doctor = kgas_perf(root, &["doctor", "all.sqlite", "--json"]);
    let doctor: Value = serde_json::from_slice(&doctor.stdout).unwrap();
    let hosts: Vec<_> = doctor["store"]["processes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|process| process["host"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(hosts.len(), 2, "merging is no process that kept something: {hosts:?}");
}

#[test]
fn what_cannot_be_merged_is_told_by_name_and_nothing_is_merged() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    host(&root.join("ada.sqlite"), "ada", 1..=5);
    host(&root.join("newer.sqlite"), "bob", 1..=5);
    fs::write(root.join("notes.txt"), "no store at all, but long enough to be looked at").unwrap();
    let newer = Connection::open(root.join("newer.sqlite")).unwrap();
    newer
        .execute_batch("PRAGMA user_version = 9; UPDATE meta SET value = 9 WHERE name = 'version';")
        .unwrap();
    drop(newer);
    let args = ["merge", "all.sqlite", "ada.sqlite", "notes.txt", "newer.sqlite", "absent.sqlite"];
    let output = kgas_perf(root, &args);
    let told: Vec<_> = text(&output.stderr).lines().collect();
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(told[0].starts_with("notes.txt is no store of kgas-perf"), "{}", told[0]);
    assert!(told[1].starts_with("newer.sqlite is of version 9 of the format"), "{}", told[1]);
    assert!(told[2].starts_with("cannot read absent.sqlite: "), "{}", told[2]);
    assert_eq!((told[3], output.status.code()), ("nothing was merged", Some(2)));
    assert!(!root.join("all.sqlite").exists());
}

#[test]
fn the_file_that_gets_everything_is_none_of_the_others_unless_said() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    host(&root.join("ada.sqlite"), "ada", 1..=5);
    host(&root.join("bob.sqlite"), "bob", 1..=5);
    let args = ["merge", "ada.sqlite", "./ada.sqlite", "bob.sqlite"];
    let refused = kgas_perf(root, &args);
    assert_eq!(
        text(&refused.stderr),
        "ada.sqlite is one of the files to merge; say --in-place to add the others to it\n"
    );
    assert_eq!((refused.status.code(), exported(root, "ada.sqlite").len()), (Some(2), 5));
    let said = kgas_perf(root, &[&args[..], &["--in-place"]].concat());
    assert_eq!(said.status.code(), Some(0), "{}", text(&said.stderr));
    assert_eq!(exported(root, "ada.sqlite").len(), 10);
}
