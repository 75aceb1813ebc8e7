//! From a function to its figures: one attribute, a hundred calls, one snapshot.

use std::{hint::black_box, time::Duration};

use kgas_perf_runtime::{Outcome, measure_performance};

/// Ranks entities by their degree; the attribute is all that measuring it takes.
#[measure_performance("graph_to_table", size = degrees.len() as u64)]
fn rank_by_degree(degrees: &[u32]) -> Vec<usize> {
    let mut ranked: Vec<usize> = (0..degrees.len()).collect();
    ranked.sort_by_key(|&entity| std::cmp::Reverse(degrees[entity]));
    ranked
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let handle = kgas_perf_runtime::install()?;
    let degrees: Vec<u32> = (0..5_000).map(|entity| entity * 7_919 % 997).collect();
    for _ in 0..100 {
        black_box(rank_by_degree(black_box(&degrees)));
    }

    for operation in handle.snapshot().operations() {
        for series in &operation.by_class {
            let ok = series.outcome(Outcome::Ok);
            let (Some(p50), Some(p95)) = (ok.quantile(0.5), ok.quantile(0.95)) else { continue };
            let (name, class) = (&operation.name, series.size_class.as_str());
            println!("{name} ({class}): {} calls, p50 {p50:.1?}, p95 {p95:.1?}", ok.count());
        }
    }

    handle.shutdown(Duration::from_secs(1))?;
    Ok(())
}
