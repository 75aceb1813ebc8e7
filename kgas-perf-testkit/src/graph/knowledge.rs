//! `KnowledgeGraph`: entities, and what is stated of them.

/// One statement: subject, relation and object, each a position in the graph that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Statement {
    /// The position of the entity that it speaks of.
    pub subject: u32,
    /// The position of the relation.
    pub relation: u32,
    /// The position of the entity at its other end.
    pub object: u32,
}

/// A knowledge graph: named entities, named relations, and statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnowledgeGraph {
    pub(super) entities: Vec<String>,
    pub(super) relations: Vec<String>,
    pub(super) statements: Vec<Statement>,
}

impl KnowledgeGraph {
    /// A graph of these names and statements; statements whose positions are beyond the names are
    /// left out.
    pub fn new(entities: Vec<String>, relations: Vec<String>, statements: Vec<Statement>) -> Self {
        let mut graph = Self { entities, relations, statements };
        let (entities, relations) = (graph.entities.len(), graph.relations.len());
        graph.statements.retain(|statement| {
            (statement.subject.max(statement.object) as usize) < entities
                && (statement.relation as usize) < relations
        });
        graph
    }

    /// How many entities there are: the size of a conversion's input.
    pub fn entity_count(&self) -> usize {
        self.entities.len()
    }

    /// How many relations there are.
    pub fn relation_count(&self) -> usize {
        self.relations.len()
    }

    /// The name of the entity at a position; empty beyond the last.
    pub fn entity(&self, position: u32) -> &str {
        self.entities.get(position as usize).map_or("", String::as_str)
    }

    /// The name of the relation at a position; empty beyond the last.
    pub fn relation(&self, position: u32) -> &str {
        self.relations.get(position as usize).map_or("", String::as_str)
    }

    /// The names of the entities, by position.
    pub fn entities(&self) -> &[String] {
        &self.entities
    }

    /// What is stated.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// How many statements there are about each entity, by position: its in-degree.
    pub fn in_degrees(&self) -> Vec<u32> {
        self.count(|statement, count| count[statement.object as usize] += 1)
    }

    /// How many statements each entity takes part in, at either end.
    pub fn degrees(&self) -> Vec<u32> {
        self.count(|statement, count| {
            count[statement.subject as usize] += 1;
            count[statement.object as usize] += 1;
        })
    }

    fn count(&self, add: impl Fn(&Statement, &mut [u32])) -> Vec<u32> {
        let mut counts = vec![0; self.entities.len()];
        self.statements.iter().for_each(|statement| add(statement, &mut counts));
        counts
    }

    /// The share of the entities in the largest part whose entities are linked by paths, whatever
    /// the direction; 0 without entities.
    ///
    /// Disjoint sets with path halving (Tarjan and van Leeuwen, 1984).
    pub fn largest_part(&self) -> f64 {
        let mut parents: Vec<u32> = (0..self.entities.len() as u32).collect();
        for statement in &self.statements {
            let one = root(&mut parents, statement.subject);
            let other = root(&mut parents, statement.object);
            parents[one.max(other) as usize] = one.min(other);
        }
        let mut sizes = vec![0_u32; parents.len()];
        for entity in 0..parents.len() as u32 {
            sizes[root(&mut parents, entity) as usize] += 1;
        }
        let largest = sizes.iter().copied().max().unwrap_or(0);
        f64::from(largest) / (parents.len().max(1) as f64)
    }
}

fn root(parents: &mut [u32], mut entity: u32) -> u32 {
    while parents[entity as usize] != entity {
        let above = parents[parents[entity as usize] as usize];
        parents[entity as usize] = above;
        entity = above;
    }
    entity
}
