//! Measures operations. (Manual to be written.)
#![allow(missing_docs, missing_debug_implementations, clippy::undocumented_unsafe_blocks, reason = "contract stub")]
pub mod catalog;
pub mod measure;
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub use kgas_perf_macros::{measure, measure_performance};
