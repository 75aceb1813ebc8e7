//! `SqliteStore`: a store in a file of SQLite.
//!
//! # What it promises
//! - **Loss.** A flush is one transaction in SQLite's write-ahead log. However the process ends,
//!   what [`append`](crate::store::Store::append) answered `Ok` for is there: a process that is
//!   killed loses what was not flushed yet, a second by default. A power cut or a crash of the
//!   system may take the last seconds as well, unless
//!   [`full_sync`](SqliteOptions::full_sync) is set; it damages nothing.
//! - **Cost.** The minute that is not over is kept flush by flush in a journal, one row each; when
//!   it is over, one row an operation and process is written.
//! - **Exactness.** Rows are added up, hours from minutes and days from hours, by adding counters
//!   of histograms. It is done once, however often it is tried. What comes late is added to all
//!   that was made from its time.
//! - **Several processes** of a host may share a file. Each has rows of its own. Files of several
//!   hosts can be [merged](SqliteStore::merge_from), and merging them twice changes nothing.
//! - **Room.** What is too old goes, and the oldest of what is too much. Freed pages go back to
//!   the disk. The log is bounded, too.
//! - **Damage.** A file that is damaged is renamed to `NAME.damaged-SECONDS`, with its log, and a
//!   fresh one is made. Rows carry checksums; one that is not what was written is left out, and
//!   counted as such.
//! - **Others' files.** What a later version wrote, and what is no store of this kind, is refused
//!   and left as it is.
//! - **Fork.** A child process does not touch what its parent opened.
//!
//! Not for network file systems: they do not lock as SQLite and this need it. Keep a file on each
//! host, and merge. The lock of a slot is inherited by children that a process forks; while such
//! a child lives, the slot counts as taken.
//!
//! # Beside another SQLite
//! `libsqlite3-sys` may be in a program once. This crate takes every rusqlite from 0.32 to 0.43:
//!
//! | the program has | resolves to rusqlite |
//! |---|---|
//! | no SQLite of its own, or sqlx 0.9 without default features and with `postgres` | 0.43 |
//! | diesel 2 with `sqlite` | 0.40 |
//! | sqlx 0.9 with `sqlite`, or with default features, `macros`, `migrate` or `any` | 0.39 |
//! | sqlx 0.8 with `sqlite`, sea-orm 1 with `sqlx-sqlite` | 0.32 |
//!
//! Where a lock file already has a later one: `cargo update -p rusqlite --precise 0.39.0`.
//!
//! # In here
//! - `options`: where and how; `file`: opened, looked at, put aside; `claim`: which of several.
//! - `schema`, `migrate`: the tables, and how they come to be.
//! - `session`: an open file; `journal`: the minute that is not over; `row`, `numbers`, `readings`:
//!   rows of numbers; `state`: plain data as JSON.
//! - `tidy`: hours, days, retention; `merge`: files put together; `read`: the archive.

mod claim;
mod error;
mod file;
mod journal;
mod merge;
mod migrate;
mod numbers;
mod options;
mod read;
mod readings;
mod row;
mod schema;
mod session;
mod state;
mod store;
mod tidy;

#[cfg(test)]
mod tests;

use crate::catalog::{Category, SizeClass};

pub use merge::Merged;
pub use options::SqliteOptions;
pub use read::SqliteArchive;
pub use store::SqliteStore;

/// The size class of this name.
fn size_class(name: &str) -> Option<SizeClass> {
    SizeClass::ALL.into_iter().find(|class| class.as_str() == name)
}

/// The category of this name.
fn category(name: &str) -> Option<Category> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}
