//! What watches one stream of calls.
//!
//! ```text
//!  a call ──► resolution ──► log less location = residual ──► shape: density, rank, score
//!                                                                  │
//!                     evidence of the packet, for each alternative ◄┘
//!                                  │ a packet: a call, or a second of many
//!              ┌───────────────────┴──────────────┐
//!              ▼                                  ▼
//!       cusum: any alternative            filter: the score less the wobble ──► cusum: slower
//!              └──────────► bounds ◄──────────────┘         failures ──► cusum: more fail
//!                             │
//!                             ▼                     a minute later, what is normal learns it:
//!                          verdict                  location, block_sums, bursts, wobble
//! ```
//!
//! - `detector`: puts it together; `search`: whether something is found; `regression`: what was
//!   found and is not over.
//! - `resolution`: the step of a coarse timer; `logarithm`: of a duration; `rate`: calls a second.
//! - `reference`: what is normal, by its `shape` (how calls spread around their median), its
//!   `location` (where that median is, through the day), and its `day` (where it was a day ago).
//! - `alternative`: the ways in which calls may have changed, and the evidence for each.
//! - `block_sums`, `bursts`, `wobble`: how far calls that follow each other tell the same thing;
//!   `filter`: the wobble taken off.
//! - `bounds`: what evidence is held against; `cusum`: evidence added up.
//! - `failures`: whether more calls fail.
//! - `recent`: the packets of the last minute; `counts`: calls by bin, written down.
//! - `parameters`: what a detector that was written down must share with one that reads it.

mod alternative;
mod block_sums;
mod bounds;
mod bursts;
mod counts;
mod cusum;
mod day;
mod detector;
mod failures;
mod filter;
mod location;
mod logarithm;
mod parameters;
mod rate;
mod recent;
mod reference;
mod regression;
mod resolution;
mod search;
mod shape;
mod wobble;

pub(in crate::detect) use detector::Detector;
pub(in crate::detect) use parameters::parameters;
