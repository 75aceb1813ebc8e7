//! `Graph`: entities, and the relations that link them.

use indexmap::IndexSet;

/// One statement: subject, relation, object, each a position in the graph that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Triple {
    pub(crate) subject: u32,
    pub(crate) relation: u32,
    pub(crate) object: u32,
}

/// A knowledge graph: a set of triples over named entities and relations.
///
/// Names keep the order in which they were first seen, so two runs over one input agree on every
/// position.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    entities: IndexSet<String>,
    relations: IndexSet<String>,
    triples: IndexSet<Triple>,
}

impl Graph {
    /// Adds an entity that may stay without links, and returns its position.
    pub(crate) fn add_entity(&mut self, name: &str) -> u32 {
        intern(&mut self.entities, name)
    }

    /// Adds a triple; answers `false` when the graph already held it.
    pub(crate) fn add_triple(&mut self, subject: &str, relation: &str, object: &str) -> bool {
        let triple = Triple {
            subject: intern(&mut self.entities, subject),
            relation: intern(&mut self.relations, relation),
            object: intern(&mut self.entities, object),
        };
        self.triples.insert(triple)
    }

    /// Number of entities: the size of a conversion's input.
    pub(crate) fn entity_count(&self) -> usize {
        self.entities.len()
    }

    /// Number of different relations.
    pub(crate) fn relation_count(&self) -> usize {
        self.relations.len()
    }

    /// Number of different triples.
    pub(crate) fn triple_count(&self) -> usize {
        self.triples.len()
    }

    /// Names of the entities, by position.
    pub(crate) fn entities(&self) -> impl Iterator<Item = &str> {
        self.entities.iter().map(String::as_str)
    }

    /// Name of the entity at a position that one of this graph's triples holds.
    pub(crate) fn entity(&self, position: u32) -> &str {
        &self.entities[position as usize]
    }

    /// Name of the relation at a position that one of this graph's triples holds.
    pub(crate) fn relation(&self, position: u32) -> &str {
        &self.relations[position as usize]
    }

    /// The triples, in the order in which they were first seen.
    pub(crate) fn triples(&self) -> impl Iterator<Item = Triple> {
        self.triples.iter().copied()
    }
}

/// Position of `name`, which is copied only when it is new.
fn intern(names: &mut IndexSet<String>, name: &str) -> u32 {
    let position = match names.get_index_of(name) {
        Some(position) => position,
        None => names.insert_full(name.to_owned()).0,
    };
    // Four thousand million different names do not fit in memory beside their triples.
    u32::try_from(position).expect("a graph has fewer than 2^32 names of one kind")
}

#[cfg(test)]
mod tests {
    use super::Graph;

    #[test]
    fn repeated_triple_counts_once() {
        let mut graph = Graph::default();
        assert!(graph.add_triple("oslo", "capital_of", "norway"));
        assert!(!graph.add_triple("oslo", "capital_of", "norway"));
        assert!(graph.add_triple("oslo", "in", "norway"));
        assert_eq!((graph.entity_count(), graph.relation_count(), graph.triple_count()), (2, 2, 2));
    }

    #[test]
    fn positions_follow_the_order_of_first_sight() {
        let mut graph = Graph::default();
        assert_eq!(graph.add_entity("lonely"), 0);
        graph.add_triple("oslo", "in", "norway");
        assert_eq!(graph.entities().collect::<Vec<_>>(), ["lonely", "oslo", "norway"]);
        let triple = graph.triples().next().expect("one triple");
        assert_eq!(graph.entity(triple.object), "norway");
        assert_eq!(graph.relation(triple.relation), "in");
    }
}
