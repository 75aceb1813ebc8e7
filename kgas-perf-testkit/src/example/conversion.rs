//! `Graph`: a generated knowledge graph, and its conversions.

use crate::load::Dice;

/// How many columns an entity's row has, and dimensions its vector.
const COLUMNS: usize = 8;
/// How many neighbours are linked.
const NEIGHBOURS: usize = 4;

/// A knowledge graph: entities by number, and typed links between them.
#[derive(Clone, Debug)]
pub struct Graph {
    entities: usize,
    /// Subject, relation, object.
    triples: Vec<(u32, u32, u32)>,
}

impl Graph {
    /// A graph of so many entities, at least one, in which few have many links and many have few.
    ///
    /// Each new entity is linked to three, which those with links are more likely to be (Barabási
    /// and Albert, *Science* 286, 1999).
    pub fn generate(entities: usize, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let entities = entities.max(1);
        let mut triples = Vec::with_capacity(3 * entities);
        let mut ends: Vec<u32> = vec![0];
        for subject in 1..entities as u32 {
            for _ in 0..3 {
                let object = ends[dice.below(ends.len() as u64) as usize];
                triples.push((subject, dice.below(5) as u32, object));
                ends.extend([subject, object]);
            }
        }
        Self { entities, triples }
    }

    /// How many entities it has.
    pub fn entities(&self) -> usize {
        self.entities
    }

    /// One row for each entity: links out of it and into it, by relation.
    pub fn to_table(&self) -> Vec<[f64; COLUMNS]> {
        let mut rows = vec![[0.0; COLUMNS]; self.entities];
        for (subject, relation, object) in &self.triples {
            rows[*subject as usize][*relation as usize % 4] += 1.0;
            rows[*object as usize][4 + *relation as usize % 4] += 1.0;
        }
        rows
    }

    /// From a table to vectors of length one, of logarithms: a link more is much where there are few.
    pub fn to_vectors(table: &[[f64; COLUMNS]]) -> Vec<[f64; COLUMNS]> {
        let vector = |row: &[f64; COLUMNS]| {
            let logs = row.map(f64::ln_1p);
            let length = logs.iter().map(|x| x * x).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
            logs.map(|x| x / length)
        };
        table.iter().map(vector).collect()
    }

    /// From vectors to a graph that links each to the four nearest by cosine. It compares all
    /// pairs, so twice the entities take four times as long.
    pub fn from_vectors(vectors: &[[f64; COLUMNS]]) -> Self {
        let mut triples = Vec::with_capacity(vectors.len() * NEIGHBOURS);
        for (subject, vector) in vectors.iter().enumerate() {
            let mut nearest = [(f64::NEG_INFINITY, 0_u32); NEIGHBOURS];
            for (object, other) in vectors.iter().enumerate() {
                let cosine: f64 = vector.iter().zip(other).map(|(a, b)| a * b).sum();
                if object != subject && cosine > nearest[NEIGHBOURS - 1].0 {
                    nearest[NEIGHBOURS - 1] = (cosine, object as u32);
                    nearest.sort_by(|one, other| other.0.total_cmp(&one.0));
                }
            }
            let found = nearest.iter().filter(|(cosine, _)| cosine.is_finite());
            triples.extend(found.map(|(_, object)| (subject as u32, 0, *object)));
        }
        Self { entities: vectors.len(), triples }
    }

    /// How many links it has.
    pub fn links(&self) -> usize {
        self.triples.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_goes_through_all_conversions_and_keeps_its_entities() {
        let graph = Graph::generate(200, 1);
        assert_eq!((graph.entities(), graph.links()), (200, 597));
        let table = graph.to_table();
        let linked: f64 = table.iter().flatten().sum();
        assert_eq!(linked, 2.0 * 597.0, "each link is counted at both ends");
        let vectors = Graph::to_vectors(&table);
        assert!(vectors.iter().all(|v| (v.iter().map(|x| x * x).sum::<f64>() - 1.0).abs() < 1e-9));
        let back = Graph::from_vectors(&vectors);
        assert_eq!((back.entities(), back.links()), (200, 800));
        assert!(back.triples.iter().all(|(subject, _, object)| subject != object));
        assert_eq!(Graph::generate(0, 1).entities(), 1);
    }

    #[test]
    fn few_entities_have_many_links() {
        let graph = Graph::generate(2_000, 3);
        let mut degrees: Vec<f64> = graph.to_table().iter().map(|row| row.iter().sum()).collect();
        degrees.sort_by(f64::total_cmp);
        // In a random graph of the same size, none would have ten times the median.
        assert!(degrees[1_999] > 10.0 * degrees[1_000], "{:?}", degrees.last());
    }
}
