//! `kgas-perf replay log`, `compare` and `segment`, run as a person and a program run them.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn replay(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kgas-perf"))
        .current_dir(folder)
        .arg("replay")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    // Whoever reads a file does not read this.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The `n`th call of two a second: when it finished, and how many milliseconds it took. From the
/// 700th on it takes three times as long.
fn call(n: u32) -> (f64, f64) {
    let slower = if n < 700 { 1.0 } else { 3.0 };
    (100.0 + f64::from(n) / 2.0, slower * (4.0 + f64::from(n * 7_919 % 1_000) / 500.0))
}

fn csv(operation: &str) -> String {
    let mut log = "operation,time,duration_ms,outcome\n".to_owned();
    for (t, ms) in (0..1_000).map(call) {
        writeln!(log, "{operation},{t},{ms:.3},ok").unwrap();
    }
    log
}

fn json_lines(operation: &str) -> String {
    let line = |(t, ms): (f64, f64)| {
        let nanoseconds = (ms * 1e6).round();
        format!("{}\n", serde_json::json!({"op": operation, "t": t, "duration_ns": nanoseconds}))
    };
    (0..1_000).map(call).map(line).collect()
}

const TIMELINE: &str = "\
calls.csv: operations: 1, calls: 1000, lines passed over: 0
times are since the first call, which finished at 100

import
1000 calls, 0 failed, from 0:00:00.0 to 0:08:19.5
";

#[test]
fn a_log_is_told_as_a_timeline_whatever_its_format() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("calls.csv"), csv("import")).unwrap();
    let output = replay(folder.path(), &["log", "calls.csv"], "");
    assert_eq!((text(&output.stderr).as_str(), output.status.code()), ("", Some(0)));
    let timeline = text(&output.stdout);
    assert!(timeline.starts_with(TIMELINE), "{timeline}");
    // A tenth of the calls, of 4 to 6 ms, and then three times that.
    for figures in ["first 100 calls ", "last 100 calls ", "location"] {
        assert!(timeline.contains(figures), "{timeline}");
    }
    let cells = |row: &str| -> Vec<String> {
        let line = timeline.lines().find(|line| line.contains(row)).unwrap();
        line.split(['│', '┆']).map(|cell| cell.trim().to_owned()).collect()
    };
    assert_eq!(cells("first 100 calls")[2..5], ["4.98 ms", "5.89 ms", "5.96 ms"]);
    assert_eq!(cells("last 100 calls")[2..5], ["14.9 ms", "17.7 ms", "18 ms"]);
    let alert = cells("location");
    assert!(("0:05:50".."0:06:50").contains(&alert[1].as_str()), "{alert:?}");
    assert_eq!(alert[2], "warning");

    let by_json = replay(folder.path(), &["log", "-"], &json_lines("import"));
    let (_, same) = timeline.split_once('\n').unwrap();
    assert_eq!(text(&by_json.stdout).split_once('\n').unwrap().1, same);
}

#[test]
fn one_operation_can_be_looked_at_alone() {
    let folder = tempfile::tempdir().unwrap();
    let both = csv("import") + "export,900,1,ok\nexport,901,1,error\n";
    let output = replay(folder.path(), &["log", "-", "--operation", "export"], &both);
    let timeline = text(&output.stdout);
    assert!(timeline.contains("operations: 1, calls: 2,"), "{timeline}");
    assert!(timeline.contains("2 calls, 1 failed, from 0:00:00.0 to 0:00:01.0"), "{timeline}");
    let output = replay(folder.path(), &["log", "-", "--operation", "delete"], &both);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr),
        "cannot read standard input: there are no calls of `delete`\n"
    );
}

#[test]
fn the_unit_is_as_the_name_says_else_as_the_command_line_does() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["log", "-", "--unit", "us"];
    let output = replay(folder.path(), &arguments, "t,d\n1,250\n2,250\n");
    assert!(text(&output.stdout).contains("250 µs"), "{}", text(&output.stdout));
    let output = replay(folder.path(), &arguments, "t,duration_ms\n1,250\n");
    assert!(text(&output.stdout).contains("250 ms"), "{}", text(&output.stdout));
}

#[test]
fn a_picture_is_xml_that_shows_what_the_timeline_tells() {
    let folder = tempfile::tempdir().unwrap();
    let name = "<a & \u{1}\"b\"]]>";
    let json = json_lines(name) + "{\"op\":\"silent\",\"t\":1,\"d\":0,\"ok\":false}\n";
    let output = replay(folder.path(), &["log", "-", "--svg", "calls.svg"], &json);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).ends_with("picture: calls.svg, operations: 2\n"));
    let svg = fs::read_to_string(folder.path().join("calls.svg")).unwrap();
    let document = roxmltree::Document::parse(&svg).unwrap();
    assert_eq!(document.root_element().tag_name().namespace(), Some("http://www.w3.org/2000/svg"));
    let has = |class: &str| {
        document.descendants().any(|node| {
            node.attribute("class").is_some_and(|all| all.split(' ').any(|it| it == class))
        })
    };
    for class in ["band", "typical", "baseline", "warning", "onset", "failed"] {
        assert!(has(class), "{class}");
    }
    let texts: Vec<_> =
        document.descendants().filter_map(|node| node.text()).map(str::trim).collect();
    assert!(texts.contains(&"<a & \u{fffd}\"b\"]]>"), "{texts:?}");
    assert!(texts.iter().any(|text| text.starts_with("warning location ")), "{texts:?}");
    // Numbers that are none would be drawn nowhere.
    for node in document.descendants() {
        for attribute in node.attributes().filter(|attribute| attribute.name() != "class") {
            let value = attribute.value();
            assert!(!value.contains("NaN") && !value.contains("inf"), "{attribute:?}");
        }
    }
}

#[test]
fn the_recorded_example_shows_both_of_its_changes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let output = replay(root, &["log", "examples/recorded_calls.csv"], "");
    let timeline = text(&output.stdout);
    assert!(timeline.contains("location") && timeline.contains("errors"), "{timeline}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let output = replay(folder.path(), &["log", "none.csv"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("cannot read none.csv: "));
    let output = replay(folder.path(), &["log", "-", "--svg", "no/folder.svg"], "t,d\n1,1\n");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("cannot write no/folder.svg: "));
}

#[test]
fn every_comparison_is_answered_in_order() {
    let set = |scale: f64| -> Vec<f64> {
        (0..60).map(|n| scale * (1.0 + f64::from(n * 37 % 60) / 600.0)).collect()
    };
    let line = |baseline, candidate| {
        let value = serde_json::json!({
            "baseline": baseline, "candidate": candidate, "design": "interleaved", "note": {}
        });
        format!("{value}\n")
    };
    let input = line(set(1.0), set(1.5))
        + "{\"baseline\":[1,2]}\n\n"
        + &line(set(1.0), set(0.5))
        + &line(vec![1.0], vec![-1.0])
        + "{\"baseline\":[1],\"candidate\":[2]}\n"
        + "{\"baseline\":[1],\"candidate\":[2],\"design\":\"shuffled\"}";
    let output = replay(Path::new("."), &["compare"], &input);
    assert_eq!(output.status.code(), Some(0));
    let answers: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let verdicts: Vec<_> =
        answers.iter().map(|answer| answer["verdict"].as_str().unwrap()).collect();
    let none = "inconclusive";
    assert_eq!(verdicts, ["regressed", none, none, "improved", none, none, none]);
    assert!((answers[0]["effect"].as_f64().unwrap() - 0.5).abs() < 0.05, "{}", answers[0]);
    assert!(answers[0]["p"].as_f64().unwrap() < 0.001);
    assert_eq!(answers[1]["error"], "missing field `candidate` at column 18");
    assert!(answers[5]["reason"].is_string() && answers[5]["p"].is_number(), "{}", answers[5]);
    let told = text(&output.stderr);
    let lines: Vec<_> = told.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(lines, ["line 2", "line 3", "line 5", "line 7"]);
}

#[test]
fn every_series_is_answered_in_order() {
    let input = "{\"series\":[20.2,20.3,20.1,20.4,18.2,18.5,17.9,18.1,18.0,17.6,17.8]}\n\
        {\"series\":[]}\n{\"series\":[1,\"2\"]}\n{\"series\":[5,5,5,5,5,5,5,5]}\n";
    let output = replay(Path::new("."), &["segment"], input);
    assert_eq!(output.status.code(), Some(0));
    let error = "invalid type: string \"2\", expected f64 at column 16";
    assert_eq!(text(&output.stderr), format!("line 3: {error}\n"));
    let wrong = serde_json::json!({"changepoints": [], "error": error});
    let none = "{\"changepoints\":[]}";
    let expected = format!("{{\"changepoints\":[4]}}\n{none}\n{wrong}\n{none}\n");
    assert_eq!(text(&output.stdout), expected);
}
