//! The tasks of this repository: `cargo xtask` lists them.

mod bench;
mod ci;
mod command;
mod features;
mod valgrind;

use std::process::ExitCode;

use crate::command::{Cargo, Failure, target_folder, workspace};

/// One task: its name, what it does, and the function that does it.
struct Task {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<(), Failure>,
}

const TASKS: [Task; 15] = [
    Task { name: "ci", about: "everything that CI checks, in its order", run: ci::run },
    Task { name: "fmt", about: "checks the formatting", run: fmt },
    Task { name: "clippy", about: "lints every target; a warning is an error", run: clippy },
    Task {
        name: "features",
        about: "lints with no feature and with each alone",
        run: features::run,
    },
    Task { name: "test", about: "runs all tests and documentation tests", run: test },
    Task { name: "docs", about: "builds the documentation; a warning is an error", run: docs },
    Task {
        name: "sqlite-range",
        about: "checks the store with the lowest rusqlite that it takes, beside sqlx",
        run: sqlite_range,
    },
    Task { name: "examples", about: "runs every example", run: examples },
    Task {
        name: "assertions",
        about: "counts how often assertions of tests are wrong on simulated machines",
        run: assertions,
    },
    Task { name: "loom", about: "runs the models of what threads share", run: loom },
    Task { name: "memcheck", about: "checks the memory of unsafe code", run: valgrind::memcheck },
    Task {
        name: "callgrind",
        about: "counts the instructions of a call",
        run: valgrind::callgrind,
    },
    Task {
        name: "trials",
        about: "judges streams whose every change is known, and holds that against the goals",
        run: trials,
    },
    Task { name: "bench", about: "runs the benchmarks, the rivals' too", run: bench::run },
    Task { name: "help", about: "lists the tasks", run: help },
];

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_else(|| "help".to_owned());
    if let Some(extra) = words.next() {
        eprintln!("xtask: `{name}` takes no argument, found `{extra}`");
        return ExitCode::from(2);
    }
    let Some(task) = TASKS.iter().find(|task| task.name == name) else {
        let names: Vec<_> = TASKS.iter().map(|task| task.name).collect();
        eprintln!("xtask: unknown task `{name}`; accepted: {}", names.join(", "));
        return ExitCode::from(2);
    };
    match (task.run)() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask {name}: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> Result<(), Failure> {
    println!("cargo xtask TASK\n");
    for Task { name, about, .. } in &TASKS {
        println!("  {name:<12} {about}");
    }
    Ok(())
}

fn fmt() -> Result<(), Failure> {
    Cargo::new("fmt --all --check").run()
}

fn clippy() -> Result<(), Failure> {
    Cargo::new("clippy --workspace --all-targets -- -D warnings").run()
}

/// The README's command, word for word.
fn test() -> Result<(), Failure> {
    Cargo::new("test --workspace").run()
}

fn docs() -> Result<(), Failure> {
    Cargo::new("doc --no-deps --workspace").env("RUSTDOCFLAGS", "-D warnings").run()
}

/// The other end of the range is what the workspace itself is built with.
fn sqlite_range() -> Result<(), Failure> {
    const LOWEST: &str = "name = \"rusqlite\"\nversion = \"0.32.";
    let folder = workspace().join("sqlite-range");
    let check = Cargo::new("check --manifest-path").argument(folder.join("Cargo.toml"));
    // Elsewhere, so that what is built of the workspace stays built.
    check.env("CARGO_TARGET_DIR", target_folder().join("sqlite-range")).run()?;
    let lock = std::fs::read_to_string(folder.join("Cargo.lock"));
    let lock = lock.map_err(|error| Failure::new(format!("sqlite-range/Cargo.lock: {error}")))?;
    if !lock.contains(LOWEST) {
        return Err(Failure::new(
            "sqlite-range/Cargo.lock has another rusqlite than 0.32: \
             `cargo update -p rusqlite --precise 0.32.1` there",
        ));
    }
    Ok(())
}

/// Runs each example with no argument, as a person would who has just cloned.
fn trials() -> Result<(), Failure> {
    Cargo::new("run --release -p kgas-perf-trials").run()
}

fn examples() -> Result<(), Failure> {
    for name in command::targets_in("examples")? {
        Cargo::new(&format!("run --release --example {name}")).run()?;
    }
    Ok(())
}

/// The long form of what the test kit's own tests say in short.
fn assertions() -> Result<(), Failure> {
    const TABLE: &str = "within::simulation::the_whole_table";
    let table = format!("test --release -p kgas-perf-testkit --lib -- --ignored --exact {TABLE}");
    // A filter that matches nothing is a success to cargo.
    if !Cargo::new(&format!("{table} --list")).stdout()?.contains(": test") {
        return Err(Failure::new(format!("the test kit has no test `{TABLE}`")));
    }
    Cargo::new(&format!("{table} --nocapture")).run()
}

/// Runs the tests whose names begin with `loom_`, with loom's atomics in place of std's.
fn loom() -> Result<(), Failure> {
    let models = |trailing: &str| {
        Cargo::new(&format!("test --release -p kgas-perf-runtime --lib -- loom_{trailing}"))
            // With other flags everything is built again; elsewhere, so that both stay built.
            .env("CARGO_TARGET_DIR", target_folder().join("loom"))
            .env("RUSTFLAGS", "--cfg loom")
    };
    // A filter that matches nothing is a success to cargo.
    if !models(" --list").stdout()?.contains(": test") {
        return Err(Failure::new("no test of the runtime is named `loom_…`"));
    }
    models("").run()
}
