//! `Conversions`: what is measured.

use std::fmt;

use serde::Serialize;

use crate::graph::KnowledgeGraph;

/// One of the three conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// From a graph to a table.
    GraphToTable,
    /// From a table to vectors.
    TableToVector,
    /// From vectors to a graph.
    VectorToGraph,
}

impl Step {
    /// All steps, in the order in which an input goes through them.
    pub const ALL: [Self; 3] = [Self::GraphToTable, Self::TableToVector, Self::VectorToGraph];

    /// The name of the operation, as the built-in catalogue declares it.
    pub const fn operation(self) -> &'static str {
        match self {
            Self::GraphToTable => "graph_to_table",
            Self::TableToVector => "table_to_vector",
            Self::VectorToGraph => "vector_to_graph",
        }
    }
}

/// The three conversions of a system.
///
/// Three closures in a tuple are conversions, too, if each answers with a `Result` and all have
/// one type of error.
pub trait Conversions {
    /// What a graph becomes.
    type Table;
    /// What a table becomes.
    type Vectors;
    /// What vectors become.
    type Graph;
    /// Why a conversion failed.
    type Error: fmt::Display;

    /// Converts a graph to a table.
    ///
    /// # Errors
    /// The system's own; the run ends with it.
    fn graph_to_table(&self, graph: &KnowledgeGraph) -> Result<Self::Table, Self::Error>;

    /// Converts a table to vectors.
    ///
    /// # Errors
    /// The system's own; the run ends with it.
    fn table_to_vector(&self, table: &Self::Table) -> Result<Self::Vectors, Self::Error>;

    /// Converts vectors to a graph.
    ///
    /// # Errors
    /// The system's own; the run ends with it.
    fn vector_to_graph(&self, vectors: &Self::Vectors) -> Result<Self::Graph, Self::Error>;
}

impl<A, B, C, T, V, G, E> Conversions for (A, B, C)
where
    A: Fn(&KnowledgeGraph) -> Result<T, E>,
    B: Fn(&T) -> Result<V, E>,
    C: Fn(&V) -> Result<G, E>,
    E: fmt::Display,
{
    type Table = T;
    type Vectors = V;
    type Graph = G;
    type Error = E;

    fn graph_to_table(&self, graph: &KnowledgeGraph) -> Result<T, E> {
        (self.0)(graph)
    }

    fn table_to_vector(&self, table: &T) -> Result<V, E> {
        (self.1)(table)
    }

    fn vector_to_graph(&self, vectors: &V) -> Result<G, E> {
        (self.2)(vectors)
    }
}
