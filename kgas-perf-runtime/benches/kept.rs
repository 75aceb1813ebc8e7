//! Does a call cost more while what it leaves behind is written to a file?
//!
//! One thread calls; a runtime over the same registry judges, with a store in a file and without
//! one, in turns. What counts is the CPU time of the calling thread. Ticks and flushes come ten
//! times as often as they do by themselves, so that there is something to notice.

mod harness;
#[path = "harness/subjects.rs"]
mod subjects;

use std::hint::black_box;
use std::time::Duration;

use harness::clocks::{thread_cpu_ns, wall_ns};
use harness::quantile;
use kgas_perf_runtime::install::Builder;
use kgas_perf_runtime::store::SqliteOptions;
use subjects::sampled;

/// Rounds of each kind.
const ROUNDS: usize = 9;
/// How long one takes, in wall time.
const ROUND_NS: u64 = 1_000_000_000;
const RHYTHM: Duration = Duration::from_millis(100);

fn main() {
    let folder = tempfile::tempdir().expect("a folder for the store");
    let file = folder.path().join("kept.db");
    let round = |kept: bool| {
        let builder = Builder::new().tick_every(RHYTHM).flush_every(RHYTHM).no_resources();
        let builder = if kept {
            builder.store(SqliteOptions::new(&file).build().expect("the usual retention"))
        } else {
            builder.no_store()
        };
        let handle = builder.install().expect("a runtime");
        let cost = cost_of_a_call();
        handle.shutdown(Duration::from_secs(10)).expect("an end");
        let stored = handle.store_status().map_or(0, |status| status.accounts.stored);
        assert_eq!(stored > 0, kept);
        cost
    };
    round(true);
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        with.push(round(true));
        without.push(round(false));
    }
    with.sort_by(f64::total_cmp);
    without.sort_by(f64::total_cmp);
    let (with, without) = (quantile(&with, 0.5), quantile(&without, 0.5));
    println!("\nCalls, with a store and without: flushed every {RHYTHM:?}\n");
    println!("| | |");
    println!("|---|--:|");
    println!("| CPU ns a call, kept in a file | {with:.2} |");
    println!("| CPU ns a call, kept nowhere | {without:.2} |");
    println!("| kept in a file, × kept nowhere | {:.3} |", with / without);
}

fn cost_of_a_call() -> f64 {
    let (began, cpu) = (wall_ns(), thread_cpu_ns());
    let mut calls = 0_u64;
    while wall_ns() - began < ROUND_NS {
        for _ in 0..10_000 {
            calls += 1;
            black_box(sampled(black_box(calls)));
        }
    }
    (thread_cpu_ns() - cpu) as f64 / calls as f64
}
