//! What does the load engine itself cost an operation, beside a plain loop in the same run?
//!
//! Every round takes each way in turn; the median round counts. One worker, so that an operation
//! costs what it costs the loop and nobody waits for a processor. In the open model operations are
//! meant to start faster than they can, so it starts them as fast as it goes.

use std::hint::black_box;
use std::time::Duration;

use kgas_perf_runtime::measure::{Clock, SystemClock};
use kgas_perf_testkit::load::{Call, Load, LoadError, LoadTest, Report, Scenario};

const ROUNDS: usize = 9;

/// Steps of an operation, and how often it is called in a round.
const OPERATIONS: [(u64, u64); 3] = [(0, 100_000), (4_000, 20_000), (40_000, 4_000)];

type Way = (&'static str, fn(u64, u64) -> Result<Report, LoadError>);

const WAYS: [Way; 4] = [
    ("closed, a thread", |steps, times| test(Load::workers(1), times, blocking(steps)).run()),
    ("open, a thread", |steps, times| test(FAST, times, blocking(steps)).run()),
    ("closed, a task", |steps, times| on_tokio(&test(Load::workers(1), times, task(steps)))),
    ("open, a task", |steps, times| on_tokio(&test(FAST, times, task(steps)))),
];

const FAST: Load = Load::rate(1_000_000.0);

fn main() -> Result<(), LoadError> {
    println!("\nThe load engine, one worker, beside a plain loop; medians of {ROUNDS} rounds\n");
    println!("| an operation of | way | ns each | of that the engine's | ratio to the loop |");
    println!("|---|---|--:|--:|--:|");
    for (steps, times) in OPERATIONS {
        let mut plain = Vec::new();
        let mut taken = WAYS.map(|_| Vec::new());
        for _ in 0..ROUNDS {
            plain.push(each(times, plain_loop(steps, times)));
            for ((_, way), taken) in WAYS.iter().zip(&mut taken) {
                let report = way(steps, times)?;
                assert_eq!(report.total.counts.ok, times, "{report}");
                taken.push(each(times, report.elapsed));
            }
        }
        let plain = median(plain);
        println!("| {plain:.0} ns | a plain loop | {plain:.0} | | 1.00 |");
        for ((name, _), taken) in WAYS.iter().zip(taken) {
            let taken = median(taken);
            let (own, ratio) = (taken - plain, taken / plain);
            println!("| {plain:.0} ns | {name} | {taken:.0} | {own:.0} | {ratio:.2} |");
        }
    }
    Ok(())
}

fn work(steps: u64) -> u64 {
    (0..steps).fold(1, |sum: u64, step| black_box(sum.rotate_left(5) ^ step))
}

fn plain_loop(steps: u64, times: u64) -> Duration {
    let start = SystemClock.now();
    for _ in 0..times {
        black_box(work(black_box(steps)));
    }
    SystemClock.now().saturating_sub(start)
}

fn blocking(steps: u64) -> Scenario {
    Scenario::new("work", move |_: &Call| {
        black_box(work(black_box(steps)));
    })
}

fn task(steps: u64) -> Scenario {
    Scenario::new_async("work", move |_: Call| async move {
        black_box(work(black_box(steps)));
    })
}

fn test(load: Load, times: u64, scenario: Scenario) -> LoadTest {
    let test = LoadTest::of("overhead", load).operations(times).scenario(scenario);
    test.in_flight_at_most(1).waiting_at_most(10_000_000)
}

fn on_tokio(test: &LoadTest) -> Result<Report, LoadError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.map_err(|source| LoadError::NoThread { source })?.block_on(test.run_async())
}

fn each(times: u64, taken: Duration) -> f64 {
    taken.as_nanos() as f64 / times as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
