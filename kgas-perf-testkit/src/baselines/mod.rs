//! Baselines that live in the repository: one file a crate, `perf/baselines.toml`.
//!
//! - `class`: what kind of machine and build a baseline is true of.
//! - `entry`: one baseline: the samples, and where they came from.
//! - `counts`: one operation's exact numbers.
//! - `book`: the file: sorted, readable, and what people wrote in it stays.
//! - `bands`: what is pending beside what is accepted.
//! - `error`: what can be wrong with it, where, and what to do.
//! - `pending`: what a test found and nobody has accepted yet, one file each.
//! - `update`: who may write what, and when.
//! - `origin`: which commit and compiler, and what day it is.
//! - `guard`: one process writes at a time.

mod bands;
mod book;
mod class;
mod counts;
mod entry;
mod error;
mod guard;
mod origin;
mod pending;
mod update;

#[cfg(test)]
mod tests;

pub use book::{Book, FILE, FOLDER};
pub use class::Class;
pub(crate) use class::build;
pub use counts::CountsEntry;
pub use entry::{Entry, MOST_SAMPLES, Origin};
pub(crate) use entry::{fewer, rounded};
pub use error::BaselineFileError;
pub(crate) use guard::{Guard, write_whole};
pub(crate) use origin::{RUSTC, commit, origin, today};
pub(crate) use pending::settle;
pub use pending::{Found, Pending};
pub use update::Update;
pub(crate) use update::{Difference, Target};
