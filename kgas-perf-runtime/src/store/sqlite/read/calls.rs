//! Calls by the rows that cover the asked time, and by the flushes that are no rows yet.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::Connection;

use crate::store::archive::{Cover, KeptProcess, Query, SeriesKey, Span, Sums};
use crate::store::durations::HdrCodec;
use crate::store::resolution::Resolution;
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::journal;
use crate::store::sqlite::numbers::available;
use crate::store::sqlite::read::people::{is_of, people, rows, series};
use crate::store::sqlite::row::{self, COLUMNS, Key};

/// Who is handed calls: of which series and process, over how long a time from when on.
type Each<'a> =
    dyn FnMut(&Arc<SeriesKey>, &Arc<KeptProcess>, Resolution, u64, Sums) -> ControlFlow<()> + 'a;

/// Hands over the calls that are asked for, oldest first, and says what part of the asked time
/// they are of.
pub(super) fn each_calls(
    connection: &Connection,
    query: &Query,
    each: &mut Each<'_>,
) -> Result<Cover, Fault> {
    let mut codec = HdrCodec::default();
    let people = people(connection)?;
    let series = series(connection)?;
    let mut cover = Cover::of(&query.between, &available(connection)?);
    let asked: HashMap<i64, &Arc<SeriesKey>> = series
        .iter()
        .filter(|(_, key)| query.asks_for(&key.operation, key.size_class))
        .map(|(id, key)| (*id, key))
        .collect();
    let process = |id: i64| {
        let process = people.processes.get(&id);
        process.filter(|process| is_of(&query.between, &process.by))
    };
    // Few series are found by themselves; many are passed over in reading them all.
    let one_by_one = asked.len() <= 4;
    let mut spans = cover.spans.clone();
    // What is flushed of a minute that is not over: by spans, in the order of time.
    let mut flushed = flushed(connection, &spans, &mut cover)?;
    if asked.is_empty() {
        spans.clear();
    }
    for span in spans {
        let columns = if query.histograms { COLUMNS } else { NUMBERS };
        let mut found = |row: &rusqlite::Row<'_>| -> Result<ControlFlow<()>, Fault> {
            let (_, start, id, whose) = key(row)?;
            let (Some(series), Some(process)) = (asked.get(&id), process(whose)) else {
                return Ok(ControlFlow::Continue(()));
            };
            match row::read(row, query.histograms.then_some(&mut codec)) {
                Ok((_, sums)) => Ok(each(series, process, span.resolution, start, sums)),
                Err(Fault::Damaged(_)) => {
                    cover.damaged_rows += 1;
                    Ok(ControlFlow::Continue(()))
                }
                Err(fault) => Err(fault),
            }
        };
        let resolution = span.resolution as u8;
        let flow = if one_by_one {
            let sql = format!(
                "SELECT {columns} FROM calls WHERE resolution = ?1 AND start = ?2 AND series = ?3"
            );
            let mut flow = ControlFlow::Continue(());
            let mut ids: Vec<i64> = asked.keys().copied().collect();
            ids.sort_unstable();
            // Times without rows are passed over.
            let sql_next = "SELECT min(start) FROM calls WHERE resolution = ?1 AND start >= ?2";
            let mut next = connection.prepare_cached(sql_next)?;
            let mut from = span.from_unix_s;
            while flow.is_continue() {
                let start: Option<i64> =
                    next.query_row((resolution, from as i64), |row| row.get(0))?;
                let Some(start) = start.filter(|start| (*start as u64) < span.until_unix_s) else {
                    break;
                };
                for id in &ids {
                    flow = rows(connection, &sql, (resolution, start, *id), &mut found)?;
                    if flow.is_break() {
                        break;
                    }
                }
                from = start as u64 + span.resolution.seconds();
            }
            flow
        } else {
            let sql = format!(
                "SELECT {columns} FROM calls WHERE resolution = ?1 AND start >= ?2 AND start < ?3 \
                 ORDER BY start"
            );
            let within = (resolution, span.from_unix_s as i64, span.until_unix_s as i64);
            rows(connection, &sql, within, &mut found)?
        };
        if flow.is_break() {
            return Ok(cover);
        }
        for (whose, start, minute) in flushed.remove(&span.from_unix_s).into_iter().flatten() {
            let Some(process) = process(whose) else { continue };
            for (id, mut sums) in minute.calls {
                let Some(series) = asked.get(&id) else { continue };
                if !query.histograms {
                    for outcome in &mut sums.outcomes {
                        *outcome = outcome.clone().with_counters(Vec::new());
                    }
                }
                if each(series, process, Resolution::Minute, start, sums).is_break() {
                    return Ok(cover);
                }
            }
        }
    }
    Ok(cover)
}

/// The columns of `COLUMNS` without histograms.
const NUMBERS: &str = "resolution, start, series, process, calls, sums";

/// Flushes of minutes by the beginning of the span that they lie in.
pub(super) type Flushed = BTreeMap<u64, Vec<(i64, u64, journal::Minute)>>;

/// What is flushed and no row yet, in these spans.
pub(super) fn flushed(
    connection: &Connection,
    spans: &[Span],
    cover: &mut Cover,
) -> Result<Flushed, Fault> {
    let mut flushed = Flushed::new();
    cover.damaged_rows += journal::read(connection, None, |process, start, minute| {
        let holds = |span: &&Span| span.from_unix_s <= start && start + 60 <= span.until_unix_s;
        if let Some(span) = spans.iter().find(holds) {
            flushed.entry(span.from_unix_s).or_default().push((process, start, minute));
        }
        Ok(())
    })?;
    Ok(flushed)
}

fn key(row: &rusqlite::Row<'_>) -> Result<Key, Fault> {
    let start: i64 = row.get(1)?;
    Ok((row.get(0)?, start as u64, row.get(2)?, row.get(3)?))
}
