//! Two revisions of a program, side by side.
//!
//! - `saved`: what a run of tests took, as a file.
//! - `row`: one operation in two saved runs.
//! - `claim`: what may be said of an improvement.
//! - `table`: all operations of two runs, and what follows for whoever asked.
//! - `render`: a table as text, Markdown, JSON and JUnit.
//! - `interleaved`: two closures in one process, in turns.

mod claim;
mod interleaved;
mod render;
mod row;
pub(crate) mod saved;
mod table;
#[cfg(test)]
mod tests;

pub use claim::Claim;
pub use interleaved::{Interleaved, InterleavedReport, interleaved};
pub use render::Format;
pub use row::Row;
pub use saved::{SavedOperation, SavedRun, SavedRunError};
pub use table::{Conclusion, Table};
