//! The measured steps: one attribute each is all that measuring takes.

use arrow_schema::ArrowError;
use kgas_perf_runtime::measure_performance;

use crate::{
    graph::Graph,
    neighbours::{self, LikenessGraph},
    table::{self, EntityTable},
    vectors::{self, Vectors},
};

/// One of the three conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    GraphToTable,
    TableToVector,
    VectorToGraph,
}

impl Step {
    /// All steps, in the order in which an input goes through them.
    pub(crate) const ALL: [Self; 3] =
        [Self::GraphToTable, Self::TableToVector, Self::VectorToGraph];

    /// The name of the operation that measures this step.
    pub(crate) const fn operation(self) -> &'static str {
        match self {
            Self::GraphToTable => "graph_to_table",
            Self::TableToVector => "table_to_vector",
            Self::VectorToGraph => "vector_to_graph",
        }
    }
}

/// What one round through the steps made of a graph.
#[derive(Debug)]
pub(crate) struct Round {
    pub(crate) table: EntityTable,
    pub(crate) vectors: Vectors,
    pub(crate) likeness: LikenessGraph,
}

impl Round {
    /// Takes a graph through all steps.
    ///
    /// # Errors
    ///
    /// When Arrow refuses a table.
    pub(crate) fn of(graph: &Graph) -> Result<Self, ArrowError> {
        let table = graph_to_table(graph, 1)?;
        let vectors = table_to_vector(&table, 1)?;
        let likeness = vector_to_graph(&vectors, 1);
        Ok(Self { table, vectors, likeness })
    }

    /// Calls one step once more on what this round made; the step does its work `times` times over.
    ///
    /// # Errors
    ///
    /// When Arrow refuses a table.
    pub(crate) fn call_again(
        &self,
        graph: &Graph,
        step: Step,
        times: u32,
    ) -> Result<(), ArrowError> {
        match step {
            Step::GraphToTable => drop(graph_to_table(graph, times)?),
            Step::TableToVector => drop(table_to_vector(&self.table, times)?),
            Step::VectorToGraph => drop(vector_to_graph(&self.vectors, times)),
        }
        Ok(())
    }
}

#[measure_performance("graph_to_table", size = graph.entity_count() as u64)]
fn graph_to_table(graph: &Graph, times: u32) -> Result<EntityTable, ArrowError> {
    repeat(times, || table::tabulate(graph))
}

#[measure_performance("table_to_vector", size = table.len() as u64)]
fn table_to_vector(table: &EntityTable, times: u32) -> Result<Vectors, ArrowError> {
    repeat(times, || vectors::vectorize(table))
}

#[measure_performance("vector_to_graph", size = vectors.len() as u64)]
fn vector_to_graph(vectors: &Vectors, times: u32) -> LikenessGraph {
    repeat(times, || neighbours::link_alike(vectors))
}

/// Does the work `times` times, at least once, and answers with the last result.
fn repeat<T>(times: u32, work: impl Fn() -> T) -> T {
    for _ in 1..times {
        drop(work());
    }
    work()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{Round, repeat};
    use crate::{lockfile, neighbours::NEIGHBOURS};

    #[test]
    fn slowed_work_is_really_done_again() {
        let done = Cell::new(0);
        let last = repeat(3, || {
            done.set(done.get() + 1);
            done.get()
        });
        assert_eq!((last, done.get()), (3, 3));
    }

    #[test]
    fn round_ends_with_neighbours_for_every_entity() {
        let graph = lockfile::read(&lockfile::workspace()).expect("a lock");
        let round = Round::of(&graph).expect("every step");
        assert_eq!(round.table.len(), graph.entity_count());
        assert_eq!(round.vectors.len(), graph.entity_count());
        assert_eq!(round.likeness.links().len(), graph.entity_count() * NEIGHBOURS);
    }
}
