//! Load tests: operations called as users call them, and what they wait.
//!
//! ```
//! use std::time::Duration;
//! use kgas_perf_testkit::load::{Call, LoadTest, Scenario, Threshold};
//!
//! let report = LoadTest::open("search", 200.0)
//!     .duration(Duration::from_millis(300))
//!     .scenario(Scenario::new("by name", |call: &Call| {
//!         std::hint::black_box(call.dice().below(100));
//!     }))
//!     .threshold(Threshold::error_rate(0.01))
//!     .run()?;
//! println!("{report}");
//! # Ok::<(), kgas_perf_testkit::load::LoadError>(())
//! ```
//!
//! # What is measured
//! In the open model an operation has an *intended start*, and its **latency** runs from there:
//! a system that stands still is charged for everybody it lets wait, as its users would. A
//! generator that waits for answers before it asks again asks a slow system less, and shows
//! latencies that nobody has; this is called coordinated omission (Tene, *How NOT to Measure
//! Latency*, 2015). The **service time** runs from the actual start and stands beside it. In the
//! closed model the two are the same.
//!
//! Each operation ends as exactly one of ok, error, panicked, timed out, cancelled and dropped.
//! One that was given up counts with at least the time it was waited for, and percentiles that
//! reach it say so. Percentiles that the number of operations does not carry are not shown.
//!
//! A generator that starts operations late by itself makes a run [invalid](Report::invalid), and
//! [`Report::exit_code`] says so.
//!
//! # Files
//! | file | it holds |
//! |---|---|
//! | `test.rs`, `test/check.rs` | the builder, and the check of its settings |
//! | `stage.rs`, `scenario.rs`, `call.rs`, `threshold.rs`, `error.rs` | what it is built from |
//! | `dice.rs`, `arrival.rs` | random numbers; when operations are meant to start |
//! | `engine.rs`, `books.rs`, `tally.rs`, `kinds.rs`, `timeline.rs`, `percentile.rs` | what starts when, and what became of it, in any time |
//! | `simulation.rs` | drives the engine in virtual time, for tests |
//! | `shared.rs`, `worker.rs`, `tasks.rs`, `gate.rs`, `contain.rs` | threads and tasks that drive it in real time |
//! | `supervisor.rs`, `machine.rs`, `progress.rs` | who watches over them |
//! | `report/` | what was found |
//!
//! # Cost
//! Starting an operation and ending it take a lock each, one for all workers, so operations of
//! less than a microsecond are measured with the generator's own work. Memory depends on what is
//! in flight or waits, on stages and scenarios, and not on the number of operations.

mod arrival;
mod books;
mod call;
mod contain;
mod engine;
mod error;
mod gate;
mod kinds;
mod machine;
mod percentile;
mod progress;
mod report;
mod scenario;
mod shared;
#[cfg(test)]
mod simulation;
mod stage;
mod supervisor;
mod tally;
#[cfg(feature = "tokio")]
mod tasks;
mod test;
mod threshold;
mod timeline;
mod worker;

#[cfg(test)]
pub(crate) use simulation::virtual_run;

pub use crate::dice::Dice;
pub use call::{Answer, Call, End};
pub use error::LoadError;
pub use machine::Reading;
pub use percentile::Percentile;
pub(crate) use report::junit;
pub use report::{Generator, Latency, Point, Report, Row, Section, StageRow, page};
pub use scenario::Scenario;
pub use stage::{HIGHEST_RATE, Load, MOST_IN_FLIGHT, Stage};
pub use tally::Counts;
pub use test::LoadTest;
pub use threshold::{Judged, Standing, Threshold};
