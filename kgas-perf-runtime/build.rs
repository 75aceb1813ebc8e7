//! Tells the crate which compiler it is built with: baselines are true of one.

use std::process::Command;

fn main() {
    // Cargo runs this again when its compiler is another; nothing else makes it run.
    println!("cargo::rerun-if-changed=build.rs");
    let version = std::env::var_os("RUSTC")
        .and_then(|rustc| Command::new(rustc).arg("--version").output().ok())
        .filter(|answer| answer.status.success())
        .and_then(|answer| String::from_utf8(answer.stdout).ok());
    // Such as `rustc 1.95.0 (59807616e 2026-04-14)`. Without an answer it is not known.
    if let Some(version) = version.as_deref().and_then(|version| version.split(' ').nth(1)) {
        println!("cargo::rustc-env=KGAS_PERF_RUSTC={}", version.trim());
    }
}
