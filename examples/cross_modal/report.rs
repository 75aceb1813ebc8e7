//! `Row`: what a report says of one operation and size class, whichever way it is shown.

use std::time::Duration;

use kgas_perf_runtime::{Handle, Outcome, baseline::Baseline, measure::Severity, registry::Series};

/// One line of the report. What was not measured is `None`, never 0.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) operation: String,
    pub(crate) size_class: &'static str,
    /// Calls that ended, however they did.
    pub(crate) calls: u64,
    /// Of those, calls that ended in an error or a panic.
    pub(crate) errors: u64,
    /// Quantiles and mean of the calls that ended well.
    pub(crate) p50: Option<Duration>,
    pub(crate) p95: Option<Duration>,
    pub(crate) p99: Option<Duration>,
    pub(crate) mean: Option<Duration>,
    /// Time of all calls, less that of the measured calls within them.
    pub(crate) self_time: Option<Duration>,
    /// Its part of the self time of all rows, `0.0..=1.0`.
    pub(crate) self_time_share: Option<f64>,
    pub(crate) rss: Option<RssDelta>,
    pub(crate) baseline: Option<Baseline>,
    /// The worst tier that any call reached; none when no call crossed its baseline.
    pub(crate) worst_tier: Option<Severity>,
}

/// How the memory of the process changed over a call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RssDelta {
    /// Calls at whose ends it was read.
    pub(crate) calls: u64,
    pub(crate) mean_bytes: i64,
    pub(crate) max_bytes: i64,
}

/// All rows of what was measured: operations by name, size classes from small to large.
pub(crate) fn rows(handle: &Handle) -> Vec<Row> {
    let mut rows = Vec::new();
    for operation in handle.snapshot().operations() {
        for series in &operation.by_class {
            let baseline = handle.collector().baseline(&operation.name, series.size_class);
            rows.push(row(&operation.name, series, baseline));
        }
    }
    let all: Duration = rows.iter().filter_map(|row| row.self_time).sum();
    for row in &mut rows {
        let share = |own: Duration| (!all.is_zero()).then(|| own.div_duration_f64(all));
        row.self_time_share = row.self_time.and_then(share);
    }
    rows
}

fn row(operation: &str, series: &Series, baseline: Option<Baseline>) -> Row {
    let ok = series.outcome(Outcome::Ok);
    let failed = [Outcome::Error, Outcome::Panicked].map(|end| series.outcome(end).count());
    Row {
        operation: operation.to_owned(),
        size_class: series.size_class.as_str(),
        calls: series.calls(),
        errors: failed.iter().sum(),
        p50: ok.quantile(0.5),
        p95: ok.quantile(0.95),
        p99: ok.quantile(0.99),
        mean: ok.mean(),
        self_time: series.self_time().map(|(own, _)| own),
        self_time_share: None,
        rss: series.memory.map(|memory| RssDelta {
            calls: memory.read,
            mean_bytes: memory.mean_bytes().round() as i64,
            max_bytes: memory.max_bytes,
        }),
        baseline,
        worst_tier: series.worst(),
    }
}
