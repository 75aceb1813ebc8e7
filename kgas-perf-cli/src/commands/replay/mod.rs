//! `kgas-perf replay`: judges calls that were recorded.
//!
//! For programs, lines of JSON on standard input and output:
//! - `stream`: the calls of any number of operations, judged as they come.
//! - `compare`: two sets of durations, side by side; `segment`: where a series changes; `answers`:
//!   one for each line.
//!
//! For people:
//! - `log`: a recorded log as a timeline, and as a picture.
//! - `columns`: what its columns are called; `recorded`: its calls.
//! - `timeline`: what the calls of an operation were like; `picture`: the same, drawn by a `scale`.
//!
//! What they share:
//! - `lines`: numbered lines of any length.
//! - `operation`: one operation, on its own clock.

mod answers;
pub(crate) mod columns;
pub(crate) mod compare;
pub(crate) mod lines;
pub(crate) mod log;
pub(crate) mod operation;
pub(crate) mod picture;
pub(crate) mod recorded;
pub(crate) mod scale;
pub(crate) mod segment;
pub(crate) mod stream;
pub(crate) mod timeline;
