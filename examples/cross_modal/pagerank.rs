//! PageRank: how often a walker that follows links, and now and then jumps, is at each entity.

use crate::graph::Graph;

/// Probability of following a link instead of jumping anywhere, as its authors chose it.
pub(crate) const DAMPING: f64 = 0.85;

/// The iteration ends when one step moves less rank than this, all entities together.
const TOLERANCE: f64 = 1e-10;

/// A step moves at most `DAMPING` of what the one before it moved: 2 × 0.85^147 < 1e-10, so the
/// tolerance ends it.
const STEPS: usize = 200;

/// Computes the rank of every entity by power iteration; ranks add up to 1.
///
/// After Page, Brin, Motwani and Winograd, "The PageRank Citation Ranking" (1999). Every triple is
/// one link from its subject to its object, so two relations between the same entities weigh
/// double. What an entity without outgoing links would pass on is spread evenly over all entities,
/// as Langville and Meyer, "Deeper Inside PageRank" (2004), section 3, describe it.
pub(crate) fn pagerank(graph: &Graph) -> Vec<f64> {
    let count = graph.entity_count();
    if count == 0 {
        return Vec::new();
    }
    let mut out_degrees = vec![0_u32; count];
    for triple in graph.triples() {
        out_degrees[triple.subject as usize] += 1;
    }

    let mut ranks = vec![1.0 / count as f64; count];
    let mut next = vec![0.0; count];
    for _ in 0..STEPS {
        let dangling: f64 = ranks
            .iter()
            .zip(&out_degrees)
            .filter(|&(_, &degree)| degree == 0)
            .map(|(rank, _)| rank)
            .sum();
        next.fill((1.0 - DAMPING + DAMPING * dangling) / count as f64);
        for triple in graph.triples() {
            let subject = triple.subject as usize;
            next[triple.object as usize] +=
                DAMPING * ranks[subject] / f64::from(out_degrees[subject]);
        }
        let moved: f64 = ranks.iter().zip(&next).map(|(old, new)| (old - new).abs()).sum();
        std::mem::swap(&mut ranks, &mut next);
        if moved < TOLERANCE {
            break;
        }
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::{DAMPING as D, pagerank};
    use crate::{graph::Graph, real_files, triples};

    fn graph(links: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::default();
        for (subject, object) in links {
            graph.add_triple(subject, "to", object);
        }
        graph
    }

    fn assert_ranks(graph: &Graph, expected: &[f64]) {
        let ranks = pagerank(graph);
        assert_eq!(ranks.len(), expected.len());
        for (entity, (rank, expected)) in graph.entities().zip(ranks.iter().zip(expected)) {
            assert!((rank - expected).abs() < 1e-9, "{entity}: {rank}, expected {expected}");
        }
    }

    #[test]
    fn no_entity_has_no_rank() {
        assert!(pagerank(&Graph::default()).is_empty());
    }

    #[test]
    fn entities_of_a_cycle_rank_alike() {
        assert_ranks(&graph(&[("a", "b"), ("b", "c"), ("c", "d"), ("d", "a")]), &[0.25; 4]);
    }

    /// a = (1 - D)/2 + D·b/2 and a + b = 1.
    #[test]
    fn two_entities_follow_the_closed_form() {
        assert_ranks(&graph(&[("a", "b")]), &[1.0 / (2.0 + D), (1.0 + D) / (2.0 + D)]);
    }

    /// With n leaves that point at a dangling hub: hub = leaf·(1 + D·n) and n·leaf + hub = 1.
    #[test]
    fn star_follows_the_closed_form() {
        let leaf = 1.0 / (6.0 + 5.0 * D);
        let hub = (1.0 + 5.0 * D) / (6.0 + 5.0 * D);
        let star = graph(&[("1", "hub"), ("2", "hub"), ("3", "hub"), ("4", "hub"), ("5", "hub")]);
        assert_ranks(&star, &[leaf, hub, leaf, leaf, leaf, leaf]);
    }

    /// The hub passes on D/n to each leaf and gets back all they pass on: hub = (1 - D)/(n + 1) +
    /// D·(1 - hub).
    #[test]
    fn star_with_links_both_ways_follows_the_closed_form() {
        let hub = ((1.0 - D) / 4.0 + D) / (1.0 + D);
        let leaf = (1.0 - hub) / 3.0;
        let star = graph(&[
            ("hub", "1"),
            ("hub", "2"),
            ("hub", "3"),
            ("1", "hub"),
            ("2", "hub"),
            ("3", "hub"),
        ]);
        assert_ranks(&star, &[hub, leaf, leaf, leaf]);
    }

    #[test]
    fn second_relation_weighs_double() {
        let mut graph = graph(&[("a", "b"), ("a", "c"), ("b", "a"), ("c", "a")]);
        graph.add_triple("a", "also_to", "b");
        let ranks = pagerank(&graph);
        let jump = (1.0 - D) / 3.0;
        let (b, c) = (ranks[1] - jump, ranks[2] - jump);
        assert!((b - 2.0 * c).abs() < 1e-9, "what a passes on: {b} to b, {c} to c");
    }

    #[test]
    fn ranks_of_real_files_add_up_to_one() {
        for name in ["countries.tsv", "codex-s.tsv"] {
            let Some(path) = real_files::path(name) else { continue };
            let ranks = pagerank(&triples::read(&path).expect("a good file").graph);
            let sum: f64 = ranks.iter().sum();
            assert!((sum - 1.0).abs() < 1e-9, "{name}: {sum}");
            assert!(ranks.iter().all(|&rank| rank > 0.0), "{name}: the jump reaches every entity");
        }
    }
}
