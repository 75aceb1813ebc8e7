//! The report for a program: raw integers, and keys that carry the unit.

use std::time::Duration;

use kgas_perf_runtime::baseline::Baseline;
use serde::Serialize;

use crate::{
    input::Input,
    report::Row,
    run::{Converted, SLOWED_CALLS},
    vectors::DIMENSIONS,
};

/// The whole report. Missing values are `null`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) inputs: Vec<InputReport>,
    pub(crate) operations: Vec<OperationReport>,
}

/// One input, and what became of it.
#[derive(Debug, Serialize)]
pub(crate) struct InputReport {
    file: String,
    entities: usize,
    triples: usize,
    repeated_triples: usize,
    relations: usize,
    bad_lines: usize,
    rounds: u32,
    table_columns: Vec<String>,
    vector_dimensions: usize,
    neighbour_links: usize,
    recall_ppm: Option<u64>,
    slowed: Option<Slowed>,
}

/// The calls that were slowed on purpose.
#[derive(Debug, Serialize)]
struct Slowed {
    operation: &'static str,
    factor: u32,
    calls: u32,
}

/// One operation and size class.
#[derive(Debug, Serialize)]
pub(crate) struct OperationReport {
    operation: String,
    size_class: &'static str,
    calls: u64,
    errors: u64,
    p50_ns: Option<u64>,
    p95_ns: Option<u64>,
    p99_ns: Option<u64>,
    mean_ns: Option<u64>,
    self_time_ns: Option<u64>,
    self_time_share_ppm: Option<u64>,
    rss_delta_bytes: Option<i64>,
    rss_delta_max_bytes: Option<i64>,
    rss_delta_calls: Option<u64>,
    baseline: Option<BaselineReport>,
    worst_tier: Option<&'static str>,
}

/// What is normal for an operation and size class.
#[derive(Debug, Serialize)]
struct BaselineReport {
    calls: u64,
    p50_ns: u64,
    p95_ns: u64,
    p99_ns: u64,
    mean_ns: u64,
    std_dev_ns: u64,
}

impl InputReport {
    pub(crate) fn of(input: &Input, converted: &Converted) -> Self {
        Self {
            file: input.file.display().to_string(),
            entities: input.graph.entity_count(),
            triples: input.triples,
            repeated_triples: input.repeated_triples,
            relations: input.graph.relation_count(),
            bad_lines: input.bad_lines.len(),
            rounds: converted.rounds,
            table_columns: converted.round.table.columns(),
            vector_dimensions: DIMENSIONS,
            neighbour_links: converted.round.likeness.links().len(),
            recall_ppm: converted.recall.map(ppm),
            slowed: converted.slowed.map(|slowed| Slowed {
                operation: slowed.step.operation(),
                factor: slowed.factor,
                calls: SLOWED_CALLS,
            }),
        }
    }
}

impl OperationReport {
    pub(crate) fn of(row: &Row) -> Self {
        Self {
            operation: row.operation.clone(),
            size_class: row.size_class,
            calls: row.calls,
            errors: row.errors,
            p50_ns: row.p50.map(ns),
            p95_ns: row.p95.map(ns),
            p99_ns: row.p99.map(ns),
            mean_ns: row.mean.map(ns),
            self_time_ns: row.self_time.map(ns),
            self_time_share_ppm: row.self_time_share.map(ppm),
            rss_delta_bytes: row.rss.map(|delta| delta.mean_bytes),
            rss_delta_max_bytes: row.rss.map(|delta| delta.max_bytes),
            rss_delta_calls: row.rss.map(|delta| delta.calls),
            baseline: row.baseline.as_ref().map(BaselineReport::of),
            worst_tier: row.worst_tier.map(|tier| tier.as_str()),
        }
    }
}

impl BaselineReport {
    fn of(baseline: &Baseline) -> Self {
        Self {
            calls: baseline.count,
            p50_ns: ns(baseline.p50),
            p95_ns: ns(baseline.p95),
            p99_ns: ns(baseline.p99),
            mean_ns: ns(baseline.mean),
            std_dev_ns: ns(baseline.std_dev),
        }
    }
}

/// Nanoseconds; more than 584 years do not occur.
fn ns(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Parts per million.
fn ppm(share: f64) -> u64 {
    (share * 1e6).round() as u64
}
