//! Assertions on measured operations, for `cargo test`.
//!
//! ```
//! use kgas_perf_runtime::measure::{Measurement, Outcome};
//! use kgas_perf_runtime::{Collector, Registry};
//! use kgas_perf_testkit::assert_within_baseline;
//!
//! let registry = Registry::new();
//! let import = || Measurement::start("import").finish(Outcome::Ok);
//! let collector = Collector::new(registry.clone());
//!
//! registry.run(|| (0..200).for_each(|_| import()));
//! collector.tick(); // learns what is normal
//! registry.run(|| (0..200).for_each(|_| import()));
//! assert_within_baseline!(collector, "import");
//! ```

mod assert;
pub mod cross_modal;
mod dice;
#[cfg(feature = "example")]
pub mod example;
pub mod fake;
pub mod graph;
pub mod load;
pub mod scaling;
pub mod stress;

pub use assert::{NotWithinBaseline, within_baseline};

/// The examples of the README compile and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
