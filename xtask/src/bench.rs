//! `cargo xtask bench`: the figures of the README, from the machine that it runs on.

use crate::command::{Cargo, Failure, workspace};

/// Runs the runtime's benchmarks and then, from a workspace of their own, those of its rivals.
pub(crate) fn run() -> Result<(), Failure> {
    Cargo::new("bench -p kgas-perf-runtime").run()?;
    if workspace().join("rivals/Cargo.toml").is_file() {
        Cargo::new("bench --manifest-path rivals/Cargo.toml").run()?;
    }
    Ok(())
}
