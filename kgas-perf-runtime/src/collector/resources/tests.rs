//! Readings made up for it, against rules, objectives, forecasts and evidence, in virtual time.

use super::*;
use crate::alert::{Alert, State as AlertState};
use crate::collector::{Collector, Parts};
use crate::measure::{ManualClock, Metadata, Severity, record_operation};
use crate::registry::Registry;
use crate::resource::{Core, Cost, Timed};

const SECOND: Duration = Duration::from_secs(1);

/// A collector whose readings are made up, a second after the other.
struct Bench {
    clock: ManualClock,
    registry: Registry,
    collector: Collector,
    readings: Readings,
    second: u64,
    busy_ns: u64,
    /// What the host's processors do.
    cpu: f64,
    change: fn(&mut Reading, u64),
}

impl Bench {
    fn new() -> Self {
        let clock = ManualClock::new();
        let registry = Registry::with_clock(clock.clone());
        let readings = Readings::default();
        let parts = Parts { readings: Some(readings.clone()), ..Parts::new() };
        let collector = Collector::of(registry.clone(), parts);
        let change = |_: &mut Reading, _| ();
        Self { clock, registry, collector, readings, second: 0, busy_ns: 0, cpu: 0.2, change }
    }

    fn run(&mut self, seconds: u64) {
        self.run_with(seconds, |_| ());
    }

    fn run_with(&mut self, seconds: u64, work: impl Fn(u64)) {
        for _ in 0..seconds {
            self.registry.run(|| work(self.second));
            self.clock.advance(SECOND);
            self.second += 1;
            self.busy_ns += (self.cpu * 2e9) as u64;
            let mut reading =
                Reading { monotonic: SECOND * self.second as u32, ..Reading::default() };
            let cpu = Core { busy_ns: self.busy_ns, total_ns: self.second * 2_000_000_000 };
            reading.host.cpu = Some(cpu);
            reading.process.file_handle_limit = Some(1_000);
            reading.process.file_handles = Some(100);
            (self.change)(&mut reading, self.second);
            self.readings.add(Arc::new(reading), Cost::default());
            self.collector.tick();
        }
    }

    fn alert(&self, rule: &str) -> Option<Alert> {
        self.collector.alerts().open.into_values().find(|alert| alert.rule == rule)
    }

    /// The severity of an alert that fires.
    fn fires(&self, rule: &str) -> Option<Severity> {
        let fires = |alert: &Alert| !matches!(alert.state, AlertState::Pending);
        self.alert(rule).filter(fires).map(|alert| alert.severity)
    }
}

#[test]
fn a_short_peak_of_the_processors_is_silent_and_a_long_one_is_told_once_it_has_held() {
    let mut bench = Bench::new();
    bench.run(60);
    bench.cpu = 0.99;
    bench.run(120);
    assert_eq!(bench.fires("host_cpu"), None, "it holds for five minutes");
    bench.cpu = 0.2;
    bench.run(60);
    assert!(bench.alert("host_cpu").is_none());
    bench.cpu = 0.90;
    bench.run(320);
    assert_eq!(bench.fires("host_cpu"), Some(Severity::Warning));
    let alert = bench.alert("host_cpu").unwrap();
    assert_eq!(alert.subject.to_string(), "cpu [of=host]");
    assert_eq!(alert.evidence.value, Some(Quantity::Ratio(0.9)));
    let read = alert.evidence.resources.as_ref().unwrap();
    assert_eq!(read.get("host CPU"), Some(&Quantity::Ratio(0.9)));
    // Between the two bounds it stays what it is; below the lower one it is over.
    bench.cpu = 0.78;
    bench.run(600);
    assert_eq!(bench.fires("host_cpu"), Some(Severity::Warning));
    bench.cpu = 0.5;
    bench.run(320);
    assert!(bench.alert("host_cpu").is_none());
}

#[test]
fn file_handles_near_their_limit_are_told_and_readings_that_stop_are_no_data() {
    let mut bench = Bench::new();
    bench.change = |reading, second| {
        reading.process.file_handles = Some(if second > 100 { 970 } else { 100 });
    };
    bench.run(160);
    assert_eq!(bench.fires("file_handles"), Some(Severity::Critical));
    // Ticks go on without a reading: a file system hangs.
    for _ in 0..120 {
        bench.clock.advance(SECOND);
        bench.collector.tick();
    }
    let alert = bench.alert("file_handles").unwrap();
    assert_eq!((alert.state, alert.severity), (AlertState::NoData, Severity::Critical));
}

#[test]
fn sustained_use_of_the_processors_breaks_the_catalogues_objective() {
    let mut bench = Bench::new();
    bench.cpu = 0.6;
    bench.run(400);
    assert_eq!(bench.fires("objective"), None);
    bench.cpu = 0.78;
    bench.run(400);
    let alert = bench.alert("objective").unwrap();
    assert_eq!(alert.subject.to_string(), "cpu");
    assert_eq!(alert.evidence.what.as_deref(), Some("sustained cpu"));
    assert_eq!(bench.fires("host_cpu"), None, "that is for 80 %");
}

#[test]
fn more_handles_than_the_catalogue_allows_break_its_objective() {
    let mut bench = Bench::new();
    bench.change = |reading, _| {
        reading.process.file_handle_limit = Some(100_000);
        reading.process.file_handles = Some(1_200);
    };
    bench.run(30);
    let alert = bench.alert("objective").unwrap();
    assert_eq!(alert.subject.to_string(), "file_handles");
    assert_eq!(bench.fires("file_handles"), None);
}

fn mount(used: f64) -> Vec<Mount> {
    let gb = |gb: f64| (gb * 1e9) as u64;
    vec![Mount {
        place: "/data".to_owned(),
        bytes: gb(100.0),
        used_bytes: gb(used),
        available_bytes: gb(100.0 - used),
        read_only: false,
        inodes: None,
        free_inodes: None,
    }]
}

#[test]
fn a_disk_that_fills_is_foretold_and_one_that_is_tidied_is_not() {
    // 12 GB an hour: 50 GB are left after 20 minutes, which last four hours.
    let mut fills = Bench::new();
    fills.change = |reading, second| {
        let at = SECOND * (second / 10 * 10) as u32;
        let used = 46.0 + 12.0 * at.as_secs_f64() / 3_600.0;
        reading.mounts = Some(Timed::new(at, mount(used)));
    };
    fills.run(1_150);
    assert!(fills.alert("disk_full").is_none(), "too short to say");
    fills.run(300);
    assert_eq!(fills.fires("disk_full"), None, "the rule holds");
    fills.run(250);
    assert_eq!(fills.fires("disk_full"), Some(Severity::Warning));
    let alert = fills.alert("disk_full").unwrap();
    assert_eq!(alert.subject.to_string(), "disk [mount=/data]");
    let Some(Quantity::DurationNs(within)) = alert.evidence.value else { panic!("a time") };
    let left = (100.0 - 46.0 - 12.0 * 1_700.0 / 3_600.0) / 12.0;
    assert!((within as f64 / 3.6e12 - left).abs() < 0.1, "{within} ns for {left} h");
    // A log of 8 GB that is rotated every ten minutes.
    let mut saw = Bench::new();
    saw.change = |reading, second| {
        let at = second / 10 * 10;
        let used = 70.0 + 8.0 * (at % 600) as f64 / 600.0;
        reading.mounts = Some(Timed::new(SECOND * at as u32, mount(used)));
    };
    saw.run(2_400);
    assert!(saw.alert("disk_full").is_none() && saw.alert("disk_space").is_none());
}

#[test]
fn a_full_disk_that_cannot_be_written_is_no_alert() {
    let mut bench = Bench::new();
    bench.change = |reading, second| {
        let mut mounts = mount(100.0);
        mounts[0].read_only = true;
        reading.mounts = Some(Timed::new(SECOND * second as u32, mounts));
    };
    bench.run(120);
    assert!(bench.collector.alerts().open.is_empty());
}

#[test]
fn what_rose_when_an_operation_slowed_is_its_evidence() {
    let mut bench = Bench::new();
    bench.cpu = 0.31;
    let call = |slow: bool| {
        move |second: u64| {
            for call in 0..10 {
                let wobble = Duration::from_micros((second * 10 + call) * 739 % 997);
                let millis = if slow { 30 } else { 10 };
                let duration = Duration::from_millis(millis) + wobble;
                record_operation("import", duration, Metadata::default());
            }
        }
    };
    bench.run_with(600, call(false));
    assert!(bench.alert("slower").is_none());
    bench.cpu = 0.97;
    bench.run_with(40, call(true));
    let alert = bench.alert("slower").expect("three times as slow");
    assert_eq!(alert.evidence.rose_in_words().as_deref(), Some("host CPU 31 % -> 97 %"));
    let resources = alert.evidence.resources.as_ref().unwrap();
    assert_eq!(resources.get("host CPU"), Some(&Quantity::Ratio(0.97)));
    let told = bench.collector.explain(alert.fingerprint).to_string();
    assert!(told.ends_with("Since it began: host CPU 31 % -> 97 %."), "{told}");
    let of_it = bench.collector.resources_of("import", crate::catalog::SizeClass::Unsized).unwrap();
    assert!(of_it.began_ago.is_some_and(|ago| ago.as_secs().abs_diff(40) <= 10), "{of_it:?}");
    assert_eq!(of_it.rose[0].to_string(), "host CPU 31 % -> 97 %");
}

#[test]
fn without_readings_nothing_is_said_of_resources() {
    let collector = Collector::new(Registry::new());
    collector.tick();
    assert!(collector.alerts().open.is_empty());
    assert!(collector.resources_of("import", crate::catalog::SizeClass::Unsized).is_none());
}
