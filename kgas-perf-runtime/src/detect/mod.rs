//! What finds out, while a program runs, that an operation is no longer as its baseline says.
//!
//! - `verdict`: what was found; `standing`: how it stands now.
//! - `chance`, `interval`: how probable that is where all is well, and how far the truth may be.
//! - `burn_rate`: how fast the bad calls that an objective allows are used up; `latch`: what is
//!   raised stays raised more easily than it was raised.

mod burn_rate;
mod chance;
#[cfg(test)]
mod dice;
mod interval;
mod latch;
mod standing;
mod verdict;

pub use burn_rate::{BurnRate, CLEAR, FEWEST_BAD, Pair};
pub use interval::Interval;
pub use standing::{Standing, Unknown};
pub use verdict::{Kind, Verdict};
