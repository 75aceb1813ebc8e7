//! What does it cost to keep a minute, how large is a year, and how soon is it read back?

mod harness;

use std::time::Duration;

use harness::clocks::{cpu_ns, wall_ns};
use kgas_perf_runtime::Registry;
use kgas_perf_runtime::catalog::Category;
use kgas_perf_runtime::measure::{Metadata, record_operation};
use kgas_perf_runtime::registry::Series;
use kgas_perf_runtime::store::{
    Archive, Batch, Between, Calls, HdrCodec, Query, SqliteArchive, SqliteOptions, SqliteStore,
    Store, Sums,
};

/// Operations whose minute is flushed, and threads that call them.
const OPERATIONS: usize = 1_000;
const THREADS: u64 = 8;
/// Operations of the year.
const OF_A_YEAR: usize = 100;

const MINUTE: u64 = 60;
const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;
/// 2027-01-15 00:00:00 UTC.
const START: u64 = 1_799_971_200;

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    println!("\nStore: keeping, and reading back\n");
    println!("| | |");
    println!("|---|--:|");
    encoding();
    flush(&folder.path().join("minute.sqlite"));
    let rows = [("minute", 600), ("hour", 36_000), ("day", 864_000)];
    for (name, calls) in rows {
        bytes(&folder.path().join(format!("{name}.sqlite")), name, calls);
    }
    year(&folder.path().join("year.sqlite"));
}

/// Durations around 5 ms, log-normal with a spread of 0.5, by a fixed sequence (splitmix64 and
/// Box and Muller).
struct Durations(u64);

impl Durations {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn next(&mut self) -> Duration {
        let (one, other) = (1.0 - self.uniform(), self.uniform());
        let normal = (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos();
        Duration::from_secs_f64(0.005 * (0.5 * normal).exp())
    }
}

/// The calls of one operation, so many.
fn series(calls: u64, seed: u64) -> Series {
    let registry = Registry::new();
    let mut durations = Durations(seed << 32);
    registry.run(|| {
        for _ in 0..calls {
            record_operation("sample", durations.next(), Metadata::default());
        }
    });
    let snapshot = registry.snapshot();
    snapshot.operation("sample").expect("it was called").by_class[0].clone()
}

fn batch(at_unix_s: u64, minute_unix_s: u64, names: &[String], kinds: &[Series]) -> Batch {
    let calls = names.iter().enumerate().map(|(number, name)| Calls {
        operation: name.clone(),
        category: Category::CrossModal,
        minute_unix_s,
        series: kinds[(number + (at_unix_s / 7) as usize) % kinds.len()].clone(),
        entries: 1,
    });
    let entries = names.len() as u64;
    Batch {
        at: Duration::from_secs(at_unix_s),
        calls: calls.collect(),
        entries,
        ..Batch::default()
    }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("operation_{number}")).collect()
}

fn open(path: &std::path::Path) -> SqliteStore {
    SqliteOptions::new(path).build().expect("a good retention")
}

fn ms(ns: u64) -> f64 {
    ns as f64 / 1e6
}

/// One histogram to bytes.
fn encoding() {
    let sums = Sums::from(&series(480, 1));
    let all = sums.all();
    let mut codec = HdrCodec::default();
    let start = cpu_ns();
    let mut length = 0;
    for _ in 0..2_000 {
        length = std::hint::black_box(codec.encode(&all)).len();
    }
    let each = (cpu_ns() - start) as f64 / 2_000.0 / 1e3;
    println!("| a histogram of 480 calls to {length} bytes, CPU µs | {each:.1} |");
}

fn flush(path: &std::path::Path) {
    let names = names(OPERATIONS);
    // A second: each thread calls each operation once.
    let kinds: Vec<Series> = (0..64).map(|seed| series(THREADS, seed)).collect();
    let mut store = open(path);
    store.load().expect("an empty file");
    let (mut flushes, mut minutes) = (Vec::new(), Vec::new());
    for minute in 0..5 {
        let mut cpu = 0;
        for second in 0..60 {
            let at = START + MINUTE * minute + second;
            let batch = batch(at, at - at % 60, &names, &kinds);
            let start = cpu_ns();
            store.append(&batch).expect("kept");
            let took = cpu_ns() - start;
            if second > 0 {
                cpu += took;
            } else if minute > 0 {
                minutes.push(took);
            }
        }
        flushes.push(cpu);
    }
    flushes.sort_unstable();
    minutes.sort_unstable();
    let each = ms(flushes[2]) / 59.0;
    println!(
        "| {OPERATIONS} operations × {THREADS} threads: a minute's flush, CPU ms | {:.0} |",
        ms(minutes[1])
    );
    println!("| a second's flush of the same into the journal, CPU ms | {each:.1} |");
}

/// What one row takes, with its indexes.
fn bytes(path: &std::path::Path, name: &str, calls: u64) {
    let names = names(OF_A_YEAR);
    let kinds: Vec<Series> = (0..8).map(|seed| series(calls, seed + 100)).collect();
    let mut store = open(path);
    let used = |path| {
        let archive = SqliteArchive::open(path).expect("a store");
        archive.health(false).expect("it is sound").used_bytes
    };
    store.append(&batch(START, START, &names, &kinds)).expect("kept");
    store.append(&batch(START + MINUTE, START, &names, &kinds)).expect("kept");
    let before = used(path);
    const ROWS: u64 = 100;
    for minute in 2..ROWS + 2 {
        let at = START + MINUTE * minute;
        store.append(&batch(at, at - MINUTE, &names, &kinds)).expect("kept");
    }
    let each = (used(path) - before) as f64 / (ROWS * OF_A_YEAR as u64) as f64;
    println!("| a {name} of {calls} calls of an operation, bytes | {each:.0} |");
}

/// A year as its retention leaves it: days, of the last 100 days hours, of the last week minutes.
fn year(path: &std::path::Path) {
    let names = names(OF_A_YEAR);
    let kinds =
        |calls, seed: u64| -> Vec<Series> { (0..8).map(|n| series(calls, seed + n)).collect() };
    let (minutes, hours, days) = (kinds(600, 10), kinds(36_000, 20), kinds(864_000, 30));
    let mut store = open(path);
    let start = wall_ns();
    let mut at = START;
    let end = START + 365 * DAY;
    while at < end {
        // What will have become a day or an hour comes as one batch of as many calls.
        let (step, kinds) = match end - at {
            left if left > 101 * DAY => (DAY, &days),
            left if left > 8 * DAY => (HOUR, &hours),
            _ => (MINUTE, &minutes),
        };
        store.append(&batch(at + MINUTE, at, &names, kinds)).expect("kept");
        at += step;
        if at.is_multiple_of(DAY) {
            while store.tidy(at).expect("tidied").more {}
        }
    }
    while store.tidy(end + HOUR).expect("tidied").more {}
    store.close().expect("closed");
    let seconds = (wall_ns() - start) as f64 / 1e9;
    let archive = SqliteArchive::open(path).expect("a store");
    let health = archive.health(false).expect("it is sound");
    let mib = health.used_bytes as f64 / f64::from(1 << 20);
    println!("| a year of {OF_A_YEAR} operations, MiB | {mib:.0} |");
    eprintln!("it took {seconds:.0} s to make; {:?}", health.rows);

    let timed = |query: &Query| {
        let mut took: Vec<u64> = (0..5)
            .map(|_| {
                let start = wall_ns();
                let summary = archive.summary(query).expect("it is sound");
                assert!(summary.all().all().quantile(0.95).is_some());
                wall_ns() - start
            })
            .collect();
        took.sort_unstable();
        ms(took[2])
    };
    // From one odd minute to another, so that every resolution is needed.
    let month = Between::new(end - 30 * DAY - 12_345, end - 5_432);
    let month = Query::new(month).operation("operation_7").histograms();
    println!("| a month's summary of one operation, ms | {:.0} |", timed(&month));
    let year = Query::new(Between::new(START - 77, end - 77)).histograms();
    println!("| a year's summary of {OF_A_YEAR} operations, ms | {:.0} |", timed(&year));
}
