//! Calls to a row and back.

use std::time::Duration;

use rusqlite::Row;
use serde::{Deserialize, Serialize};

use crate::measure::{Outcome, Severity};
use crate::registry::{Allocations, MemoryDeltas, Polls};
use crate::store::archive::Sums;
use crate::store::durations::{Durations, HdrCodec};
use crate::store::sqlite::error::Fault;

/// How the numbers of a row are written. Another way gets another number.
const WAY: u8 = 1;

/// The numbers of a row besides its histograms.
#[derive(Serialize, Deserialize)]
struct Numbers {
    /// Which outcome, how many, their sum, the longest; of those that there were.
    outcomes: Vec<(u8, u64, Duration, Duration)>,
    memory: Option<MemoryDeltas>,
    allocations: Option<Allocations>,
    polls: Option<Polls>,
    callees: Duration,
    known_callees: (u64, Duration),
    argument_bytes: u64,
    breaches: [u64; Severity::ALL.len()],
    unfiled: u64,
}

/// The sum that tells whether bytes are what was written (CRC-32 of zlib).
pub(super) fn check(parts: &[&[u8]]) -> u32 {
    let mut sum = flate2::Crc::new();
    parts.iter().for_each(|part| sum.update(part));
    sum.sum()
}

/// Which row it is: resolution, start, series, process.
pub(super) type Key = (u8, u64, i64, i64);

fn key_bytes((resolution, start, series, process): Key) -> [u8; 25] {
    let mut bytes = [resolution; 25];
    bytes[1..9].copy_from_slice(&start.to_le_bytes());
    bytes[9..17].copy_from_slice(&series.to_le_bytes());
    bytes[17..].copy_from_slice(&process.to_le_bytes());
    bytes
}

/// The numbers of calls, without histograms.
pub(super) fn pack(sums: &Sums) -> Vec<u8> {
    let outcomes = Outcome::ALL.into_iter().zip(&sums.outcomes).filter(|(_, one)| !one.is_empty());
    let numbers = Numbers {
        outcomes: outcomes
            .map(|(outcome, one)| {
                (outcome as u8, one.count(), one.sum(), one.max().unwrap_or_default())
            })
            .collect(),
        memory: sums.memory,
        allocations: sums.allocations,
        polls: sums.polls,
        callees: sums.callees,
        known_callees: sums.known_callees,
        argument_bytes: sums.argument_bytes,
        breaches: sums.breaches,
        unfiled: sums.unfiled,
    };
    // Plain data of known shape: there is nothing that could not be written.
    postcard::to_extend(&numbers, vec![WAY]).unwrap_or_default()
}

/// The same with the sum that belongs to its row.
pub(super) fn pack_for(sums: &Sums, key: Key) -> Vec<u8> {
    let mut packed = pack(sums);
    let sum = check(&[&key_bytes(key), &packed]);
    packed.extend_from_slice(&sum.to_le_bytes());
    packed
}

pub(super) fn unpack(packed: &[u8]) -> Result<Sums, Fault> {
    let damaged = || Fault::Damaged("numbers of calls cannot be read".to_owned());
    let (way, packed) = packed.split_first().ok_or_else(damaged)?;
    if *way != WAY {
        return Err(Fault::Damaged(format!("numbers of calls are written in way {way}")));
    }
    let numbers: Numbers = postcard::from_bytes(packed).map_err(|_| damaged())?;
    let mut sums = Sums {
        memory: numbers.memory,
        allocations: numbers.allocations,
        polls: numbers.polls,
        callees: numbers.callees,
        known_callees: numbers.known_callees,
        argument_bytes: numbers.argument_bytes,
        breaches: numbers.breaches,
        unfiled: numbers.unfiled,
        ..Sums::default()
    };
    for (outcome, count, sum, max) in numbers.outcomes {
        let place = sums.outcomes.get_mut(usize::from(outcome)).ok_or_else(damaged)?;
        *place = Durations::new(count, sum, max);
    }
    Ok(sums)
}

/// The numbers of a row, if its sum is right.
fn unpack_for(packed: &[u8], key: Key) -> Result<Sums, Fault> {
    let damaged = || Fault::Damaged("numbers of calls are not what was written".to_owned());
    let (packed, sum) = packed.split_last_chunk().ok_or_else(damaged)?;
    if check(&[&key_bytes(key), packed]) != u32::from_le_bytes(*sum) {
        return Err(damaged());
    }
    unpack(packed)
}

/// The histograms of calls by outcome, those that there are.
pub(super) fn histograms(sums: &Sums, codec: &mut HdrCodec) -> [Option<Vec<u8>>; 4] {
    Outcome::ALL.map(|outcome| {
        let one = sums.outcome(outcome);
        (!one.is_empty()).then(|| codec.encode(one).to_vec())
    })
}

/// Reads `resolution, start, series, process, calls, sums, ok, error, panicked, cancelled`; the
/// histograms if there is a codec.
pub(super) fn read(row: &Row<'_>, codec: Option<&mut HdrCodec>) -> Result<(Key, Sums), Fault> {
    let start: i64 = row.get(1)?;
    let key = (row.get(0)?, start as u64, row.get(2)?, row.get(3)?);
    let calls: i64 = row.get(4)?;
    let mut sums = unpack_for(row.get_ref(5)?.as_blob().map_err(rusqlite::Error::from)?, key)?;
    if sums.calls() != calls as u64 {
        return Err(Fault::Damaged(format!("{calls} calls, of which {} are told", sums.calls())));
    }
    if let Some(codec) = codec {
        for (number, outcome) in sums.outcomes.iter_mut().enumerate() {
            if outcome.is_empty() {
                continue;
            }
            let bytes = row.get_ref(6 + number)?.as_blob().map_err(rusqlite::Error::from)?;
            let counters =
                codec.counters(bytes).map_err(|error| Fault::Damaged(error.to_string()))?;
            let whole = outcome.clone().with_counters(counters);
            if !whole.has_histogram() {
                return Err(Fault::Damaged("a histogram of another number of calls".to_owned()));
            }
            *outcome = whole;
        }
    }
    Ok((key, sums))
}

/// The columns that `read` reads.
pub(super) const COLUMNS: &str =
    "resolution, start, series, process, calls, sums, ok, error, panicked, cancelled";
