//! What finds out, while a program runs, that an operation is no longer as its baseline says.
//!
//! - `judge`: one operation and size class, call by call or tick by tick.
//! - `detector`: one stream, watched.
//! - `shape`: how calls spread around their median.
//! - `location`: where that median is, through the day.
//! - `alternative`: the ways in which calls may have changed.
//! - `dependence`: how far calls that follow each other tell the same thing.
//! - `cusum`: evidence added up.
//! - `failures`: whether more calls fail.
//! - `recent`: the last minute.
//! - `resolution`: the step of a coarse timer.
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

mod alternative;
mod border;
mod burn_rate;
mod chance;
mod component;
mod cusum;
mod dependence;
mod detector;
#[cfg(test)]
mod dice;
mod estimate;
mod failures;
mod gathered;
mod growth;
mod interval;
mod judge;
mod judged;
mod latch;
mod limits;
mod liveness;
mod location;
mod longest;
mod loss;
mod memory_growth;
mod objective;
mod pauses;
mod recent;
mod resolution;
mod ruling;
mod shape;
mod shift;
mod source;
mod standing;
mod stretch;
mod tail;
mod verdict;
mod watch;
mod watchdog;

pub use burn_rate::{BurnRate, CLEAR, FEWEST_BAD, Pair};
pub use component::{Component, Stake};
pub use estimate::Estimate;
pub use interval::Interval;
pub use judge::Judge;
pub use limits::Norm;
pub use liveness::Liveness;
pub use loss::Loss;
pub use memory_growth::MemoryGrowth;
pub use objective::{Judgement, ObjectiveJudge};
pub use standing::{Standing, Unknown};
pub use tail::Tail;
pub use verdict::{Kind, Verdict};
pub use watchdog::{Watchdog, Watched};

pub(crate) fn tune(at: usize, default: f64) -> f64 {
    static T: std::sync::OnceLock<Vec<Option<f64>>> = std::sync::OnceLock::new();
    T.get_or_init(|| {
        let mut v = vec![None; 32];
        if let Ok(s) = std::env::var("TUNE") {
            for p in s.split(',') {
                if let Some((a, b)) = p.split_once('=') {
                    v[a.parse::<usize>().unwrap()] = b.parse().ok();
                }
            }
        }
        v
    })[at]
        .unwrap_or(default)
}
