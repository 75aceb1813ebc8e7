//! Assertions on the performance of operations, for `cargo test`.
//!
//! ```
//! use kgas_perf_testkit::{assert_counts, assert_within_baseline};
//!
//! let graph = vec![3, 1, 2];
//! assert_within_baseline!("graph_to_table", || graph.iter().rev().copied().collect::<Vec<u32>>());
//! assert_counts!("load", |counts| counts.add("queries", 1), at_most("queries", 1));
//! ```
//!
//! - [`assert_within_baseline!`]: as fast as the baseline in the repository says; [`WithinBaseline`]
//!   has the settings, [`baselines`] the file.
//! - [`assert_meets_objective!`]: as fast as the catalogue declares.
//! - [`assert_counts!`], [`assert_allocations!`], [`assert_constant!`], [`assert_linear!`]: what is
//!   exact, in [`exact`].
//! - [`revisions`]: two revisions of a program, saved or in turns.
//!
//! # Environment
//! | variable | |
//! |---|---|
//! | `KGAS_PERF_UPDATE` | what may be written: [`baselines::Update`] |
//! | `KGAS_PERF_REASON` | why, if `always` or `force` writes |
//! | `KGAS_PERF_STRICT` | `1`: what is new or inconclusive fails |
//! | `KGAS_PERF_JUDGE_DEBUG_BUILDS` | `1`: debug builds are judged, too |
//! | `KGAS_PERF_PROCESSES` | `1`: no test is run again in another process |
//! | `KGAS_PERF_FEATURES` | the features that are part of the class, separated by commas, in place of those of the asserting crate |
//! | `KGAS_PERF_SAVE` | a file to save what was taken in, for `kgas-perf compare`: [`revisions::SavedRun`] |
//! | `KGAS_PERF_RESULTS` | the folder that answers are kept in |

mod assert;
pub mod baselines;
mod check;
pub mod cross_modal;
mod dice;
pub mod exact;
#[cfg(feature = "example")]
pub mod example;
pub mod fake;
pub mod graph;
pub mod load;
mod macros;
pub mod objective;
mod place;
pub mod revisions;
pub mod scaling;
pub mod stress;
mod timing;
mod told;
mod within;

pub use assert::{NotWithinBaseline, within_baseline};
pub use kgas_perf_runtime::catalog::SizeClass;
pub use timing::Statistic;
pub use within::{Answer, Doubt, Report, WithinBaseline};

#[doc(hidden)]
pub mod __private {
    //! The door for the macros. Any of it may change with any version.
    pub use crate::check::{
        Check, Finished, calls, calls_async, counting, counting_async, growing, growing_async,
    };
    pub use crate::place::Place;
    pub use crate::within::asked::Asked;
    pub use kgas_perf_runtime::__private::features;
}

/// The examples of the README compile and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
