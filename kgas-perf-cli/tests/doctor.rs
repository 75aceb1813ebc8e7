//! `kgas-perf doctor`, run as a person runs it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn doctor(folder: &Path, switch: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kgas-perf"))
        .current_dir(folder)
        .env("KGAS_PERF", switch)
        .arg("doctor")
        .output()
        .expect("the binary runs")
}

/// The first word of every line that has one.
fn findings(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| Some(line.split_whitespace().next()?.to_owned()))
        .collect()
}

#[test]
fn a_healthy_folder_has_all_findings() {
    let root = tempfile::tempdir().unwrap();
    let output = doctor(root.path(), "on");
    assert_eq!(findings(&output), ["measuring", "clock", "price", "memory", "catalogue"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.starts_with("measuring  on\n"), "{text}");
    assert!(text.contains("catalogue  <built-in catalogue>: operations: "), "{text}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_switched_measuring_off_is_named() {
    let root = tempfile::tempdir().unwrap();
    let output = doctor(root.path(), "off");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.starts_with("measuring  off, because of KGAS_PERF=off\n"), "{text}");
    assert_eq!(findings(&output), ["measuring", "clock", "memory", "catalogue"]);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn mistakes_of_the_catalogue_come_after_the_other_findings() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("kgas-perf.toml"), "extends = 'built-in'").unwrap();
    let output = doctor(root.path(), "on");
    assert_eq!(findings(&output), ["measuring", "clock", "price", "memory"]);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "kgas-perf.toml:1: extends: unknown catalogue `built-in`; did you mean `builtin`? \
         accepted: `builtin`\n"
    );
    assert_eq!(output.status.code(), Some(1));
}
