//! Stores on disk, as programs leave them behind, and the command line run on them.

#![allow(dead_code, unreachable_pub, reason = "each test file uses some of it")]

use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use kgas_perf_runtime::Registry;
use kgas_perf_runtime::alert::Change;
use kgas_perf_runtime::install::Builder;
use kgas_perf_runtime::measure::{
    Clock as _, ManualClock, Measurement, Metadata, Outcome, record_operation,
};
use kgas_perf_runtime::store::{Batch, Calls, Gauge, SqliteOptions, SqliteStore, Store};

/// 2026-03-01 00:00 UTC.
pub const MARCH: u64 = 1_772_323_200;

pub fn kgas_perf(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kgas-perf"))
        .current_dir(folder)
        .env("KGAS_PERF", "on")
        .args(args)
        .output()
        .expect("the binary runs")
}

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

/// A process that keeps in a file, with a clock of its own.
pub struct Program {
    pub store: SqliteStore,
    pub clock: ManualClock,
}

impl Program {
    pub fn begin(path: &Path, host: &str, instance: &str, unix_s: u64) -> Self {
        let clock = ManualClock::new();
        clock.advance(Duration::from_secs(unix_s));
        let options = SqliteOptions::new(path).host(host).instance(instance).version("1.2.0");
        let store = options.clock(clock.clone()).build().expect("options");
        Self { store, clock }
    }

    /// Keeps calls of one minute: their durations in nanoseconds, and how they ended.
    pub fn keep(&mut self, minute_unix_s: u64, operation: &str, calls: &[(u64, Outcome)]) {
        self.append(minute_unix_s, of(operation, [(minute_unix_s, calls)].into_iter()), Vec::new());
    }

    /// Keeps readings of gauges, oldest first: when, name, unit, value.
    pub fn keep_gauges(&mut self, readings: &[(u64, &str, &str, f64)]) {
        let read = readings.iter();
        let read = read.filter_map(|(at, name, unit, value)| Gauge::read(name, unit, *at, *value));
        self.append(readings.last().expect("some").0, Vec::new(), read.collect());
    }

    /// Keeps minutes of calls at once, oldest first, as a store that failed for so long would.
    pub fn keep_all(&mut self, operation: &str, minutes: &[(u64, Vec<(u64, Outcome)>)]) {
        let calls = of(operation, minutes.iter().map(|(minute, calls)| (*minute, &calls[..])));
        self.append(minutes.last().expect("some").0, calls, Vec::new());
    }

    fn append(&mut self, unix_s: u64, calls: Vec<Calls>, gauges: Vec<Gauge>) {
        let entries = (calls.len() + gauges.len()) as u64;
        let at = Duration::from_secs(unix_s + 59);
        let now = self.clock.unix();
        self.clock.advance(at.saturating_sub(now));
        let batch = Batch { at, calls, gauges, entries, ..Batch::default() };
        self.store.append(&batch).expect("kept");
    }

    pub fn tidy(&mut self, now_unix_s: u64) {
        while self.store.tidy(now_unix_s).expect("tidied").more {}
    }

    pub fn end(mut self) {
        self.store.close().expect("closed");
    }
}

/// Calls as they are measured: minute after minute, in one registry.
fn of<'a>(
    operation: &str,
    minutes: impl Iterator<Item = (u64, &'a [(u64, Outcome)])>,
) -> Vec<Calls> {
    let clock = ManualClock::new();
    let registry = Registry::with_clock(clock.clone());
    let mut before = registry.snapshot();
    let mut kept = Vec::new();
    for (minute_unix_s, calls) in minutes {
        registry.run(|| {
            for (ns, outcome) in calls {
                let measurement = Measurement::start("import");
                clock.advance(Duration::from_nanos(*ns));
                measurement.finish(*outcome);
            }
        });
        let snapshot = registry.snapshot();
        let series = snapshot.since(&before).remove(0).series;
        let category = snapshot.operation("import").expect("there").category;
        let operation = operation.to_owned();
        kept.push(Calls { operation, category, minute_unix_s, series, entries: 1 });
        before = snapshot;
    }
    kept
}

/// A real program: it measures by a clock that is moved, ticks once a second for ten minutes, tells
/// a deploy, slows down after eight of them, and ends. Answers when it ended.
pub fn run_program(path: &Path, begin_unix_s: u64) -> u64 {
    let clock = ManualClock::new();
    clock.advance(Duration::from_secs(begin_unix_s));
    let registry = Registry::with_clock(clock.clone());
    let store = SqliteOptions::new(path).host("ada").instance("importer").clock(clock.clone());
    let builder = Builder::new().registry(registry.clone()).tick_by_hand().no_resources();
    let handle = builder.store(store.build().expect("options")).install().expect("installed");
    assert!(handle.mark(Change::Deploy, "v2"));
    for second in 0..600_u64 {
        registry.run(|| {
            for call in 0..5 {
                let slower = if second < 480 { 1 } else { 6 };
                let wobble = (second * 5 + call) * 739 % 997;
                let duration = Duration::from_micros(slower * (10_000 + wobble));
                record_operation("import", duration, Metadata::default());
            }
        });
        clock.advance(Duration::from_secs(1));
        handle.collector().tick();
        if second % 5 == 4 {
            let writer = handle.collector().writer().expect("there");
            writer.flush().expect("kept");
        }
    }
    handle.shutdown(Duration::from_secs(10)).expect("ended");
    clock.unix().as_secs()
}
