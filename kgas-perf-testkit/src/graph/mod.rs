//! Knowledge graphs that are made from a seed, to measure with.
//!
//! - `generator`: what a graph is to be like; `statements`: its statements, one after the other.
//! - `knowledge`: the graph itself.
//! - `names`: entities and relations have names that people can say.
//! - `power_law`: whether degrees are distributed as those of real graphs.

mod generator;
mod knowledge;
mod names;
mod power_law;
mod statements;
#[cfg(test)]
mod tests;

pub use generator::Generator;
pub use knowledge::{KnowledgeGraph, Statement};
pub use power_law::PowerLaw;
pub use statements::Statements;
