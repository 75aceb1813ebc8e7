//! `Builder`: what can be chosen when the runtime is installed.

use std::time::Duration;

use crate::alert::{Alerts, Rule, Settings};
use crate::catalog::Catalogue;
use crate::collector::{Collector, Parts};
use crate::detect::Watchdog;
use crate::install::error::InstallError;
use crate::install::handle::{Handle, Runtime};
use crate::measure::{CatalogueText, mode};
use crate::registry::Registry;
use crate::resource::Monitor;
use crate::store::{MemoryStore, Store};

/// The shortest time between two ticks.
const SHORTEST_TICK: Duration = Duration::from_millis(10);

/// So many ticks without one, and at least so long, and the process was suspended: a busy machine
/// is late by one or two.
const TICKS_MISSED: u32 = 10;
const SHORTEST_SUSPENSION: Duration = Duration::from_secs(15);

/// What can be chosen when the runtime is installed. Bad choices are reported by
/// [`Builder::install`], with where they are and what would be accepted.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::install::Builder;
///
/// let tonight = r#"
///     [operations.tool_simple]
///     objectives = [{ metric = "duration", statistic = "p95", at_most = "250 ms" }]
/// "#;
/// let handle = Builder::new()
///     .tick_every(Duration::from_secs(1))
///     .override_objectives(tonight, "tonight.toml")
///     .install()?;
/// assert_eq!(handle.catalogue().get("tool_simple").unwrap().objectives.len(), 1);
/// # Ok::<(), kgas_perf_runtime::install::InstallError>(())
/// ```
#[derive(Debug)]
#[must_use = "nothing is installed before `install` is called"]
pub struct Builder {
    registry: Option<Registry>,
    tick_every: Option<Duration>,
    catalogue: CatalogueText,
    overrides: Vec<(String, String)>,
    suspended_after: Option<Duration>,
    /// `None`: nobody reads resources.
    monitor: Option<Monitor>,
    resources_every: Option<Duration>,
    keeping: Keeping,
    parts: Parts,
}

/// Where what ticks see is kept.
#[derive(Debug)]
enum Keeping {
    /// Nobody said: in memory, if there is a thread to keep it.
    Unsaid,
    Nowhere,
    Chosen,
}

impl Builder {
    /// The defaults: the global registry, a tick every second, the built-in catalogue.
    pub fn new() -> Self {
        Self {
            registry: None,
            tick_every: Some(Duration::from_secs(1)),
            catalogue: CatalogueText::BUILTIN,
            overrides: Vec::new(),
            suspended_after: None,
            monitor: Some(Monitor::new()),
            resources_every: None,
            keeping: Keeping::Unsaid,
            parts: Parts::new(),
        }
    }

    /// Looks at another registry than the global one. Such a runtime belongs to its handle alone:
    /// any number can be installed side by side.
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Ticks in this rhythm, at least 10 ms long; by default every second, which is what judging
    /// is made for. From five seconds on, what lasted for moments looks as if it had lasted.
    pub fn tick_every(mut self, every: Duration) -> Self {
        self.tick_every = Some(every);
        self
    }

    /// Ticks only when [`Handle::tick`] is called, and starts no thread.
    pub fn tick_by_hand(mut self) -> Self {
        self.tick_every = None;
        self
    }

    /// Takes operations and objectives from this catalogue: commonly
    /// [`catalogue!()`](crate::catalogue!), which is the one the crate is compiled against.
    pub fn catalogue(mut self, text: CatalogueText) -> Self {
        self.catalogue = text;
        self
    }

    /// Replaces the objectives of the operations that this TOML text names. Messages call it
    /// `file`. Later overrides win.
    pub fn override_objectives(mut self, text: impl Into<String>, file: impl Into<String>) -> Self {
        self.overrides.push((text.into(), file.into()));
        self
    }

    /// Says which commit the program was built from; baselines and alerts carry it.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_runtime::Registry;
    /// use kgas_perf_runtime::install::Builder;
    ///
    /// let builder = Builder::new().registry(Registry::new()).tick_by_hand();
    /// let handle = builder.commit("05147d4").install()?;
    /// assert_eq!(handle.collector().environment().commit.as_deref(), Some("05147d4"));
    /// # Ok::<(), kgas_perf_runtime::install::InstallError>(())
    /// ```
    pub fn commit(mut self, commit: impl Into<String>) -> Self {
        self.parts.environment = self.parts.environment.commit(commit);
        self
    }

    /// Says which features the program was built with, each by its name: what is normal with one
    /// set of them may not be with another, so each has baselines of its own. By default nothing
    /// is known of them, since no library can see the features of the program it is part of.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_runtime::Registry;
    /// use kgas_perf_runtime::install::Builder;
    ///
    /// let builder = Builder::new().registry(Registry::new()).tick_by_hand();
    /// let gpu = cfg!(feature = "gpu").then_some("gpu");
    /// let handle = builder.features(gpu).install()?;
    /// assert!(handle.collector().environment().features.is_empty());
    /// # Ok::<(), kgas_perf_runtime::install::InstallError>(())
    /// ```
    pub fn features<T: Into<String>>(mut self, features: impl IntoIterator<Item = T>) -> Self {
        self.parts.environment = self.parts.environment.features(features);
        self
    }

    /// Says how soon and how often people are told, and what is one event to them.
    ///
    /// By default it is as for [`Settings::default`], except that warnings and what is critical
    /// are gathered for 5 seconds: a line in a log wakes nobody.
    pub fn alerts(mut self, settings: Settings) -> Self {
        self.parts.alerts = settings;
        self
    }

    /// Evaluates these rules and no others: the standard ones are those of
    /// [`Rule::standard`], which they may be built upon. An open alert of an earlier process
    /// whose rule is no longer there resolves.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use kgas_perf_runtime::Registry;
    /// use kgas_perf_runtime::alert::Rule;
    /// use kgas_perf_runtime::detect::Kind;
    /// use kgas_perf_runtime::install::Builder;
    ///
    /// let patient = Rule::verdicts("patient", &[Kind::Location])
    ///     .hold_for(Duration::from_secs(300))
    ///     .build()?;
    /// let rules = Rule::standard()?.into_iter().chain([patient.clone()]);
    /// let builder = || Builder::new().registry(Registry::new()).tick_by_hand();
    /// builder().rules(rules).install()?;
    ///
    /// let error = builder().rules([patient.clone(), patient]).install().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "rule `patient`: `id` is there twice; accepted: one rule an id"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rules(mut self, rules: impl IntoIterator<Item = Rule>) -> Self {
        self.parts.rules = rules.into_iter().collect();
        self
    }

    /// Watches calls in flight by this one: with other bounds, another floor, or operations that
    /// are endless. Its pause is set by [`Builder::suspended_after`].
    pub fn watchdog(mut self, watchdog: Watchdog) -> Self {
        self.parts.watchdog = watchdog;
        self
    }

    /// Says from how long a time without a tick on the process counts as suspended: what ended
    /// over it is not judged and not learned, and calls in flight are as much younger.
    ///
    /// By default ten ticks, and at least 15 seconds; never where ticks are made by hand.
    pub fn suspended_after(mut self, after: Duration) -> Self {
        self.suspended_after = Some(after);
        self
    }

    /// Keeps what is measured, learned and alerted in this store. Without one it is kept
    /// [in memory](MemoryStore), a day or two of it, and nothing outlives the process; where
    /// ticks are made by hand, nowhere.
    ///
    /// A thread of its own writes to it; no measured call and no tick waits for it. While it
    /// fails, that is told as an emergency, and what is to be kept waits in memory.
    pub fn store(mut self, store: impl Store + 'static) -> Self {
        self.parts.store = Some(Box::new(store));
        self.keeping = Keeping::Chosen;
        self
    }

    /// Writes to the store in this rhythm, at least 10 ms long; each second by default. A process
    /// that is killed loses at most what ended since, and what no tick has seen yet.
    pub fn flush_every(mut self, every: Duration) -> Self {
        self.parts.flush_every = every;
        self
    }

    /// Keeps nothing: no store, and no thread for it.
    pub fn no_store(mut self) -> Self {
        self.parts.store = None;
        self.keeping = Keeping::Nowhere;
        self
    }

    /// Reads resources in this rhythm, at least 10 ms long; by default every second. Where ticks
    /// are made by hand nobody reads unless this says how often, or
    /// [`Handle::read_resources`] is called.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use kgas_perf_runtime::Registry;
    /// use kgas_perf_runtime::install::Builder;
    ///
    /// let builder = Builder::new().registry(Registry::new());
    /// let handle = builder.resources_every(Duration::from_secs(5)).watch_disk("/").install()?;
    /// if let Some(reading) = handle.resources().and_then(|readings| readings.latest()) {
    ///     println!("{:?} bytes resident", reading.process.resident_bytes);
    /// }
    /// handle.shutdown(Duration::from_secs(5))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resources_every(mut self, every: Duration) -> Self {
        self.resources_every = Some(every);
        self.monitor.get_or_insert_default();
        self
    }

    /// Reads no resources: neither rules on them nor what rose is told.
    pub fn no_resources(mut self) -> Self {
        (self.monitor, self.resources_every) = (None, None);
        self
    }

    /// Watches the space of the file system that this folder is on, besides that of the current
    /// folder; of at most 15 folders.
    pub fn watch_disk(mut self, folder: &str) -> Self {
        self.monitor = self.monitor.map(|monitor| monitor.watch(folder));
        self
    }

    /// Installs the runtime; see [`crate::install`](fn@crate::install).
    ///
    /// If a runtime over the global registry is installed already, and this is to be another,
    /// the answer is a handle to that one; the choices are checked, and otherwise not looked at.
    ///
    /// # Errors
    /// If the catalogue or an override has mistakes, if a setting of the alerts is not accepted,
    /// if two rules have the same id, if the rhythm of ticks, of readings or of flushes is too
    /// short, or if a thread cannot be started.
    pub fn install(self) -> Result<Handle, InstallError> {
        let mut catalogue = if self.catalogue == CatalogueText::BUILTIN {
            Catalogue::builtin().clone()
        } else {
            Catalogue::parse(self.catalogue.text, self.catalogue.file)?
        };
        for (text, file) in &self.overrides {
            catalogue = catalogue.with_overrides(text, file)?;
        }
        if let Some(every) = self.tick_every.filter(|every| *every < SHORTEST_TICK) {
            return Err(InstallError::Tick { every, shortest: SHORTEST_TICK });
        }
        let flush = self.parts.flush_every;
        if flush < SHORTEST_TICK {
            return Err(InstallError::Flush { every: flush, shortest: SHORTEST_TICK });
        }
        if let Some(every) = self.resources_every.filter(|every| *every < SHORTEST_TICK) {
            return Err(InstallError::Resources { every, shortest: SHORTEST_TICK });
        }
        self.parts.alerts.check()?;
        Alerts::check_rules(&self.parts.rules)?;
        let usual = |every: Duration| every.saturating_mul(TICKS_MISSED).max(SHORTEST_SUSPENSION);
        let suspended_after = self.suspended_after.or(self.tick_every.map(usual));
        let readings = self.monitor.as_ref().map(Monitor::readings);
        let mut parts = Parts { catalogue, suspended_after, readings, ..self.parts };
        if let (Keeping::Unsaid, Some(_)) = (self.keeping, self.tick_every) {
            parts.store = Some(Box::new(MemoryStore::new()));
        }
        let by_default = self.tick_every.map(|_| Duration::from_secs(1));
        let read_every = self.resources_every.or(by_default);
        let reading = self.monitor.map(|monitor| (monitor, read_every));
        let start =
            |registry| Runtime::start(Collector::of(registry, parts), self.tick_every, reading);
        match self.registry {
            Some(registry) => Ok(Handle::of(start(registry)?)),
            None => {
                mode::enable_again();
                Handle::global(|| start(Registry::global()))
            }
        }
    }
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}
