//! `StressTest`: operations, and the ways in which there can be too much of them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use kgas_perf_runtime::Registry;
use kgas_perf_runtime::catalog::Catalogue;

use crate::load::{Load, LoadError, LoadTest, Report, Scenario, Threshold};
use crate::stress::limit::{Breakpoint, Probe, Saturation, Verdict, broken, rounded};
use crate::stress::ramp::{Ramp, Search};
use crate::stress::soak::Soak;

/// A stress test: operations at random from a weighted set, many at once.
///
/// Where nothing is said: 50 workers, 10,000 operations, 60 s for each operation.
///
/// # Examples
/// Ten tools and more at once, held against what the catalogue asks of them:
/// ```
/// use kgas_perf_runtime::catalog::Catalogue;
/// use kgas_perf_testkit::load::{Call, Scenario};
/// use kgas_perf_testkit::stress::StressTest;
///
/// let report = StressTest::new("tools at once")
///     .scenario(Scenario::new("tool", |_: &Call| ()).operation("tool_simple"))
///     .objectives_of(Catalogue::builtin())
///     .concurrently(12, 5)?;
/// assert_eq!(report.total.counts.ok, 60);
/// assert_eq!(report.stages[0].most_in_flight, 12);
/// report.assert_fine();
/// # Ok::<(), kgas_perf_testkit::load::LoadError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a stress test does nothing until it is run"]
pub struct StressTest {
    name: String,
    test: LoadTest,
    operations: u64,
    leak_at_most: Option<u64>,
    has_thresholds: bool,
}

impl StressTest {
    /// A stress test of this name.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            test: LoadTest::closed(name.clone(), 50),
            name,
            operations: 10_000,
            leak_at_most: None,
            has_thresholds: false,
        }
    }

    fn with(self, change: impl FnOnce(LoadTest) -> LoadTest) -> Self {
        Self { test: change(self.test), ..self }
    }

    /// Adds an operation.
    pub fn scenario(self, scenario: Scenario) -> Self {
        self.with(|test| test.scenario(scenario))
    }

    /// How many workers there are, 1 to 10,000.
    pub fn workers(self, workers: usize) -> Self {
        self.with(|test| test.with_load(Load::workers(workers)))
    }

    /// A load of another kind, such as an open one.
    pub fn load(self, load: Load) -> Self {
        self.with(|test| test.with_load(load))
    }

    /// How many operations [`StressTest::run`] makes.
    pub fn operations(mut self, operations: u64) -> Self {
        self.operations = operations;
        self
    }

    /// How long one operation may take.
    pub fn operation_deadline(self, deadline: Duration) -> Self {
        self.with(|test| test.operation_deadline(deadline))
    }

    /// How long a run, or one probe of a ramp, may take.
    pub fn deadline(self, deadline: Duration) -> Self {
        self.with(|test| test.deadline(deadline))
    }

    /// Decides which operations are made, and their inputs.
    pub fn seed(self, seed: u64) -> Self {
        self.with(|test| test.seed(seed))
    }

    /// Adds a bound that must be kept; a ramp ends where one is not.
    pub fn threshold(mut self, threshold: Threshold) -> Self {
        self.has_thresholds = true;
        self.with(|test| test.threshold(threshold))
    }

    /// Holds the scenarios that say which operation they are against its objectives.
    pub fn objectives_of(mut self, catalogue: &Catalogue) -> Self {
        self.has_thresholds = true;
        self.with(|test| test.objectives_of(catalogue))
    }

    /// How many operations may hang before a run ends: 1,000 where nothing is said.
    pub fn abandoned_at_most(self, operations: usize) -> Self {
        self.with(|test| test.abandoned_at_most(operations))
    }

    /// The most operations in flight of an open load: 100 where nothing is said.
    pub fn in_flight_at_most(self, operations: usize) -> Self {
        self.with(|test| test.in_flight_at_most(operations))
    }

    /// How late the generator of an open load may start operations at p99, as
    /// [`LoadTest::lag_at_most`].
    pub fn lag_at_most(self, lag: Duration) -> Self {
        self.with(|test| test.lag_at_most(lag))
    }

    /// How fast memory may grow in a soak, in bytes an hour.
    pub fn leak_at_most(mut self, bytes_per_hour: u64) -> Self {
        self.leak_at_most = Some(bytes_per_hour);
        self
    }

    /// What the operations measure by themselves is recorded here.
    pub fn registry(self, registry: &Registry) -> Self {
        self.with(|test| test.registry(registry))
    }

    /// Shows how far it is, on standard error.
    pub fn show_progress(self, shown: bool) -> Self {
        self.with(|test| test.show_progress(shown))
    }

    /// Ends what is run when this is set, as [`LoadTest::stopped_by`]; a ramp gives up.
    pub fn stopped_by(self, stop: &Arc<AtomicBool>) -> Self {
        self.with(|test| test.stopped_by(stop))
    }

    /// Makes the operations, at random.
    ///
    /// # Errors
    /// When a setting makes no sense, or no thread can be started.
    pub fn run(&self) -> Result<Report, LoadError> {
        self.storm().run()
    }

    /// Calls so many operations at the same time, and that so many times; all must end well.
    ///
    /// The workers wait for each other before each call. Whether so many were in flight at one
    /// time, and all ended well, is judged too: what the catalogue's `concurrency` asks for.
    ///
    /// # Errors
    /// When a setting makes no sense, or no thread can be started.
    pub fn concurrently(&self, at_once: usize, times: u64) -> Result<Report, LoadError> {
        self.at_once(at_once, times).run()
    }

    /// Raises load until a threshold breaks, and says where and what was at its limit.
    ///
    /// # Errors
    /// When a setting makes no sense, there is no threshold that could break, or no thread can be
    /// started.
    pub fn breakpoint(&self, ramp: &Ramp) -> Result<Breakpoint, LoadError> {
        self.check_ramp(ramp)?;
        let mut search = ramp.search();
        let mut probes = Vec::new();
        while let Some(level) = search.next() {
            let report = self.probe(ramp, level).run()?;
            observe(&mut search, &mut probes, level, report);
        }
        Ok(found(&self.name, ramp, &search, probes))
    }

    /// Keeps the load up for a long time, and says what grows.
    ///
    /// # Errors
    /// When a setting makes no sense, or no thread can be started.
    pub fn soak(&self, duration: Duration) -> Result<Soak, LoadError> {
        Ok(Soak::of(self.long(duration).run()?, self.leak_at_most))
    }

    fn storm(&self) -> LoadTest {
        self.test.clone().operations(self.operations)
    }

    fn at_once(&self, at_once: usize, times: u64) -> LoadTest {
        let operations = (at_once as u64).saturating_mul(times);
        let test = self.test.clone().with_load(Load::workers(at_once)).operations(operations);
        test.at_once().threshold(Threshold::concurrency(at_once as u64))
    }

    fn probe(&self, ramp: &Ramp, level: f64) -> LoadTest {
        let name = format!("{} at {} {}", self.name, rounded(level), ramp.unit.as_str());
        let test = self.test.clone().named(name).with_load(ramp.unit.load(level));
        // What waits at the end of a probe has been waited for long enough.
        test.duration(ramp.probe_time()).drain(ramp.probe_time())
    }

    fn long(&self, duration: Duration) -> LoadTest {
        self.test.clone().duration(duration)
    }

    fn check_ramp(&self, ramp: &Ramp) -> Result<(), LoadError> {
        ramp.check()?;
        if self.has_thresholds {
            return Ok(());
        }
        Err(LoadError::Refused {
            field: "thresholds".to_owned(),
            found: "none".to_owned(),
            accepted: "at least one that can break".to_owned(),
        })
    }
}

/// The same on tokio, for asynchronous operations.
#[cfg(feature = "tokio")]
impl StressTest {
    /// As [`StressTest::run`].
    ///
    /// # Errors
    /// As [`LoadTest::run_async`].
    pub async fn run_async(&self) -> Result<Report, LoadError> {
        self.storm().run_async().await
    }

    /// As [`StressTest::concurrently`]; all are started before one is polled a second time.
    ///
    /// # Errors
    /// As [`LoadTest::run_async`].
    pub async fn concurrently_async(&self, many: usize, times: u64) -> Result<Report, LoadError> {
        self.at_once(many, times).run_async().await
    }

    /// As [`StressTest::breakpoint`].
    ///
    /// # Errors
    /// As [`LoadTest::run_async`]; and when there is no threshold that could break.
    pub async fn breakpoint_async(&self, ramp: &Ramp) -> Result<Breakpoint, LoadError> {
        self.check_ramp(ramp)?;
        let mut search = ramp.search();
        let mut probes = Vec::new();
        while let Some(level) = search.next() {
            let report = self.probe(ramp, level).run_async().await?;
            observe(&mut search, &mut probes, level, report);
        }
        Ok(found(&self.name, ramp, &search, probes))
    }

    /// As [`StressTest::soak`].
    ///
    /// # Errors
    /// As [`LoadTest::run_async`].
    pub async fn soak_async(&self, duration: Duration) -> Result<Soak, LoadError> {
        Ok(Soak::of(self.long(duration).run_async().await?, self.leak_at_most))
    }
}

/// Tells the search what a probe has shown.
fn observe(search: &mut Search, probes: &mut Vec<Probe>, level: f64, report: Report) {
    let verdict = match report.exit_code() {
        0 => Verdict::Held,
        1 => Verdict::Broken,
        _ => Verdict::Unknown,
    };
    search.observe(verdict);
    probes.push(Probe { level, verdict, report });
}

/// Says what a search has found.
fn found(name: &str, ramp: &Ramp, search: &Search, probes: Vec<Probe>) -> Breakpoint {
    let broke = probes.iter().rfind(|probe| {
        Some(probe.level) == search.lowest_broken() && probe.verdict == Verdict::Broken
    });
    let unknown = probes.last().filter(|_| search.is_unknown());
    let gave_up = unknown.map(|probe| {
        let mut why = probe.report.invalid.clone();
        let judged = probe.report.judged.iter();
        let open = judged.filter(|judged| judged.standing == crate::load::Standing::NotJudged);
        why.extend(open.map(|judged| format!("{}: {}", judged.threshold, judged.found)));
        let (level, unit) = (rounded(probe.level), ramp.unit.as_str());
        format!("{level} {unit} could not be judged: {}", why.join("; "))
    });
    Breakpoint {
        name: name.to_owned(),
        unit: ramp.unit.as_str(),
        highest_held: search.highest_held(),
        lowest_broken: search.lowest_broken(),
        limited_by: broke.map(|probe| broken(&probe.report)).unwrap_or_default(),
        saturated: broke.map(|probe| Saturation::of(&probe.report)),
        gave_up,
        probes,
    }
}

#[cfg(test)]
mod tests;
