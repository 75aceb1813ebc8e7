//! `Job`: load and stress runs against the example's conversions, database and server.

use std::fmt::Write;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kgas_perf_runtime::catalog::Catalogue;
use serde_json::{Value, json};

use crate::example::{Database, Graph, Server, get};
use crate::load::{Call, End, Load, LoadError, LoadTest, Report, Scenario, Stage, Threshold, page};
use crate::stress::{Breakpoint, Ramp, StressTest};

/// Why the job could not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// The example's database could not be made.
    #[error("cannot make the example's database: {source}")]
    Database {
        /// What SQLite said.
        #[from]
        source: rusqlite::Error,
    },
    /// The example's server could not be started.
    #[error("cannot start the example's server: {source}")]
    Server {
        /// What the operating system said.
        #[from]
        source: io::Error,
    },
    /// A run could not begin.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// Load and stress runs, one after the other.
#[derive(Clone, Debug)]
#[must_use = "a job does nothing until it is run"]
pub struct Job {
    duration: Duration,
    seed: u64,
    progress: bool,
    stop: Arc<AtomicBool>,
}

/// What the runs have found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The runs.
    pub reports: Vec<Report>,
    /// Where the server breaks.
    pub breakpoint: Breakpoint,
}

/// Threads of the server.
const SERVER_THREADS: usize = 2;
/// A machine that does other things wakes sleepers late; runs of an example bear with it.
const LAG: Duration = Duration::from_millis(25);

impl Default for Job {
    fn default() -> Self {
        Self { duration: Duration::from_secs(10), seed: 1, progress: false, stop: Arc::default() }
    }
}

impl Job {
    /// How long all of it takes, about, and up to twice of it: 10 s where nothing is said, and never
    /// less than 1 s.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = duration.max(Duration::from_secs(1));
        self
    }

    /// Decides graphs, scenarios and inputs.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Shows how far it is, on standard error.
    pub fn show_progress(mut self, shown: bool) -> Self {
        self.progress = shown;
        self
    }

    /// Ends the run in progress when this is set, by a handler of ctrl-c for one, and begins no
    /// other: what was found until then is told, and says so.
    pub fn stopped_by(mut self, stop: &Arc<AtomicBool>) -> Self {
        self.stop = stop.clone();
        self
    }

    /// Runs it all, and waits for its end.
    ///
    /// # Errors
    /// When a run cannot begin.
    pub fn run(&self) -> Result<Found, JobError> {
        let database = Arc::new(Database::fill(self.seed)?);
        let server = Server::start(SERVER_THREADS)?;
        let runs: [&dyn Fn() -> Result<Report, LoadError>; 5] = [
            &|| self.conversions().run(),
            &|| self.queries(&database).run(),
            &|| self.requests(&server).run(),
            &|| self.tools(&database).concurrently(12, 20),
            &|| self.storm(&database).run(),
        ];
        let runs = runs.iter().take_while(|_| !self.stop.load(Ordering::Relaxed));
        let reports = runs.map(|run| run()).collect::<Result<_, _>>()?;
        let breakpoint = self.breakpoint(&server)?;
        Ok(Found { reports, breakpoint })
    }

    fn part(&self, share: f64) -> Duration {
        self.duration.mul_f64(share)
    }

    fn set_up(&self, test: LoadTest) -> LoadTest {
        test.seed(self.seed)
            .lag_at_most(LAG)
            .objectives_of(Catalogue::builtin())
            .show_progress(self.progress)
            .stopped_by(&self.stop)
    }

    /// A closed model: two workers convert graphs of two sizes.
    fn conversions(&self) -> LoadTest {
        let mut test = LoadTest::closed("conversions", 2)
            .duration(self.part(0.2))
            .warm_up(self.part(0.02))
            .threshold(Threshold::error_rate(0.0));
        // A debug build takes thirty times as long, and is to end as well.
        let larger = if cfg!(debug_assertions) { 250 } else { 1_000 };
        for entities in [100, larger] {
            let graph = Arc::new(Graph::generate(entities, self.seed));
            let table = Arc::new(graph.to_table());
            let vectors = Arc::new(Graph::to_vectors(&table));
            let size = entities as u64;
            test = test
                .scenario(
                    Scenario::new(format!("graph to table, {size}"), move |_: &Call| {
                        std::hint::black_box(graph.to_table());
                    })
                    .operation_of_size("graph_to_table", size),
                )
                .scenario(
                    Scenario::new(format!("table to vectors, {size}"), move |_: &Call| {
                        std::hint::black_box(Graph::to_vectors(&table));
                    })
                    .operation_of_size("table_to_vector", size),
                )
                .scenario(
                    Scenario::new(format!("vectors to graph, {size}"), move |_: &Call| {
                        std::hint::black_box(Graph::from_vectors(&vectors));
                    })
                    .operation_of_size("vector_to_graph", size),
                );
        }
        self.set_up(test)
    }

    /// An open model: users come at random, read more than they write.
    fn queries(&self, database: &Arc<Database>) -> LoadTest {
        let [read, join, write] = [database.clone(), database.clone(), database.clone()];
        let test = LoadTest::of("database", Load::poisson(150.0))
            .duration(self.part(0.2))
            .warm_up(self.part(0.02))
            .in_flight_at_most(16)
            .scenario(
                Scenario::new("neighbours", move |call: &Call| read.neighbours(&mut call.dice()))
                    .weight(6.0)
                    .operation("database_simple_query"),
            )
            .scenario(
                Scenario::new("two steps", move |call: &Call| join.two_steps(&mut call.dice()))
                    .weight(3.0)
                    .operation("database_complex_query"),
            )
            .scenario(Scenario::new("write", move |call: &Call| write.write(&mut call.dice())))
            .threshold(Threshold::error_rate(0.01));
        self.set_up(test)
    }

    /// An open model in stages: warm-up, ramp, steady.
    fn requests(&self, server: &Server) -> LoadTest {
        let address = server.address();
        let test = LoadTest::of("http", Load::rate(40.0))
            .stage(Stage::new("warm-up", Load::rate(20.0), self.part(0.02)).warm_up())
            .stage(Stage::new("ramp", Load::rate_ramp(20.0, 80.0), self.part(0.1)))
            .stage(Stage::new("steady", Load::poisson(80.0), self.part(0.1)))
            .in_flight_at_most(64)
            .scenario(Scenario::new("get", move |call: &Call| get(address, call.number())))
            .threshold(Threshold::error_rate(0.01))
            .threshold(Threshold::p95(Duration::from_secs(1)).abort());
        self.set_up(test)
    }

    fn stress(&self, name: &str) -> StressTest {
        StressTest::new(name)
            .seed(self.seed)
            .lag_at_most(LAG)
            .show_progress(self.progress)
            .stopped_by(&self.stop)
    }

    /// Twelve tools at the same time, held against the catalogue's concurrency.
    fn tools(&self, database: &Arc<Database>) -> StressTest {
        let database = database.clone();
        let tool = Scenario::new("tool", move |call: &Call| database.two_steps(&mut call.dice()));
        self.stress("tools at once")
            .scenario(tool.operation("tool_simple"))
            .objectives_of(Catalogue::builtin())
    }

    /// Fifty workers, and operations that do all that operations can do.
    fn storm(&self, database: &Arc<Database>) -> StressTest {
        let database = database.clone();
        self.stress("storm")
            .operations(5_000)
            .operation_deadline(Duration::from_millis(400))
            .scenario(
                Scenario::new("read", move |call: &Call| database.neighbours(&mut call.dice()))
                    .weight(90.0)
                    .deadline(Duration::from_secs(10)),
            )
            .scenario(Scenario::new("error", |_: &Call| Err::<(), _>("refused")).weight(4.0))
            .scenario(Scenario::new("panic", |_: &Call| -> () { panic!("on purpose") }).weight(4.0))
            .scenario(Scenario::new("cancelled", |_: &Call| End::Cancelled).weight(1.9))
            .scenario(
                Scenario::new("hangs", |call: &Call| {
                    while !call.is_given_up() {
                        std::thread::park_timeout(Duration::from_millis(5));
                    }
                })
                .weight(0.1),
            )
    }

    /// Raises the rate of requests until half of them wait for long.
    fn breakpoint(&self, server: &Server) -> Result<Breakpoint, LoadError> {
        let address = server.address();
        let ramp = Ramp::rate(100.0, 50_000.0).probe(self.part(0.055)).resolution(0.3);
        self.stress("http, ever more")
            .scenario(Scenario::new("get", move |call: &Call| get(address, call.number())))
            .in_flight_at_most(64)
            .threshold(Threshold::p50(Duration::from_millis(25)))
            .threshold(Threshold::error_rate(0.05))
            .breakpoint(&ramp)
    }
}

impl Found {
    /// What the runs are, for a shell: 1 when a threshold is broken, else 2 when something could
    /// not be judged, else 0. That the server breaks is what was looked for, and no failure; a
    /// search that gave up could not be judged.
    pub fn exit_code(&self) -> u8 {
        let reports = self.reports.iter().map(Report::exit_code);
        let codes: Vec<u8> = reports.chain([self.breakpoint.exit_code()]).collect();
        [1, 2].into_iter().find(|code| codes.contains(code)).unwrap_or(0)
    }

    /// All of it, for people.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for report in &self.reports {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{report}");
        }
        let _ = write!(text, "{}", self.breakpoint);
        text
    }

    /// All of it, as JSON: `reports` and `breakpoint`.
    pub fn to_json(&self) -> Value {
        json!({
            "format": 1,
            "exit_code": self.exit_code(),
            "reports": self.reports.iter().map(Report::to_json).collect::<Vec<_>>(),
            "breakpoint": self.breakpoint.to_json(),
        })
    }

    /// All of it, as a page that needs nothing else.
    pub fn to_html(&self) -> String {
        let mut sections: Vec<_> = self.reports.iter().flat_map(Report::sections).collect();
        sections.push(self.breakpoint.section());
        page("Load and stress", &sections)
    }

    /// The runs as one JUnit file.
    pub fn to_junit(&self) -> String {
        let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
        let suites = self.reports.iter().map(Report::to_junit);
        let suites = suites.chain([self.breakpoint.to_junit()]);
        let suites = suites.map(|suite| suite.trim_start_matches(declaration).to_owned());
        format!("{declaration}<testsuites>\n{}</testsuites>\n", suites.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_job_runs_counts_and_has_all_its_faces() {
        let found = Job::default().duration(Duration::ZERO).run().unwrap();
        assert!(found.reports.iter().all(Report::sums_agree));
        let names: Vec<_> = found.reports.iter().map(|report| report.name.as_str()).collect();
        assert_eq!(names, ["conversions", "database", "http", "tools at once", "storm"]);
        let storm = &found.reports[4].total.counts;
        assert_eq!(storm.planned, 5_000);
        assert!(storm.panicked > 100 && storm.error > 100 && storm.cancelled > 50);
        assert!(!found.breakpoint.probes.is_empty());
        let (html, text) = (found.to_html(), found.to_text());
        assert!(html.matches("<svg").count() == 10 && !html.contains("NaN"));
        assert!(text.contains("http, ever more: "));
        assert_eq!(found.to_json()["reports"].as_array().map(Vec::len), Some(5));
        let junit = found.to_junit();
        let junit = roxmltree::Document::parse(&junit).unwrap();
        let suites = junit.root_element().children().filter(|node| node.is_element());
        assert_eq!(suites.count(), 6);
    }

    #[test]
    fn a_job_that_is_stopped_begins_nothing_more_and_says_so() {
        let stop = Arc::new(AtomicBool::new(true));
        let found = Job::default().stopped_by(&stop).run().unwrap();
        assert_eq!((found.exit_code(), found.reports.len()), (2, 0));
        let gave_up = found.breakpoint.gave_up.clone().unwrap();
        assert!(gave_up.contains("could not be judged: it was stopped"), "{gave_up}");
        assert!(found.to_html().contains("it was stopped"));
    }

    #[test]
    fn what_is_broken_counts_more_than_what_was_not_judged_and_a_search_that_gave_up_is_that() {
        let run = |threshold: Threshold| {
            let test = LoadTest::closed("t", 1).operations(3).threshold(threshold);
            test.scenario(Scenario::new("op", |_: &Call| Err::<(), _>("no"))).run().unwrap()
        };
        let fine = || run(Threshold::error_rate(1.0));
        let broken = || run(Threshold::error_rate(0.0));
        let not_judged = || run(Threshold::p99(Duration::from_secs(60)));
        let breakpoint = |gave_up: Option<&str>| Breakpoint {
            name: "ramp".to_owned(),
            unit: "workers",
            highest_held: Some(1.0),
            lowest_broken: Some(2.0),
            limited_by: Vec::new(),
            saturated: None,
            gave_up: gave_up.map(str::to_owned),
            probes: Vec::new(),
        };
        let code = |reports: Vec<Report>, gave_up: Option<&str>| {
            let found = Found { reports, breakpoint: breakpoint(gave_up) };
            // All faces agree.
            let junit = found.to_junit();
            let junit = roxmltree::Document::parse(&junit).unwrap();
            let has = |name| junit.descendants().any(|node| node.has_tag_name(name));
            let code = found.exit_code();
            assert_eq!(found.to_json()["exit_code"], code);
            assert_eq!(has("failure"), code == 1);
            assert_eq!(has("failure") || has("error"), code != 0);
            code
        };
        assert_eq!(code(vec![fine(), fine()], None), 0);
        assert_eq!(code(vec![fine(), broken()], None), 1);
        assert_eq!(code(vec![not_judged(), fine()], None), 2);
        assert_eq!(code(vec![not_judged(), broken(), fine()], None), 1);
        assert_eq!(code(vec![fine()], Some("40 a second could not be judged")), 2);
        assert_eq!(code(vec![broken()], Some("40 a second could not be judged")), 1);
    }
}
