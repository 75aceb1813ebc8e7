//! The rows of each kind, from the archive to the sheet.

use std::ops::ControlFlow;

use kgas_perf_runtime::alert::OPERATION;
use kgas_perf_runtime::store::{Archive, Between, By, HdrCodec, KeptNote, NoteQuery};

use crate::commands::export::about::About;
use crate::commands::export::calls::CallsRow;
use crate::commands::export::column::{Column, Head, cells, heads as heads_of};
use crate::commands::export::gathered::{Ask, gather};
use crate::commands::export::sheet::Sheet;
use crate::commands::export::{Export, What, alerts, baselines, calls, gauges, notes, usage};
use crate::failure::Failure;

/// The heads of the columns of what is exported.
pub(super) fn heads(what: What) -> Vec<Head> {
    match what {
        What::Calls => heads_of(calls::COLUMNS),
        What::Usage => heads_of(usage::COLUMNS),
        What::Gauges => heads_of(gauges::COLUMNS),
        What::Baselines => heads_of(baselines::COLUMNS),
        What::Alerts => heads_of(alerts::ALERTS),
        What::Incidents => heads_of(alerts::INCIDENTS),
        What::Silences => heads_of(alerts::SILENCES),
        What::Notes => heads_of(notes::NOTES),
        What::Marks => heads_of(notes::MARKS),
        What::SlowCalls => heads_of(notes::SLOW_CALLS),
    }
}

/// Writes the rows that are asked for.
pub(super) fn write(
    export: &Export,
    archive: &dyn Archive,
    between: &Between,
    now_unix_s: u64,
    about: &mut About,
    sheet: &mut dyn Sheet,
) -> Result<(), Failure> {
    let resolution = export.resolution.map(Into::into);
    let operation = export.operation.as_deref();
    let ask =
        Ask { between, operation, resolution, histograms: export.what == What::Calls, now_unix_s };
    let mut rows = Counted { sheet, rows: 0 };
    match export.what {
        What::Calls => {
            let mut codec = HdrCodec::default();
            let mut unfiled = 0_u64;
            gather(archive, &ask, about, |gathered| {
                unfiled = unfiled.saturating_add(gathered.sums.unfiled);
                let each = CallsRow::each(gathered, &mut codec).into_iter();
                each.into_iter().try_for_each(|row| rows.write(calls::COLUMNS, &row))
            })?;
            about.unfiled_calls = unfiled;
        }
        What::Usage => {
            gather(archive, &ask, about, |gathered| rows.write(usage::COLUMNS, &gathered))?;
        }
        What::Gauges => gauges::each(archive, between, resolution, about, |gauge| {
            rows.write(gauges::COLUMNS, gauge)
        })?,
        What::Baselines => {
            for row in archive.baselines(operation)?.iter().filter(|row| is_of(&row.by, between)) {
                rows.write(baselines::COLUMNS, row)?;
            }
        }
        What::Alerts => {
            for row in archive.alerts(between)? {
                let label = row.alert.subject.label(OPERATION);
                if operation.is_none() || operation == label {
                    rows.write(alerts::ALERTS, &row)?;
                }
            }
        }
        What::Incidents => {
            for row in archive.incidents(between)? {
                rows.write(alerts::INCIDENTS, &row)?;
            }
        }
        What::Silences => {
            for row in archive.silences(between)? {
                rows.write(alerts::SILENCES, &row)?;
            }
        }
        What::Notes => each_note(export, archive, between, None, notes::NOTES, &mut rows)?,
        What::Marks => each_note(export, archive, between, Some("mark"), notes::MARKS, &mut rows)?,
        What::SlowCalls => {
            each_note(export, archive, between, Some("slow_call"), notes::SLOW_CALLS, &mut rows)?;
        }
    }
    about.rows = rows.rows;
    Ok(())
}

/// Baselines are asked for by operation alone.
fn is_of(by: &By, between: &Between) -> bool {
    between.host.as_ref().is_none_or(|host| *host == by.host)
        && between.instance.as_ref().is_none_or(|instance| *instance == by.instance)
}

fn each_note(
    export: &Export,
    archive: &dyn Archive,
    between: &Between,
    kind: Option<&str>,
    columns: &[Column<KeptNote>],
    rows: &mut Counted<'_>,
) -> Result<(), Failure> {
    let mut query = NoteQuery::new(between.clone());
    query.kind = kind.map(str::to_owned);
    let operation = export.operation.as_deref();
    let mut result = Ok(());
    archive.notes(&query, &mut |note| {
        if operation.is_some() && operation != notes::operation(&note) {
            return ControlFlow::Continue(());
        }
        result = rows.write(columns, &note);
        if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    result
}

/// A sheet, and how many rows were written to it.
struct Counted<'a> {
    sheet: &'a mut dyn Sheet,
    rows: u64,
}

impl Counted<'_> {
    fn write<T>(&mut self, columns: &[Column<T>], row: &T) -> Result<(), Failure> {
        self.rows += 1;
        Ok(self.sheet.row(cells(columns, row))?)
    }
}
