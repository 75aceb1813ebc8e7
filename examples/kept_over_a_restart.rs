//! What was measured and learned outlives the program: run it twice with the same file, and it
//! goes on where it was.
//!
//! ```sh
//! cargo run --release --example kept_over_a_restart            # a file in the folder for temporary files
//! cargo run --release --example kept_over_a_restart -- my.db   # a file of your own
//! ```

use std::path::PathBuf;
use std::time::Duration;

use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::install::Builder;
use kgas_perf_runtime::measure_performance;
use kgas_perf_runtime::store::{Archive, Between, Query, SqliteArchive, SqliteOptions};

/// Sorts so many numbers: the work that is measured.
#[measure_performance("graph_to_table")]
fn convert(numbers: u64) -> u64 {
    let mut all: Vec<u64> = (0..numbers).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
    all.sort_unstable();
    all[all.len() / 2]
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let chosen = std::env::args_os().nth(1).map(PathBuf::from);
    let file = chosen.unwrap_or_else(|| std::env::temp_dir().join("kgas-perf-example.db"));
    let store = SqliteOptions::new(&file).build()?;
    let handle = Builder::new().store(store).tick_every(Duration::from_millis(100)).install()?;
    match handle.learning("graph_to_table", SizeClass::Unsized) {
        Some(learning) => println!("an earlier run left behind: {learning}"),
        None => println!("nothing was left behind in {}", file.display()),
    }
    for _ in 0..500 {
        convert(20_000);
    }
    handle.shutdown(Duration::from_secs(5))?;
    if let Some(status) = handle.store_status() {
        println!("this run: {}", status.accounts);
    }

    let now = handle.snapshot().unix.as_secs();
    let archive = SqliteArchive::open(&file)?;
    let all = Between::new(now.saturating_sub(30 * 86_400), now + 60);
    let found = archive.summary(&Query::new(all).operation("graph_to_table").histograms())?.all();
    let durations = found.all();
    println!(
        "all runs: {} calls in {} processes, median {:?}, p99 {:?}",
        found.calls(),
        archive.processes()?.len(),
        durations.quantile(0.5).unwrap_or_default(),
        durations.quantile(0.99).unwrap_or_default(),
    );
    Ok(())
}
