//! Files put together.

use std::collections::HashMap;

use rusqlite::{Connection, TransactionBehavior, types::Value};

use crate::store::durations::HdrCodec;
use crate::store::resolution::Resolution;
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::journal;
use crate::store::sqlite::numbers::{self, available, oldest, set_from, set_until};
use crate::store::sqlite::readings::{GAUGE_COLUMNS, put_readings, read_readings};
use crate::store::sqlite::row::{self, COLUMNS};
use crate::store::sqlite::session::id_of;

/// What merging did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// Rows that were not there, or with fewer calls.
    pub added: u64,
    /// Rows that were there already.
    pub known: u64,
    /// Rows that could not be read and were left out.
    pub damaged: u64,
}

impl Merged {
    fn count(&mut self, added: bool) {
        if added { self.added += 1 } else { self.known += 1 }
    }
}

/// Numbers of rows of the one file to those of the other.
type Ids = HashMap<i64, i64>;

/// Adds everything in `source` to `target`, or nothing.
pub(super) fn merge(
    target: &mut Connection,
    codec: &mut HdrCodec,
    source: &Connection,
) -> Result<Merged, Fault> {
    // One moment of it, however long this takes.
    let source = source.unchecked_transaction()?;
    let target = target.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut merged = Merged::default();
    let instances = ids(
        (&source, "SELECT id, host, name, slot FROM instance"),
        (
            &target,
            "INSERT INTO instance(host, name, slot) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING",
        ),
        "SELECT id FROM instance WHERE host = ?1 AND name = ?2 AND slot = ?3",
    )?;
    let series = ids(
        (&source, "SELECT id, operation, size_class, category FROM series"),
        (
            &target,
            "INSERT INTO series(operation, size_class, category) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING",
        ),
        "SELECT id FROM series WHERE operation = ?1 AND size_class = ?2 AND ?3 = ?3",
    )?;
    let gauges = ids(
        (&source, "SELECT id, name, unit FROM gauge_name"),
        (&target, "INSERT INTO gauge_name(name, unit) VALUES(?1, ?2) ON CONFLICT DO NOTHING"),
        "SELECT id FROM gauge_name WHERE name = ?1 AND unit = ?2",
    )?;
    let processes = processes(&source, &target, &instances)?;

    // Both are brought to where the other is: what one of them dropped is whole in neither, and
    // what the other has made is made here first, of what is here.
    let (theirs, ours) = (available(&source)?.0, available(&target)?.0);
    for coarse in [Resolution::Hour, Resolution::Day] {
        let fine = if coarse == Resolution::Day { Resolution::Hour } else { Resolution::Minute };
        let until = theirs[coarse as usize].1.max(ours[coarse as usize].1);
        let mut at = ours[coarse as usize].1;
        while let Some(start) = oldest(&target, fine, at)?.map(|start| coarse.start_of(start)) {
            if start >= until {
                break;
            }
            numbers::roll_up(&target, codec, coarse, start, None)?;
            at = start + coarse.seconds();
        }
        set_until(&target, coarse, until)?;
    }
    for resolution in Resolution::ALL {
        set_from(
            &target,
            resolution,
            theirs[resolution as usize].0.max(ours[resolution as usize].0),
        )?;
    }

    copy_numbers(&source, &target, codec, (&series, &gauges, &processes), &mut merged)?;
    // What was rolled up here and not yet there.
    let of_them: std::collections::HashSet<i64> = processes.values().copied().collect();
    let whose = |process: i64| of_them.contains(&process);
    for coarse in [Resolution::Hour, Resolution::Day] {
        let fine = if coarse == Resolution::Day { Resolution::Hour } else { Resolution::Minute };
        let (mut at, until) = (theirs[coarse as usize].1, ours[coarse as usize].1);
        while let Some(start) = oldest(&target, fine, at)?.map(|start| coarse.start_of(start)) {
            if start >= until {
                break;
            }
            numbers::roll_up(&target, codec, coarse, start, Some(&whose))?;
            at = start + coarse.seconds();
        }
    }
    copy_journal(&source, &target, codec, (&series, &gauges, &processes), &mut merged)?;
    copy_plain(&source, &target, &instances, &processes, &mut merged)?;
    target.commit()?;
    Ok(merged)
}

fn ids(
    (source, all): (&Connection, &str),
    (target, insert): (&Connection, &str),
    select: &str,
) -> Result<Ids, Fault> {
    let mut statement = source.prepare(all)?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    let mut ids = Ids::new();
    while let Some(row) = rows.next()? {
        let key = (1..columns).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>()?;
        let id = id_of(target, insert, select, rusqlite::params_from_iter(key))?;
        ids.insert(row.get(0)?, id);
    }
    Ok(ids)
}

fn processes(source: &Connection, target: &Connection, instances: &Ids) -> Result<Ids, Fault> {
    let sql = "SELECT id, uid, instance, pid, began_ns, seen_ns, ended_ns, boot, version, \
               commit_id FROM process";
    let mut statement = source.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut ids = Ids::new();
    while let Some(row) = rows.next()? {
        let mut values = (1..10).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>()?;
        let uid: String = row.get(1)?;
        let Some(instance) = instances.get(&row.get(2)?) else { continue };
        values[1] = Value::Integer(*instance);
        let sql = "INSERT INTO process(uid, instance, pid, began_ns, seen_ns, ended_ns, boot, \
                   version, commit_id) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO \
                   UPDATE SET seen_ns = max(seen_ns, ?5), ended_ns = coalesce(ended_ns, ?6)";
        target.prepare_cached(sql)?.execute(rusqlite::params_from_iter(values))?;
        let sql = "SELECT id FROM process WHERE uid = ?1";
        let id = target.prepare_cached(sql)?.query_row([uid], |row| row.get(0))?;
        ids.insert(row.get(0)?, id);
    }
    Ok(ids)
}

fn copy_numbers(
    source: &Connection,
    target: &Connection,
    codec: &mut HdrCodec,
    (series, gauges, processes): (&Ids, &Ids, &Ids),
    merged: &mut Merged,
) -> Result<(), Fault> {
    let mut statement = source.prepare(&format!("SELECT {COLUMNS} FROM calls"))?;
    let mut rows = statement.query([])?;
    while let Some(found) = rows.next()? {
        match row::read(found, Some(codec)) {
            Ok((key, sums)) => match (series.get(&key.2), processes.get(&key.3)) {
                (Some(series), Some(process)) => {
                    let key = (key.0, key.1, *series, *process);
                    merged.count(numbers::put_calls(target, codec, key, &sums)?);
                }
                _ => merged.damaged += 1,
            },
            Err(Fault::Damaged(_)) => merged.damaged += 1,
            Err(fault) => return Err(fault),
        }
    }
    let mut statement = source.prepare(&format!("SELECT {GAUGE_COLUMNS} FROM gauge"))?;
    let mut rows = statement.query([])?;
    while let Some(found) = rows.next()? {
        match read_readings(found) {
            Ok((key, readings)) => match (gauges.get(&key.2), processes.get(&key.3)) {
                (Some(name), Some(process)) => {
                    let key = (key.0, key.1, *name, *process);
                    merged.count(put_readings(target, key, &readings)?);
                }
                _ => merged.damaged += 1,
            },
            Err(Fault::Damaged(_)) => merged.damaged += 1,
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

/// A minute that is not over there is a row here, until a later merge brings it whole.
fn copy_journal(
    source: &Connection,
    target: &Connection,
    codec: &mut HdrCodec,
    (series, gauges, processes): (&Ids, &Ids, &Ids),
    merged: &mut Merged,
) -> Result<(), Fault> {
    let mut minutes: HashMap<(i64, u64), journal::Minute> = HashMap::new();
    merged.damaged += journal::read(source, None, |process, start, minute| {
        minutes.entry((process, start)).or_default().merge(minute);
        Ok(())
    })?;
    for ((process, start), minute) in minutes {
        let Some(process) = processes.get(&process) else { continue };
        let resolution = Resolution::Minute as u8;
        let live: i64 = target.query_row(
            "SELECT count(*) FROM journal WHERE process = ?1",
            [process],
            |row| row.get(0),
        )?;
        if live > 0 {
            // Merged into the very file that it is written to.
            continue;
        }
        for (id, sums) in &minute.calls {
            let Some(series) = series.get(id) else { continue };
            let key = (resolution, start, *series, *process);
            merged.count(numbers::put_calls(target, codec, key, sums)?);
        }
        for (id, readings) in &minute.gauges {
            let Some(name) = gauges.get(id) else { continue };
            let key = (resolution, start, *name, *process);
            merged.count(put_readings(target, key, readings)?);
        }
        let made = available(target)?.0;
        let only = *process;
        for coarse in [Resolution::Hour, Resolution::Day] {
            let at = coarse.start_of(start);
            if at < made[coarse as usize].1 {
                numbers::roll_up(target, codec, coarse, at, Some(&|other| other == only))?;
            }
        }
    }
    Ok(())
}

/// Plain data: what is newer stands.
fn copy_plain(
    source: &Connection,
    target: &Connection,
    instances: &Ids,
    processes: &Ids,
    merged: &mut Merged,
) -> Result<(), Fault> {
    let tables: [(&str, &str, &Ids, &str); 7] = [
        (
            "baseline",
            "instance, operation, size_class, environment, version, learned_ns, provenance, json, \
             text_check",
            instances,
            "ON CONFLICT DO NOTHING",
        ),
        (
            "alert",
            "instance, id, place, rule, subject, began_ns, ended_ns, json, text_check",
            instances,
            NEWER,
        ),
        ("incident", "instance, id, place, began_ns, ended_ns, json, text_check", instances, NEWER),
        ("silence", "instance, id, place, began_ns, ended_ns, json, text_check", instances, NEWER),
        ("state", "instance, json, text_check", instances, "ON CONFLICT DO NOTHING"),
        (
            "judge",
            "instance, operation, size_class, at_ns, state, state_check",
            instances,
            "ON CONFLICT DO UPDATE SET at_ns = excluded.at_ns, state = excluded.state, \
             state_check = excluded.state_check WHERE excluded.at_ns > at_ns",
        ),
        (
            "note",
            "process, number, at_ns, kind, subject, json, text_check",
            processes,
            "ON CONFLICT DO NOTHING",
        ),
    ];
    for (table, columns, ids, conflict) in tables {
        let mut statement = source.prepare(&format!("SELECT {columns} FROM {table}"))?;
        let count = statement.column_count();
        let places = vec!["?"; count].join(", ");
        let sql = format!("INSERT INTO {table}({columns}) VALUES({places}) {conflict}");
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let mut values = (0..count).map(|at| row.get(at)).collect::<Result<Vec<Value>, _>>()?;
            let Some(whose) = ids.get(&row.get(0)?) else {
                merged.damaged += 1;
                continue;
            };
            values[0] = Value::Integer(*whose);
            let values = rusqlite::params_from_iter(values);
            merged.count(target.prepare_cached(&sql)?.execute(values)? == 1);
        }
    }
    Ok(())
}

/// What is over is newer than what is not.
const NEWER: &str = "ON CONFLICT DO UPDATE SET place = excluded.place, ended_ns = \
                     excluded.ended_ns, json = excluded.json, text_check = excluded.text_check \
                     WHERE ended_ns IS NULL AND excluded.json != json";
