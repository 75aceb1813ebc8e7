//! `kgas-perf doctor STORE`, run as a person runs it.

mod stores;

use std::path::Path;

use kgas_perf_runtime::Registry;
use kgas_perf_runtime::measure::Outcome;
use rusqlite::Connection;
use serde_json::Value;
use stores::{Program, kgas_perf, run_program, text};

/// The minute that began ten minutes before now, by the clock that the command goes by.
fn ten_minutes_ago() -> u64 {
    let now = Registry::new().snapshot().unix.as_secs();
    now - now % 60 - 600
}

/// A program that measured for three minutes, from `begin` on.
fn program(path: &Path, begin: u64) -> Program {
    let mut program = Program::begin(path, "ada", "importer", begin);
    for minute in 0..3 {
        program.keep(begin + minute * 60, "import", &[(1_000_000, Outcome::Ok); 4]);
    }
    program
}

/// What is said to be wrong, and the exit code.
fn wrong(root: &Path, args: &[&str]) -> (Vec<String>, Option<i32>) {
    let output = kgas_perf(root, &[&["doctor", "perf.sqlite", "--json"], args].concat());
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let wrong = told["store"]["wrong"].as_array().expect("there");
    let wrong = wrong.iter().map(|one| one.as_str().expect("text").to_owned()).collect();
    (wrong, output.status.code())
}

#[test]
fn a_store_that_is_well_is_told_as_such() {
    let root = tempfile::tempdir().unwrap();
    program(&root.path().join("perf.sqlite"), ten_minutes_ago()).end();
    let output = kgas_perf(root.path(), &["doctor", "perf.sqlite", "--thorough"]);
    let told = text(&output.stdout);
    let titles: Vec<_> = told
        .lines()
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(
        titles,
        [
            "measuring",
            "clock",
            "price",
            "memory",
            "catalogue",
            "store",
            "size",
            "rows",
            "roll-up",
            "journal",
            "newest",
            "processes",
            "measuring",
            "soundness",
            "verdict"
        ],
        "{told}"
    );
    assert!(told.contains("rows       calls by the minute: 3, 20"), "{told}");
    assert!(told.contains("processes  importer 0 on ada, pid "), "{told}");
    assert!(told.contains(", version 1.2.0: ended, last seen 7 min "), "{told}");
    assert!(told.contains("calls in its last hour: 12;"), "{told}");
    assert!(
        told.ends_with("soundness  all of it was read and is sound\nverdict    all is well\n"),
        "{told}"
    );
    assert_eq!((text(&output.stderr), output.status.code()), ("", Some(0)));
    assert_eq!(wrong(root.path(), &[]), (vec![], Some(0)));
}

#[test]
fn a_program_that_ran_is_seen_from_outside_as_it_sees_itself() {
    let root = tempfile::tempdir().unwrap();
    run_program(&root.path().join("perf.sqlite"), ten_minutes_ago() - 60);
    let output = kgas_perf(root.path(), &["doctor", "perf.sqlite"]);
    let told = text(&output.stdout);
    let accounts = told.lines().find(|line| line.starts_with("accounts ")).expect("accounts");
    let number = |after: &str| -> u64 {
        let rest = &accounts[accounts.find(after).expect("there") + after.len()..];
        rest.split(' ').next().and_then(|number| number.parse().ok()).expect("a number")
    };
    let [accepted, stored] = [number("accepted "), number("stored ")];
    assert!(accepted > 599 * 8, "{accounts}");
    assert_eq!((accepted, number("dropped ")), (stored + number("pending "), 0));
    assert!(told.contains("losses     importer 0 on ada: "), "{told}");
    // Its clock stands still while it ticks.
    assert!(told.contains("a tick takes 0.00 ms"), "{told}");
    assert!(told.contains("calls in its last hour: 3000;"), "{told}");
    assert!(told.ends_with("verdict    all is well\n"), "{told}");
}

#[test]
fn who_was_killed_is_told() {
    let root = tempfile::tempdir().unwrap();
    let begin = ten_minutes_ago();
    // It does not close its store, as one that is killed.
    drop(program(&root.path().join("perf.sqlite"), begin));
    let (wrong, code) = wrong(root.path(), &[]);
    let begins = format!("importer 0 on ada (pid {}) was last seen 7 min ", std::process::id());
    assert!(wrong.len() == 1 && wrong[0].starts_with(&begins), "{wrong:?}");
    assert!(wrong[0].ends_with(" ago and had not ended"), "{wrong:?}");
    assert_eq!(code, Some(1));
    let output = kgas_perf(root.path(), &["doctor", "perf.sqlite"]);
    assert!(text(&output.stderr).starts_with("perf.sqlite: importer 0 on ada (pid "));
    // The next one of its name takes its place.
    program(&root.path().join("perf.sqlite"), begin + 300).end();
    let output = kgas_perf(root.path(), &["doctor", "perf.sqlite"]);
    assert!(text(&output.stdout).contains(": was killed, and another took its place, last seen "));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_time_in_the_future_is_told() {
    let root = tempfile::tempdir().unwrap();
    program(&root.path().join("perf.sqlite"), ten_minutes_ago() + 86_400).end();
    let (wrong, code) = wrong(root.path(), &[]);
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(wrong[0].starts_with("its newest entry is of 23 h 5"), "{wrong:?}");
    assert!(wrong[0].ends_with(" from now: a clock was wrong, or is"), "{wrong:?}");
    assert_eq!(code, Some(1));
}

#[test]
fn what_was_dropped_and_what_was_lost_is_told() {
    let root = tempfile::tempdir().unwrap();
    let begin = ten_minutes_ago();
    let mut program = program(&root.path().join("perf.sqlite"), begin);
    let at = begin + 120;
    program.keep_gauges(&[
        (at, "kgas_perf.store.entries{state=accepted}", "{entry}", 120.0),
        (at, "kgas_perf.store.entries{state=stored}", "{entry}", 100.0),
        (at, "kgas_perf.store.entries{state=pending}", "{entry}", 2.0),
        (at, "kgas_perf.store.entries{reason=no_room,state=dropped}", "{entry}", 18.0),
        (at, "kgas_perf.losses{what=calls}", "1", 3.0),
        (at, "kgas_perf.losses{what=untold}", "1", 7.0),
        (at, "kgas_perf.tick.duration", "s", 0.001),
        (at, "kgas_perf.tick.duration", "s", 0.003),
    ]);
    program.end();
    let (wrong, code) = wrong(root.path(), &[]);
    assert_eq!(
        wrong,
        [
            "importer 0 on ada dropped 18 entries that were to be kept",
            "importer 0 on ada did not measure 3 calls"
        ]
    );
    assert_eq!(code, Some(1));
    let output = kgas_perf(root.path(), &["doctor", "perf.sqlite"]);
    let told = text(&output.stdout);
    for line in [
        "accounts   importer 0 on ada: accepted 120 = stored 100 + dropped 18 (no room: 18) + pending 2\n",
        "losses     importer 0 on ada: calls: 3, untold: 7\n",
        "ticks      importer 0 on ada: a tick takes 2.00 ms, at most 3.00 ms in the last hour\n",
    ] {
        assert!(told.contains(line), "{told}");
    }
    assert!(text(&output.stderr).ends_with("perf.sqlite: 2 things are wrong\n"));
}

#[test]
fn damage_is_found_by_reading_all_of_it() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("perf.sqlite");
    program(&path, ten_minutes_ago()).end();
    let changed = Connection::open(&path).unwrap();
    let sql = "UPDATE calls SET calls = calls + 1 WHERE id = (SELECT min(id) FROM calls)";
    assert_eq!(changed.execute(sql, []).unwrap(), 1);
    drop(changed);
    let (wrong, code) = wrong(root.path(), &["--thorough"]);
    assert_eq!(wrong, ["damaged: 1 rows are not what was written"]);
    assert_eq!(code, Some(1));
}

#[test]
fn what_cannot_be_looked_at_exits_with_two() {
    let root = tempfile::tempdir().unwrap();
    let output = kgas_perf(root.path(), &["doctor", "absent.sqlite"]);
    assert!(text(&output.stderr).starts_with("cannot read absent.sqlite: "));
    assert!(
        text(&output.stdout).starts_with("measuring  on\n"),
        "the machine is told all the same"
    );
    assert_eq!(output.status.code(), Some(2));
    let thorough = kgas_perf(root.path(), &["doctor", "--thorough"]);
    assert_eq!(thorough.status.code(), Some(2));
}

#[test]
fn the_machine_is_told_as_json_without_a_store() {
    let root = tempfile::tempdir().unwrap();
    let output = kgas_perf(root.path(), &["doctor", "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(told["store"], Value::Null);
    assert_eq!(told["machine"]["measuring"], true);
    assert_eq!(told["machine"]["catalogue_mistakes"], Value::Null);
    assert!(told["machine"]["call_cost_ns"].as_u64().is_some_and(|cost| cost > 0));
}
