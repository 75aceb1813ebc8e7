//! The columns of `--what baselines`: every version, and why it is one.

use kgas_perf_runtime::baseline::Provenance;
use kgas_perf_runtime::store::KeptBaseline;

use crate::commands::export::column::{Cell, Column};

fn accepted(row: &KeptBaseline) -> Option<(&String, &String)> {
    match &row.baseline.provenance {
        Provenance::Accepted { by, why } => Some((by, why)),
        _ => None,
    }
}

/// A row is a version of the baseline of one operation, size class and environment.
pub(super) const COLUMNS: &[Column<KeptBaseline>] = &[
    Column::whole("learned_unix_ns", "when it was learned, since 1970-01-01 00:00 UTC", |row| {
        row.baseline.learned.into()
    }),
    Column::text("host", "the host's name", |row| (&row.by.host).into()),
    Column::text("instance", "the program's name", |row| (&row.by.instance).into()),
    Column::whole("slot", "which of the processes of that name, from 0", |row| row.by.slot.into()),
    Column::text("operation", "the operation", |row| (&row.baseline.operation).into()),
    Column::text("size_class", "unsized, tiny, small, medium, large", |row| {
        row.baseline.size_class.as_str().into()
    }),
    Column::text("environment", "what it is true of: machine and build", |row| {
        row.baseline.environment.as_ref().map(ToString::to_string).into()
    }),
    Column::text("program_commit", "the commit it was learned from", |row| {
        row.baseline.environment.as_ref().and_then(|here| here.commit.as_ref()).cloned().into()
    }),
    Column::whole("version", "which version, from 1", |row| row.baseline.version.into()),
    Column::text("provenance", "where it came from: learned, declared, accepted", |row| {
        row.baseline.provenance.as_str().into()
    }),
    Column::text("accepted_by", "who accepted it", |row| accepted(row).map(|(by, _)| by).into()),
    Column::text("accepted_because", "why", |row| accepted(row).map(|(_, why)| why).into()),
    Column::truth("mature", "whether it is sure enough to page by", |row| {
        row.baseline.is_mature().into()
    }),
    Column::real("confidence", "the probability that it is within its tolerances", |row| {
        row.baseline.confidence.into()
    }),
    Column::whole("calls", "from how many calls it was learned", |row| row.baseline.count.into()),
    Column::whole("p50_ns", "half of them lasted no longer", |row| row.baseline.p50.into()),
    Column::whole("p95_ns", "95 % lasted no longer", |row| row.baseline.p95.into()),
    Column::whole("p99_ns", "99 % lasted no longer", |row| row.baseline.p99.into()),
    Column::whole("mean_ns", "their mean", |row| row.baseline.mean.into()),
    Column::whole("std_dev_ns", "their standard deviation", |row| row.baseline.std_dev.into()),
    Column::real("error_rate", "the share that ended in an error or a panic, 0 to 1", |row| {
        row.baseline.error_rate.into()
    }),
    Column::real("calls_per_s", "calls a second, however they ended", |row| {
        row.baseline.calls_per_second.into()
    }),
    Column::real("memory_growth_bytes", "what a call leaves behind", |row| {
        row.baseline.memory_growth.into()
    }),
    Column::whole("learned_over_ns", "the time it was learned in", |row| {
        row.baseline.learned_over.into()
    }),
    Column::whole("warm_up_calls", "calls that were dropped as warm-up", |row| {
        row.baseline.left_out.map_or(Cell::Missing, |left| left.warm_up.into())
    }),
    Column::whole("episodes", "episodes that were left out", |row| {
        row.baseline.left_out.map_or(Cell::Missing, |left| left.episodes.into())
    }),
    Column::real("removed_share", "the share of calls that lay in episodes, 0 to 1", |row| {
        row.baseline.left_out.map_or(Cell::Missing, |left| left.removed.into())
    }),
];
