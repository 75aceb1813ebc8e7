//! Stress tests: what happens when there is too much, and for how long it holds.
//!
//! ```
//! use std::time::Duration;
//! use kgas_perf_testkit::load::{Call, Scenario};
//! use kgas_perf_testkit::stress::StressTest;
//!
//! let report = StressTest::new("tools")
//!     .operations(2_000)
//!     .scenario(Scenario::new("works", |_: &Call| ()).weight(9.0))
//!     .scenario(Scenario::new("panics", |call: &Call| assert!(call.number() > 1_000_000)))
//!     .run()?;
//! assert!(report.sums_agree() && report.total.counts.panicked > 0);
//! # Ok::<(), kgas_perf_testkit::load::LoadError>(())
//! ```
//!
//! | file | it holds |
//! |---|---|
//! | `test.rs` | the builder, and the kinds of run it has |
//! | `ramp.rs` | how load is raised, and the search for the point where it breaks |
//! | `limit.rs` | where it broke, and what was at its limit there |
//! | `soak.rs`, `slope.rs` | what grows while nothing but time passes |

mod limit;
mod ramp;
mod slope;
mod soak;
mod test;

pub use limit::{Breakpoint, Probe, Saturation, Verdict};
pub use ramp::Ramp;
pub use slope::Slope;
pub use soak::Soak;
pub use test::StressTest;
