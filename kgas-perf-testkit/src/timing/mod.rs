//! How the durations of an operation are taken in a test, whatever it lasts.
//!
//! - `statistic`: which number of a sample's timings is kept.
//! - `plan`: how many calls a timing takes, and how many timings a sample.
//! - `session`: what one test process took of one operation.
//! - `course`: the order of things: warming up, the operation and the yardstick in turns.
//! - `yardstick`: fixed pieces of work, which tell how fast the machine is just now.
//! - `drive`: carries a course out, with the real clock.
//! - `waiting`: how long this thread was ready to run and had no processor.
//! - `turn`: one assertion is timed at a time.

mod course;
mod drive;
mod plan;
mod session;
mod statistic;
mod turn;
mod waiting;
mod yardstick;

pub(crate) use course::Course;
#[cfg(test)]
pub(crate) use course::Next;
pub(crate) use drive::{clock_step, drive, drive_async};
pub(crate) use plan::{Effort, Plan};
pub(crate) use session::Session;
pub use statistic::Statistic;
pub(crate) use statistic::{median, midmean, quantile};
pub(crate) use turn::Turn;
pub(crate) use yardstick::{PARTS, Parts, TYPICAL, VERSION, logs, typical};
