//! Vectors to graph: links every entity with those most like it.

use arrow_array::StringArray;
use hnsw_rs::prelude::{Distance, Hnsw};
use rayon::prelude::*;

use crate::vectors::Vectors;

/// Neighbours of an entity, where there are so many others.
pub(crate) const NEIGHBOURS: usize = 10;

/// Links of a point in one layer of the index; twice as many in the lowest.
const LINKS: usize = 14;
/// Layers of the index: one in `LINKS` points rises to the next, so 16 are enough for any graph.
const LAYERS: usize = 16;
/// Candidates kept while the index is built: the least that `LINKS` allows, since building takes
/// most of the time and a wider search makes up for it.
const BUILD_CANDIDATES: usize = 30;
/// Candidates kept while the index is searched.
const SEARCH_CANDIDATES: usize = 64;

/// A link between two entities that are alike.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Likeness {
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// Cosine of the angle between their vectors, at most 1.
    pub(crate) similarity: f32,
}

/// A graph in which each entity points at those most like it, nearest first.
#[derive(Debug)]
pub(crate) struct LikenessGraph {
    names: StringArray,
    links: Vec<Likeness>,
}

impl LikenessGraph {
    /// Names of the entities, by position.
    pub(crate) fn names(&self) -> &StringArray {
        &self.names
    }

    /// All links, in the order of the entities from which they start.
    pub(crate) fn links(&self) -> &[Likeness] {
        &self.links
    }

    /// The links that start from one entity, nearest first.
    pub(crate) fn links_of(&self, entity: u32) -> &[Likeness] {
        let start = self.links.partition_point(|link| link.from < entity);
        let end = self.links.partition_point(|link| link.from <= entity);
        &self.links[start..end]
    }
}

/// One minus the cosine, for vectors of length 1.
#[derive(Clone, Copy, Debug)]
struct CosineDistance;

impl Distance<f32> for CosineDistance {
    fn eval(&self, a: &[f32], b: &[f32]) -> f32 {
        // Rounding takes the product of a vector with itself above 1, and the index insists on
        // distances from 0 up.
        (1.0 - dot(a, b)).max(0.0)
    }
}

/// Scalar product in eight sums that run side by side, which lets the compiler use wide registers.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

/// Finds the approximate nearest neighbours of every vector.
///
/// The index is a hierarchical navigable small world after Malkov and Yashunin, "Efficient and
/// Robust Approximate Nearest Neighbor Search Using Hierarchical Navigable Small World Graphs"
/// (2018). It is built on one thread, from the crate's fixed seed, so equal vectors give an equal
/// graph.
pub(crate) fn link_alike(vectors: &Vectors) -> LikenessGraph {
    let index = Hnsw::new(LINKS, vectors.len(), LAYERS, BUILD_CANDIDATES, CosineDistance);
    for (position, vector) in vectors.iter().enumerate() {
        index.insert((vector, position));
    }
    // Searches do not change the index, so all threads may run them and the order of the answers
    // stays.
    let links: Vec<Vec<Likeness>> = (0..vectors.len())
        .into_par_iter()
        .map(|position| {
            // One more is asked for, because an entity's nearest neighbour is the entity.
            let found = index.search(vectors.get(position), NEIGHBOURS + 1, SEARCH_CANDIDATES);
            let others =
                found.iter().filter(|neighbour| neighbour.d_id != position).take(NEIGHBOURS);
            others
                .map(|neighbour| Likeness {
                    from: position as u32,
                    to: neighbour.d_id as u32,
                    similarity: 1.0 - neighbour.distance,
                })
                .collect()
        })
        .collect();
    LikenessGraph { names: vectors.names().clone(), links: links.concat() }
}

/// Share of the true nearest neighbours that a graph found, over every `stride`th entity; none when
/// there are none.
///
/// A neighbour counts as true when it is as near as the last of the true ones, found by looking at
/// all: which of several at one distance is named makes no difference.
pub(crate) fn recall(graph: &LikenessGraph, vectors: &Vectors, stride: usize) -> Option<f64> {
    /// Two sums of the same products in another order differ by less.
    const ROUNDING: f32 = 1e-5;
    let (mut wanted, mut found) = (0, 0);
    for entity in (0..vectors.len()).step_by(stride.max(1)) {
        let vector = vectors.get(entity);
        let mut others: Vec<f32> = vectors
            .iter()
            .enumerate()
            .filter(|&(other, _)| other != entity)
            .map(|(_, other)| dot(vector, other))
            .collect();
        let count = NEIGHBOURS.min(others.len());
        let Some(last) = count.checked_sub(1) else { continue };
        let (_, &mut least, _) = others.select_nth_unstable_by(last, |a, b| b.total_cmp(a));
        wanted += count;
        found += graph
            .links_of(entity as u32)
            .iter()
            .filter(|link| dot(vector, vectors.get(link.to as usize)) >= least - ROUNDING)
            .count();
    }
    (wanted > 0).then(|| found as f64 / wanted as f64)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{NEIGHBOURS, dot, link_alike, recall};
    use crate::{
        graph::Graph, lockfile, real_files, table::tabulate, triples, vectors::Vectors,
        vectors::vectorize,
    };

    fn vectors(graph: &Graph) -> Vectors {
        vectorize(&tabulate(graph).expect("a table")).expect("vectors")
    }

    /// Checks what every graph of neighbours owes, and answers its recall.
    fn checked_recall(vectors: &Vectors, stride: usize) -> f64 {
        let graph = link_alike(vectors);
        for entity in 0..vectors.len() as u32 {
            let links = graph.links_of(entity);
            let others: HashSet<u32> = links.iter().map(|link| link.to).collect();
            assert_eq!(others.len(), NEIGHBOURS, "{entity} has that many different neighbours");
            assert!(!others.contains(&entity), "{entity} is not its own neighbour");
            assert!(
                links.is_sorted_by(|a, b| a.similarity >= b.similarity),
                "{entity}: nearest first"
            );
        }
        recall(&graph, vectors, stride).expect("there are neighbours")
    }

    #[test]
    fn alike_packages_of_the_lock_are_found() {
        let recall =
            checked_recall(&vectors(&lockfile::read(&lockfile::workspace()).expect("a lock")), 1);
        assert!(recall >= 0.9, "{recall}");
    }

    #[test]
    fn alike_countries_are_found() {
        let Some(path) = real_files::path("countries.tsv") else { return };
        let recall = checked_recall(&vectors(&triples::read(&path).expect("a good file").graph), 1);
        assert!(recall >= 0.9, "{recall}");
    }

    /// A part of the file keeps the unoptimised build quick; the example prints the recall of the
    /// whole.
    #[test]
    fn alike_entities_of_a_larger_graph_are_found() {
        let Some(path) = real_files::path("codex-s.tsv") else { return };
        let whole = triples::read(&path).expect("a good file").graph;
        let mut part = Graph::default();
        for triple in whole.triples().take(1_000) {
            part.add_triple(
                whole.entity(triple.subject),
                whole.relation(triple.relation),
                whole.entity(triple.object),
            );
        }
        let recall = checked_recall(&vectors(&part), 4);
        assert!(recall >= 0.9, "{recall} over {} entities", part.entity_count());
    }

    #[test]
    fn equal_vectors_give_an_equal_graph() {
        let vectors = vectors(&lockfile::read(&lockfile::workspace()).expect("a lock"));
        let ends = || {
            link_alike(&vectors).links().iter().map(|link| (link.from, link.to)).collect::<Vec<_>>()
        };
        assert_eq!(ends(), ends());
    }

    #[test]
    fn graph_of_few_entities_links_all_of_them() {
        let mut graph = Graph::default();
        graph.add_triple("oslo", "in", "norway");
        let vectors = vectors(&graph);
        let links = link_alike(&vectors);
        let ends: Vec<(u32, u32)> = links.links().iter().map(|link| (link.from, link.to)).collect();
        assert_eq!(ends, [(0, 1), (1, 0)]);
        assert_eq!(recall(&links, &vectors, 1), Some(1.0));
    }

    #[test]
    fn dot_adds_every_product() {
        let a: Vec<f32> = (0..16).map(|n| n as f32).collect();
        assert_eq!(dot(&a, &a), 1_240.0, "the sum of the squares of 0 to 15");
    }
}
