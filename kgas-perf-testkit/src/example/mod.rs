//! What the example `load_and_stress` and `kgas-perf load --example` put load on: conversions of
//! a knowledge graph, a SQLite database, and an HTTP server on the loopback interface.
//!
//! | file | it holds |
//! |---|---|
//! | `conversion.rs` | graph to table to vectors to graph, small and in plain Rust |
//! | `database.rs` | a database in a temporary file, with one writer and many readers |
//! | `folder.rs` | the folder of that file, which a killed process leaves to the next |
//! | `server.rs` | a server that answers after some work, with a pool of threads |
//! | `job.rs` | the runs, and what both commands write |

mod conversion;
mod database;
mod folder;
mod job;
mod server;

pub use conversion::Graph;
pub use database::Database;
pub use job::{Found, Job, JobError};
pub use server::{Server, get};
