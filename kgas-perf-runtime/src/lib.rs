//! Measures the operations of a program, learns what is normal for each, and says within the
//! call when one is not.
//!
//! ```no_run
//! use kgas_perf_runtime::measure_performance;
//!
//! #[measure_performance("graph_to_table", size = triples.len() as u64)]
//! fn graph_to_table(triples: &[(u32, u32, u32)]) -> Result<Vec<u32>, String> {
//!     Ok(triples.iter().map(|(subject, _, _)| *subject).collect())
//! }
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let handle = kgas_perf_runtime::install()?;
//!     graph_to_table(&[(1, 2, 3)])?;
//!     for operation in handle.snapshot().operations() {
//!         println!("{}: {} calls", operation.name, operation.calls());
//!     }
//!     handle.shutdown(std::time::Duration::from_secs(1))?;
//!     Ok(())
//! }
//! ```
//!
//! # Concepts
//! - An *operation* is a named unit of work; the [catalogue](catalog) declares which exist. A
//!   *call site* is one attributed place in the source; many may share an operation.
//! - A *measurement* is one call in progress. What it leaves behind is counted at once, on its
//!   own thread, in a histogram for each way it can [end](measure::Outcome).
//! - A [`Registry`] holds what was measured. A [`Snapshot`](registry::Snapshot) copies it without
//!   resetting; the difference of two is a [`Window`](registry::Window).
//! - A [`Baseline`](baseline::Baseline) is what is normal, learned from at least 100 calls that
//!   ended well. A call above its p95 is counted, remembered and told as a `tracing` event of the
//!   target `kgas_perf`: info, warning from twice the median on, critical from five times.
//! - An [alert] is one rule on one subject over time; alerts that are one event to a person
//!   are an incident. [`Alerts`](alert::Alerts) says who is to be told what, and why not.
//! - [`install`](fn@install) starts the thread that learns, judges and tells, each second;
//!   [`Handle`] is what it answers. A typical call that is slower, a tail, errors, a call that
//!   does not return, an objective that is not met: each becomes an alert, which is told as a
//!   `tracing` event of the same target.
//! - A [`Reading`](resource::Reading) is one look at what the process uses and what the host has left; an
//!   alert on an operation says what rose when it slowed.
//! - A [store] keeps what was measured, learned and told beyond the process, as minutes, hours and
//!   days; an [`Archive`](store::Archive) reads it back.
//!
//! # Cost
//! A measured call reads the processor's counter twice and writes to memory of its own thread.
//! There is no queue, no lock and no allocation by the program's allocator, and nothing that can
//! fail. `KGAS_PERF=off` in the environment leaves one relaxed load of it; the feature `off`
//! leaves nothing, and still checks the attributes. The README has the figures and the command
//! that measures them.
//!
//! # Features
//! | feature | |
//! |---|---|
//! | `off` | compiles every measurement out |
//! | `sqlite` | a [store] in a file of SQLite |
//! | `full` | everything but `off` |

// A monitor that panics takes its host down.
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod alert;
pub mod baseline;
pub mod catalog;
pub mod collector;
pub mod compare;
pub mod detect;
pub mod histogram;
pub mod install;
pub mod measure;
pub mod registry;
pub mod resource;
pub mod stats;
pub mod store;

pub use kgas_perf_macros::{catalogue, measure, measure_performance};

pub use collector::Collector;
pub use install::{Handle, install};
pub use measure::{Measurement, Metadata, Outcome, record_operation};
pub use registry::Registry;
