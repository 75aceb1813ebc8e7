//! Tells the crate which compiler builds it: a baseline keeps that.

use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let answer = Command::new(rustc).arg("--version").output().ok();
    let text = answer.map(|answer| String::from_utf8_lossy(&answer.stdout).into_owned());
    // `rustc 1.95.0 (f2d3ce0bd 2026-03-21)`: the first two words.
    let words: Vec<&str> = text.as_deref().unwrap_or("").split_whitespace().take(2).collect();
    println!("cargo::rustc-env=KGAS_PERF_TESTKIT_RUSTC={}", words.join(" "));
}
