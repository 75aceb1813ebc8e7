//! `assert_within_baseline!`: an operation is as fast as its baseline says.
//!
//! - `answer`: what an assertion says, and why it does not.
//! - `judge`: numbers in, an answer out.
//! - `rounds`: a first round, and a second where the first found something.

mod answer;
mod judge;
mod rounds;
#[cfg(test)]
mod simulation;

pub use answer::{Answer, Doubt};
pub(crate) use judge::{Beside, Rule, judge};
