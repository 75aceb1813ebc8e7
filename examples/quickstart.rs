//! The shortest way from a function to its figures: one attribute, a hundred calls, one snapshot.

use std::hint::black_box;

use kgas_perf_runtime::{Registry, measure::Outcome, measure_performance};

/// Ranks entities by their degree; the attribute is all that measuring it takes.
#[measure_performance("graph_to_table", size = degrees.len() as u64)]
fn rank_by_degree(degrees: &[u32]) -> Vec<usize> {
    let mut ranked: Vec<usize> = (0..degrees.len()).collect();
    ranked.sort_by_key(|&entity| std::cmp::Reverse(degrees[entity]));
    ranked
}

fn main() {
    let degrees: Vec<u32> = (0..5_000).map(|entity| entity * 7_919 % 997).collect();
    for _ in 0..100 {
        black_box(rank_by_degree(black_box(&degrees)));
    }

    for operation in Registry::global().snapshot().operations() {
        for series in &operation.by_class {
            let ok = series.outcome(Outcome::Ok);
            println!(
                "{} ({}): {} calls, p50 {:.1?}, p95 {:.1?}",
                operation.name,
                series.size_class.as_str(),
                series.calls(),
                ok.quantile(0.5).unwrap_or_default(),
                ok.quantile(0.95).unwrap_or_default(),
            );
        }
    }
}
