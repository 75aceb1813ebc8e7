//! What is the same on every machine: how many of what a call takes.
//!
//! - `counts`: the recorder that whoever counts something feeds.
//! - `allocated`: allocations and bytes, exactly.
//! - `calls`: some calls of an operation, and what each took.
//! - `instructions`: instructions, where the machine counts them.
//! - `keeps`: `assert_counts!`: no more than the baseline says, or than a limit.
//! - `beside`: what calls took beside what their baseline says.
//! - `growth`: `assert_constant!`, `assert_linear!`: how numbers grow with the input.

mod allocated;
mod beside;
mod calls;
mod counts;
mod growth;
mod instructions;
mod keeps;

pub use counts::Counts;
pub use growth::{Growth, growth, growth_async, growth_at, growth_at_async};
pub use instructions::instructions;
pub use keeps::KeepsCounts;
