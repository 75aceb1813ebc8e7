//! Two threads in a tight loop: no call is lost, and memory does not grow with their number.

use std::hint::black_box;

use kgas_perf_runtime::measure::Outcome;
use kgas_perf_runtime::{Registry, measure_performance};

const CALLS: u64 = 10_000_000;
const THREADS: u64 = 2;

#[measure_performance("tool_simple")]
fn tool_simple(input: u64) -> u64 {
    black_box(input).wrapping_mul(3)
}

fn flood(calls: u64) {
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| (0..calls / THREADS).fold(0, |_, call| tool_simple(call)));
        }
    });
}

/// Resident bytes of this process, as the system tells them; `None` where it does not.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
}

#[test]
fn ten_million_calls_are_all_counted_in_two_mebibytes() {
    flood(2_000);
    let before = resident_bytes();
    flood(CALLS);
    let after = resident_bytes();
    let snapshot = Registry::global().snapshot();
    let tool = snapshot.operation("tool_simple").unwrap();
    assert_eq!(tool.outcome(Outcome::Ok).count(), CALLS + 2_000);
    assert_eq!(tool.call_sites[0].calls, CALLS + 2_000);
    assert_eq!(snapshot.losses.calls, 0);
    match after.zip(before) {
        Some((after, before)) => {
            let grown = after.saturating_sub(before);
            assert!(grown <= 2 << 20, "the process grew by {grown} bytes");
        }
        None => println!("skipped: the resident set cannot be read here"),
    }
}
