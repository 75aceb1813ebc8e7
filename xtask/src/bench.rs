//! `cargo xtask bench`: the figures of the README, from the machine that it runs on.
//!
//! - [`table`]: what a benchmark prints, being read.
//! - [`figure`]: a figure to reach, and the table of all of them.
//! - [`check_time`]: what the attribute adds to `cargo check`.

mod check_time;
mod figure;
mod table;

use crate::command::{Cargo, Failure, workspace};
use crate::valgrind;

use figure::Figure;
use table::Tables;

/// Runs the benchmarks and prints what they found against what is to be reached; then the same
/// function under the crates that do similar things. Fails if a figure is missed.
pub(crate) fn run() -> Result<(), Failure> {
    let figures = figures()?;
    let rivals = rivals()?;
    println!("\n{}", figure::table(&figures));
    println!("{rivals}");
    let missed: Vec<_> =
        figures.iter().filter(|figure| !figure.is_reached()).map(|figure| figure.name).collect();
    if missed.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} of {} missed: {}",
        missed.len(),
        figures.len(),
        missed.join("; ")
    )))
}

fn figures() -> Result<Vec<Figure>, Failure> {
    const RATIO: &str = "× two raw reads";
    const NS: &str = "CPU ns";
    bench("floor")?;
    let measure = bench("measure")?;
    let tally = bench("measure_tally")?;
    let contention = bench("contention")?;
    let flood = bench("flood")?;
    let snapshot = bench("snapshot")?;

    let on_threads =
        |threads, call| contention.value(&format!("Contention, threads: {threads}"), call, RATIO);
    let in_snapshot = |row| snapshot.value("Snapshot", row, "");
    let counting = tally.value("With a `TallyAllocator`", "default, counting allocations", NS)?;
    let alone = measure.value("Each way to measure", "default", NS)?;
    Ok(vec![
        Figure::times("a call, 1 thread", on_threads(1, "default")?, 1.3, "contention"),
        Figure::times("a call, 8 threads", on_threads(8, "default")?, 1.4, "contention"),
        Figure::times(
            "1,024 call sites in turn, in one function",
            on_threads(1, "1,024 call sites in turn, in one function")?,
            1.5,
            "contention",
        ),
        Figure::times(
            "1,024 functions in turn",
            on_threads(1, "1,024 functions in turn")?,
            1.5,
            "contention",
        ),
        Figure::times(
            "an async call, polled twice",
            on_threads(1, "async, polled twice")?,
            1.4,
            "contention",
        ),
        Figure::new(
            "exact allocation counts, on top",
            counting - alone,
            "ns",
            3.0,
            "measure_tally",
        ),
        Figure::named(
            "instructions a call",
            valgrind::instructions_a_call()?.round(),
            "",
            valgrind::MOST_INSTRUCTIONS,
            "cargo xtask callgrind",
        ),
        Figure::new(
            "calls lost of 10 million on 2 threads",
            flood.value("Flood", "calls lost", "")?,
            "",
            0.0,
            "flood",
        ),
        Figure::new(
            "resident set grown meanwhile",
            flood.value("Flood", "resident set grown, MiB", "")?,
            "MiB",
            2.0,
            "flood",
        ),
        Figure::new(
            "1,000 operations × 8 threads, resident",
            in_snapshot("resident in all, MiB")?,
            "MiB",
            40.0,
            "snapshot",
        ),
        Figure::new(
            "a snapshot of them",
            in_snapshot("a snapshot, ms, median")?,
            "ms",
            20.0,
            "snapshot",
        ),
        Figure::new(
            "a recording thread beside snapshots, against alone",
            in_snapshot("beside them, × without")?,
            "×",
            1.05,
            "snapshot",
        ),
        Figure::named(
            "`cargo check`, a function of 1,000 short ones",
            check_time::ms_a_function(&check_time::SHORT)?,
            "ms",
            1.0,
            "cargo xtask bench",
        ),
        Figure::named(
            "`cargo check`, a function of 1,000 fallible ones",
            check_time::ms_a_function(&check_time::FALLIBLE)?,
            "ms",
            1.0,
            "cargo xtask bench",
        ),
    ])
}

/// Runs one of the runtime's benchmarks, shows what it prints and reads it.
fn bench(name: &str) -> Result<Tables, Failure> {
    let printed = Cargo::new(&format!("bench -p kgas-perf-runtime --bench {name}")).stdout()?;
    println!("{printed}");
    Ok(Tables::read(&printed))
}

/// The rivals' table, from a workspace of their own.
fn rivals() -> Result<String, Failure> {
    let manifest = workspace().join("rivals/Cargo.toml");
    if !manifest.is_file() {
        return Err(Failure::new(format!("{} is missing", manifest.display())));
    }
    Cargo::new("bench --manifest-path rivals/Cargo.toml --bench rivals").stdout()
}
