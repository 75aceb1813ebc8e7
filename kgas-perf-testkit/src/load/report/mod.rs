//! `Report`: what a run has found, and the faces it has.
//!
//! | file | it shows the report as |
//! |---|---|
//! | `table.rs` | a table, for people |
//! | `json.rs` | JSON, with units in its names |
//! | `page.rs`, `picture.rs` | a page that needs nothing else, with pictures |
//! | `junit.rs` | a JUnit file, for CI |
//!
//! `row.rs` holds the numbers of a scenario, a stage or all of them; `build.rs` fills them in.

pub(crate) mod build;
mod json;
pub(crate) mod junit;
mod page;
pub(crate) mod picture;
mod row;
mod table;
mod xml;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub use page::{Section, page};
pub use row::{Latency, Row, StageRow};

use crate::load::machine::Reading;
use crate::load::threshold::{Judged, Standing};

/// What a run has found.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_testkit::load::{Call, LoadTest, Scenario, Threshold};
///
/// let report = LoadTest::closed("sorting", 2)
///     .operations(400)
///     .scenario(Scenario::new("sort", |call: &Call| {
///         let mut dice = call.dice();
///         let mut numbers: Vec<u64> = (0..100).map(|_| dice.bits()).collect();
///         numbers.sort_unstable();
///         std::hint::black_box(numbers);
///     }))
///     .threshold(Threshold::error_rate(0.0))
///     .run()?;
/// assert_eq!(report.total.counts.ok, 400);
/// assert_eq!(report.exit_code(), 0);
/// println!("{report}");
/// # Ok::<(), kgas_perf_testkit::load::LoadError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Report {
    /// The test's name.
    pub name: String,
    /// Whether operations started by a plan, and not when others had ended.
    pub open: bool,
    /// The seed that decided the scenarios and their inputs.
    pub seed: u64,
    /// From the first start to the last end.
    pub elapsed: Duration,
    /// The part of it that counts: without the warm-up.
    pub counted: Duration,
    /// Everything but the warm-up.
    pub total: Row,
    /// By scenario, without the warm-up.
    pub scenarios: Vec<Row>,
    /// By stage, with the warm-up.
    pub stages: Vec<StageRow>,
    /// Thresholds and objectives, held against the run.
    pub judged: Vec<Judged>,
    /// Objectives of the catalogue that a load test does not measure.
    pub unanswered: Vec<String>,
    /// How the generator itself did.
    pub generator: Generator,
    /// What happened when.
    pub timeline: Vec<Point>,
    /// What the process used.
    pub readings: Vec<Reading>,
    /// Why the numbers must not be trusted; empty where nothing is known against them.
    pub invalid: Vec<String>,
    /// Which threshold ended the run before its plan did, if one did.
    pub ended_by: Option<String>,
    /// What else a reader should know.
    pub notes: Vec<String>,
    pub(crate) left_running: Arc<AtomicUsize>,
}

/// How the generator itself did.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    /// The most operations it may have in flight.
    pub most_in_flight: usize,
    /// The most operations that may wait for that; 0 in a closed model, where none waits.
    pub most_waiting: usize,
    /// Operations that waited for one in flight to end before they started, without the warm-up.
    pub held_back: u64,
    /// How late operations started though nothing was in their way.
    pub lag: Latency,
    /// The lag at p99 above which a run is invalid; `None` in a closed model.
    pub lag_allowed: Option<Duration>,
    /// Operations that were given up before they returned.
    pub abandoned: usize,
    /// Of these, those that had not returned when the report was made.
    pub left_running: usize,
}

/// What happened in one slice of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// When it begins.
    pub at: Duration,
    /// How long it is.
    pub length: Duration,
    /// Operations that ended well.
    pub ok: u64,
    /// Operations that ended in another way.
    pub not_ok: u64,
    /// Operations that could not start.
    pub dropped: u64,
    /// The most operations in flight.
    pub in_flight: usize,
    /// Latency of what ended; `None` where nothing did.
    pub p50: Option<Duration>,
    /// The same at p95, with too few operations for more than a picture.
    pub p95: Option<Duration>,
}

impl Report {
    /// Operations that were given up and have still not returned, now.
    pub fn still_running(&self) -> usize {
        self.left_running.load(Ordering::Relaxed)
    }

    /// Whether every planned operation ended as exactly one thing.
    pub fn sums_agree(&self) -> bool {
        let rows = self.scenarios.iter().chain([&self.total]);
        rows.chain(self.stages.iter().map(|stage| &stage.row)).all(|row| row.counts.agree())
    }

    /// 0 when the run was judged and is fine, 1 when a threshold is broken, 2 when it could not be
    /// judged: the generator was saturated, the run did not come to its end, or there was too
    /// little for a threshold.
    pub fn exit_code(&self) -> u8 {
        let any = |standing| self.judged.iter().any(|judged| judged.standing == standing);
        if !self.invalid.is_empty() {
            2
        } else if any(Standing::Broken) {
            1
        } else if any(Standing::NotJudged) {
            2
        } else {
            0
        }
    }

    /// The same, to be returned from `main`.
    pub fn to_exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit_code())
    }

    /// Fails the test that calls it unless the run was judged and is fine.
    ///
    /// # Panics
    /// When [`Report::exit_code`] is not 0, with the table and the reasons, at the caller's line.
    #[track_caller]
    pub fn assert_fine(&self) {
        let code = self.exit_code();
        assert!(code == 0, "load test `{}` is not fine\n{self}", self.name);
    }
}

#[cfg(test)]
mod tests;
