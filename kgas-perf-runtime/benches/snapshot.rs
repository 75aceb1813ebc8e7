//! What do 1,000 operations on 8 threads hold in memory, how long does a copy of them take, and
//! does a recording thread notice?

mod harness;
#[path = "harness/subjects.rs"]
mod subjects;

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use harness::clocks::{resident_bytes, thread_cpu_ns, wall_ns};
use harness::quantile;
use kgas_perf_runtime::{Metadata, Outcome, Registry, record_operation};
use subjects::sampled;

const OPERATIONS: u64 = 1_000;
const THREADS: u64 = 8;
const LATENCIES: u64 = 1_000;

fn main() {
    let before = resident_bytes();
    fill();
    let resident = resident_bytes() - before;
    let registry = Registry::global();
    let snapshot = registry.snapshot();
    let calls: u64 = snapshot.operations().iter().map(|operation| operation.calls()).sum();
    assert_eq!(snapshot.operations().len() as u64, OPERATIONS);
    assert_eq!(calls, OPERATIONS * THREADS * LATENCIES);

    let mut took = Vec::new();
    for _ in 0..51 {
        let start = wall_ns();
        black_box(registry.snapshot());
        took.push((wall_ns() - start) as f64 / 1e6);
    }
    took.sort_by(f64::total_cmp);
    let recording = beside_a_recording_thread(&registry);

    println!(
        "\nSnapshot: {OPERATIONS} operations, {THREADS} threads, {LATENCIES} latencies each\n"
    );
    println!("| | |");
    println!("|---|--:|");
    println!("| resident in all, MiB | {:.1} |", resident as f64 / (1 << 20) as f64);
    println!("| a snapshot, ms, median | {:.1} |", quantile(&took, 0.5));
    println!("| a snapshot, ms, 9 of 10 | {:.1} |", quantile(&took, 0.9));
    println!("| snapshots taken beside the recording thread | {} |", recording.snapshots);
    println!("| its CPU ns a call without them | {:.2} |", recording.alone);
    println!("| its CPU ns a call beside them | {:.2} |", recording.beside);
    println!("| beside them, × without | {:.3} |", recording.beside / recording.alone);
}

/// Records 1,000 log-normal latencies for each operation on each thread. Their middles go from
/// 0.2 µs to 20 ms, and one in six is more than 1.65 times the middle (sigma 0.5).
fn fill() {
    let names: Vec<String> = (0..OPERATIONS).map(|number| format!("operation_{number}")).collect();
    let all_started = Barrier::new(THREADS as usize);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (names, all_started) = (&names, &all_started);
            scope.spawn(move || {
                let mut normal = Normal { state: thread + 1 };
                for (number, name) in names.iter().enumerate() {
                    let share = number as f64 / (OPERATIONS - 1) as f64;
                    let middle = 200.0 * 100_000_f64.powf(share);
                    for _ in 0..LATENCIES {
                        let latency = middle * (0.5 * normal.next()).exp();
                        let latency = Duration::from_nanos(latency as u64);
                        record_operation(name, latency, Metadata::new(Outcome::Ok));
                    }
                    if number == 0 {
                        // A thread that has ended would hand its memory on to the next.
                        all_started.wait();
                    }
                }
            });
        }
    });
}

struct Recording {
    alone: f64,
    beside: f64,
    snapshots: u64,
}

/// The CPU time of calls on a thread of its own, in turn with and without another thread that
/// does nothing but take snapshots.
fn beside_a_recording_thread(registry: &Registry) -> Recording {
    const CALLS: u64 = 2_000_000;
    const ROUNDS: usize = 40;
    let (wanted, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let snapshots = AtomicU64::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                if wanted.load(Ordering::Relaxed) {
                    black_box(registry.snapshot());
                    snapshots.fetch_add(1, Ordering::Relaxed);
                } else {
                    std::thread::yield_now();
                }
            }
        });
        let recorder = scope.spawn(|| {
            let mut rounds = [const { Vec::new() }; 2];
            for round in 0..ROUNDS {
                let beside = round % 2 == 1;
                wanted.store(beside, Ordering::Relaxed);
                let start = thread_cpu_ns();
                for number in 0..CALLS {
                    black_box(sampled(black_box(number)));
                }
                let took = thread_cpu_ns() - start;
                rounds[usize::from(beside)].push(took as f64 / CALLS as f64);
            }
            over.store(true, Ordering::Relaxed);
            rounds.map(|mut took| {
                took.sort_by(f64::total_cmp);
                quantile(&took, 0.5)
            })
        });
        let [alone, beside] = recorder.join().expect("calls do not panic");
        Recording { alone, beside, snapshots: snapshots.load(Ordering::Relaxed) }
    })
}

/// Normally distributed numbers: the sum of twelve evenly distributed ones, less six.
struct Normal {
    state: u64,
}

impl Normal {
    fn next(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// From 0 to 1 (Steele's splitmix64).
    fn uniform(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) as f64 / u64::MAX as f64
    }
}
