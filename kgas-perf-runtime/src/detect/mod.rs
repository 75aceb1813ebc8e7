//! What finds out, while a program runs, that an operation is no longer as its baseline says.
//!
//! - `verdict`: what was found.

mod verdict;

pub use verdict::{Kind, Verdict};
