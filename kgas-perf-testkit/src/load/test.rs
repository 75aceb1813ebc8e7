//! `LoadTest`: what to run, put together.

use std::sync::Arc;
use std::time::Duration;

use kgas_perf_runtime::Registry;
use kgas_perf_runtime::catalog::{Catalogue, Category, Metric, SizeClass};

use crate::load::contain::{Quiet, contain};
use crate::load::engine::{Engine, Plan};
use crate::load::error::{LoadError, check_name, refuse};
use crate::load::gate::Gate;
use crate::load::progress::Progress;
use crate::load::report::Report;
use crate::load::report::build::{Ended, build};
use crate::load::scenario::{Body, Mix, Scenario};
use crate::load::shared::{Bodies, Shared};
use crate::load::stage::{FOR_EVER, Load, MOST_IN_FLIGHT, Stage, Stages};
use crate::load::supervisor::{Watch, supervise};
use crate::load::threshold::Threshold;
use crate::load::worker::Threads;

/// How long an operation may take where nothing is said.
const OPERATION_DEADLINE: Duration = Duration::from_secs(60);
/// How long a run may take that has operations and no duration.
const COUNTED_DEADLINE: Duration = Duration::from_secs(600);
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
}

/// A load test whose settings were checked.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) name: String,
    pub(crate) plan: Plan,
    pub(crate) watch: Watch,
    pub(crate) bodies: Bodies,
    pub(crate) unanswered: Vec<String>,
    pub(crate) lag_allowed: Option<Duration>,
    pub(crate) registry: Option<Registry>,
    pub(crate) gate: Option<Gate>,
}

impl LoadTest {
    /// A closed model: each of so many workers starts its next operation when the last has ended.
    pub fn closed(name: impl Into<String>, workers: usize) -> Self {
        Self::of(name, Load::workers(workers))
    }

    /// An open model: so many operations start a second, whether others have ended or not.
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

    /// Checks all settings.
    pub(crate) fn check(&self) -> Result<Checked, LoadError> {
        check_name("name", &self.name)?;
        let stages = Arc::new(Stages::new(self.all_stages()?)?);
        let mix = Mix::new(self.seed, &self.scenarios)?;
        let deadline = |scenario: &Scenario| scenario.deadline.unwrap_or(self.operation_deadline);
        let deadlines: Vec<_> = self.scenarios.iter().map(deadline).collect();
        for (scenario, deadline) in self.scenarios.iter().zip(&deadlines) {
            if deadline.is_zero() || *deadline > FOR_EVER {
                let field = match scenario.deadline {
                    Some(_) => format!("deadline of `{}`", scenario.name),
                    None => "operation_deadline".to_owned(),
                };
                return refuse(&field, &format!("{deadline:?}"), "1 ns to 100 years");
            }
        }
        if self.operations == Some(0) {
            return refuse("operations", "0", "1 or more");
        }
        for (field, value, least, most) in [
            ("in_flight_at_most", self.most_in_flight, 1, MOST_IN_FLIGHT),
            ("waiting_at_most", self.most_waiting, 0, 10_000_000),
            ("abandoned_at_most", self.most_abandoned, 0, 10_000),
        ] {
            if !(least..=most).contains(&value) {
                return refuse(field, &value.to_string(), &format!("{least} to {most}"));
            }
        }
        let names: Vec<_> = self.scenarios.iter().map(|scenario| scenario.name.clone()).collect();
        let (objectives, unanswered) = self.objectives()?;
        let thresholds: Vec<_> = self.thresholds.iter().cloned().chain(objectives).collect();
        thresholds.iter().try_for_each(|threshold| threshold.check(&names))?;
        let longest = deadlines.iter().max().copied().unwrap_or_default();
        let planned = stages.end().saturating_add(self.drain).saturating_add(longest + MARGIN);
        let usual = if stages.end() >= FOR_EVER { COUNTED_DEADLINE } else { planned };
        let deadline = self.deadline.unwrap_or(usual);
        if deadline <= stages.counts_from() {
            let accepted =
                format!("more than {:?}, where what counts begins", stages.counts_from());
            return refuse("deadline", &format!("{deadline:?}"), &accepted);
        }
        let open = stages.is_open();
        let workers = stages.most_workers();
        // More workers than operations would have nothing to do.
        let needed = self.operations.map_or(MOST_IN_FLIGHT, |operations| {
            usize::try_from(operations).unwrap_or(MOST_IN_FLIGHT)
        });
        let warm = stages.all().iter().any(|stage| stage.warm_up);
        let at_most = if open { self.most_in_flight } else { workers };
        let together = if warm { at_most } else { at_most.min(needed).max(1) };
        let gate = self.at_once.then(|| Gate::new(together, Duration::from_millis(200)));
        let plan = Plan {
            seed: self.seed,
            mix,
            deadlines,
            most_in_flight: together,
            most_waiting: self.most_waiting,
            drain: self.drain,
            think_time: self.think_time,
            operations: self.operations,
            stages,
        };
        let watch = Watch {
            deadline,
            most_abandoned: self.most_abandoned,
            thresholds,
            scenarios: names,
            progress: Progress::new(self.progress, &self.name),
        };
        let bodies = Bodies(self.scenarios.iter().map(|scenario| scenario.body.clone()).collect());
        let (name, registry) = (self.name.clone(), self.registry.clone());
        let lag_allowed = self.lag_allowed;
        Ok(Checked { name, plan, watch, bodies, unanswered, lag_allowed, registry, gate })
    }

    /// The stages, with the warm-up in front.
    fn all_stages(&self) -> Result<Vec<Stage>, LoadError> {
        let mut stages = self.stages.clone();
        if stages.is_empty() {
            self.load.check("load")?;
            let duration = match (self.duration, self.operations) {
                (Some(duration), _) => duration,
                (None, Some(_)) if self.load.level(0.0) != self.load.level(1.0) => {
                    let accepted = "a duration: a load that changes needs one";
                    return refuse("duration", "none", accepted);
                }
                (None, Some(_)) => FOR_EVER - self.warm_up.unwrap_or_default().min(FOR_EVER / 2),
                (None, None) => {
                    return refuse("duration", "none", "a duration, operations or stages");
                }
            };
            stages.push(Stage::new("load", self.load, duration));
        } else if self.duration.is_some() {
            return refuse("duration", "one beside stages", "the stages' own durations");
        }
        if let Some(duration) = self.warm_up {
            let load = match stages[0].load {
                Load::Workers { from, to } => Load::workers(if from > 0 { from } else { to }),
                Load::Rate { from, to, poisson } => {
                    let rate = if from > 0.0 { from } else { to };
                    Load::Rate { from: rate, to: rate, poisson }
                }
            };
            stages.insert(0, Stage::new("warm-up", load, duration).warm_up());
        }
        Ok(stages)
    }

    /// The objectives of the scenarios' operations: as thresholds, and those that a load test
    /// does not measure.
    fn objectives(&self) -> Result<(Vec<Threshold>, Vec<String>), LoadError> {
        let (mut thresholds, mut unanswered) = (Vec::new(), Vec::new());
        let Some(catalogue) = &self.catalogue else {
            return Ok((thresholds, unanswered));
        };
        for scenario in &self.scenarios {
            let Some((operation, size)) = &scenario.operation else { continue };
            let Some(spec) = catalogue.get(operation) else {
                let field = format!("operation of `{}`", scenario.name);
                let accepted = format!("an operation that {} declares", catalogue.file());
                return refuse(&field, &format!("`{operation}`"), &accepted);
            };
            let class =
                size.map_or(SizeClass::Unsized, |size| catalogue.size_bounds().classify(size));
            let meant =
                spec.objectives.iter().filter(|it| it.size_class.is_none_or(|own| own == class));
            for objective in meant {
                // The memory in use is the system's; what operations take is another thing.
                let of_system =
                    spec.category == Category::System && objective.metric == Metric::Memory;
                match Threshold::of_objective(objective) {
                    Some(threshold) if !of_system => {
                        thresholds.push(threshold.of(&scenario.name));
                    }
                    _ => unanswered.push(format!("{}: {objective}", scenario.name)),
                }
            }
        }
        Ok((thresholds, unanswered))
    }
}

#[cfg(test)]
mod tests;
