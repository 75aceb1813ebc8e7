//! `Reference`: conversions of the kit's own.

use std::convert::Infallible;

use crate::cross_modal::conversions::Conversions;
use crate::cross_modal::neighbours::NeighbourGraph;
use crate::cross_modal::table::ColumnTable;
use crate::cross_modal::vectors::FeatureVectors;
use crate::graph::KnowledgeGraph;

/// Conversions of the kit's own, for systems that have none yet, or to compare with.
///
/// | step | what it does | cost, with `n` entities |
/// |---|---|---|
/// | `graph_to_table` | columns of dictionary codes, names and rows sorted | O(n log n) |
/// | `table_to_vector` | weighted features, hashed to 64 dimensions | O(n) |
/// | `vector_to_graph` | the 8 nearest neighbours, by a forest of random projections | O(n log n) |
///
/// Statements count as a multiple of the entities, as they are in a generated graph.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reference;

impl Conversions for Reference {
    type Table = ColumnTable;
    type Vectors = FeatureVectors;
    type Graph = NeighbourGraph;
    type Error = Infallible;

    fn graph_to_table(&self, graph: &KnowledgeGraph) -> Result<ColumnTable, Infallible> {
        Ok(ColumnTable::of(graph))
    }

    fn table_to_vector(&self, table: &ColumnTable) -> Result<FeatureVectors, Infallible> {
        Ok(FeatureVectors::of(table))
    }

    fn vector_to_graph(&self, vectors: &FeatureVectors) -> Result<NeighbourGraph, Infallible> {
        Ok(NeighbourGraph::of(vectors))
    }
}
