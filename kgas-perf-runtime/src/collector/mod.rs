//! `Collector`: what happens once in a while, and never inside a measured call.
//!
//! - `tick`: one round.

mod tick;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::baseline::Baseline;
use crate::catalog::SizeClass;
use crate::registry::{Registry, Series, Snapshot, Window};

pub use tick::Tick;

/// Learns baselines from a registry and judges its calls by them, a tick at a time.
///
/// It has no thread and no clock of its own: whoever ticks it decides when. [`crate::install`](fn@crate::install)
/// ticks one from a thread of its own; a test ticks one by hand.
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
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    last: Snapshot,
    learned: BTreeMap<(String, SizeClass), Learned>,
}

#[derive(Debug)]
struct Learned {
    baseline: Baseline,
    /// What had been recorded when it was learned.
    from: Series,
}

impl Collector {
    /// A collector that has learned nothing yet.
    pub fn new(registry: Registry) -> Self {
        let last = registry.snapshot();
        Self { registry, state: Mutex::new(State { last, learned: BTreeMap::new() }) }
    }

    /// The registry it looks at.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The baselines learned so far, by operation and size class.
    pub fn baselines(&self) -> Vec<Baseline> {
        self.state().learned.values().map(|learned| learned.baseline.clone()).collect()
    }

    /// The baseline of one operation and size class, once it is learned.
    pub fn baseline(&self, operation: &str, class: SizeClass) -> Option<Baseline> {
        let key = (operation.to_owned(), class);
        self.state().learned.get(&key).map(|learned| learned.baseline.clone())
    }

    /// The calls of an operation and size class that ended since its baseline was learned; `None`
    /// while there is no baseline.
    pub fn since_learned(&self, operation: &str, class: SizeClass) -> Option<Window> {
        let now = self.registry.snapshot();
        let state = self.state();
        let learned = state.learned.get(&(operation.to_owned(), class))?;
        let series = now.operation(operation)?.class(class)?.since(&learned.from);
        let age = now.unix.saturating_sub(learned.baseline.learned);
        Some(Window {
            operation: operation.to_owned(),
            start: now.monotonic.saturating_sub(age),
            end: now.monotonic,
            series,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
