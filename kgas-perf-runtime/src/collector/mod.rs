//! `Collector`: what happens once in a while, and never inside a measured call.
//!
//! ```text
//!  registry ──► snapshot ──► windows ──► judged, objectives, watchdog, losses
//!                                              │ evaluations
//!                                              ▼
//!                                           alerts ──► what is due ──► log
//! ```
//!
//! - `tick`: one round; `finding`: what it found.
//! - `state`: what is kept from tick to tick; `judged`: of one operation and size class.
//! - `keeping`: what a tick has to keep beyond the process; `left_behind`: what the process before
//!   this one kept.
//! - `round`: the evaluations of one tick, on their way to the alerts.
//! - `resources`: readings, on their way to rules, objectives, forecasts and evidence;
//!   `resources_of`: an operation, seen against them.
//! - `log`: what is due, as events of `tracing`.
//! - `people`: what people ask and do; `accept`: that what is now is normal.
//! - `store_watch`: whether what was measured is kept; `own_numbers`: what is kept of the monitor
//!   itself.
//! - `parts`: what a collector is made of.

mod accept;
mod finding;
mod judged;
mod keeping;
mod left_behind;
mod log;
mod own_numbers;
mod parts;
mod people;
mod resource_numbers;
mod resources;
mod resources_of;
mod round;
mod state;
mod store_watch;
mod tick;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::alert::{Alerts, Now};
use crate::baseline::{Baseline, Environment, Learning, Pause};
use crate::catalog::{Catalogue, OperationSpec, SizeClass};
use crate::registry::{Registry, Window};
use crate::store::Writer;

use resources::Resources;
use state::State;

pub use accept::AcceptError;
pub use finding::Finding;
pub(crate) use parts::Parts;
pub use resources_of::ResourcesOf;
pub use tick::Tick;

/// Learns baselines from a registry, judges its calls by them, and keeps the alerts, a tick at a
/// time.
///
/// It has no thread and no clock of its own: whoever ticks it decides when. [`crate::install`](fn@crate::install)
/// ticks one from a thread of its own, each second; a test ticks one by hand. What is judged is
/// judged best by the second: a slowdown that lasts longer than five seconds is found, and a
/// tick of ten seconds cannot tell one from the other.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::catalog::SizeClass;
/// use kgas_perf_runtime::measure::{Metadata, record_operation};
/// use kgas_perf_runtime::{Collector, Registry};
///
/// let registry = Registry::new();
/// registry.run(|| {
///     for _ in 0..100 {
///         record_operation("import", Duration::from_millis(10), Metadata::default());
///     }
/// });
/// let collector = Collector::new(registry);
/// let tick = collector.tick();
/// assert_eq!(tick.learned[0].operation, "import");
/// assert!(collector.baseline("import", SizeClass::Unsized).is_some());
/// ```
#[derive(Debug)]
pub struct Collector {
    registry: Registry,
    catalogue: Catalogue,
    /// Those of its operations that have objectives, by name.
    declared: HashMap<String, OperationSpec>,
    environment: Arc<Environment>,
    suspended_after: Option<Duration>,
    /// Who keeps what a tick saw, beyond the process.
    writer: Option<Arc<Writer>>,
    state: Mutex<State>,
    /// When the last tick ended, in nanoseconds of the registry's clock.
    ticked_ns: AtomicU64,
    /// Held by whoever tells what is due.
    telling: Mutex<()>,
}

impl Collector {
    /// A collector that has learned nothing yet, with the built-in catalogue's objectives and the
    /// standard rules. [`Builder`](crate::install::Builder) makes others.
    pub fn new(registry: Registry) -> Self {
        Self::of(registry, Parts::new())
    }

    pub(crate) fn of(registry: Registry, parts: Parts) -> Self {
        let last = registry.snapshot();
        let now = Now { monotonic: last.monotonic, unix: last.unix };
        let writer =
            parts.store.map(|store| Writer::new(store, now).flush_every(parts.flush_every));
        let writer = writer.map(Arc::new);
        // What cannot be read is told by the writer, and the process begins anew.
        let loaded = writer.as_ref().and_then(|writer| writer.load().ok()).unwrap_or_default();
        let alerts = match loaded.alerts {
            Some(saved) => Alerts::go_on(parts.rules, parts.alerts, saved, now),
            None => Alerts::begin(parts.rules, parts.alerts, now),
        };
        // Where nobody knows when the next tick will be, time without one is no suspension.
        let pause = parts.suspended_after.unwrap_or(Duration::MAX);
        let mut state = State::new(last, alerts, parts.watchdog.pause(pause));
        state.liveness = state.liveness.pause(pause);
        let environment = Arc::new(parts.environment);
        state.series = left_behind::series(loaded.baselines, loaded.judges, &environment, now);
        state.keeping.begin(state.alerts.changes(), writer.is_some());
        state.resources = Resources::new(parts.readings, &parts.catalogue);
        let declared = parts.catalogue.operations().iter();
        let declared = declared.filter(|spec| !spec.objectives.is_empty());
        let declared = declared.map(|spec| (spec.name.clone(), spec.clone())).collect();
        Self {
            registry,
            catalogue: parts.catalogue,
            declared,
            environment,
            suspended_after: parts.suspended_after,
            writer,
            state: Mutex::new(state),
            ticked_ns: AtomicU64::new(now.monotonic.as_nanos() as u64),
            telling: Mutex::new(()),
        }
    }

    /// The registry it looks at.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The operations and objectives that it judges by.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// When the last tick ended, by the registry's monotonic clock; before the first, when this
    /// collector was made. It waits for nobody, also while a tick hangs.
    pub fn last_tick(&self) -> Duration {
        Duration::from_nanos(self.ticked_ns.load(Ordering::Relaxed))
    }

    /// What the baselines that are learned here are true of.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Who keeps what ticks see beyond the process; `None` where nothing is kept.
    pub fn writer(&self) -> Option<&Arc<Writer>> {
        self.writer.as_ref()
    }

    /// The baselines that calls are held against, by operation and size class: the last that was
    /// established or accepted, else what was learned so far.
    pub fn baselines(&self) -> Vec<Baseline> {
        self.state().all_judged().filter_map(|judged| judged.baseline().cloned()).collect()
    }

    /// The baseline of one operation and size class, once it is learned.
    pub fn baseline(&self, operation: &str, class: SizeClass) -> Option<Baseline> {
        self.state().judged(operation, class)?.baseline().cloned()
    }

    /// The established and accepted baselines of an operation and size class, newest first.
    pub fn versions(&self, operation: &str, class: SizeClass) -> Vec<Baseline> {
        let state = self.state();
        state
            .judged(operation, class)
            .map_or_else(Vec::new, |judged| judged.versions().cloned().collect())
    }

    /// How far the baseline of an operation and size class has come; `None` before its first
    /// call was seen.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use kgas_perf_runtime::catalog::SizeClass;
    /// use kgas_perf_runtime::measure::{Metadata, record_operation};
    /// use kgas_perf_runtime::{Collector, Registry};
    ///
    /// let registry = Registry::new();
    /// let collector = Collector::new(registry.clone());
    /// let call = || record_operation("import", Duration::from_millis(10), Metadata::default());
    /// registry.run(|| (0..63).for_each(|_| call()));
    /// collector.tick();
    /// let learning = collector.learning("import", SizeClass::Unsized).unwrap();
    /// assert_eq!(learning.to_string(), "learning (63 of 100)");
    /// ```
    pub fn learning(&self, operation: &str, class: SizeClass) -> Option<Learning> {
        self.state().judged(operation, class).map(judged::Judged::learning)
    }

    /// The baselines as they were learned first, or accepted since: what a test holds later calls
    /// against.
    pub fn first_baselines(&self) -> Vec<Baseline> {
        let first = |judged: &judged::Judged| Some(judged.first.as_ref()?.0.clone());
        self.state().all_judged().filter_map(first).collect()
    }

    /// The calls of an operation and size class that ended since its baseline was learned first,
    /// or accepted; `None` while there is no baseline.
    pub fn since_learned(&self, operation: &str, class: SizeClass) -> Option<Window> {
        let now = self.registry.snapshot();
        let state = self.state();
        let (first, from) = state.judged(operation, class)?.first.as_ref()?;
        let series = now.operation(operation)?.class(class)?.since(from);
        let age = now.unix.saturating_sub(first.learned);
        Some(Window {
            operation: operation.to_owned(),
            start: now.monotonic.saturating_sub(age),
            end: now.monotonic,
            series,
        })
    }

    /// Learns nothing until [`Collector::resume`] is called for the same reason: while a load
    /// test runs, or the process starts up. Calls are judged all the same.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_runtime::baseline::Pause;
    /// use kgas_perf_runtime::{Collector, Registry};
    ///
    /// let collector = Collector::new(Registry::new());
    /// collector.pause(Pause::LoadTest);
    /// // … the load test …
    /// collector.resume(Pause::LoadTest);
    /// ```
    pub fn pause(&self, reason: Pause) {
        let mut state = self.state();
        state.pauses.insert(reason);
        for judged in state.series.values_mut().flatten().flatten() {
            judged.judge.pause(reason);
        }
    }

    /// Takes back a reason not to learn.
    pub fn resume(&self, reason: Pause) {
        let mut state = self.state();
        state.pauses.remove(&reason);
        for judged in state.series.values_mut().flatten().flatten() {
            judged.judge.resume(reason);
        }
    }

    /// What time it is by the registry's clock.
    fn now(&self) -> Now {
        let (monotonic, unix) = self.registry.now();
        Now { monotonic, unix }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
