//! A program whose time is moved by hand, and which is judged second by second.

#![allow(dead_code, reason = "not every test uses all of it")]

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kgas_perf_runtime::alert::{Alert, Fingerprint, Subject};
use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::collector::Tick;
use kgas_perf_runtime::install::Builder;
use kgas_perf_runtime::measure::{ManualClock, Metadata, record_operation};
use kgas_perf_runtime::{Handle, Registry};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber, span};

/// What is judged.
pub(crate) const IMPORT: &str = "import";

/// A program that calls `import`.
pub(crate) struct Program {
    pub(crate) clock: ManualClock,
    pub(crate) registry: Registry,
    pub(crate) handle: Handle,
    state: u64,
    /// Calls that are owed because a rate is no whole number.
    owed: f64,
}

impl Program {
    pub(crate) fn new(seed: u64) -> Self {
        Self::with(seed, |builder| builder)
    }

    pub(crate) fn with(seed: u64, choose: impl FnOnce(Builder) -> Builder) -> Self {
        let clock = ManualClock::new();
        let registry = Registry::with_clock(clock.clone());
        Self::over(clock, registry, seed, choose)
    }

    /// A program over a registry whose clock this one moves.
    pub(crate) fn over(
        clock: ManualClock,
        registry: Registry,
        seed: u64,
        choose: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        somebody_listens();
        let builder = Builder::new().registry(registry.clone()).tick_by_hand();
        let handle = choose(builder).install().unwrap();
        Self { clock, registry, handle, state: seed, owed: 0.0 }
    }

    /// One second: so many calls, each about so many milliseconds long, and a tick.
    pub(crate) fn second(&mut self, rate: f64, millis: f64) -> Tick {
        self.tick_of(1, rate, millis)
    }

    /// A tick of so many seconds.
    pub(crate) fn tick_of(&mut self, seconds: u64, rate: f64, millis: f64) -> Tick {
        self.owed += rate * seconds as f64;
        let calls = self.owed as usize;
        self.owed -= calls as f64;
        let durations: Vec<Duration> = (0..calls)
            .map(|_| Duration::from_secs_f64(millis / 1e3 * (0.3 * self.normal()).exp()))
            .collect();
        self.registry.run(|| {
            for duration in durations {
                record_operation(IMPORT, duration, Metadata::default());
            }
        });
        self.clock.advance(Duration::from_secs(seconds));
        self.handle.tick()
    }

    /// So many such seconds; answers in how many an alert was open that people are told of.
    pub(crate) fn seconds(&mut self, many: u64, rate: f64, millis: f64) -> u64 {
        let mut paged = 0;
        for _ in 0..many {
            self.second(rate, millis);
            paged += u64::from(self.pages());
        }
        paged
    }

    /// Whether an alert is open that people are told of.
    pub(crate) fn pages(&self) -> bool {
        self.handle.alerts().open.values().any(Alert::is_told)
    }

    /// The open alert of a rule on `import`.
    pub(crate) fn alert(&self, rule: &str) -> Option<Alert> {
        let fingerprint = Fingerprint::of(rule, &Subject::operation(IMPORT, SizeClass::Unsized));
        self.handle.alerts().open.get(&fingerprint).cloned()
    }

    fn uniform(&mut self) -> f64 {
        // Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Box and Muller, "A note on the generation of random normal deviates" (1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// `tracing` remembers of each event whether anybody wants it, for all threads. Tests run side by
/// side, and those that do not listen must not make it deaf for those that do.
pub(crate) fn somebody_listens() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let _ = tracing::subscriber::set_global_default(Told::default());
    });
}

/// Remembers the alerts that are told, as `name=value` texts after their level.
#[derive(Clone, Default)]
pub(crate) struct Told {
    pub(crate) lines: Arc<Mutex<Vec<String>>>,
}

impl Told {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

impl Subscriber for Told {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "kgas_perf"
    }

    fn event(&self, event: &Event<'_>) {
        struct Text(String);
        impl Visit for Text {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                self.0.push_str(&format!(" {}={value:?}", field.name()));
            }
        }
        let mut text = Text(event.metadata().level().to_string());
        event.record(&mut text);
        if text.0.contains(" message=alert") {
            self.lines.lock().unwrap().push(text.0);
        }
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
