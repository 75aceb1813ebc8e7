//! Conversions by virtual costs and on small graphs; no test reads a clock.

use std::sync::Arc;
use std::time::Duration;

use kgas_perf_runtime::measure::{ManualClock, Outcome};
use kgas_perf_runtime::{Registry, catalog::Catalogue};

use super::*;
use crate::graph::{Generator, KnowledgeGraph, Statement};
use crate::scaling::{Bound, Complexity, Scaling};

/// Conversions that take a virtual time, given the number of entities.
fn costing(clock: &ManualClock, costs: [fn(f64) -> f64; 3]) -> impl Conversions<Error = String> {
    let take = move |clock: &ManualClock, which: usize, size: usize| {
        clock.advance(Duration::from_secs_f64(costs[which](size as f64)));
        size
    };
    let (a, b, c) = (clock.clone(), clock.clone(), clock.clone());
    (
        move |graph: &KnowledgeGraph| Ok::<_, String>(take(&a, 0, graph.entity_count())),
        move |table: &usize| Ok(take(&b, 1, *table)),
        move |vectors: &usize| Ok(take(&c, 2, *vectors)),
    )
}

fn sizes() -> impl Iterator<Item = u32> {
    (0..8).map(|step| 100 << step)
}

#[test]
fn each_step_is_measured_under_its_name_and_its_scaling_recognised() {
    let clock = ManualClock::new();
    let costs: [fn(f64) -> f64; 3] =
        [|n| 0.01 + 1e-4 * n, |n| 1e-5 * n * n.log2(), |n| 1e-6 * n * n];
    let registry = Registry::new();
    let report = registry.run(|| {
        cross_modal_conversion(sizes())
            .graphs(Generator::new(0).links(1))
            .conversions(costing(&clock, costs))
            .clock(Arc::new(clock.clone()))
            .run()
            .unwrap()
    });
    let answers: Vec<String> =
        report.scaling.iter().map(|s| s.scaling.as_ref().unwrap().answer.to_string()).collect();
    assert_eq!(answers, ["O(n)", "O(n log n)", "O(n²)"]);
    assert_eq!(report.cells.len(), 24);
    assert!(report.cells.iter().all(|cell| cell.calls == 5 && cell.p95_seconds.is_none()));
    let snapshot = registry.snapshot();
    for step in Step::ALL {
        let recorded = snapshot.operation(step.operation()).unwrap();
        assert_eq!(recorded.outcome(Outcome::Ok).count(), 40, "the warm-up does not count");
    }
    assert_eq!(report.broken().count(), 0);
    let text = report.to_string();
    assert!(text.contains("met (p95 duration (small): 5 s to 15 s, at most 15 s)"), "{text}");
    assert!(text.contains("vector_to_graph  O(n²); exponent 2.00 ("), "{text}");
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["cells"][0]["step"], "graph_to_table");
    assert_eq!(json["cells"][0]["size_class"], "small");
}

#[test]
fn objectives_of_the_size_class_are_held_against_what_was_measured() {
    let clock = ManualClock::new();
    // Small graphs may take 15 s at p95, medium ones 90 s.
    let costs: [fn(f64) -> f64; 3] = [|_| 20.0, |_| 1.0, |_| 1.0];
    let report = cross_modal_conversion([100, 1_000])
        .conversions(costing(&clock, costs))
        .clock(Arc::new(clock.clone()))
        .run()
        .unwrap();
    let broken: Vec<(u32, &str)> =
        report.broken().map(|(cell, check)| (cell.entities, check.objective.as_str())).collect();
    assert_eq!(broken, [(100, "p95 duration (small): 5 s to 15 s, at most 15 s")]);
    assert_eq!(
        report.scaling[0].why_not.as_deref(),
        Some("2 sizes are too few to tell classes apart, 5 are needed")
    );
}

#[test]
fn another_catalogue_has_other_objectives() {
    let text = "[operations.graph_to_table]\ncategory = 'cross_modal'\nobjectives = [{ metric = 'duration', statistic = 'mean', at_most = '1 ms' }]";
    let clock = ManualClock::new();
    let report = cross_modal_conversion([100])
        .catalogue(Catalogue::parse(text, "test").unwrap())
        .conversions(costing(&clock, [|_| 0.002, |_| 1.0, |_| 1.0]))
        .clock(Arc::new(clock.clone()))
        .run()
        .unwrap();
    assert_eq!(report.broken().count(), 1);
    assert!(report.cells[1].objectives.is_empty());
}

#[test]
fn a_conversion_that_fails_ends_the_run_by_name() {
    let bad = (
        |_: &KnowledgeGraph| Ok::<(), String>(()),
        |_: &()| Err::<(), _>("no memory".to_owned()),
        |_: &()| Ok(()),
    );
    let error = cross_modal_conversion([100]).conversions(bad).run().unwrap_err();
    assert_eq!(error.to_string(), "table_to_vector of 100 entities failed: no memory");
}

/// The cost of the reference conversions is counted, not timed: comparisons, features, products.
#[test]
fn reference_conversions_cost_what_they_state() {
    let mut costs = [Vec::new(), Vec::new(), Vec::new()];
    for size in (0..8).map(|step| 40 << step) {
        let graph = Generator::new(size).links(4).generate();
        let table = ColumnTable::of(&graph);
        let vectors = FeatureVectors::of(&table);
        let neighbours = NeighbourGraph::of(&vectors);
        let counts = [table.comparisons, vectors.features, neighbours.products];
        for (costs, count) in costs.iter_mut().zip(counts) {
            costs.push((u64::from(size), 1e-9 * count as f64));
        }
    }
    let scaling = costs.map(|costs| Scaling::analyse(&costs).unwrap());
    let at_most = [Complexity::NLogN, Complexity::N, Complexity::NLogN];
    for (scaling, class) in scaling.iter().zip(at_most) {
        assert_ne!(Bound::Class(class).holds_for(scaling), Some(false), "{scaling}");
        assert!(scaling.exponent.upper < 1.35 && scaling.exponent.lower > 0.85, "{scaling}");
    }
    assert_eq!(scaling[1].answer.sure(), Some(Complexity::N), "{}", scaling[1]);
    assert_eq!(
        Bound::Class(Complexity::NLogN).holds_for(&scaling[2]),
        Some(true),
        "{}",
        scaling[2]
    );
}

#[test]
fn the_table_says_what_the_graph_says() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let graph = KnowledgeGraph::new(
        names(&["oslo", "norway", "bergen"]),
        names(&["in", "capital_of"]),
        vec![
            Statement { subject: 0, relation: 0, object: 1 },
            Statement { subject: 2, relation: 0, object: 1 },
            Statement { subject: 0, relation: 1, object: 1 },
        ],
    );
    let table = ColumnTable::of(&graph);
    let entities: Vec<&str> = table.entities.iter().map(String::as_str).collect();
    assert_eq!(entities, ["bergen", "norway", "oslo"]);
    assert_eq!((&table.subjects[..], &table.objects[..]), (&[0, 2, 2][..], &[1, 1, 1][..]));
    assert_eq!(table.predicates, [1, 0, 1], "bergen in, oslo capital_of, oslo in");
    let vectors = FeatureVectors::of(&table);
    let length = |code| vectors.get(code).iter().map(|v| v * v).sum::<f32>();
    assert!((0..3).all(|code| (length(code) - 1.0).abs() < 1e-5));
    // Bergen shares its features with Oslo, and none with Norway.
    let found = NeighbourGraph::of(&vectors);
    assert_eq!(found.neighbours(0)[0].1, 2);
    assert_eq!(found.neighbours(0).len(), 2);
}

#[test]
fn the_forest_finds_most_of_the_true_neighbours() {
    let vectors = FeatureVectors::of(&ColumnTable::of(&Generator::new(600).links(4).generate()));
    let found = NeighbourGraph::of(&vectors);
    assert_eq!(found, NeighbourGraph::of(&vectors), "from a fixed seed");
    let (mut hits, mut all) = (0, 0);
    for entity in (0..600).step_by(7) {
        let likeness = |other: u32| -> f32 {
            vectors.get(entity).iter().zip(vectors.get(other)).map(|(a, b)| a * b).sum()
        };
        let mut others: Vec<f32> =
            (0..600).filter(|other| *other != entity).map(likeness).collect();
        others.sort_by(|a, b| b.total_cmp(a));
        let near = found.neighbours(entity);
        assert!(near.len() == 8 && near.is_sorted_by(|a, b| a.0 >= b.0));
        assert!(near.iter().all(|(_, other)| *other != entity));
        hits += near.iter().filter(|(likeness, _)| *likeness >= others[7] - 1e-5).count();
        all += 8;
    }
    let recall = hits as f64 / all as f64;
    assert!(recall > 0.6, "{recall}");
}
