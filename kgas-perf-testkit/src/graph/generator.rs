//! `Generator`: what a graph is to be like.

use crate::graph::knowledge::{KnowledgeGraph, Statement};
use crate::graph::names;
use crate::graph::statements::Statements;

/// Makes scale-free knowledge graphs from a seed.
///
/// Entities arrive one after the other, and each makes some statements about earlier ones. Which
/// are picked in proportion to how often they are spoken of already, or uniformly now and then:
/// the model of Price, "A general theory of bibliometric and other cumulative advantage processes"
/// (1976). The number of statements about an entity then follows a power law with the
/// [exponent](Self::exponent) that is asked for, a few entities are spoken of by thousands, and
/// every entity is linked to every other by some path. With an exponent of 3 this is the model of
/// Barabási and Albert, "Emergence of Scaling in Random Networks" (1999).
///
/// Relations are drawn by Zipf's law: the second is half as frequent as the first.
///
/// The usual values are near those of CoDEx-M (Safavi and Koutra, "CoDEx: A Comprehensive
/// Knowledge Graph Completion Benchmark", 2020): 17,050 entities, 206,205 statements, 51
/// relations.
///
/// All arithmetic is that of integers and of IEEE 754's basic operations, so that the same seed
/// gives the same graph on every machine.
///
/// # Examples
/// ```
/// use kgas_perf_testkit::graph::Generator;
///
/// let graph = Generator::new(1_000).seed(7).generate();
/// assert_eq!(graph.entity_count(), 1_000);
/// assert_eq!(graph, Generator::new(1_000).seed(7).generate());
/// let first = graph.statements()[0];
/// println!("{} {} {}", graph.entity(first.subject), graph.relation(first.relation), graph.entity(first.object));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Generator {
    pub(super) entities: u32,
    pub(super) seed: u64,
    pub(super) links: u32,
    pub(super) exponent: f64,
    pub(super) relations: u32,
}

/// The exponents a generator can make; above the upper one hardly any entity stands out.
const EXPONENTS: (f64, f64) = (2.05, 10.0);

impl Generator {
    /// A graph of so many entities, with 12 statements an entity, an exponent of 2.15, 50 relations
    /// and the seed 1.
    pub const fn new(entities: u32) -> Self {
        Self { entities, seed: 1, links: 12, exponent: 2.15, relations: 50 }
    }

    /// The same, with so many entities.
    pub const fn entities(mut self, entities: u32) -> Self {
        self.entities = entities;
        self
    }

    /// Another seed, another graph.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How many statements an entity makes about earlier ones: from 1 up to twice as many less
    /// one, each number as likely, so that this is the mean. At least 1.
    pub const fn links(mut self, mean: u32) -> Self {
        self.links = if mean == 0 { 1 } else { mean };
        self
    }

    /// The exponent of the power law of the number of statements about an entity, kept within
    /// 2.05 to 10: the lower, the more a few entities are spoken of.
    pub const fn exponent(mut self, exponent: f64) -> Self {
        self.exponent = exponent.clamp(EXPONENTS.0, EXPONENTS.1);
        self
    }

    /// How many relations there are; at least 1.
    pub const fn relations(mut self, count: u32) -> Self {
        self.relations = if count == 0 { 1 } else { count };
        self
    }

    /// The statements, one after the other, without the names.
    ///
    /// # Cost
    /// Some 10 ns a statement, and 4 bytes a statement for what was said before.
    pub fn statements(&self) -> Statements {
        Statements::of(self)
    }

    /// The graph with its names.
    ///
    /// # Cost
    /// The bench `graph` shows it: 100,000 entities and 1.2 million statements in some 40 ms of an
    /// optimised build.
    pub fn generate(&self) -> KnowledgeGraph {
        let mut statements: Vec<Statement> = Vec::with_capacity(self.expected());
        statements.extend(self.statements());
        KnowledgeGraph {
            entities: (0..self.entities).map(names::entity).collect(),
            relations: (0..self.relations).map(names::relation).collect(),
            statements,
        }
    }

    /// About how many statements there will be.
    pub(super) fn expected(&self) -> usize {
        self.entities as usize * self.links as usize
    }
}
