//! `assert_within_baseline!`: an operation is as fast as its baseline says.
//!
//! - `asked`: what the macro was given: a closure, or a collector.
//! - `builder`: the assertion, and what it hides.
//! - `answer`: what an assertion says, and why it does not.
//! - `judge`: numbers in, an answer out.
//! - `side`: samples of then and of now, the machine's pace taken off both.
//! - `pace`: how an operation keeps pace with the pieces of the yardstick.
//! - `rounds`: one process, and more of them where it found something or could not tell.
//! - `replicate`: other processes that take the same.
//! - `report`: what was found, for people.
//! - `notes`: what is said besides the answer.
//! - `write`: what is written into the repository.

mod answer;
pub(crate) mod asked;
mod builder;
mod judge;
mod notes;
mod pace;
mod replicate;
mod report;
mod rounds;
mod side;
#[cfg(test)]
mod simulation;
mod write;

pub use answer::{Answer, Doubt};
pub use builder::WithinBaseline;
pub(crate) use judge::{Before, Rule, judge};
pub(crate) use replicate::Role;
pub use report::Report;
pub(crate) use report::{Ns, Percent, of_processes};
pub(crate) use write::{reason, store, update};
