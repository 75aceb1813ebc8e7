//! `assert_meets_objective!`: an operation keeps what its catalogue declares.
//!
//! - `binding`: the objectives that hold for an operation and a size class.
//! - `meets`: the assertion.
//! - `verdict`: durations against one objective.

mod binding;
mod meets;
mod verdict;

pub use meets::MeetsObjective;
