//! A call above its baseline is counted, remembered and told within the call itself; a flood of
//! them is told a bounded number of times, and what is not told is counted.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::measure::{BURST, ManualClock, Measurement, Outcome, Severity};
use kgas_perf_runtime::{Collector, Registry};
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber, span};

const MS: Duration = Duration::from_millis(1);

/// Remembers the events of the target `kgas_perf` as `name=value` texts.
#[derive(Clone, Default)]
struct Events {
    told: Arc<Mutex<Vec<String>>>,
    panics: bool,
}

impl Subscriber for Events {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "kgas_perf"
    }

    fn event(&self, event: &Event<'_>) {
        struct Text(String);
        impl Visit for Text {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                self.0.push_str(&format!(" {}={value:?}", field.name()));
            }
        }
        assert!(!self.panics, "a subscriber's own fault");
        let mut text = Text(event.metadata().level().to_string());
        event.record(&mut text);
        self.told.lock().unwrap().push(text.0);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// One test at a time: while one sets a subscriber, `tracing` asks all of them anew which events
/// they want, and those of another thread may get lost.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A registry in which `import` has a baseline of 10 ms.
fn learned(clock: &ManualClock) -> (Registry, Collector) {
    let registry = Registry::with_clock(clock.clone());
    let collector = Collector::new(registry.clone());
    registry.run(|| (0..100).for_each(|_| call(clock, 10 * MS)));
    let tick = collector.tick();
    assert_eq!(tick.learned.len(), 1);
    assert_eq!(tick.learned[0].count, 100);
    (registry, collector)
}

fn call(clock: &ManualClock, duration: Duration) {
    let import = Measurement::start("import");
    clock.advance(duration);
    import.finish(Outcome::Ok);
}

#[test]
fn the_tier_follows_from_the_median_and_each_is_told_once() {
    let _alone = alone();
    let clock = ManualClock::new();
    let (registry, _collector) = learned(&clock);
    let events = Events::default();
    tracing::subscriber::with_default(events.clone(), || {
        registry.run(|| {
            for times in [10, 15, 20, 49, 50] {
                call(&clock, times * MS);
            }
        });
    });
    let told = events.told.lock().unwrap();
    let levels: Vec<&str> = told.iter().filter_map(|text| text.split(' ').next()).collect();
    assert_eq!(levels, ["INFO", "WARN", "WARN", "ERROR"]);
    assert!(told[3].contains(r#"operation="import""#), "{}", told[3]);
    assert!(told[3].contains(r#"severity="critical""#), "{}", told[3]);
    assert!(told[3].contains("duration_ns=50000000"), "{}", told[3]);

    let snapshot = registry.snapshot();
    let series = snapshot.operation("import").unwrap().class(SizeClass::Unsized).unwrap();
    let breaches = Severity::ALL.map(|severity| series.breaches(severity));
    assert_eq!(breaches, [1, 2, 1, 0]);
    assert_eq!(series.worst(), Some(Severity::Critical));
    let remembered: Vec<_> = snapshot.slow_calls().iter().map(|call| call.duration).collect();
    assert_eq!(remembered, [15 * MS, 20 * MS, 49 * MS, 50 * MS]);
}

#[test]
fn a_flood_is_counted_exactly_and_told_a_bounded_number_of_times() {
    const FLOOD: u64 = 100_000;
    let _alone = alone();
    let clock = ManualClock::new();
    let (registry, _collector) = learned(&clock);
    let events = Events::default();
    tracing::subscriber::with_default(events.clone(), || {
        registry.run(|| {
            // 50 ms each: 5,000 s of the clock, so one event a second and a burst before them.
            (0..FLOOD).for_each(|_| call(&clock, 50 * MS));
        });
    });
    let told = events.told.lock().unwrap().len() as u64;
    assert!((5_000..=5_000 + BURST).contains(&told), "{told} events");
    let snapshot = registry.snapshot();
    let series = &snapshot.operation("import").unwrap().by_class[0];
    assert_eq!(series.breaches(Severity::Critical), FLOOD);
    assert_eq!(snapshot.losses.untold, FLOOD - told);
    assert_eq!(snapshot.slow_calls().len() as u64 + snapshot.losses.slow_calls, FLOOD);
}

#[test]
fn a_subscriber_that_panics_does_not_reach_the_measured_program() {
    let _alone = alone();
    let clock = ManualClock::new();
    let (registry, _collector) = learned(&clock);
    let events = Events { panics: true, ..Events::default() };
    tracing::subscriber::with_default(events, || registry.run(|| call(&clock, 50 * MS)));
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.losses.subscriber_panics, 1);
    assert_eq!(snapshot.operation("import").unwrap().calls(), 101);
}

#[test]
fn a_call_site_that_is_called_first_after_learning_is_judged_from_the_next_tick_on() {
    let _alone = alone();
    let clock = ManualClock::new();
    let (registry, collector) = learned(&clock);
    let slow = || {
        let late = Duration::from_millis(50);
        let metadata = kgas_perf_runtime::Metadata::default();
        kgas_perf_runtime::record_operation("import", late, metadata);
    };
    registry.run(slow);
    let breaches = || {
        let snapshot = registry.snapshot();
        snapshot.operation("import").unwrap().by_class[0].breaches(Severity::Critical)
    };
    assert_eq!(breaches(), 0);
    collector.tick();
    registry.run(slow);
    assert_eq!(breaches(), 1);
}
