//! How the file is.

use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::Connection;

use crate::store::archive::{Health, Rows};
use crate::store::durations::HdrCodec;
use crate::store::resolution::Resolution;
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::file::beside;
use crate::store::sqlite::journal;
use crate::store::sqlite::migrate::version;
use crate::store::sqlite::numbers::available;
use crate::store::sqlite::read::people::rows;
use crate::store::sqlite::row::{self, COLUMNS};
use crate::store::sqlite::tidy::used_bytes;

/// How the file is; `thorough` reads all of it.
pub(super) fn health(
    connection: &Connection,
    path: &Path,
    thorough: bool,
) -> Result<Health, Fault> {
    let size = |path: &Path| std::fs::metadata(path).ok().map(|found| found.len());
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
        let _ = rows(connection, &format!("SELECT {COLUMNS} FROM calls"), [], &mut |row| {
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
        place: path.display().to_string(),
        version: Some(version(connection)?),
        used_bytes: used_bytes(connection)?,
        file_bytes: size(path),
        log_bytes: Some(size(&beside(path, "-wal")).unwrap_or(0)),
        rows: counts(connection)?,
        journal_flushes: connection
            .query_row("SELECT count(*) FROM journal", [], |row| row.get::<_, i64>(0))?
            as u64,
        rolled_up_until_unix_s: [until(Resolution::Hour), until(Resolution::Day)],
        damage,
    })
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
