//! `kgas-perf replay stream`, run as a program runs it.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kgas-perf"));
    command.args(["replay", "stream"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(Stdio::piped());
    command
}

/// Gives it all of its input, and reads all that it says meanwhile.
fn replay(input: &[u8]) -> Output {
    let mut child = command().spawn().expect("the binary runs");
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn lines(output: &[u8]) -> Vec<String> {
    std::str::from_utf8(output).unwrap().lines().map(str::to_owned).collect()
}

fn alerts(output: &[u8]) -> Vec<Value> {
    let all = lines(output).into_iter().map(|line| serde_json::from_str::<Value>(&line).unwrap());
    all.filter(|value| value.get("level").is_some()).collect()
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Between 0 and 1.
    fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }
}

/// Calls of one operation, two a second, which after `steady` of them become `slower` times slower.
fn calls(op: &str, seed: u64, steady: usize, after: usize, slower: f64) -> Vec<String> {
    let mut dice = Dice(seed);
    let mut t = 1_000.0 * dice.share();
    let call = |n| {
        t += dice.share();
        // A sum of shares is close to normal.
        let normal: f64 = (0..4).map(|_| dice.share()).sum::<f64>() - 2.0;
        let d = 0.004 * (0.5 * normal).exp() * if n < steady { 1.0 } else { slower };
        let ok = dice.share() > 0.002;
        format!("{{\"op\":\"{op}\",\"t\":{t:.4},\"d\":{d:.7},\"ok\":{ok}}}\n")
    };
    (0..steady + after).map(call).collect()
}

#[test]
fn a_change_is_told_as_the_protocol_has_it() {
    let mut input = "{\"sync\":1}\n".to_owned();
    input.extend(calls("a \"b\"".replace('"', "\\\"").as_str(), 1, 1_200, 120, 3.0));
    input += "{\"sync\":2}\n{\"end\":\"a \\\"b\\\"\"}\n{\"sync\":3}\n";
    let output = replay(input.as_bytes());
    assert_eq!(lines(&output.stderr), [""; 0]);
    let told = lines(&output.stdout);
    assert_eq!(told.first().map(String::as_str), Some("{\"sync\":1}"));
    assert_eq!(told[told.len() - 2..], ["{\"sync\":2}", "{\"sync\":3}"]);
    let times = calls("a", 1, 1_200, 120, 3.0);
    let time = |n: usize| serde_json::from_str::<Value>(&times[n]).unwrap()["t"].as_f64().unwrap();
    let alerts = alerts(&output.stdout);
    let first = alerts.first().expect("three times slower is found");
    assert_eq!((&first["op"], &first["kind"]), (&"a \"b\"".into(), &"location".into()));
    let (t, since) = (first["t"].as_f64().unwrap(), first["since"].as_f64().unwrap());
    assert!((time(1_200)..=time(1_319)).contains(&t), "{first}");
    assert!((since - time(1_200)).abs() < 30.0 && since <= t, "{first}");
    let levels = ["info", "warning", "critical", "emergency"];
    assert!(alerts.iter().all(|alert| levels.contains(&alert["level"].as_str().unwrap())));
    assert!(alerts.iter().any(|alert| alert["level"] == "warning"), "{alerts:?}");
}

#[test]
fn baselines_are_told_with_the_figures_of_the_calls() {
    let output = replay(calls("a", 2, 2_000, 0, 1.0).concat().as_bytes());
    let all = lines(&output.stdout);
    let baselines: Vec<Value> =
        all.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = baselines.last().expect("2,000 calls are a baseline");
    assert_eq!(last["event"], "baseline");
    let n = last["n"].as_u64().unwrap();
    assert!((100..=2_000).contains(&n), "{last}");
    // The median of the generator is 4 ms.
    assert!((last["p50"].as_f64().unwrap() / 0.004 - 1.0).abs() < 0.06, "{last}");
    assert!(last["p95"].as_f64() < last["p99"].as_f64(), "{last}");
    assert!(last["confidence"].as_f64().unwrap() > 0.9, "{last}");
}

#[test]
fn a_question_after_every_line_changes_nothing() {
    let calls = calls("a", 3, 700, 200, 3.0);
    let plain = replay(calls.concat().as_bytes());
    let mut child = command().spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let (mut told, mut line) = (String::new(), String::new());
    for (n, call) in calls.iter().enumerate() {
        // The answer is waited for: nothing can depend on what comes later.
        stdin.write_all(format!("{call}{{\"sync\":{n}}}\n").as_bytes()).unwrap();
        loop {
            line.clear();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "it answers {n}");
            if line == format!("{{\"sync\":{n}}}\n") {
                break;
            }
            told += &line;
        }
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(told, String::from_utf8(plain.stdout).unwrap());
    assert!(told.contains("\"level\""), "{told}");
}

#[test]
fn a_thousand_operations_in_turns_are_judged_as_each_alone() {
    let streams: Vec<_> = (0..1_000)
        .map(|op| calls(&format!("op {op}"), op, 110, 40, if op % 4 == 0 { 8.0 } else { 1.0 }))
        .collect();
    let one_after_the_other = streams.concat().concat();
    let in_turns: String =
        (0..150).flat_map(|n| streams.iter().map(move |calls| calls[n].as_str())).collect();
    let mut expected = lines(&replay(one_after_the_other.as_bytes()).stdout);
    let mut told = lines(&replay(in_turns.as_bytes()).stdout);
    assert_ne!(told, expected, "the order is another");
    expected.sort();
    told.sort();
    assert_eq!(told, expected);
    assert!(told.iter().filter(|line| line.contains("\"level\"")).count() > 100);
}

#[test]
fn lines_that_are_not_as_they_should_be_are_told_by_number_and_passed_over() {
    let long = format!("{{\"op\":\"{}\",\"t\":1,\"d\":1}}", "x".repeat(1 << 20));
    let table: [(&[u8], &str); 19] = [
        (b"{\"op\":\"a\",\"t\":5,\"d\":0.1,\"ok\":true,\"size\":[1,{}]}", ""),
        (b"nonsense", "expected ident at column 2"),
        (b"{\"op\":\"a\",\"t\":6,\"d\":-0.1,\"ok\":true}", "the duration -0.1 s is negative"),
        (b"{\"op\":\"a\",\"t\":6,\"d\":NaN,\"ok\":true}", "expected value at column 21"),
        (b"{\"op\":\"a\",\"t\":6,\"ok\":true}", "missing field `d` at column 26"),
        (b"{\"op\":\"a\",\"d\":6,\"ok\":true}", "missing field `t` at column 26"),
        (
            b"{\"op\":\"a\",\"t\":4,\"d\":0}",
            "the time 4 s is before 5 s, the time of the operation's last call",
        ),
        (
            b"{\"op\":\"a\",\"t\":\"6\",\"d\":0}",
            "invalid type: string \"6\", expected f64 at column 17",
        ),
        (b"{\"op\":7,\"t\":6,\"d\":0}", "invalid type: integer `7`, expected a string at column 7"),
        (b"{\"op\":\"\xff\",\"t\":6,\"d\":0}", "invalid unicode code point at column 8"),
        (long.as_bytes(), "longer than 1048576 bytes"),
        (b"{\"op\":\"a\",\"t\":6,\"d\":1e20}", "1e20 s are more than a clock can count"),
        (b"{\"op\":\"a\",\"t\":6,\"d\":1e999}", "number out of range at column 25"),
        (b"{\"op\":\"a\",\"t\":1e300,\"d\":0}", "1e300 s are more than a clock can count"),
        (
            b"{\"end\":[]}",
            "`end` is no name: invalid type: sequence, expected a string at column 0",
        ),
        (b"{\"t\":1,\"d\":1}", "neither `op`, `end` nor `sync`"),
        (b"", ""),
        (b"{\"end\":\"never begun\"}", ""),
        (b"{\"op\":\"a\",\"t\":5,\"d\":0}", ""),
    ];
    let mut input = Vec::new();
    let mut expected = String::new();
    for (at, (line, wrong)) in table.iter().enumerate() {
        input.extend_from_slice(line);
        input.push(b'\n');
        if !wrong.is_empty() {
            writeln!(expected, "line {}: {wrong}", at + 1).unwrap();
        }
    }
    input.extend_from_slice(b"{\"sync\":\"last\"}");
    let output = replay(&input);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
    assert_eq!(lines(&output.stdout), ["{\"sync\":\"last\"}"]);
}

#[test]
fn wrong_lines_between_calls_change_no_alert() {
    let calls = calls("a", 4, 700, 100, 4.0);
    let wrong =
        ["{\"op\":\"a\",\"t\":-1e9,\"d\":1}\n", "{\"op\":\"a\",\"t\":1e9,\"d\":-1}\n", "\u{1}\n"];
    let mixed: String =
        calls.iter().enumerate().flat_map(|(n, call)| [call.as_str(), wrong[n % 3]]).collect();
    let (clean, mixed) = (replay(calls.concat().as_bytes()), replay(mixed.as_bytes()));
    assert_eq!(lines(&mixed.stdout), lines(&clean.stdout));
    assert_eq!(lines(&mixed.stderr).len(), calls.len());
    assert!(!alerts(&clean.stdout).is_empty());
}

#[test]
fn whatever_it_reads_it_ends_well_and_writes_json() {
    let mut dice = Dice(5);
    let mut input = Vec::new();
    let stems = calls("a", 6, 2_000, 0, 1.0);
    let numbers =
        ["1e308", "-1e308", "1e-320", "18446744073709551615", "-0.0", "0", "1e19", "null", "[]"];
    for stem in &stems {
        let mut line = stem.clone().into_bytes();
        match dice.below(4) {
            // Some bytes are others.
            0 => {
                for _ in 0..=dice.below(4) {
                    let at = dice.below(line.len());
                    line[at] = dice.next() as u8;
                }
            }
            // A number is another.
            1 => {
                let (key, number) = (["\"t\":", "\"d\":"][dice.below(2)], numbers[dice.below(9)]);
                let begin = stem.find(key).unwrap() + key.len();
                let end = begin + stem[begin..].find(',').unwrap();
                line = format!("{}{number}{}", &stem[..begin], &stem[end..]).into_bytes();
            }
            // Noise.
            2 => line = (0..dice.below(200)).map(|_| dice.next() as u8).chain([b'\n']).collect(),
            // Cut.
            _ => line.truncate(dice.below(line.len())),
        }
        input.extend(line);
        if dice.below(2) == 0 {
            input.extend(stem.as_bytes());
        }
    }
    let output = replay(&input);
    for line in lines(&output.stdout) {
        let value: Value = serde_json::from_str(&line).unwrap();
        assert!(value.is_object(), "{line}");
    }
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.lines().count() > 1_000);
    assert!(told.lines().all(|line| line.starts_with("line ")), "{told}");
}

#[test]
fn whoever_stops_reading_has_all_they_wanted() {
    let mut child = command().spawn().unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    for n in 0..100_000 {
        if writeln!(stdin, "{{\"sync\":{n}}}").is_err() {
            break;
        }
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
