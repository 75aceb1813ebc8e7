//! `SqliteArchive`: the reading side.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, Params};
use serde::de::DeserializeOwned;

use crate::store::archive::{
    Archive, Between, By, Cover, Health, KeptAlert, KeptBaseline, KeptCalls, KeptGauge,
    KeptIncident, KeptNote, KeptProcess, KeptSilence, NoteQuery, Query, Rows, SeriesKey, Span,
    Summary, Sums,
};
use crate::store::durations::HdrCodec;
use crate::store::error::StoreError;
use crate::store::gauge::Gauge;
use crate::store::resolution::Resolution;
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::file::{beside, open_to_read};
use crate::store::sqlite::journal::{self, Readings};
use crate::store::sqlite::migrate::version;
use crate::store::sqlite::numbers::{GAUGE_COLUMNS, available, read_readings};
use crate::store::sqlite::row::{self, COLUMNS, Key};
use crate::store::sqlite::state::{baselines, from_text, time};
use crate::store::sqlite::tidy::used_bytes;
use crate::store::sqlite::{category, size_class};

/// What is in the file of a [`SqliteStore`](crate::store::SqliteStore), being read, while others
/// write it or not.
#[derive(Debug)]
pub struct SqliteArchive {
    path: PathBuf,
    connection: Connection,
}

/// Whose rows are read.
struct People {
    processes: HashMap<i64, Arc<KeptProcess>>,
    instances: HashMap<i64, Arc<By>>,
}

/// Takes the calls of one row: which series, whose, over how long a time, from when on.
type EachCalls<'a> =
    dyn FnMut(&Arc<SeriesKey>, &Arc<KeptProcess>, Resolution, u64, Sums) -> ControlFlow<()> + 'a;

impl SqliteArchive {
    /// Opens a file to be read. It is not changed, but files of SQLite may appear beside it.
    ///
    /// # Errors
    /// If there is none, or it is of a later version, no store, or damaged.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let path = path.into();
        let opened = open_to_read(&path, Duration::from_secs(5));
        let connection = opened.map_err(|fault| fault.said(&path, "open it to read it"))?;
        Ok(Self { path, connection })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads at one moment, however many statements that takes.
    fn read<T>(
        &self,
        what: &'static str,
        act: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let begun = self.connection.unchecked_transaction().map_err(Fault::from);
        let result = begun.and_then(|transaction| act(&transaction));
        result.map_err(|fault| fault.said(&self.path, what))
    }

    fn each_calls(
        connection: &Connection,
        query: &Query,
        each: &mut EachCalls<'_>,
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
                    let Some(start) = start.filter(|start| (*start as u64) < span.until_unix_s)
                    else {
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

    /// Plain data with whose it is, as JSON.
    fn things<T: DeserializeOwned>(
        connection: &Connection,
        kind: &str,
        between: &Between,
    ) -> Result<Vec<(Arc<By>, u64, T)>, Fault> {
        let people = people(connection)?;
        let sql = format!(
            "SELECT instance, id, json, text_check, began_ns, ended_ns FROM {kind} WHERE began_ns < ?1 \
             ORDER BY began_ns, instance, id"
        );
        let mut all = Vec::new();
        let until = nanoseconds(between.until_unix_s);
        let _ = rows(connection, &sql, [until], &mut |row| {
            let (whose, id, text, sum): (i64, i64, String, i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            let ended: Option<i64> = row.get(5)?;
            let seconds = |ns: i64| time(ns).as_secs();
            let lasts = between.overlaps(seconds(row.get(4)?), ended.map(seconds));
            let by = people.instances.get(&whose).filter(|by| lasts && is_of(between, by));
            if let (Some(by), Some(thing)) = (by, from_text(&text, sum)) {
                all.push((by.clone(), id as u64, thing));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(all)
    }
}

/// The columns of `COLUMNS` without histograms.
const NUMBERS: &str = "resolution, start, series, process, calls, sums";

/// Flushes of minutes by the beginning of the span that they lie in.
type Flushed = BTreeMap<u64, Vec<(i64, u64, journal::Minute)>>;

fn flushed(connection: &Connection, spans: &[Span], cover: &mut Cover) -> Result<Flushed, Fault> {
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

fn nanoseconds(seconds: u64) -> i64 {
    i64::try_from(u128::from(seconds) * 1_000_000_000).unwrap_or(i64::MAX)
}

fn is_of(between: &Between, by: &By) -> bool {
    between.host.as_ref().is_none_or(|host| *host == by.host)
        && between.instance.as_ref().is_none_or(|instance| *instance == by.instance)
}

fn rows<P: Params>(
    connection: &Connection,
    sql: &str,
    params: P,
    each: &mut dyn FnMut(&rusqlite::Row<'_>) -> Result<ControlFlow<()>, Fault>,
) -> Result<ControlFlow<()>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        if each(row)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

fn series(connection: &Connection) -> Result<HashMap<i64, Arc<SeriesKey>>, Fault> {
    let mut all = HashMap::new();
    let sql = "SELECT id, operation, size_class, category FROM series";
    let _ = rows(connection, sql, [], &mut |row| {
        let (class, kind): (String, String) = (row.get(2)?, row.get(3)?);
        if let (Some(size_class), Some(category)) = (size_class(&class), category(&kind)) {
            let key = SeriesKey { operation: row.get(1)?, size_class, category };
            all.insert(row.get(0)?, Arc::new(key));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(all)
}

fn people(connection: &Connection) -> Result<People, Fault> {
    let (mut instances, mut processes) = (HashMap::new(), HashMap::new());
    let _ = rows(connection, "SELECT id, host, name, slot FROM instance", [], &mut |row| {
        let by = By { host: row.get(1)?, instance: row.get(2)?, slot: row.get(3)? };
        instances.insert(row.get(0)?, Arc::new(by));
        Ok(ControlFlow::Continue(()))
    })?;
    let sql = "SELECT id, instance, uid, pid, began_ns, seen_ns, ended_ns, boot, version, \
               commit_id FROM process";
    let _ = rows(connection, sql, [], &mut |row| {
        if let Some(by) = instances.get(&row.get::<_, i64>(1)?) {
            let process = KeptProcess {
                id: row.get(2)?,
                by: By::clone(by),
                pid: row.get(3)?,
                began: time(row.get(4)?),
                last_seen: time(row.get(5)?),
                ended: row.get::<_, Option<i64>>(6)?.map(time),
                boot: row.get(7)?,
                version: row.get(8)?,
                commit: row.get(9)?,
            };
            processes.insert(row.get(0)?, Arc::new(process));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(People { processes, instances })
}

impl Archive for SqliteArchive {
    fn series(&self) -> Result<Vec<SeriesKey>, StoreError> {
        let all = self.read("list its series", series)?;
        let mut all: Vec<_> = all.into_values().map(|key| SeriesKey::clone(&key)).collect();
        all.sort();
        Ok(all)
    }

    fn calls(
        &self,
        query: &Query,
        each: &mut dyn FnMut(KeptCalls) -> ControlFlow<()>,
    ) -> Result<Cover, StoreError> {
        self.read("read calls", |connection| {
            Self::each_calls(connection, query, &mut |series, process, resolution, start, sums| {
                let (series, process) = (series.clone(), process.clone());
                each(KeptCalls { series, process, resolution, start_unix_s: start, sums })
            })
        })
    }

    fn summary(&self, query: &Query) -> Result<Summary, StoreError> {
        self.read("summarize calls", |connection| {
            let mut all: BTreeMap<SeriesKey, Sums> = BTreeMap::new();
            let mut count = 0;
            let cover = Self::each_calls(connection, query, &mut |series, _, _, _, sums| {
                count += 1;
                match all.get_mut(&**series) {
                    Some(known) => known.merge(&sums),
                    None => {
                        all.insert(SeriesKey::clone(series), sums);
                    }
                }
                ControlFlow::Continue(())
            })?;
            Ok(Summary { series: all.into_iter().collect(), cover, rows: count })
        })
    }

    fn gauge_names(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read("list its gauges", |connection| {
            let mut all = Vec::new();
            let sql = "SELECT name, unit FROM gauge_name ORDER BY name, unit";
            let _ = rows(connection, sql, [], &mut |row| {
                all.push((row.get(0)?, row.get(1)?));
                Ok(ControlFlow::Continue(()))
            })?;
            Ok(all)
        })
    }

    fn gauges(&self, name: &str, between: &Between) -> Result<(Vec<KeptGauge>, Cover), StoreError> {
        self.read("read a gauge", |connection| {
            let people = people(connection)?;
            let mut cover = Cover::of(between, &available(connection)?);
            let mut units: HashMap<i64, String> = HashMap::new();
            let sql = "SELECT id, unit FROM gauge_name WHERE name = ?1";
            let _ = rows(connection, sql, [name], &mut |row| {
                units.insert(row.get(0)?, row.get(1)?);
                Ok(ControlFlow::Continue(()))
            })?;
            let mut all = Vec::new();
            let mut keep = |resolution, (start, id, whose): (u64, i64, i64), of: Readings| {
                let process = people.processes.get(&whose);
                let process = process.filter(|process| is_of(between, &process.by));
                if let (Some(unit), Some(process)) = (units.get(&id), process) {
                    let Readings { count, sum, least, most, last } = of;
                    let (name, unit, minute_unix_s) = (name.to_owned(), unit.clone(), start);
                    let gauge = Gauge { name, unit, minute_unix_s, count, sum, least, most, last };
                    all.push(KeptGauge { by: Arc::new(process.by.clone()), resolution, gauge });
                }
            };
            let spans = cover.spans.clone();
            let mut flushed = flushed(connection, &spans, &mut cover)?;
            let sql = format!(
                "SELECT {GAUGE_COLUMNS} FROM gauge WHERE resolution = ?1 AND start >= ?2 AND \
                 start < ?3 AND name IN (SELECT id FROM gauge_name WHERE name = ?4) ORDER BY start"
            );
            for span in spans {
                let ends = (span.from_unix_s as i64, span.until_unix_s as i64);
                let within = (span.resolution as u8, ends.0, ends.1, name);
                let _ = rows(connection, &sql, within, &mut |row| {
                    match read_readings(row) {
                        Ok(((_, start, id, whose), of)) => {
                            keep(span.resolution, (start, id, whose), of);
                        }
                        Err(Fault::Damaged(_)) => cover.damaged_rows += 1,
                        Err(fault) => return Err(fault),
                    }
                    Ok(ControlFlow::Continue(()))
                })?;
                for (whose, start, minute) in
                    flushed.remove(&span.from_unix_s).into_iter().flatten()
                {
                    for (id, of) in minute.gauges {
                        keep(Resolution::Minute, (start, id, whose), of);
                    }
                }
            }
            Ok((all, cover))
        })
    }

    fn baselines(&self, operation: Option<&str>) -> Result<Vec<KeptBaseline>, StoreError> {
        self.read("read baselines", |connection| {
            let people = people(connection)?;
            let all = baselines(connection, None, operation)?.into_iter();
            let kept = all.filter_map(|(whose, baseline)| {
                Some(KeptBaseline { by: people.instances.get(&whose)?.clone(), baseline })
            });
            Ok(kept.collect())
        })
    }

    fn alerts(&self, between: &Between) -> Result<Vec<KeptAlert>, StoreError> {
        let all =
            self.read("read alerts", |connection| Self::things(connection, "alert", between))?;
        Ok(all.into_iter().map(|(by, _, alert)| KeptAlert { by, alert }).collect())
    }

    fn incidents(&self, between: &Between) -> Result<Vec<KeptIncident>, StoreError> {
        let all = self
            .read("read incidents", |connection| Self::things(connection, "incident", between))?;
        Ok(all.into_iter().map(|(by, _, incident)| KeptIncident { by, incident }).collect())
    }

    fn silences(&self, between: &Between) -> Result<Vec<KeptSilence>, StoreError> {
        let all =
            self.read("read silences", |connection| Self::things(connection, "silence", between))?;
        Ok(all.into_iter().map(|(by, id, silence)| KeptSilence { by, id, silence }).collect())
    }

    fn notes(
        &self,
        query: &NoteQuery,
        each: &mut dyn FnMut(KeptNote) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.read("read notes", |connection| {
            let people = people(connection)?;
            let sql = "SELECT process, json, text_check FROM note WHERE at_ns >= ?1 AND at_ns < ?2 \
                       AND (?3 IS NULL OR kind = ?3) AND (?4 IS NULL OR subject = ?4) \
                       ORDER BY at_ns, id";
            let (from, until) = (query.between.from_unix_s, query.between.until_unix_s);
            let within = (nanoseconds(from), nanoseconds(until), &query.kind, &query.subject);
            let _ = rows(connection, sql, within, &mut |row| {
                let (whose, text, sum): (i64, String, i64) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                let process = people.processes.get(&whose);
                let process = process.filter(|process| is_of(&query.between, &process.by));
                Ok(match (process, from_text(&text, sum)) {
                    (Some(process), Some(note)) => {
                        each(KeptNote { by: Arc::new(process.by.clone()), note })
                    }
                    _ => ControlFlow::Continue(()),
                })
            })?;
            Ok(())
        })
    }

    fn processes(&self) -> Result<Vec<KeptProcess>, StoreError> {
        let people = self.read("list its processes", people)?;
        let mut all: Vec<_> =
            people.processes.into_values().map(|process| KeptProcess::clone(&process)).collect();
        all.sort_by(|one, other| (one.began, &one.id).cmp(&(other.began, &other.id)));
        Ok(all)
    }

    fn health(&self, thorough: bool) -> Result<Health, StoreError> {
        let size = |path: &Path| std::fs::metadata(path).ok().map(|found| found.len());
        self.read("look how it is", |connection| {
            let ranges = available(connection)?.0;
            let until = |of: Resolution| {
                let (_, until) = ranges[of as usize];
                (until > 0).then_some(until)
            };
            let mut damage = None;
            if thorough {
                let mut complaints = Vec::new();
                let _ = rows(connection, "PRAGMA integrity_check(100)", [], &mut |row| {
                    complaints.push(row.get::<_, String>(0)?);
                    Ok(ControlFlow::Continue(()))
                })?;
                complaints.retain(|said| said != "ok");
                let mut codec = HdrCodec::default();
                let mut wrong = 0_u64;
                let _ =
                    rows(connection, &format!("SELECT {COLUMNS} FROM calls"), [], &mut |row| {
                        match row::read(row, Some(&mut codec)) {
                            Err(Fault::Damaged(_)) => wrong += 1,
                            Err(fault) => return Err(fault),
                            Ok(_) => {}
                        }
                        Ok(ControlFlow::Continue(()))
                    })?;
                wrong += journal::read(connection, None, |_, _, _| Ok(()))?;
                if wrong > 0 {
                    complaints.push(format!("{wrong} rows are not what was written"));
                }
                damage = Some(complaints);
            }
            Ok(Health {
                place: self.path.display().to_string(),
                version: Some(version(connection)?),
                used_bytes: used_bytes(connection)?,
                file_bytes: size(&self.path),
                log_bytes: Some(size(&beside(&self.path, "-wal")).unwrap_or(0)),
                rows: counts(connection)?,
                journal_flushes: connection.query_row(
                    "SELECT count(*) FROM journal",
                    [],
                    |row| row.get::<_, i64>(0),
                )? as u64,
                rolled_up_until_unix_s: [until(Resolution::Hour), until(Resolution::Day)],
                damage,
            })
        })
    }
}

/// The rows of each table.
fn counts(connection: &Connection) -> Result<Vec<Rows>, Fault> {
    let mut all = Vec::new();
    for (name, table) in [("calls", "calls"), ("gauges", "gauge")] {
        for resolution in Resolution::ALL {
            let sql = format!(
                "SELECT count(*), min(start), max(start) FROM {table} WHERE resolution = {}",
                resolution as u8
            );
            all.push(count(connection, &sql, name, Some(resolution), 1)?);
        }
    }
    for (name, table, column) in [
        ("notes", "note", "at_ns"),
        ("baselines", "baseline", "learned_ns"),
        ("alerts", "alert", "began_ns"),
        ("incidents", "incident", "began_ns"),
        ("silences", "silence", "began_ns"),
        ("judges", "judge", "at_ns"),
        ("processes", "process", "began_ns"),
    ] {
        let sql = format!("SELECT count(*), min({column}), max({column}) FROM {table}");
        all.push(count(connection, &sql, name, None, 1_000_000_000)?);
    }
    Ok(all)
}

fn count(
    connection: &Connection,
    sql: &str,
    table: &'static str,
    resolution: Option<Resolution>,
    unit: i64,
) -> Result<Rows, Fault> {
    let (count, oldest, newest) = connection.query_row(sql, [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, Option<i64>>(2)?))
    })?;
    let seconds = |time: Option<i64>| time.map(|time| (time / unit).max(0) as u64);
    let (oldest_unix_s, newest_unix_s) = (seconds(oldest), seconds(newest));
    Ok(Rows { table, resolution, count: count as u64, oldest_unix_s, newest_unix_s })
}
