//! Table to vectors: TF-IDF over an entity's links, hashed to a fixed number of dimensions.

use arrow_array::{Array, StringArray, cast::AsArray};
use arrow_schema::ArrowError;
use indexmap::IndexMap;
use twox_hash::XxHash3_64;

use crate::table::EntityTable;

/// Dimensions of a vector: few enough that a vector is eight cache lines, many enough that
/// terms seldom meet.
pub(crate) const DIMENSIONS: usize = 128;

/// One vector of length 1 for each entity; all zeros for an entity without links.
#[derive(Debug)]
pub(crate) struct Vectors {
    names: StringArray,
    values: Vec<f32>,
}

impl Vectors {
    /// Number of vectors.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Name of the entity of each vector.
    pub(crate) fn names(&self) -> &StringArray {
        &self.names
    }

    /// The vectors, in the order of the table's rows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(DIMENSIONS)
    }

    /// The vector of the entity in row `row` of the table.
    pub(crate) fn get(&self, row: usize) -> &[f32] {
        &self.values[row * DIMENSIONS..][..DIMENSIONS]
    }
}

/// A term that an entity's links hold, and how often.
struct Occurrence {
    term: usize,
    count: u32,
}

/// Computes the vector of every entity in the table.
///
/// The terms of an entity are the relations it takes part in, with their direction, and these
/// relations with the neighbour at their other end. A term weighs
///
/// ```text
/// (1 + ln tf) · (ln((1 + N) / (1 + df)) + 1)
/// ```
///
/// where `tf` is how often the entity has it, `df` how many entities have it and `N` how many
/// entities there are: sublinear term frequency after Manning, Raghavan and Schütze, "Introduction
/// to Information Retrieval" (2008), section 6.4.1, and the inverse document frequency in the
/// smoothed form of scikit-learn's `TfidfTransformer`. A hash of the term picks its dimension and,
/// by another bit, its sign, so that terms that meet cancel out on average: Weinberger et al.,
/// "Feature Hashing for Large Scale Multitask Learning" (2009). Last, each vector is scaled to
/// length 1.
///
/// # Errors
///
/// When the table has no column of names or of links.
pub(crate) fn vectorize(table: &EntityTable) -> Result<Vectors, ArrowError> {
    let links = table.links()?;
    let texts = links.values();
    let texts: &StringArray = texts.as_string_opt().ok_or_else(|| {
        ArrowError::SchemaError("column `links` of the entity table holds no text".into())
    })?;

    // Document frequency of each term; its position numbers the term.
    let mut frequencies: IndexMap<&str, u32> = IndexMap::new();
    let mut documents = Vec::with_capacity(table.len());
    for ends in links.value_offsets().windows(2) {
        let mut found = Vec::new();
        for row in ends[0]..ends[1] {
            let link = texts.value(row as usize);
            let relation = link.split_once('\t').map_or(link, |(relation, _)| relation);
            found.extend([relation, link].map(|term| {
                let entry = frequencies.entry(term);
                let position = entry.index();
                entry.or_insert(0);
                position
            }));
        }
        found.sort_unstable();
        let document: Vec<Occurrence> = found
            .chunk_by(|a, b| a == b)
            .map(|run| Occurrence { term: run[0], count: run.len() as u32 })
            .collect();
        for occurrence in &document {
            frequencies[occurrence.term] += 1;
        }
        documents.push(document);
    }

    let weights: Vec<(usize, f32)> = frequencies
        .iter()
        .map(|(term, &frequency)| place(term, idf(documents.len(), frequency)))
        .collect();
    let mut values = vec![0.0; documents.len() * DIMENSIONS];
    for (document, vector) in documents.iter().zip(values.chunks_exact_mut(DIMENSIONS)) {
        for occurrence in document {
            let (dimension, weight) = weights[occurrence.term];
            vector[dimension] += (1.0 + (occurrence.count as f32).ln()) * weight;
        }
        normalize(vector);
    }
    Ok(Vectors { names: table.names()?.clone(), values })
}

fn idf(documents: usize, frequency: u32) -> f32 {
    let ratio = (1.0 + documents as f64) / (1.0 + f64::from(frequency));
    (ratio.ln() + 1.0) as f32
}

/// The dimension of a term, and its weight with the term's sign.
fn place(term: &str, weight: f32) -> (usize, f32) {
    let hash = XxHash3_64::oneshot(term.as_bytes());
    let dimension = (hash % DIMENSIONS as u64) as usize;
    let negative = hash >> 63 == 1;
    (dimension, if negative { -weight } else { weight })
}

fn normalize(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    // Without links, or when all its terms cancel out, an entity has no direction to keep.
    if length > 0.0 {
        for value in vector {
            *value /= length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DIMENSIONS, place, vectorize};
    use crate::{graph::Graph, real_files, table::tabulate, triples};

    /// Oslo has `in` twice (df 2 of 4 entities), and `in norway` and `in europe` once each (df 2
    /// and 1).
    #[test]
    fn vector_is_the_one_computed_by_hand() {
        let mut graph = Graph::default();
        graph.add_triple("oslo", "in", "norway");
        graph.add_triple("oslo", "in", "europe");
        graph.add_triple("bergen", "in", "norway");

        let vectors = vectorize(&tabulate(&graph).expect("a table")).expect("vectors");

        let mut expected = [0.0; DIMENSIONS];
        let terms = [
            ("in", (1.0 + 2_f32.ln()) * ((5_f32 / 3.0).ln() + 1.0)),
            ("in\tnorway", (5_f32 / 3.0).ln() + 1.0),
            ("in\teurope", (5_f32 / 2.0).ln() + 1.0),
        ];
        for (term, weight) in terms {
            let (dimension, weight) = place(term, weight);
            expected[dimension] += weight;
        }
        let dimensions = expected.iter().filter(|value| **value != 0.0).count();
        assert_eq!(dimensions, 3, "the terms of this example do not meet");
        // (1 + 0.6931)·1.5108 = 2.5580, 1.5108, 1.9163; length √(6.5434 + 2.2826 + 3.6722) =
        // 3.5352.
        let length = 3.5352;
        for (value, expected) in vectors.get(0).iter().zip(expected) {
            assert!(
                (value - expected / length).abs() < 1e-4,
                "{value}, expected {}",
                expected / length
            );
        }
    }

    #[test]
    fn entity_without_links_has_a_vector_of_zeros() {
        let mut graph = Graph::default();
        graph.add_entity("atlantis");
        graph.add_triple("oslo", "in", "norway");
        let vectors = vectorize(&tabulate(&graph).expect("a table")).expect("vectors");
        assert_eq!(vectors.get(0), [0.0; DIMENSIONS]);
    }

    #[test]
    fn hash_uses_every_dimension_and_both_signs() {
        let places: Vec<(usize, f32)> =
            (0..4_096).map(|n| place(&format!("term {n}"), 1.0)).collect();
        let mut used = [0_u32; DIMENSIONS];
        for (dimension, _) in &places {
            used[*dimension] += 1;
        }
        // 32 are expected in each; fewer than 8 has a probability below 1e-7.
        assert!(used.iter().all(|&count| count >= 8), "{used:?}");
        let negative = places.iter().filter(|(_, sign)| *sign < 0.0).count();
        assert!((1_800..2_300).contains(&negative), "{negative} of 4,096 are negative");
    }

    #[test]
    fn vectors_of_real_files_have_length_one() {
        for name in ["countries.tsv", "codex-s.tsv"] {
            let Some(path) = real_files::path(name) else { continue };
            let graph = triples::read(&path).expect("a good file").graph;
            let vectors = vectorize(&tabulate(&graph).expect("a table")).expect("vectors");
            assert_eq!(vectors.len(), graph.entity_count());
            for (name, vector) in vectors.names().iter().zip(vectors.iter()) {
                let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
                assert!((length - 1.0).abs() < 1e-5, "{name:?} has length {length}");
            }
        }
    }
}
