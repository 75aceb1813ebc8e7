//! What does judging cost: a call, a tick of 1,000 operations, the memory of an operation, and
//! writing down what a judge knows?
//!
//! Calls are log-normal around 10 ms, with a standard deviation of the logarithm of 0.5, and come
//! by chance at their rate. Times are the thread's on a processor. A tick is one whole tick of the collector, from its snapshot to the
//! alerts; the calls are recorded outside of it.

mod harness;
mod streams;

use std::hint::black_box;
use std::time::Duration;

use harness::clocks::thread_cpu_ns;
use harness::quantile;
use kgas_perf_runtime::Registry;
use kgas_perf_runtime::baseline::Learning;
use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::detect::Judge;
use kgas_perf_runtime::install::Builder;
use kgas_perf_runtime::measure::{CatalogueText, ManualClock, Metadata, record_operation};
use streams::{Source, Stream, Trouble};

const OPERATIONS: usize = 1_000;
const TICKS: u64 = 420;

fn stream(rate: f64, seed: u64) -> Stream {
    Stream::new(Source::Lognormal(0.5), rate, Trouble::None, seed)
}

fn main() {
    println!("\nJudging, log-normal .5\n");
    println!("| | |");
    println!("|---|--:|");
    for (rate, calls) in [(1.0, 100_000), (1_000.0, 2_000_000)] {
        let (ns, judge) = call_by_call(rate, calls);
        println!("| call by call, {rate}/s, ns a sample | {ns:.0} |");
        assert!(matches!(judge.learning(), Learning::Established { .. }));
    }
    for calls in [1, 20, 1_000] {
        println!("| ticks of {calls} calls, ns a sample | {:.0} |", tick_by_tick(calls));
    }
    println!("| {OPERATIONS} operations in turn, ns a sample | {:.0} |", interleaved());
    let (learning, established) = kib();
    println!("| KiB an operation while it is learned, at most | {learning:.1} |");
    println!("| KiB an operation once it is established, at most | {established:.1} |");
    for (name, calls) in [("while it is learned", 300), ("once it is established", 20_000)] {
        let (bytes, write, read) = written(calls);
        println!("| a judge written down, {name}: bytes | {bytes} |");
        println!("| the same: µs to write | {write:.1} |");
        println!("| the same: µs to read back | {read:.1} |");
    }
    for (name, objectives) in [("no objectives", false), ("two objectives each", true)] {
        for calls in [1, 20] {
            let mut took = collector(objectives, calls);
            took.sort_by(f64::total_cmp);
            println!(
                "| a tick of {OPERATIONS} operations, {calls} calls/s each, {name}: ms, median | {:.2} |",
                quantile(&took, 0.5)
            );
            println!("| the same: ms, 99 of 100 | {:.2} |", quantile(&took, 0.99));
        }
    }
}

/// Nanoseconds a call, told one by one.
fn call_by_call(rate: f64, calls: usize) -> (f64, Judge) {
    let mut stream = stream(rate, 1);
    let told: Vec<(Duration, Duration)> = (0..calls).map(|_| timed(stream.call())).collect();
    let mut judge = Judge::new();
    let ns = took(|| {
        for (at, duration) in &told {
            if black_box(judge.call(*at, *duration, true)).is_none() {
                judge.take_learned("import", SizeClass::Unsized, *at);
            }
        }
    });
    (ns / calls as f64, judge)
}

/// Nanoseconds a call, told in ticks of a second.
fn tick_by_tick(calls: usize) -> f64 {
    let ticks = 3_000;
    let mut stream = stream(calls as f64, 1);
    let batches: Vec<_> =
        (0..ticks).map(|_| (0..calls).map(|_| timed(stream.call()).1).collect()).collect();
    let mut judge = Judge::new();
    let ns = took(|| {
        for (second, batch) in (1..).zip(&batches) {
            let at = Duration::from_secs(second);
            black_box(judge.tick(at, batch, 0));
            judge.take_learned("import", SizeClass::Unsized, at);
        }
    });
    ns / (ticks * calls) as f64
}

/// Nanoseconds a call, where no call is of the operation of the one before.
fn interleaved() -> f64 {
    let rounds = 600;
    let mut streams: Vec<Stream> = (0..OPERATIONS as u64).map(|seed| stream(1.0, seed)).collect();
    let told: Vec<Vec<(Duration, Duration)>> = (0..rounds)
        .map(|_| streams.iter_mut().map(|stream| timed(stream.call())).collect())
        .collect();
    let mut judges = vec![Judge::new(); OPERATIONS];
    let ns = took(|| {
        for round in &told {
            for (judge, (at, duration)) in judges.iter_mut().zip(round) {
                black_box(judge.call(*at, *duration, true));
            }
        }
    });
    ns / (rounds * OPERATIONS) as f64
}

/// The most that a judge takes while it learns, and when it has learned, of some rates.
fn kib() -> (f64, f64) {
    let (mut learning, mut established) = (0, 0);
    for (rate, seed) in [(0.2, 1), (1.0, 2), (10.0, 3), (1_000.0, 4)] {
        let (mut stream, mut judge) = (stream(rate, seed), Judge::new());
        for _ in 0..((3_600.0 * rate) as usize).clamp(20_000, 200_000) {
            let (at, duration) = timed(stream.call());
            judge.call(at, duration, true);
            judge.take_learned("import", SizeClass::Unsized, at);
            match judge.learning() {
                Learning::Established { .. } => established = judge.bytes().max(established),
                _ => learning = judge.bytes().max(learning),
            }
        }
    }
    (learning as f64 / 1_024.0, established as f64 / 1_024.0)
}

/// Bytes of a judge that was told so many calls, and microseconds to write and to read it.
fn written(calls: usize) -> (usize, f64, f64) {
    const TIMES: usize = 1_000;
    let (mut stream, mut judge) = (stream(10.0, 5), Judge::new());
    let mut now = Duration::ZERO;
    for _ in 0..calls {
        let (at, duration) = timed(stream.call());
        judge.call(at, duration, true);
        judge.take_learned("import", SizeClass::Unsized, at);
        now = at;
    }
    let state = judge.write(now);
    let write = took(|| (0..TIMES).for_each(|_| drop(black_box(judge.write(now)))));
    let read = took(|| {
        for _ in 0..TIMES {
            black_box(Judge::read(&state, now, Duration::ZERO).expect("it was just written"));
        }
    });
    let each = |ns: f64| ns / 1e3 / TIMES as f64;
    (state.len(), each(write), each(read))
}

/// Milliseconds of each tick of a collector, once all operations have baselines.
fn collector(objectives: bool, calls: u64) -> Vec<f64> {
    let names: Vec<String> = (0..OPERATIONS).map(|number| format!("operation_{number}")).collect();
    let clock = ManualClock::new();
    let registry = Registry::with_clock(clock.clone());
    let builder = Builder::new().registry(registry.clone()).tick_by_hand();
    let builder = if objectives { builder.catalogue(declared(&names)) } else { builder };
    let handle = builder.install().expect("good choices");
    let mut streams: Vec<Stream> =
        (0..OPERATIONS as u64).map(|seed| stream(calls as f64, seed)).collect();
    let mut next: Vec<_> = streams.iter_mut().map(|stream| timed(stream.call())).collect();
    let mut took = Vec::new();
    for tick in 0..TICKS {
        let end = Duration::from_secs(tick + 1);
        registry.run(|| {
            for ((name, stream), next) in names.iter().zip(&mut streams).zip(&mut next) {
                while next.0 < end {
                    record_operation(name, next.1, Metadata::default());
                    *next = timed(stream.call());
                }
            }
        });
        clock.advance(Duration::from_secs(1));
        let ns = self::took(|| {
            black_box(handle.tick());
        });
        if tick >= TICKS / 4 {
            took.push(ns / 1e6);
        }
    }
    assert_eq!(handle.baselines().len(), OPERATIONS);
    took
}

/// A catalogue in which each operation has an objective on its p95 and on its errors.
fn declared(names: &[String]) -> CatalogueText {
    let operations: String = names
        .iter()
        .map(|name| {
            format!(
                "[operations.{name}]\ncategory = \"custom\"\nobjectives = [\n  \
                 {{ metric = \"duration\", statistic = \"p95\", at_most = \"50 ms\" }},\n  \
                 {{ metric = \"error_rate\", at_most = \"2 %\" }},\n]\n"
            )
        })
        .collect();
    CatalogueText { text: operations.leak(), file: "benchmark" }
}

fn timed((at, ns): (f64, f64)) -> (Duration, Duration) {
    (Duration::from_secs_f64(at), Duration::from_nanos(ns as u64))
}

fn took(work: impl FnOnce()) -> f64 {
    let start = thread_cpu_ns();
    work();
    (thread_cpu_ns() - start) as f64
}
