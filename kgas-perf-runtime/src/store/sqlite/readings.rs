//! Rows of readings: made, added to, read.

use rusqlite::Connection;

use crate::store::sqlite::error::Fault;
use crate::store::sqlite::journal::Readings;
use crate::store::sqlite::row::{Key, check};

fn readings_check((resolution, start, name, process): Key, of: &Readings) -> u32 {
    let numbers = [of.sum, of.least, of.most, of.last].map(f64::to_le_bytes).concat();
    let key = [start, name as u64, process as u64, of.count].map(u64::to_le_bytes).concat();
    check(&[&[resolution], &key, &numbers])
}

/// Reads `resolution, start, name, process, count, sum, least, most, last, sum_check`.
pub(super) fn read_readings(row: &rusqlite::Row<'_>) -> Result<(Key, Readings), Fault> {
    let (start, count): (i64, i64) = (row.get(1)?, row.get(4)?);
    let key = (row.get(0)?, start as u64, row.get(2)?, row.get(3)?);
    let readings = Readings {
        count: count as u64,
        sum: row.get(5)?,
        least: row.get(6)?,
        most: row.get(7)?,
        last: row.get(8)?,
    };
    if row.get::<_, i64>(9)? != i64::from(readings_check(key, &readings)) {
        return Err(Fault::Damaged("readings are not what was written".to_owned()));
    }
    Ok((key, readings))
}

pub(super) const GAUGE_COLUMNS: &str =
    "resolution, start, name, process, count, sum, least, most, last, sum_check";

fn readings_at(connection: &Connection, key: Key) -> Result<Option<Readings>, Fault> {
    let sql = format!(
        "SELECT {GAUGE_COLUMNS} FROM gauge WHERE resolution = ?1 AND start = ?2 AND name = ?3 \
         AND process = ?4"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((key.0, key.1 as i64, key.2, key.3))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    match read_readings(row) {
        Ok((_, readings)) => Ok(Some(readings)),
        Err(Fault::Damaged(_)) => Ok(None),
        Err(fault) => Err(fault),
    }
}

fn write_readings(connection: &Connection, key: Key, of: &Readings) -> Result<(), Fault> {
    let sql = "INSERT INTO gauge(resolution, start, name, process, count, sum, least, most, last, \
               sum_check) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO UPDATE \
               SET count = ?5, sum = ?6, least = ?7, most = ?8, last = ?9, sum_check = ?10";
    let values = rusqlite::params![
        key.0,
        key.1 as i64,
        key.2,
        key.3,
        of.count as i64,
        of.sum,
        of.least,
        of.most,
        of.last,
        i64::from(readings_check(key, of))
    ];
    connection.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// Adds later readings to what is kept of their row.
pub(super) fn add_readings(
    connection: &Connection,
    key: Key,
    later: &Readings,
) -> Result<(), Fault> {
    let mut all = *later;
    if let Some(mut known) = readings_at(connection, key)? {
        known.merge(later);
        all = known;
    }
    write_readings(connection, key, &all)
}

/// Keeps readings that are all there are of their row, unless as many are kept of it already.
pub(super) fn put_readings(
    connection: &Connection,
    key: Key,
    readings: &Readings,
) -> Result<bool, Fault> {
    if readings_at(connection, key)?.is_some_and(|known| known.count >= readings.count) {
        return Ok(false);
    }
    write_readings(connection, key, readings)?;
    Ok(true)
}
