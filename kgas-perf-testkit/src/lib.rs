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
pub mod baselines;
pub mod exact;
mod macros;
pub mod objective;
mod place;
pub mod revisions;
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
    pub use crate::place::Place;
    pub use crate::within::asked::{Asked, Finished};
}

/// The examples of the README compile and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
