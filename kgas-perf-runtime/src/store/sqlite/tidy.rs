//! Hours from minutes, days from hours; what is too old, what is too much; the log's size.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use crate::store::Tidied;
use crate::store::durations::HdrCodec;
use crate::store::error::StoreError;
use crate::store::resolution::Resolution;
use crate::store::retention::Retention;
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::file::beside;
use crate::store::sqlite::numbers::{self, available, oldest, set_from, set_until};

/// An hour is made so long after its end: by then its last minute was flushed, and what is not is
/// added when it comes.
const GRACE_S: u64 = 120;
/// Hours and days that are made at a time.
const MOST_ROLLED: u32 = 6;
/// Rows that are dropped at a time.
const MOST_DROPPED: u32 = 20_000;
/// Pages that are given back at a time, 16 MiB.
const MOST_FREED: u32 = 4_096;

/// Some of what there is to do.
pub(super) fn tidy(
    connection: &mut Connection,
    codec: &mut HdrCodec,
    retention: &Retention,
    now_unix_s: u64,
) -> Result<Tidied, Fault> {
    let mut tidied = Tidied::default();
    for coarse in [Resolution::Hour, Resolution::Day] {
        roll_up(connection, codec, coarse, now_unix_s, &mut tidied)?;
    }
    expire(connection, retention, now_unix_s, &mut tidied)?;
    evict(connection, retention, &mut tidied)?;
    connection.execute_batch(&format!("PRAGMA incremental_vacuum({MOST_FREED})"))?;
    Ok(tidied)
}

fn roll_up(
    connection: &mut Connection,
    codec: &mut HdrCodec,
    coarse: Resolution,
    now_unix_s: u64,
    tidied: &mut Tidied,
) -> Result<(), Fault> {
    let fine = if coarse == Resolution::Day { Resolution::Hour } else { Resolution::Minute };
    for _ in 0..MOST_ROLLED {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let ranges = available(&transaction)?.0;
        // A day is made of hours that are made.
        let (_, until) = ranges[coarse as usize];
        let end = coarse.start_of(ranges[fine as usize].1.min(now_unix_s.saturating_sub(GRACE_S)));
        if until >= end {
            return Ok(());
        }
        // Stretches without rows are passed over.
        let next = oldest(&transaction, fine, until)?.map(|start| coarse.start_of(start));
        let Some(start) = next.filter(|start| *start < end) else {
            set_until(&transaction, coarse, end)?;
            transaction.commit()?;
            return Ok(());
        };
        tidied.rolled_up += numbers::roll_up(&transaction, codec, coarse, start, None)?;
        set_until(&transaction, coarse, start + coarse.seconds())?;
        transaction.commit()?;
    }
    tidied.more = true;
    Ok(())
}

/// Drops rows of a resolution that begin before a time.
fn drop_before(
    connection: &mut Connection,
    resolution: Resolution,
    before: u64,
) -> Result<u64, Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (from, _) = available(&transaction)?.0[resolution as usize];
    // From now on nobody reads them, whether they are gone or not.
    if before > from {
        set_from(&transaction, resolution, before)?;
    }
    let mut dropped = 0;
    for table in ["calls", "gauge"] {
        let sql = format!(
            "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE resolution = ?1 AND \
             start < ?2 ORDER BY start LIMIT {MOST_DROPPED})"
        );
        let gone = transaction.prepare_cached(&sql)?.execute((resolution as u8, before as i64))?;
        dropped += gone as u64;
    }
    transaction.commit()?;
    Ok(dropped)
}

fn expire(
    connection: &mut Connection,
    retention: &Retention,
    now_unix_s: u64,
    tidied: &mut Tidied,
) -> Result<(), Fault> {
    for resolution in Resolution::ALL {
        let coarser = resolution.coarser().unwrap_or(Resolution::Day);
        let (_, made) = available(connection)?.0[coarser as usize];
        let age = now_unix_s.saturating_sub(retention.of(resolution).as_secs());
        // Nothing goes before the coarser row is made of it.
        let before = coarser.start_of(age.min(made));
        let dropped = drop_before(connection, resolution, before)?;
        tidied.expired += dropped;
        tidied.more |= dropped >= u64::from(MOST_DROPPED);
    }
    let age = |of: Duration| {
        let seconds = now_unix_s.saturating_sub(of.as_secs());
        i64::try_from(Duration::from_secs(seconds).as_nanos()).unwrap_or(i64::MAX)
    };
    let before = age(retention.notes);
    for sql in [
        "DELETE FROM note WHERE id IN (SELECT id FROM note WHERE at_ns < ?1 ORDER BY at_ns LIMIT 20000)",
        "DELETE FROM alert WHERE place = 0 AND ended_ns < ?1",
        "DELETE FROM incident WHERE place = 0 AND ended_ns < ?1",
        "DELETE FROM silence WHERE place = 0 AND ended_ns < ?1",
    ] {
        tidied.expired += connection.prepare_cached(sql)?.execute([before])? as u64;
    }
    // A process of which nothing can be left.
    let longest = age(retention.days.max(retention.notes));
    let sql = "DELETE FROM process WHERE seen_ns < ?1 AND id NOT IN (SELECT process FROM journal) \
               AND id NOT IN (SELECT max(id) FROM process GROUP BY instance)";
    connection.prepare_cached(sql)?.execute([longest])?;
    Ok(())
}

/// How much of the file is in use, in bytes.
pub(super) fn used_bytes(connection: &Connection) -> Result<u64, Fault> {
    let number =
        |of: &str| connection.query_row(&format!("PRAGMA {of}"), [], |row| row.get::<_, i64>(0));
    let (pages, free) = (number("page_count")?, number("freelist_count")?);
    Ok((pages - free).max(0) as u64 * number("page_size")?.max(0) as u64)
}

/// Drops the oldest of what is finest while there is too much.
fn evict(
    connection: &mut Connection,
    retention: &Retention,
    tidied: &mut Tidied,
) -> Result<(), Fault> {
    for _ in 0..16 {
        if used_bytes(connection)? <= retention.most_bytes {
            return Ok(());
        }
        let mut dropped = 0;
        for resolution in Resolution::ALL {
            let coarser = resolution.coarser().unwrap_or(Resolution::Day);
            let (_, made) = available(connection)?.0[coarser as usize];
            let Some(first) = oldest(connection, resolution, 0)? else { continue };
            // A tenth of the time that they are of.
            let step = made.saturating_sub(first) / 10;
            let before = coarser.start_of(first + step.max(coarser.seconds())).min(made);
            if first >= before {
                continue;
            }
            dropped = drop_before(connection, resolution, before)?;
            if dropped > 0 {
                break;
            }
        }
        if dropped == 0 {
            let sql =
                "DELETE FROM note WHERE id IN (SELECT id FROM note ORDER BY at_ns LIMIT 5000)";
            dropped = connection.prepare_cached(sql)?.execute([])? as u64;
        }
        if dropped == 0 {
            return Ok(());
        }
        tidied.evicted += dropped;
    }
    tidied.more = true;
    Ok(())
}

/// Empties the log when it is large. One that somebody's long look keeps from being emptied is
/// bounded: beyond that nothing is written until they are done.
pub(super) fn bound_log(connection: &Connection, path: &Path, most: u64) -> Result<(), Fault> {
    let size = || std::fs::metadata(beside(path, "-wal")).map_or(0, |found| found.len());
    if size() <= most / 2 {
        return Ok(());
    }
    empty_log(connection)?;
    if size() > most {
        return Err(StoreError::Busy { path: path.to_owned() }.into());
    }
    Ok(())
}

/// Puts the log into the file, and makes it empty if nobody looks at it.
pub(super) fn empty_log(connection: &Connection) -> Result<(), Fault> {
    // It answers whether it was blocked, which is no failure.
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))?;
    Ok(())
}
