//! How conversions between graph, table and vectors scale, on graphs that are made from a seed.
//!
//! - `conversions`: what is measured; `reference`: conversions for those who have none.
//! - `run`: takes graphs of every size through them.
//! - `report`: what came out: sizes, steps, objectives and scaling.
//! - `table`, `vectors`, `neighbours`: the work of the reference conversions.

mod conversions;
mod neighbours;
mod reference;
mod report;
mod run;
mod table;
#[cfg(test)]
mod tests;
mod vectors;

pub use conversions::{Conversions, Step};
pub use neighbours::NeighbourGraph;
pub use reference::Reference;
pub use report::{Cell, CrossModalReport, ObjectiveCheck, StepScaling};
pub use run::{CrossModalError, CrossModalTest, cross_modal_conversion};
pub use table::ColumnTable;
pub use vectors::FeatureVectors;
