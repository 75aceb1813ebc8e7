//! What finds out, while a program runs, that an operation is no longer as its baseline says.
//!
//! - `verdict`: what was found; `standing`: how it stands now.
//! - `chance`, `interval`: how probable that is where all is well, and how far the truth may be.
//! - `objective`: whether declared objectives are met, one by one in `judged`; `burn_rate`: how
//!   fast the bad calls that they allow are used up.
//! - `mark`, `source`, `evidence`, `stretch`: where an objective breaks, and what windows hold of it.
//! - `watchdog`: calls that have not returned in time, by operation in `watch`; `limits`, `tail`,
//!   `longest`: how long they may run.
//! - `ruling`, `latch`, `estimate`: whether it is broken, for how long, and by how much.

mod burn_rate;
mod chance;
#[cfg(test)]
mod dice;
mod estimate;
mod evidence;
mod interval;
mod judged;
mod latch;
mod limits;
mod longest;
mod mark;
mod objective;
mod ruling;
mod source;
mod standing;
mod stretch;
mod tail;
mod verdict;
mod watch;
mod watchdog;

pub use burn_rate::{BurnRate, CLEAR, FEWEST_BAD, Pair};
pub use estimate::Estimate;
pub use interval::Interval;
pub use limits::Norm;
pub use objective::{Judgement, ObjectiveJudge};
pub use standing::{Standing, Unknown};
pub use tail::Tail;
pub use verdict::{Kind, Verdict};
pub use watchdog::{Watchdog, Watched};
