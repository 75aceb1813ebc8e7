//! Rows of numbers: made, added to, rolled up.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

use crate::store::archive::{Available, Sums};
use crate::store::durations::HdrCodec;
use crate::store::resolution::Resolution;
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::journal::{Minute, Readings};
use crate::store::sqlite::migrate::{meta, set_meta};
use crate::store::sqlite::readings::{GAUGE_COLUMNS, add_readings, put_readings, read_readings};
use crate::store::sqlite::row::{self, COLUMNS, Key};

/// From when until when rows of each resolution are whole.
///
/// `from_R`: older rows of that resolution were dropped. `until_R`: until then they were made from
/// finer ones; what comes later and is of an earlier time is added to all of them.
pub(super) fn available(connection: &Connection) -> Result<Available, Fault> {
    let mut ranges = [(0, u64::MAX); 3];
    for resolution in Resolution::ALL {
        let from = meta(connection, &format!("from_{}", resolution.as_str()))?.unwrap_or(0);
        let until = match resolution {
            Resolution::Minute => u64::MAX,
            _ => meta(connection, &format!("until_{}", resolution.as_str()))?.unwrap_or(0) as u64,
        };
        ranges[resolution as usize] = (from as u64, until);
    }
    Ok(Available(ranges))
}

pub(super) fn set_from(connection: &Connection, of: Resolution, from: u64) -> Result<(), Fault> {
    set_meta(connection, &format!("from_{}", of.as_str()), from as i64)
}

pub(super) fn set_until(connection: &Connection, of: Resolution, until: u64) -> Result<(), Fault> {
    set_meta(connection, &format!("until_{}", of.as_str()), until as i64)
}

/// Adds calls and readings of one minute to what is kept of it, and to the hour and the day if
/// those were made already.
pub(super) fn add_minute(
    connection: &Connection,
    codec: &mut HdrCodec,
    process: i64,
    minute_unix_s: u64,
    minute: &Minute,
) -> Result<(), Fault> {
    let available = available(connection)?;
    for resolution in Resolution::ALL {
        let start = resolution.start_of(minute_unix_s);
        let (from, until) = available.0[resolution as usize];
        if start < from || start >= until {
            continue;
        }
        for (series, sums) in &minute.calls {
            add_calls(connection, codec, (resolution as u8, start, *series, process), sums)?;
        }
        for (name, readings) in &minute.gauges {
            add_readings(connection, (resolution as u8, start, *name, process), readings)?;
        }
    }
    Ok(())
}

fn add_calls(
    connection: &Connection,
    codec: &mut HdrCodec,
    key: Key,
    sums: &Sums,
) -> Result<(), Fault> {
    if insert_calls(connection, codec, key, sums)? {
        return Ok(());
    }
    // What is there and damaged is replaced: it could not be read anyway.
    let mut all = calls_at(connection, codec, key)?.unwrap_or_default();
    all.merge(sums);
    replace_calls(connection, codec, key, &all)
}

/// Whether there was none yet.
fn insert_calls(
    connection: &Connection,
    codec: &mut HdrCodec,
    key: Key,
    sums: &Sums,
) -> Result<bool, Fault> {
    let sql = "INSERT INTO calls(resolution, start, series, process, calls, sums, ok, error, \
               panicked, cancelled) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) \
               ON CONFLICT DO NOTHING";
    Ok(write_calls(connection, codec, sql, key, sums)? == 1)
}

fn replace_calls(
    connection: &Connection,
    codec: &mut HdrCodec,
    key: Key,
    sums: &Sums,
) -> Result<(), Fault> {
    let sql = "UPDATE calls SET calls = ?5, sums = ?6, ok = ?7, error = ?8, panicked = ?9, \
               cancelled = ?10 WHERE resolution = ?1 AND start = ?2 AND series = ?3 AND \
               process = ?4";
    write_calls(connection, codec, sql, key, sums).map(drop)
}

/// Hands a row to a statement; answers how many rows it changed.
fn write_calls(
    connection: &Connection,
    codec: &mut HdrCodec,
    sql: &str,
    key: Key,
    sums: &Sums,
) -> Result<usize, Fault> {
    let (resolution, start, series, process) = key;
    let [ok, error, panicked, cancelled] = row::histograms(sums, codec);
    let packed = row::pack_for(sums, key);
    let calls = sums.calls() as i64;
    let values = rusqlite::params![
        resolution,
        start as i64,
        series,
        process,
        calls,
        packed,
        ok,
        error,
        panicked,
        cancelled
    ];
    Ok(connection.prepare_cached(sql)?.execute(values)?)
}

fn calls_at(
    connection: &Connection,
    codec: &mut HdrCodec,
    (resolution, start, series, process): Key,
) -> Result<Option<Sums>, Fault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM calls WHERE resolution = ?1 AND start = ?2 AND series = ?3 AND \
         process = ?4"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((resolution, start as i64, series, process))?;
    let Some(found) = rows.next()? else { return Ok(None) };
    match row::read(found, Some(codec)) {
        Ok((_, sums)) => Ok(Some(sums)),
        Err(Fault::Damaged(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Keeps calls that are all there are of their row, unless as many are kept of it already.
/// Answers whether they were kept.
pub(super) fn put_calls(
    connection: &Connection,
    codec: &mut HdrCodec,
    key: Key,
    sums: &Sums,
) -> Result<bool, Fault> {
    if insert_calls(connection, codec, key, sums)? {
        return Ok(true);
    }
    let known = calls_at(connection, codec, key)?;
    if known.is_some_and(|known| known.calls() >= sums.calls()) {
        return Ok(false);
    }
    replace_calls(connection, codec, key, sums)?;
    Ok(true)
}

/// When the oldest row of a resolution begins, from a time on.
pub(super) fn oldest(
    connection: &Connection,
    resolution: Resolution,
    from: u64,
) -> Result<Option<u64>, Fault> {
    let mut oldest: Option<i64> = None;
    for table in ["calls", "gauge"] {
        let sql = format!("SELECT min(start) FROM {table} WHERE resolution = ?1 AND start >= ?2");
        let found: Option<Option<i64>> = connection
            .prepare_cached(&sql)?
            .query_row((resolution as u8, from as i64), |row| row.get(0))
            .optional()?;
        oldest = [oldest, found.flatten()].into_iter().flatten().min();
    }
    Ok(oldest.map(|start| start as u64))
}

/// Makes the rows of one hour or day, of every process or of those that are given, from the finer
/// ones. Doing it again changes nothing. Answers how many rows were made.
pub(super) fn roll_up(
    connection: &Connection,
    codec: &mut HdrCodec,
    coarse: Resolution,
    start: u64,
    whose: Option<&dyn Fn(i64) -> bool>,
) -> Result<u64, Fault> {
    let fine = match coarse {
        Resolution::Day => Resolution::Hour,
        _ => Resolution::Minute,
    };
    let end = start + coarse.seconds();
    let within = (fine as u8, start as i64, end as i64);
    let mine = |process: i64| whose.is_none_or(|whose| whose(process));
    let mut made = 0;

    let mut calls: HashMap<(i64, i64), Sums> = HashMap::new();
    let sql = format!(
        "SELECT {COLUMNS} FROM calls WHERE resolution = ?1 AND start >= ?2 AND start < ?3 \
         ORDER BY start"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(within)?;
    while let Some(found) = rows.next()? {
        match row::read(found, Some(codec)) {
            Ok(((_, _, series, process), sums)) if mine(process) => {
                calls.entry((series, process)).or_default().merge(&sums);
            }
            Ok(_) | Err(Fault::Damaged(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    for ((series, process), sums) in calls {
        let key = (coarse as u8, start, series, process);
        made += u64::from(put_calls(connection, codec, key, &sums)?);
    }

    let mut gauges: HashMap<(i64, i64), Readings> = HashMap::new();
    let sql = format!(
        "SELECT {GAUGE_COLUMNS} FROM gauge WHERE resolution = ?1 AND start >= ?2 AND start < ?3 \
         ORDER BY start"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(within)?;
    while let Some(found) = rows.next()? {
        match read_readings(found) {
            Ok(((_, _, name, process), readings)) if mine(process) => {
                gauges
                    .entry((name, process))
                    .and_modify(|known| known.merge(&readings))
                    .or_insert(readings);
            }
            Ok(_) | Err(Fault::Damaged(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    for ((name, process), readings) in gauges {
        let key = (coarse as u8, start, name, process);
        made += u64::from(put_readings(connection, key, &readings)?);
    }
    Ok(made)
}
