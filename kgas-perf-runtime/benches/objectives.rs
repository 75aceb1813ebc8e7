//! What does it cost to judge 1,000 operations once a tick, and what does it hold in memory:
//! objectives, calls in flight, growth of memory?

mod harness;

use std::hint::black_box;
use std::time::Duration;

use harness::clocks::{resident_bytes, wall_ns};
use harness::quantile;
use kgas_perf_runtime::baseline::Baseline;
use kgas_perf_runtime::catalog::{Catalogue, SizeClass};
use kgas_perf_runtime::detect::{MemoryGrowth, Norm, ObjectiveJudge, Watchdog};
use kgas_perf_runtime::measure::{ManualClock, Metadata, record_operation};
use kgas_perf_runtime::registry::{Snapshot, Window};
use kgas_perf_runtime::{Outcome, Registry};

const OPERATIONS: u64 = 1_000;
const TICKS: u64 = 400;
const CALLS: u64 = 20;

fn main() {
    let names: Vec<String> = (0..OPERATIONS).map(|number| format!("operation_{number}")).collect();
    let clock = ManualClock::new();
    let registry = Registry::with_clock(clock.clone());
    let mut last = registry.snapshot();
    let mut judges: Vec<ObjectiveJudge> =
        names.iter().map(|name| ObjectiveJudge::new(declared().get(name).unwrap())).collect();
    let mut growths = vec![MemoryGrowth::new(); names.len()];
    let mut watchdog = Watchdog::new();
    let baseline = {
        let ok = (1..=1_000).map(Duration::from_micros).collect();
        Baseline::learn("any", SizeClass::Unsized, &ok, Duration::ZERO).unwrap()
    };
    let norm = Norm { baseline: Some(&baseline), mature: true, objectives: &[] };

    let (mut judged, mut watched, mut grown) = (Vec::new(), Vec::new(), Vec::new());
    // Snapshots take memory of their own, so it is taken from the first ticks on.
    let mut resident = [0; 2];
    for tick in 0..TICKS {
        let (windows, now) = round(&registry, &clock, &names, tick, &mut last);
        if tick == 3 {
            resident[0] = resident_bytes();
        }
        judged.push(took(|| {
            for judge in &mut judges {
                black_box(judge.observe(now - SECOND, now, &windows));
            }
        }));
        watched.push(took(|| {
            black_box(watchdog.look(now, &windows, |_, _| norm));
        }));
        grown.push(took(|| {
            for (growth, window) in growths.iter_mut().zip(&windows) {
                black_box(growth.observe(window));
            }
        }));
    }
    resident[1] = resident_bytes();

    println!("\nJudging: {OPERATIONS} operations, {CALLS} calls each a tick, {TICKS} ticks\n");
    println!("| | ms a tick, median | 99 of 100 |");
    println!("|---|--:|--:|");
    for (what, mut took) in [
        ("two objectives each", judged),
        ("what is in flight", watched),
        ("growth of memory", grown),
    ] {
        took.sort_by(f64::total_cmp);
        println!("| {what} | {:.2} | {:.2} |", quantile(&took, 0.5), quantile(&took, 0.99));
    }
    let kib = (resident[1] - resident[0]) as f64 / 1_024.0 / OPERATIONS as f64;
    println!("| resident, KiB an operation | {kib:.1} | |");
}

const SECOND: Duration = Duration::from_secs(1);

/// A catalogue in which each operation has an objective on its p95 and on its errors.
fn declared() -> &'static Catalogue {
    static DECLARED: std::sync::OnceLock<Catalogue> = std::sync::OnceLock::new();
    DECLARED.get_or_init(|| {
        let operations: String = (0..OPERATIONS)
            .map(|number| {
                format!(
                    "[operations.operation_{number}]\ncategory = \"custom\"\nobjectives = [\n  \
                     {{ metric = \"duration\", statistic = \"p95\", at_most = \"5 ms\" }},\n  \
                     {{ metric = \"error_rate\", at_most = \"2 %\" }},\n]\n"
                )
            })
            .collect();
        Catalogue::parse(&operations, "benchmark").unwrap()
    })
}

/// Records the calls of a tick, of which one operation in ten is slower than it may be from half
/// time on, and answers its windows and when it ended.
fn round(
    registry: &Registry,
    clock: &ManualClock,
    names: &[String],
    tick: u64,
    last: &mut Snapshot,
) -> (Vec<Window>, Duration) {
    registry.run(|| {
        for (number, name) in names.iter().enumerate() {
            for call in 0..CALLS {
                let slow = number.is_multiple_of(10) && tick > TICKS / 2;
                let micros = (1_000 + 300 * (call % 7)) * if slow { 4 } else { 1 };
                let failed = (call + tick).is_multiple_of(199);
                let outcome = if failed { Outcome::Error } else { Outcome::Ok };
                let metadata = Metadata::new(outcome).allocated(4_000 + call, 3);
                record_operation(name, Duration::from_micros(micros), metadata);
            }
        }
    });
    clock.advance(SECOND);
    let now = registry.snapshot();
    let windows = now.since(last);
    *last = now;
    (windows, last.monotonic)
}

/// How long it takes, in milliseconds.
fn took(work: impl FnOnce()) -> f64 {
    let start = wall_ns();
    work();
    (wall_ns() - start) as f64 / 1e6
}
