//! How often assertions are wrong, and find what is there, on the machine that runs this.
//!
//! `cargo test --release -p kgas-perf-testkit --test on_this_machine -- --ignored --exact
//! --nocapture two_of_two_hundred_fail_at_most_and_a_tenth_is_found_either_way`: ten minutes. The
//! other tests are what it runs, each time in new processes.

use std::collections::HashMap;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

use kgas_perf_testkit::{__private::Place, WithinBaseline};

/// As much faster as a tenth is slower.
const FASTER: f64 = 1.0 / 1.1;

const OPERATIONS: [&str; 4] = ["arithmetic", "strings", "hash_map", "sort"];

/// How often the same is done in a call: more or less often by the share that the program that
/// started this one asks for, to which 110 comes out even.
fn times() -> Option<u32> {
    let scale: f64 = std::env::var("KGAS_PERF_TEST_SCALE").ok()?.parse().ok()?;
    Some((110.0 * scale).round() as u32)
}

#[track_caller]
fn holds<T>(name: &str, work: impl FnMut() -> T) {
    let folder = std::env::var("KGAS_PERF_TEST_FOLDER").expect("told by who started this");
    // As of a release build, whatever this is.
    WithinBaseline::at(name, Place::new(&folder, false)).assert(work);
}

fn numbers(count: u64) -> Vec<u64> {
    (0..count).map(|each| each.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect()
}

#[test]
#[ignore = "run by the test below"]
fn arithmetic() {
    let Some(times) = times() else { return };
    holds("arithmetic", || {
        (0..times).fold(1_u64, |hash, each| {
            (hash ^ black_box(u64::from(each))).wrapping_mul(0x0100_0000_01b3)
        })
    });
}

#[test]
#[ignore = "run by the test below"]
fn strings() {
    let Some(times) = times() else { return };
    holds("strings", || {
        for _ in 0..times {
            black_box((0..10).map(|each| format!("node {each}")).collect::<Vec<_>>());
        }
    });
}

#[test]
#[ignore = "run by the test below"]
fn hash_map() {
    let Some(times) = times() else { return };
    let numbers = numbers(20);
    holds("hash_map", || {
        for _ in 0..times {
            black_box(numbers.iter().map(|each| (*each, 1_u8)).collect::<HashMap<_, _>>());
        }
    });
}

#[test]
#[ignore = "run by the test below"]
fn sort() {
    let Some(times) = times() else { return };
    let numbers = numbers(300);
    holds("sort", || {
        for _ in 0..times {
            let mut sorted = black_box(numbers.clone());
            sorted.sort_unstable();
            black_box(sorted);
        }
    });
}

/// Runs one of them in a process of its own; what its assertion said.
fn answer(operation: &str, scale: f64, update: &str, folder: &Path) -> (String, String) {
    let results = folder.join("results");
    let _ = std::fs::remove_dir_all(&results);
    Command::new(std::env::current_exe().unwrap())
        .args([operation, "--exact", "--include-ignored"])
        .env("KGAS_PERF_TEST_SCALE", scale.to_string())
        .env("KGAS_PERF_TEST_FOLDER", folder)
        .env("KGAS_PERF_RESULTS", &results)
        .env("KGAS_PERF_UPDATE", update)
        .env_remove("CI")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    let file = std::fs::read_dir(&results).unwrap().next().unwrap().unwrap().path();
    let result: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let text = |key: &str| result[key].as_str().unwrap().to_owned();
    (text("answer"), text("said"))
}

#[test]
#[ignore = "ten minutes on a quiet machine, in a release build"]
fn two_of_two_hundred_fail_at_most_and_a_tenth_is_found_either_way() {
    let folder = tempfile::tempdir().unwrap();
    for operation in OPERATIONS {
        assert_eq!(answer(operation, 1.0, "always", folder.path()).0, "new");
    }
    let mut counts: HashMap<(&str, String, String), u32> = HashMap::new();
    let mut count = |scale: f64, rounds: usize| {
        for _ in 0..rounds {
            for operation in OPERATIONS {
                let (answer, said) = answer(operation, scale, "no", folder.path());
                if answer == "inconclusive" || (scale == 1.0) != (answer == "kept") {
                    println!("×{scale}: {}", said.lines().next().unwrap_or_default());
                }
                *counts.entry((operation, format!("×{scale}"), answer)).or_default() += 1;
            }
        }
    };
    count(1.0, 50);
    count(1.1, 25);
    count(FASTER, 25);
    let mut rows: Vec<_> = counts.iter().collect();
    rows.sort();
    rows.iter().for_each(|((operation, scale, answer), count)| {
        println!("{operation:<12} {scale:<20} {answer:<14} {count}");
    });
    let total = |scale: &str, wanted: &str| -> u32 {
        counts
            .iter()
            .filter(|((_, of, answer), _)| of == scale && answer == wanted)
            .map(|(_, count)| count)
            .sum()
    };
    assert!(total("×1", "slower") <= 2);
    assert!(total("×1", "faster") <= 2);
    assert!(total("×1.1", "slower") >= 95);
    assert!(total(&format!("×{FASTER}"), "faster") >= 95);
}
