//! `Gathered`: the calls of one row's time, added up by series and process.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use kgas_perf_runtime::store::{
    Archive, Between, KeptCalls, KeptProcess, Query, Resolution, SeriesKey, StoreError, Sums,
};

use crate::commands::export::about::About;
use crate::commands::export::plan::Plan;

/// The calls of one series and process in one row's time.
#[derive(Clone, Debug)]
pub(super) struct Gathered {
    pub(super) start_unix_s: u64,
    pub(super) resolution: Resolution,
    /// How much of that time the answer is of, in seconds.
    pub(super) covered_s: u64,
    pub(super) process: Arc<KeptProcess>,
    pub(super) series: Arc<SeriesKey>,
    pub(super) sums: Sums,
}

/// Which calls are asked for.
#[derive(Clone, Debug)]
pub(super) struct Ask<'a> {
    pub(super) between: &'a Between,
    pub(super) operation: Option<&'a str>,
    /// Over how long a time they are to be added up; as finely as they are kept, if not said.
    pub(super) resolution: Option<Resolution>,
    pub(super) histograms: bool,
    /// Nothing is known of later times.
    pub(super) now_unix_s: u64,
}

/// Hands the calls over, oldest first; those of one row's time are in memory at once.
///
/// Whatever `each` fails with ends it.
pub(super) fn gather<E: From<StoreError>>(
    archive: &dyn Archive,
    ask: &Ask<'_>,
    about: &mut About,
    mut each: impl FnMut(Gathered) -> Result<(), E>,
) -> Result<(), E> {
    let mut query = Query::new(ask.between.clone());
    query.operation = ask.operation.map(str::to_owned);
    let mut plan = Plan::of(ask.between, ask.resolution, |between| {
        let probe = Query { between: between.clone(), ..query.clone() };
        archive.calls(&probe, &mut |_| ControlFlow::Break(()))
    })?;
    plan.until(ask.now_unix_s);
    query.histograms = ask.histograms;
    let mut row = RowTime::default();
    for stretch in &plan.stretches {
        let mut between = ask.between.clone().coarsest(stretch.resolution);
        (between.from_unix_s, between.until_unix_s) = (stretch.from_unix_s, stretch.until_unix_s);
        let query = Query { between, ..query.clone() };
        let mut result = Ok(());
        let cover = archive.calls(&query, &mut |calls| {
            let resolution = ask.resolution.unwrap_or(calls.resolution);
            let start = resolution.start_of(calls.start_unix_s);
            if row.is_of(resolution, start) {
                row.add(calls);
                return ControlFlow::Continue(());
            }
            result = row.take(&plan).into_iter().try_for_each(&mut each);
            row.begin(resolution, start);
            row.add(calls);
            if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        result?;
        about.damaged_rows += cover.damaged_rows;
    }
    row.take(&plan).into_iter().try_for_each(&mut each)?;
    (about.answered, about.missing) = (plan.answered, plan.missing);
    Ok(())
}

/// The calls of the time that is being read.
#[derive(Default)]
struct RowTime {
    at: Option<(Resolution, u64)>,
    calls: BTreeMap<(Arc<SeriesKey>, String), (Arc<KeptProcess>, Sums)>,
}

impl RowTime {
    fn is_of(&self, resolution: Resolution, start: u64) -> bool {
        self.at == Some((resolution, start))
    }

    fn begin(&mut self, resolution: Resolution, start: u64) {
        self.at = Some((resolution, start));
    }

    fn add(&mut self, calls: KeptCalls) {
        let key = (calls.series, calls.process.id.clone());
        let known = self.calls.entry(key).or_insert_with(|| (calls.process, Sums::default()));
        known.1.merge(&calls.sums);
    }

    fn take(&mut self, plan: &Plan) -> Vec<Gathered> {
        let Some((resolution, start_unix_s)) = self.at.take() else { return Vec::new() };
        let covered_s = plan.covered_s(resolution, start_unix_s);
        let calls = std::mem::take(&mut self.calls).into_iter();
        calls
            .map(|((series, _), (process, sums))| Gathered {
                start_unix_s,
                resolution,
                covered_s,
                process,
                series,
                sums,
            })
            .collect()
    }
}
