//! `CrossModalTest`: takes graphs of every size through the conversions.

use std::sync::Arc;
use std::time::Duration;

use kgas_perf_runtime::catalog::Catalogue;
use kgas_perf_runtime::measure::{Clock, Metadata, Outcome, SystemClock, record_operation};

use crate::cross_modal::conversions::{Conversions, Step};
use crate::cross_modal::reference::Reference;
use crate::cross_modal::report::CrossModalReport;
use crate::graph::{Generator, KnowledgeGraph};

/// A test of conversions on generated graphs; [`cross_modal_conversion`] begins one.
#[derive(Clone, Debug)]
pub struct CrossModalTest<C = Reference> {
    sizes: Vec<u32>,
    repeats: usize,
    generator: Generator,
    catalogue: Catalogue,
    clock: Arc<dyn Clock>,
    conversions: C,
}

/// A conversion that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation} of {entities} entities failed: {reason}")]
#[non_exhaustive]
pub struct CrossModalError {
    /// Which one.
    pub operation: &'static str,
    /// The size of its graph.
    pub entities: u32,
    /// What it said.
    pub reason: String,
}

/// Begins a test of the conversions from graph to table to vectors to graph, on generated graphs of
/// so many entities.
///
/// Without more it measures the kit's [`Reference`] conversions, five times each, and holds them
/// against the built-in catalogue's objectives.
///
/// # Examples
/// ```
/// use kgas_perf_testkit::cross_modal::cross_modal_conversion;
///
/// let report = cross_modal_conversion([100, 200, 400]).repeats(3).run()?;
/// assert_eq!(report.cells.len(), 3 * 3);
/// println!("{report}");
/// # Ok::<(), kgas_perf_testkit::cross_modal::CrossModalError>(())
/// ```
///
/// A system's own conversions are three closures or a [`Conversions`]:
/// ```
/// use kgas_perf_testkit::cross_modal::cross_modal_conversion;
/// use kgas_perf_testkit::graph::KnowledgeGraph;
///
/// let table = |graph: &KnowledgeGraph| Ok::<_, String>(graph.degrees());
/// let vectors = |table: &Vec<u32>| Ok(table.iter().map(|d| [*d as f32]).collect::<Vec<_>>());
/// let graph = |vectors: &Vec<[f32; 1]>| Ok(vectors.len());
/// let report = cross_modal_conversion([100, 1_000]).conversions((table, vectors, graph)).run();
/// assert!(report.is_ok());
/// ```
pub fn cross_modal_conversion(sizes: impl IntoIterator<Item = u32>) -> CrossModalTest {
    CrossModalTest {
        sizes: sizes.into_iter().collect(),
        repeats: 5,
        generator: Generator::new(0),
        catalogue: Catalogue::builtin().clone(),
        clock: Arc::new(SystemClock),
        conversions: Reference,
    }
}

impl<C> CrossModalTest<C> {
    /// Measures these conversions.
    pub fn conversions<D: Conversions>(self, conversions: D) -> CrossModalTest<D> {
        CrossModalTest {
            sizes: self.sizes,
            repeats: self.repeats,
            generator: self.generator,
            catalogue: self.catalogue,
            clock: self.clock,
            conversions,
        }
    }

    /// How often each size goes through all steps; at least 1. A first time warms up and does not
    /// count.
    pub fn repeats(mut self, repeats: usize) -> Self {
        self.repeats = repeats.max(1);
        self
    }

    /// What the graphs are like; the number of entities is that of each size.
    pub fn graphs(mut self, generator: Generator) -> Self {
        self.generator = generator;
        self
    }

    /// The catalogue whose objectives and size classes hold.
    pub fn catalogue(mut self, catalogue: Catalogue) -> Self {
        self.catalogue = catalogue;
        self
    }

    /// Measures by a clock that the caller chooses, such as one that is moved by hand.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

impl<C: Conversions> CrossModalTest<C> {
    /// Takes every graph through all steps, round by round, and reports.
    ///
    /// Each call is recorded under its operation's name in the registry of the current thread.
    /// Rounds go through all sizes in turn, so that a machine that slows down adds noise and no
    /// growth.
    ///
    /// # Errors
    /// With the first conversion that fails.
    pub fn run(&self) -> Result<CrossModalReport, CrossModalError> {
        let graphs: Vec<(u32, KnowledgeGraph)> = self
            .sizes
            .iter()
            .map(|&size| (size, self.generator.entities(size).generate()))
            .collect();
        let mut measured = Vec::new();
        for round in 0..=self.repeats {
            for (size, graph) in &graphs {
                for (step, taken) in Step::ALL.into_iter().zip(self.once(*size, graph)?) {
                    if round > 0 {
                        let about = Metadata::new(Outcome::Ok).size(u64::from(*size));
                        record_operation(step.operation(), taken, about);
                        measured.push((step, *size, taken));
                    }
                }
            }
        }
        Ok(CrossModalReport::of(&measured, &self.catalogue))
    }

    /// One graph through all steps: how long each took.
    fn once(
        &self,
        entities: u32,
        graph: &KnowledgeGraph,
    ) -> Result<[Duration; 3], CrossModalError> {
        let failed = |step: Step, error: C::Error| CrossModalError {
            operation: step.operation(),
            entities,
            reason: error.to_string(),
        };
        let mut last = self.clock.now();
        let mut lap = || {
            let now = self.clock.now();
            let taken = now.saturating_sub(last);
            last = now;
            taken
        };
        let table = self.conversions.graph_to_table(graph);
        let first = lap();
        let table = table.map_err(|error| failed(Step::GraphToTable, error))?;
        let vectors = self.conversions.table_to_vector(&table);
        let second = lap();
        let vectors = vectors.map_err(|error| failed(Step::TableToVector, error))?;
        let made = self.conversions.vector_to_graph(&vectors);
        let third = lap();
        std::hint::black_box(made.map_err(|error| failed(Step::VectorToGraph, error))?);
        Ok([first, second, third])
    }
}
