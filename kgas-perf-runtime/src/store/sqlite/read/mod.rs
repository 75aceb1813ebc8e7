//! `SqliteArchive`: the reading side.
//!
//! - `people`: whose rows they are; `calls`: by the rows that cover a time; `health`: how it is.

mod calls;
mod health;
mod people;

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use serde::de::DeserializeOwned;

use crate::store::archive::{
    Archive, Between, By, Cover, Health, KeptAlert, KeptBaseline, KeptCalls, KeptGauge,
    KeptIncident, KeptNote, KeptProcess, KeptSilence, NoteQuery, Query, SeriesKey, Summary, Sums,
};
use crate::store::error::StoreError;
use crate::store::gauge::Gauge;
use crate::store::resolution::Resolution;
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::file::open_to_read;
use crate::store::sqlite::journal::Readings;
use crate::store::sqlite::numbers::available;
use crate::store::sqlite::readings::{GAUGE_COLUMNS, read_readings};
use crate::store::sqlite::state::{baselines, from_text, time};

use calls::{each_calls, flushed};
use people::{is_of, people, rows, series};

/// What is in the file of a [`SqliteStore`](crate::store::SqliteStore), being read, while others
/// write it or not.
#[derive(Debug)]
pub struct SqliteArchive {
    path: PathBuf,
    connection: Connection,
}

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

fn nanoseconds(seconds: u64) -> i64 {
    i64::try_from(u128::from(seconds) * 1_000_000_000).unwrap_or(i64::MAX)
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
            each_calls(connection, query, &mut |series, process, resolution, start, sums| {
                let (series, process) = (series.clone(), process.clone());
                each(KeptCalls { series, process, resolution, start_unix_s: start, sums })
            })
        })
    }

    fn summary(&self, query: &Query) -> Result<Summary, StoreError> {
        self.read("summarize calls", |connection| {
            let mut all: BTreeMap<SeriesKey, Sums> = BTreeMap::new();
            let mut count = 0;
            let cover = each_calls(connection, query, &mut |series, _, _, _, sums| {
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
        self.read("look how it is", |connection| health::health(connection, &self.path, thorough))
    }
}
