//! What a histogram promises, and its three parts.
//!
//! | promise | value |
//! |---|---|
//! | range | every `u64`; in nanoseconds 0 to 584 years |
//! | relative error of a bucket's middle | at most 1/128 (0.79 %); none below 64 units |
//! | memory | 256 bytes an octave (a factor of two) that was seen, 472 bytes of pointers |
//! | counters | exact at any count: 32 bits wide at first, 64 when that is not enough |
//!
//! - `buckets`: which bucket a value falls into, and what a bucket covers.
//! - `concurrent`: `Histogram`, written by one thread and read by any.
//! - `distribution`: [`Distribution`], the plain copy that is read, merged and subtracted.
//! - `arena`: where a recording thread's blocks come from.
//!
//! The layout is the log-linear one of HdrHistogram (Gil Tene), with 64 linear steps an octave.

pub(crate) mod arena;
pub(crate) mod atomics;
pub(crate) mod buckets;
pub(crate) mod concurrent;
mod distribution;

pub(crate) use distribution::Counts;
pub use distribution::{Bucket, Distribution};
