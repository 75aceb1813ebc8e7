//! `kgas-perf export`, run as a person runs it, on the file that a program left behind.

mod stores;

use std::fs;
use std::path::Path;
use std::process::Command;

use kgas_perf_runtime::measure::Outcome;
use serde_json::Value;
use stores::{MARCH, Program, kgas_perf, run_program, text};

const WHATS: [&str; 10] = [
    "calls",
    "usage",
    "gauges",
    "baselines",
    "alerts",
    "incidents",
    "silences",
    "notes",
    "marks",
    "slow-calls",
];

/// Three hours of calls: one a minute, longer each time, every tenth of them an error.
fn three_hours(path: &Path) {
    let mut program = Program::begin(path, "ada", "importer", MARCH);
    let of = |minute: u64| {
        let outcome = if minute % 10 == 9 { Outcome::Error } else { Outcome::Ok };
        (MARCH + minute * 60, vec![((minute + 1) * 1_000_000, outcome)])
    };
    program.keep_all("import", &(0..180).map(of).collect::<Vec<_>>());
    let load = |minute: u64| (MARCH + minute * 60, "load", "1", minute as f64);
    program.keep_gauges(&(0..180).map(load).collect::<Vec<_>>());
    program.end();
}

fn jsonl(bytes: &[u8]) -> Vec<Value> {
    text(bytes).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn what_a_program_kept_is_written_as_tables_are() {
    let root = tempfile::tempdir().unwrap();
    three_hours(&root.path().join("perf.sqlite"));
    let until = "2026-03-01T00:02:00Z";
    let output = kgas_perf(
        root.path(),
        &["export", "perf.sqlite", "--what", "calls", "--until", until, "--operation", "import"],
    );
    assert_eq!(text(&output.stderr), "");
    let written = text(&output.stdout);
    let mut lines = written.lines();
    assert_eq!(
        lines.next().unwrap(),
        "start_unix_s,resolution,covered_s,host,instance,slot,process,program_version,\
         program_commit,operation,size_class,category,outcome,calls,sum_ns,mean_ns,p50_ns,p90_ns,\
         p95_ns,p99_ns,p999_ns,max_ns,histogram"
    );
    let first: Vec<_> = lines.next().unwrap().split(',').collect();
    assert_eq!(first[..6], ["1772323200", "minute", "60", "ada", "importer", "0"]);
    assert_eq!(first[7..9], ["1.2.0", ""]);
    assert_eq!(first[9..11], ["import", "unsized"]);
    assert_eq!(first[12..16], ["ok", "1", "1000000", "1000000"]);
    assert_eq!(lines.count(), 1);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn hours_hold_all_calls_of_their_minutes() {
    let root = tempfile::tempdir().unwrap();
    three_hours(&root.path().join("perf.sqlite"));
    let output = kgas_perf(
        root.path(),
        &[
            "export",
            "perf.sqlite",
            "--what",
            "calls",
            "--resolution",
            "hour",
            "--format",
            "jsonl",
            "--until",
            "2026-03-01T03:00:00Z",
        ],
    );
    assert_eq!(text(&output.stderr), "");
    let mut rows = jsonl(&output.stdout);
    let about = rows.pop().unwrap();
    assert_eq!((&about["about"]["rows"], &about["about"]["damaged_rows"]), (&6.into(), &0.into()));
    let of = |hour: u64, outcome: &str| {
        let row = rows
            .iter()
            .find(|row| row["start_unix_s"] == MARCH + hour * 3_600 && row["outcome"] == outcome);
        let row = row.expect("there");
        (row["calls"].as_u64().unwrap(), row["sum_ns"].as_u64().unwrap() / 1_000_000)
    };
    for hour in 0..3 {
        let minutes = hour * 60 + 1..=hour * 60 + 60;
        let errors: u64 = minutes.clone().filter(|minute| minute % 10 == 0).sum();
        assert_eq!(of(hour, "error"), (6, errors));
        assert_eq!(of(hour, "ok"), (54, minutes.sum::<u64>() - errors));
    }
}

#[test]
fn a_time_before_anything_was_kept_is_told_as_not_covered() {
    let root = tempfile::tempdir().unwrap();
    three_hours(&root.path().join("perf.sqlite"));
    let output = kgas_perf(
        root.path(),
        &[
            "export",
            "perf.sqlite",
            "--what",
            "gauges",
            "--from",
            "2026-02-27",
            "--until",
            "2026-03-01T00:05:00Z",
        ],
    );
    let rows = text(&output.stdout).lines().count();
    assert_eq!((rows, output.status.code()), (6, Some(0)));
    let told = text(&output.stderr);
    assert_eq!(told, "not covered: nothing is kept from before 2026-03-01T00:00:00Z\n");
}

#[test]
fn a_file_is_whole_or_not_there() {
    let root = tempfile::tempdir().unwrap();
    three_hours(&root.path().join("perf.sqlite"));
    let args = ["export", "perf.sqlite", "--what", "calls", "--out", "calls.csv"];
    let output = kgas_perf(root.path(), &args);
    assert_eq!((text(&output.stdout), output.status.code()), ("", Some(0)));
    assert_eq!(fs::read_to_string(root.path().join("calls.csv")).unwrap().lines().count(), 181);
    assert!(!root.path().join("calls.csv.part").exists());
}

#[test]
fn what_cannot_be_read_is_told_by_name() {
    let root = tempfile::tempdir().unwrap();
    let args = ["export", "absent.sqlite", "--what", "calls"];
    let absent = kgas_perf(root.path(), &args);
    assert!(text(&absent.stderr).starts_with("cannot read absent.sqlite: "));
    assert_eq!(absent.status.code(), Some(2));
    fs::write(root.path().join("notes.txt"), "no store at all, but long enough to be looked at")
        .unwrap();
    let foreign = kgas_perf(root.path(), &["export", "notes.txt", "--what", "calls"]);
    assert!(text(&foreign.stderr).contains("notes.txt"), "{}", text(&foreign.stderr));
    assert_eq!((text(&foreign.stdout), foreign.status.code()), ("", Some(2)));
    let time = ["export", "absent.sqlite", "--what", "calls", "--from", "yesterday"];
    let time = kgas_perf(root.path(), &time);
    assert!(text(&time.stderr).contains("accepted: `2026-03-01T12:00:00Z`"));
    assert_eq!(time.status.code(), Some(2));
}

/// A program that measured, learned, found a slowdown and told it: each kind of row is there.
#[test]
fn what_a_program_learned_and_told_is_there_too() {
    let root = tempfile::tempdir().unwrap();
    run_program(&root.path().join("perf.sqlite"), MARCH);
    let rows = |what: &str, more: &[&str]| {
        let args = ["export", "perf.sqlite", "--format", "jsonl", "--what", what];
        let output = kgas_perf(root.path(), &[&args, more].concat());
        assert_eq!((text(&output.stderr), output.status.code()), ("", Some(0)), "{what}");
        let mut rows = jsonl(&output.stdout);
        rows.pop();
        rows
    };
    let calls = rows("calls", &["--resolution", "day"]);
    assert_eq!((calls.len(), &calls[0]["calls"]), (1, &3_000.into()));
    assert_eq!(calls[0]["covered_s"], 660, "as far as something may be kept");
    assert_eq!(rows("usage", &["--resolution", "day"])[0]["calls"], 3_000);
    let baselines = rows("baselines", &["--operation", "import"]);
    assert!(baselines.iter().all(|row| row["operation"] == "import"));
    let p50 = baselines.last().expect("learned")["p50_ns"].as_f64().unwrap();
    assert!((p50 / 10.5e6 - 1.0).abs() < 0.05, "{p50}");
    let alerts = rows("alerts", &[]);
    assert!(alerts.iter().any(|row| row["operation"] == "import" && row["kind"] == "location"));
    let alert = alerts.iter().find(|row| row["kind"] == "location").unwrap();
    let onset = alert["onset_unix_ns"].as_u64().unwrap() / 1_000_000_000;
    assert!(onset.abs_diff(MARCH + 480) < 15, "{onset}");
    let members = rows("incidents", &[]);
    let members = members.iter().map(|row| row["members"].as_object().unwrap().len());
    assert_eq!(members.sum::<usize>(), alerts.len());
    let args = ["export", "perf.sqlite", "--what", "alerts", "--operation", "rank"];
    let none = kgas_perf(root.path(), &args);
    assert_eq!(text(&none.stdout).lines().count(), 1, "a header and nothing else");
    assert!(text(&none.stderr).starts_with("no alerts from 2026-03-01T00:00:00Z to "));
    let marks = rows("marks", &[]);
    assert!(marks.iter().any(|row| row["change"] == "deploy" && row["text"] == "v2"));
    let slow = rows("slow-calls", &[]);
    assert!(slow.iter().any(|row| row["duration_ns"].as_u64().unwrap() > 50_000_000));
    let kinds: Vec<_> = rows("notes", &[]).iter().map(|row| row["kind"].to_string()).collect();
    assert!(
        ["\"verdict\"", "\"step\"", "\"mark\"", "\"slow_call\""]
            .iter()
            .all(|kind| kinds.iter().any(|known| known == kind))
    );
    let gauges = rows("gauges", &["--resolution", "day"]);
    let ticks = gauges.iter().find(|row| row["gauge"] == "kgas_perf.tick.duration").unwrap();
    assert_eq!((&ticks["readings"], &ticks["unit"]), (&600.into(), &"s".into()));
}

/// The columns as the documentation lists them: they are what other people's queries name.
#[test]
fn the_columns_are_those_of_the_documentation() {
    let root = tempfile::tempdir().unwrap();
    let mut listed = String::new();
    for what in WHATS {
        let output = kgas_perf(root.path(), &["export", "--what", what, "--columns"]);
        assert_eq!(output.status.code(), Some(0));
        listed.push_str(&format!("## {what}\n\n```text\n{}```\n\n", text(&output.stdout)));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/export.md");
    if std::env::var_os("KGAS_PERF_WRITE_DOCS").is_some() {
        let document = fs::read_to_string(&file).unwrap();
        let (head, _) = document.split_once("## calls\n").unwrap();
        fs::write(&file, format!("{head}{}", listed.trim_end().to_owned() + "\n")).unwrap();
    }
    let document = fs::read_to_string(file).unwrap();
    assert!(
        document.ends_with(&(listed.trim_end().to_owned() + "\n")),
        "write it anew with \
        KGAS_PERF_WRITE_DOCS=1 and look at the difference"
    );
}

#[test]
fn the_help_is_what_the_golden_file_says() {
    let root = tempfile::tempdir().unwrap();
    for command in ["export", "merge", "doctor"] {
        let output = kgas_perf(root.path(), &[command, "--help"]);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/help/{command}.txt"));
        if std::env::var_os("KGAS_PERF_WRITE_DOCS").is_some() {
            fs::write(&file, &output.stdout).unwrap();
        }
        let golden = fs::read_to_string(file).unwrap().replace("\r\n", "\n");
        assert_eq!(text(&output.stdout).replace("kgas-perf.exe", "kgas-perf"), golden);
    }
}

/// Other tools read what is written: pandas' and DuckDB's readers, where Python has them.
#[test]
fn other_tools_read_parquet() {
    const SCRIPT: &str = "
import sys
try:
    import pyarrow.parquet as parquet, duckdb
except ImportError as missing:
    print('skipped:', missing)
    sys.exit(0)
table = parquet.read_table('calls.parquet')
assert table.num_rows == 180, table.num_rows
assert str(table.schema.field('sum_ns').type) == 'int64'
assert str(table.schema.field('histogram').type) == 'string'
assert b'kgas_perf.about' in parquet.read_metadata('calls.parquet').metadata
assert table.column('program_commit').null_count == 180
rows = duckdb.sql(\"\"\"
    SELECT to_timestamp(start_unix_s // 3600 * 3600), sum(calls), sum(sum_ns) // 1000000,
           sum(calls) FILTER (outcome = 'error')
    FROM 'calls.parquet' GROUP BY 1 ORDER BY 1\"\"\").fetchall()
assert [(int(a), int(b), int(c)) for _, a, b, c in rows] == [
    (60, sum(range(1, 61)), 6), (60, sum(range(61, 121)), 6), (60, sum(range(121, 181)), 6)], rows
csv = duckdb.sql(\"SELECT count(*), sum(sum_ns)::BIGINT // 1000000 FROM 'calls.csv'\").fetchall()
assert csv == [(180, sum(range(1, 181)))], csv
about = duckdb.sql(\"SELECT count(*) FROM read_json('calls.jsonl') WHERE about IS NULL\").fetchall()
assert about == [(180,)], about
print('read')
";
    let root = tempfile::tempdir().unwrap();
    three_hours(&root.path().join("perf.sqlite"));
    for format in ["parquet", "csv", "jsonl"] {
        let out = format!("calls.{format}");
        let args = ["export", "perf.sqlite", "--what", "calls", "--format", format, "--out", &out];
        let output = kgas_perf(root.path(), &args);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    let python = std::env::var("KGAS_PERF_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    match Command::new(python).current_dir(root.path()).args(["-c", SCRIPT]).output() {
        Err(error) => println!("skipped: no Python: {error}"),
        Ok(output) => {
            let told = text(&output.stdout).trim();
            assert!(output.status.success(), "{told}{}", text(&output.stderr));
            println!("{told}");
            assert!(told == "read" || told.starts_with("skipped: "), "{told}");
        }
    }
}
