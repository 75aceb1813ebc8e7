//! `cargo xtask ci`: what CI runs, and what you run before it does.

use std::time::{Duration, Instant};

use crate::command::Failure;
use crate::{TASKS, Task};

/// Quick refusals first, so that a slip is known within a minute.
const STEPS: [&str; 11] = [
    "fmt",
    "clippy",
    "features",
    "test",
    "docs",
    "sqlite-range",
    "examples",
    "assertions",
    "loom",
    "memcheck",
    "callgrind",
];

/// Runs the steps in order, stops at the first that fails, and says how long each took.
pub(crate) fn run() -> Result<(), Failure> {
    let mut took: Vec<(&str, Duration)> = Vec::new();
    for (position, step) in STEPS.into_iter().enumerate() {
        eprintln!("\nci: {step} ({} of {})", position + 1, STEPS.len());
        let started = now();
        let result = task(step)?();
        took.push((step, started.elapsed()));
        if let Err(failure) = result {
            eprint!("{}", summary(&took));
            return Err(Failure::new(format!(
                "stopped at `{step}`: {failure}\nto run this step alone: cargo xtask {step}"
            )));
        }
    }
    eprint!("{}", summary(&took));
    eprintln!("ci: all green");
    Ok(())
}

fn task(name: &str) -> Result<fn() -> Result<(), Failure>, Failure> {
    let task: Option<&Task> = TASKS.iter().find(|task| task.name == name);
    task.map(|task| task.run).ok_or_else(|| Failure::new(format!("there is no task `{name}`")))
}

fn summary(took: &[(&str, Duration)]) -> String {
    let total: Duration = took.iter().map(|(_, duration)| *duration).sum();
    let lines = took.iter().copied().chain([("total", total)]);
    let lines =
        lines.map(|(step, duration)| format!("  {step:<12} {:>7.1} s\n", duration.as_secs_f64()));
    format!("\nci: time a step\n{}", lines.collect::<String>())
}

#[expect(clippy::disallowed_methods, reason = "a task's time is for a person to read, not a test")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_a_task() {
        for step in STEPS {
            assert!(task(step).is_ok(), "{step}");
        }
    }

    #[test]
    fn the_summary_ends_with_the_total() {
        let took = [("fmt", Duration::from_millis(1_500)), ("clippy", Duration::from_secs(40))];
        assert_eq!(
            summary(&took),
            "\nci: time a step\n  fmt              1.5 s\n  clippy          40.0 s\n  total           41.5 s\n"
        );
    }
}
