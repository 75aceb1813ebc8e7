//! Is any call lost, and does memory grow, when threads do nothing but call?

mod harness;
#[path = "harness/subjects.rs"]
mod subjects;

use std::hint::black_box;

use harness::clocks::{cpu_ns, resident_bytes};
use kgas_perf_runtime::Registry;
use subjects::sampled;

const THREADS: u64 = 2;
const CALLS: u64 = 10_000_000;

fn call(times: u64) {
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(move || {
                for number in 0..times / THREADS {
                    black_box(sampled(black_box(number)));
                }
            });
        }
    });
}

fn counted() -> u64 {
    Registry::global().snapshot().operation("tool_simple").map_or(0, |known| known.calls())
}

fn main() {
    // The program's own pages and the threads' stacks are not what grows with calls.
    call(1_000);
    let before = counted();
    let (resident, cpu) = (resident_bytes(), cpu_ns());
    call(CALLS);
    let cpu = cpu_ns() - cpu;
    let grown = resident_bytes().saturating_sub(resident);
    let lost = CALLS as i64 - (counted() - before) as i64;

    println!("\nFlood: {CALLS} calls on {THREADS} threads\n");
    println!("| | |");
    println!("|---|--:|");
    println!("| calls lost | {lost} |");
    println!("| resident set grown, MiB | {:.2} |", grown as f64 / (1 << 20) as f64);
    println!(
        "| CPU ns a call, the call itself and its loop included | {:.2} |",
        cpu as f64 / CALLS as f64
    );
    assert_eq!(lost, 0, "calls were lost");
}
