//! The minute that is not over: kept in memory, and flush by flush in a journal.
//!
//! A flush is one row, so that it costs the same with a thousand operations as with one. When the
//! minute is over its calls become rows, and the flushes go, in one transaction.

use std::collections::HashMap;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::store::archive::Sums;
use crate::store::durations::{read_counters, write_counters};
use crate::store::gauge::Gauge;
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::row::{check, pack, unpack};

/// How a flush is written. Another way gets another number.
const WAY: u8 = 1;

/// Calls by series, and what was read by gauge, of one minute.
#[derive(Debug, Default)]
pub(super) struct Minute {
    pub(super) calls: HashMap<i64, Sums>,
    pub(super) gauges: HashMap<i64, Readings>,
}

/// What was read of one gauge; its name and minute stand elsewhere.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Readings {
    pub(super) count: u64,
    pub(super) sum: f64,
    pub(super) least: f64,
    pub(super) most: f64,
    pub(super) last: f64,
}

impl From<&Gauge> for Readings {
    fn from(gauge: &Gauge) -> Self {
        let Gauge { count, sum, least, most, last, .. } = *gauge;
        Self { count, sum, least, most, last }
    }
}

impl Readings {
    /// Adds later ones.
    pub(super) fn merge(&mut self, later: &Self) {
        self.count = self.count.saturating_add(later.count);
        self.sum += later.sum;
        self.least = self.least.min(later.least);
        self.most = self.most.max(later.most);
        self.last = later.last;
    }
}

impl Minute {
    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty() && self.gauges.is_empty()
    }

    pub(super) fn merge(&mut self, later: Self) {
        for (series, sums) in later.calls {
            self.calls.entry(series).or_default().merge(&sums);
        }
        for (name, readings) in later.gauges {
            self.gauges.entry(name).and_modify(|known| known.merge(&readings)).or_insert(readings);
        }
    }

    /// As a flush is written.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut calls: Vec<_> = self
            .calls
            .iter()
            .map(|(series, sums)| {
                let histograms = sums.outcomes.iter().map(|outcome| {
                    let mut bytes = Vec::new();
                    write_counters(outcome.counters(), &mut bytes);
                    bytes
                });
                (*series, pack(sums), histograms.collect())
            })
            .collect();
        calls.sort_unstable_by_key(|(series, ..)| *series);
        let gauges = self.gauges.iter().map(|(name, readings)| (*name, *readings)).collect();
        let mut bytes =
            postcard::to_extend(&Flush { calls, gauges }, vec![WAY]).unwrap_or_default();
        let sum = check(&[&bytes]);
        bytes.extend_from_slice(&sum.to_le_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        let damaged = || Fault::Damaged("a flush is not what was written".to_owned());
        let (bytes, sum) = bytes.split_last_chunk().ok_or_else(damaged)?;
        if check(&[bytes]) != u32::from_le_bytes(*sum) {
            return Err(damaged());
        }
        let (way, bytes) = bytes.split_first().ok_or_else(damaged)?;
        if *way != WAY {
            return Err(Fault::Damaged(format!("a flush is written in way {way}")));
        }
        let flush: Flush = postcard::from_bytes(bytes).map_err(|_| damaged())?;
        let mut minute = Self::default();
        for (series, packed, histograms) in flush.calls {
            let mut sums = unpack(&packed)?;
            for (outcome, bytes) in sums.outcomes.iter_mut().zip(histograms) {
                let counters = read_counters(&bytes).map_err(|_| damaged())?;
                *outcome = outcome.clone().with_counters(counters);
            }
            minute.calls.insert(series, sums);
        }
        minute.gauges = flush.gauges.into_iter().collect();
        Ok(minute)
    }
}

/// The entries of one flush.
#[derive(Serialize, Deserialize)]
struct Flush {
    /// Series, numbers, histograms by outcome.
    calls: Vec<(i64, Vec<u8>, Vec<Vec<u8>>)>,
    gauges: Vec<(i64, Readings)>,
}

/// Keeps a flush of one minute.
pub(super) fn write(
    connection: &Connection,
    process: i64,
    flush: u64,
    minute_unix_s: u64,
    minute: &Minute,
) -> Result<(), Fault> {
    let sql = "INSERT INTO journal VALUES(?1, ?2, ?3, ?4)";
    let row = (process, flush as i64, minute_unix_s as i64, minute.to_bytes());
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// Reads the flushes of one process, or of all; oldest first, and by minute. Answers how many
/// were damaged and left out.
pub(super) fn read(
    connection: &Connection,
    process: Option<i64>,
    mut each: impl FnMut(i64, u64, Minute) -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let sql = "SELECT process, minute, entries FROM journal WHERE ?1 IS NULL OR process = ?1 \
               ORDER BY process, flush";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([process])?;
    let mut damaged = 0;
    while let Some(row) = rows.next()? {
        let minute: i64 = row.get(1)?;
        match Minute::from_bytes(row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?) {
            Ok(entries) => each(row.get(0)?, minute as u64, entries)?,
            Err(_) => damaged += 1,
        }
    }
    Ok(damaged)
}

/// Drops the flushes of a process: their entries are rows now.
pub(super) fn clear(connection: &Connection, process: i64) -> Result<(), Fault> {
    connection.prepare_cached("DELETE FROM journal WHERE process = ?1")?.execute([process])?;
    Ok(())
}
