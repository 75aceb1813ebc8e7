//! What finds out, while a program runs, that an operation is no longer as its baseline says.
//!
//! - `judge`: one operation and size class, call by call or tick by tick.
//! - `stream`: what watches it.
//! - `settling`: its first calls in a process that goes on where another left off.
//! - `verdict`: what was found.
//!
//! And what needs no stream to be learned first:
//!
//! - `objective`: whether declared objectives are met, one by one in `judged`; `burn_rate`: how
//!   fast the bad calls that they allow are used up.
//! - `border`, `source`, `gathered`, `stretch`: where an objective breaks, and what windows hold of it.
//! - `ruling`, `latch`, `estimate`: whether it is broken, for how long, and by how much.
//! - `watchdog`: calls that have not returned in time, by operation in `watch`; `limits`, `tail`,
//!   `longest`: how long they may run.
//! - `memory_growth`: whether calls take more memory, by the `growth` of two numbers and their
//!   `shift`.
//! - `liveness`: whether the monitor itself works, by its `component`s and by what is `loss`;
//!   `pauses`: time in which nobody looked.
//! - `chance`, `interval`: how probable that is where all is well, and how far the truth may be.
//! - `standing`: how something stands now.

mod border;
mod burn_rate;
mod chance;
mod component;
#[cfg(test)]
mod dice;
mod estimate;
mod gathered;
mod growth;
mod interval;
mod judge;
mod judged;
mod latch;
mod limits;
mod liveness;
mod longest;
mod loss;
mod memory_growth;
mod objective;
mod pauses;
mod ruling;
mod settling;
mod shift;
mod source;
mod standing;
mod stream;
mod stretch;
mod tail;
mod verdict;
mod watch;
mod watchdog;

pub use burn_rate::{BurnRate, CLEAR, FEWEST_BAD, Pair};
pub use component::{Component, Stake};
pub use estimate::Estimate;
pub use interval::Interval;
pub use judge::{Judge, JudgeError};
pub use limits::Norm;
pub use liveness::Liveness;
pub use loss::Loss;
pub use memory_growth::MemoryGrowth;
pub use objective::{Judgement, ObjectiveJudge};
pub use settling::Settling;
pub use standing::{Standing, Unknown};
pub use tail::Tail;
pub use verdict::{Kind, Verdict};
pub use watchdog::{Watchdog, Watched};
