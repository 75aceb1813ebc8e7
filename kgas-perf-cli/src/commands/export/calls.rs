//! The columns of `--what calls`: durations, a row for each outcome.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kgas_perf_runtime::measure::Outcome;
use kgas_perf_runtime::store::{Durations, HdrCodec};

use crate::commands::export::column::{Cell, Column};
use crate::commands::export::gathered::Gathered;

/// The calls of one series and process in one row's time that ended so.
#[derive(Debug)]
pub(super) struct CallsRow {
    pub(super) of: Gathered,
    outcome: Outcome,
    durations: Durations,
    /// Base64 of its histogram, where there is one.
    histogram: Option<String>,
}

impl CallsRow {
    /// A row for each outcome that there was.
    pub(super) fn each(calls: Gathered, codec: &mut HdrCodec) -> Vec<Self> {
        let there = |outcome: &Outcome| !calls.sums.outcome(*outcome).is_empty();
        Outcome::ALL
            .into_iter()
            .filter(there)
            .map(|outcome| {
                let durations = calls.sums.outcome(outcome).clone();
                let whole = durations.has_histogram();
                let histogram = whole.then(|| STANDARD.encode(codec.encode(&durations)));
                Self { of: calls.clone(), outcome, durations, histogram }
            })
            .collect()
    }
}

macro_rules! quantile {
    ($name:literal, $share:literal, $quantile:literal) => {
        Column::whole(
            $name,
            concat!($share, " lasted no longer, in nanoseconds; from the histogram"),
            |row: &CallsRow| row.durations.quantile($quantile).into(),
        )
    };
}

/// A row is of one time, operation, size class, process and outcome.
pub(super) const COLUMNS: &[Column<CallsRow>] = &[
    Column::whole("start_unix_s", "when the row's time began, since 1970-01-01 00:00 UTC", |row| {
        row.of.start_unix_s.into()
    }),
    Column::text(
        "resolution",
        "over how long a time calls are added up: minute, hour, day",
        |row| row.of.resolution.as_str().into(),
    ),
    Column::whole("covered_s", "of how much of that time calls are known", |row| {
        row.of.covered_s.into()
    }),
    Column::text("host", "the host's name", |row| (&row.of.process.by.host).into()),
    Column::text("instance", "the program's name", |row| (&row.of.process.by.instance).into()),
    Column::whole("slot", "which of the processes of that name, from 0", |row| {
        row.of.process.by.slot.into()
    }),
    Column::text("process", "the process; no other of any host has the same", |row| {
        (&row.of.process.id).into()
    }),
    Column::text("program_version", "the program's version, if it was told", |row| {
        row.of.process.version.as_ref().into()
    }),
    Column::text("program_commit", "the commit it was built from, if it was told", |row| {
        row.of.process.commit.as_ref().into()
    }),
    Column::text("operation", "the operation", |row| (&row.of.series.operation).into()),
    Column::text("size_class", "unsized, tiny, small, medium, large", |row| {
        row.of.series.size_class.as_str().into()
    }),
    Column::text("category", "the operation's category", |row| {
        row.of.series.category.as_str().into()
    }),
    Column::text("outcome", "how the calls ended: ok, error, panicked, cancelled", |row| {
        row.outcome.as_str().into()
    }),
    Column::whole("calls", "how many", |row| row.durations.count().into()),
    Column::whole("sum_ns", "their durations together, exact", |row| row.durations.sum().into()),
    Column::whole("mean_ns", "the mean duration, from the exact sum", |row| {
        row.durations.mean().into()
    }),
    quantile!("p50_ns", "half of them", 0.5),
    quantile!("p90_ns", "90 %", 0.9),
    quantile!("p95_ns", "95 %", 0.95),
    quantile!("p99_ns", "99 %", 0.99),
    quantile!("p999_ns", "99.9 %", 0.999),
    Column::whole("max_ns", "the longest, exact", |row| row.durations.max().into()),
    Column::text(
        "histogram",
        "their durations in nanoseconds: HdrHistogram V2, compressed, in base64",
        |row| row.histogram.as_ref().map_or(Cell::Missing, Cell::from),
    ),
];
