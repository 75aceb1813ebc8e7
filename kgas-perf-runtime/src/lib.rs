//! Measures operations. (Manual to be written.)
pub mod catalog;
pub mod histogram;
pub mod measure;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub use kgas_perf_macros::{measure, measure_performance};
pub mod registry;
pub use registry::Registry;
