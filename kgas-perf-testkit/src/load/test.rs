//! `LoadTest`: what to run, put together.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use kgas_perf_runtime::Registry;
use kgas_perf_runtime::catalog::Catalogue;

use crate::load::contain::{Quiet, contain};
use crate::load::engine::Engine;
use crate::load::error::{LoadError, refuse};
use crate::load::report::Report;
use crate::load::report::build::{Ended, build};
use crate::load::scenario::{Body, Scenario};
use crate::load::shared::Shared;
use crate::load::stage::{Load, Stage};
use crate::load::supervisor::supervise;
use crate::load::threshold::Threshold;
use crate::load::worker::Threads;

mod check;

pub(crate) use check::Checked;

/// How long an operation may take where nothing is said.
const OPERATION_DEADLINE: Duration = Duration::from_secs(60);
/// What a run may take beyond its plan.
const MARGIN: Duration = Duration::from_secs(10);

/// A load test: operations, and how often they are called.
///
/// # Examples
/// An open model: 50 starts a second, whether earlier operations have ended or not.
/// ```
/// use std::time::Duration;
/// use kgas_perf_testkit::load::{Call, LoadTest, Scenario, Threshold};
///
/// let report = LoadTest::open("lookups", 50.0)
///     .duration(Duration::from_millis(400))
///     .seed(7)
///     .scenario(Scenario::new("hit", |_: &Call| ()).weight(9.0))
///     .scenario(Scenario::new("miss", |_: &Call| Err::<(), _>("not there")))
///     .threshold(Threshold::p50(Duration::from_secs(1)))
///     .run()?;
/// assert_eq!(report.total.counts.planned, 20);
/// assert!(report.sums_agree());
/// # Ok::<(), kgas_perf_testkit::load::LoadError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a load test does nothing until it is run"]
pub struct LoadTest {
    name: String,
    load: Load,
    duration: Option<Duration>,
    warm_up: Option<Duration>,
    stages: Vec<Stage>,
    scenarios: Vec<Scenario>,
    seed: u64,
    think_time: Duration,
    operations: Option<u64>,
    operation_deadline: Duration,
    deadline: Option<Duration>,
    most_in_flight: usize,
    most_waiting: usize,
    drain: Duration,
    thresholds: Vec<Threshold>,
    catalogue: Option<Catalogue>,
    lag_allowed: Option<Duration>,
    most_abandoned: usize,
    registry: Option<Registry>,
    progress: bool,
    at_once: bool,
    stop: Option<Arc<AtomicBool>>,
}

impl LoadTest {
    /// A closed model: each of so many workers starts its next operation when the last has ended.
    pub fn closed(name: impl Into<String>, workers: usize) -> Self {
        Self::of(name, Load::workers(workers))
    }

    /// An open model: so many operations start a second, whether others have ended or not, as long
    /// as no more than 100 are in flight.
    ///
    /// Beyond that they wait for one to end, which is part of their latency; the report says how
    /// many have waited. [`LoadTest::in_flight_at_most`] allows more.
    pub fn open(name: impl Into<String>, per_second: f64) -> Self {
        Self::of(name, Load::rate(per_second))
    }

    /// Any load.
    pub fn of(name: impl Into<String>, load: Load) -> Self {
        Self {
            name: name.into(),
            load,
            duration: None,
            warm_up: None,
            stages: Vec::new(),
            scenarios: Vec::new(),
            seed: 0,
            think_time: Duration::ZERO,
            operations: None,
            operation_deadline: OPERATION_DEADLINE,
            deadline: None,
            most_in_flight: 100,
            most_waiting: 100_000,
            drain: MARGIN,
            thresholds: Vec::new(),
            catalogue: None,
            lag_allowed: None,
            most_abandoned: 1_000,
            registry: None,
            progress: false,
            at_once: false,
            stop: None,
        }
    }

    /// How long it runs.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = Some(duration);
        self
    }

    /// It ends after so many operations, if it has not ended before.
    pub fn operations(mut self, operations: u64) -> Self {
        self.operations = Some(operations);
        self
    }

    /// Runs the first stage's load for so long before; this part counts for nothing but its own
    /// row.
    pub fn warm_up(mut self, duration: Duration) -> Self {
        self.warm_up = Some(duration);
        self
    }

    /// Adds a stage. A test with stages has no other load and no other duration.
    pub fn stage(mut self, stage: Stage) -> Self {
        self.stages.push(stage);
        self
    }

    /// Adds an operation.
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        self.scenarios.push(scenario);
        self
    }

    /// Decides the order of scenarios, their inputs and random arrivals; 0 where nothing is said.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How long a worker of a closed model waits between two operations.
    pub fn think_time(mut self, pause: Duration) -> Self {
        self.think_time = pause;
        self
    }

    /// How long one operation may take: 60 s where nothing is said.
    ///
    /// One that takes longer is counted as timed out. An asynchronous one is dropped; a
    /// synchronous one goes on with its thread, which is counted and replaced.
    pub fn operation_deadline(mut self, deadline: Duration) -> Self {
        self.operation_deadline = deadline;
        self
    }

    /// How long the whole run may take. What is in flight then is cancelled.
    ///
    /// Where nothing is said: what is planned, what operations may take and 20 s, or 10 minutes
    /// for a run that has operations and no duration.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The most operations in flight in an open model, 1 to 10,000: 100 where nothing is said.
    ///
    /// A synchronous operation in flight is a thread.
    pub fn in_flight_at_most(mut self, operations: usize) -> Self {
        self.most_in_flight = operations;
        self
    }

    /// The most operations of an open model that wait for one in flight to end, up to 10,000,000:
    /// 100,000 where nothing is said. Others are dropped.
    pub fn waiting_at_most(mut self, operations: usize) -> Self {
        self.most_waiting = operations;
        self
    }

    /// How long waiting operations may still start after the last stage: 10 s where nothing is
    /// said.
    pub fn drain(mut self, duration: Duration) -> Self {
        self.drain = duration;
        self
    }

    /// Adds a bound that the run must keep.
    pub fn threshold(mut self, threshold: Threshold) -> Self {
        self.thresholds.push(threshold);
        self
    }

    /// Holds the scenarios that say which operation they are against its objectives: durations,
    /// throughput, concurrency, error rate and memory. What a load test does not measure stands in
    /// [`Report::unanswered`].
    pub fn objectives_of(mut self, catalogue: &Catalogue) -> Self {
        self.catalogue = Some(catalogue.clone());
        self
    }

    /// How late the generator may start operations at p99 before the run is invalid. Where
    /// nothing is said: a tenth of the latency at p99, and never less than 5 ms.
    pub fn lag_at_most(mut self, lag: Duration) -> Self {
        self.lag_allowed = Some(lag);
        self
    }

    /// How many operations may hang before the run ends, up to 10,000: 1,000 where nothing is
    /// said. A synchronous one is a thread that nobody can end.
    pub fn abandoned_at_most(mut self, operations: usize) -> Self {
        self.most_abandoned = operations;
        self
    }

    /// What the operations measure by themselves is recorded here, and not in the process's
    /// registry.
    pub fn registry(mut self, registry: &Registry) -> Self {
        self.registry = Some(registry.clone());
        self
    }

    /// Shows how far it is, on standard error: a bar on a terminal, elsewhere one line a stage.
    pub fn show_progress(mut self, shown: bool) -> Self {
        self.progress = shown;
        self
    }

    /// Ends the run when this is set, by a handler of ctrl-c for one: what is in flight is
    /// cancelled, and the report of what there was until then says so and is invalid.
    ///
    /// It is looked at every 20 ms.
    pub fn stopped_by(mut self, stop: &Arc<AtomicBool>) -> Self {
        self.stop = Some(stop.clone());
        self
    }

    /// Workers wait for each other before each operation, so that all call at the same time.
    pub(crate) fn at_once(mut self) -> Self {
        self.at_once = true;
        self
    }

    pub(crate) fn with_load(mut self, load: Load) -> Self {
        self.load = load;
        self
    }

    pub(crate) fn named(mut self, name: String) -> Self {
        self.name = name;
        self
    }

    /// Runs it on threads of its own, and waits for its end.
    ///
    /// Panics of operations are caught, counted and not written; the process's panic hook is what
    /// it was when the run is over.
    ///
    /// # Errors
    /// When a setting makes no sense, or no thread can be started. A run that goes wrong is a
    /// report, not an error.
    pub fn run(&self) -> Result<Report, LoadError> {
        let checked = self.check()?;
        if checked.bodies.0.iter().any(|body| !matches!(body, Body::Sync(_))) {
            let accepted = "synchronous scenarios; asynchronous ones are run by `run_async`";
            return refuse("scenarios", "an asynchronous one", accepted);
        }
        let _quiet = Quiet::new();
        let Checked { name, plan, mut watch, bodies, unanswered, lag_allowed, registry, gate } =
            checked;
        let shared = Arc::new(Shared::new(Engine::new(plan), bodies, registry, gate));
        let outcome = supervise(&shared, &mut Threads::new(shared.clone()), &mut watch)
            .map_err(|source| LoadError::NoThread { source })?;
        let report = build(&Ended {
            name: &name,
            shared: &shared,
            outcome: &outcome,
            watch: &watch,
            unanswered: &unanswered,
            lag_allowed,
        });
        let _ = contain(|| drop(shared));
        Ok(report)
    }

    /// Runs it on the tokio runtime that this is awaited in.
    ///
    /// A thread of its own watches over the run, so that deadlines hold even where an operation
    /// blocks a thread of the runtime; on a runtime of one thread this future itself waits until
    /// that operation lets go. When the future is dropped, the run is stopped. Latencies include
    /// what the runtime takes to poll an operation first; service times do not.
    ///
    /// # Errors
    /// When a setting makes no sense, there is no tokio runtime with a timer, or no thread can be
    /// started.
    #[cfg(feature = "tokio")]
    pub async fn run_async(&self) -> Result<Report, LoadError> {
        let checked = self.check()?;
        if checked.bodies.0.iter().any(|body| matches!(body, Body::Sync(_))) {
            let accepted = "asynchronous scenarios; synchronous ones are run by `run`";
            return refuse("scenarios", "a synchronous one", accepted);
        }
        crate::load::tasks::run(checked).await
    }
}

#[cfg(test)]
mod tests;
