//! `Session`: an open file, and who writes in it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use crate::catalog::SizeClass;
use crate::store::archive::Sums;
use crate::store::batch::Batch;
use crate::store::durations::HdrCodec;
use crate::store::loaded::Loaded;
use crate::store::resolution::Resolution;
use crate::store::sqlite::claim::{Claim, Gate};
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::file::{Identity, beside, open};
use crate::store::sqlite::journal::{self, Minute, Readings};
use crate::store::sqlite::numbers::add_minute;
use crate::store::sqlite::options::SqliteOptions;
use crate::store::sqlite::state::{self, Written, ns, time};

/// An open file, and who writes in it.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) connection: Connection,
    /// Which file was opened, and which log.
    pub(super) identity: Option<Identity>,
    pub(super) log: Option<Identity>,
    /// How long the file was when it was used last, in bytes.
    pub(super) length: u64,
    instance: i64,
    pub(super) process: i64,
    pub(super) codec: HdrCodec,
    series: HashMap<(String, SizeClass), i64>,
    gauges: HashMap<(String, String), i64>,
    /// The minute that is not over, as the journal has it; `None` if the journal is to be asked.
    minute: Option<(u64, Minute)>,
    flush: u64,
    notes: u64,
    written: Written,
    /// The slot is free when this goes.
    _claim: Claim,
}

/// A name for a process that no other of any host has.
fn unique(options: &SqliteOptions, now: Duration) -> String {
    let mut random = RandomState::new().build_hasher();
    random.write_u64(now.as_nanos() as u64);
    random.write_u32(std::process::id());
    let (host, pid) = (&options.host, std::process::id());
    format!("{host}-{pid}-{:x}-{:016x}", now.as_nanos(), random.finish())
}

fn boot() -> Option<String> {
    let read = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok();
    read.map(|id| id.trim().to_owned())
}

impl Session {
    /// Opens the file, takes a slot, and writes down what dead processes left in the journal.
    pub(super) fn begin(options: &SqliteOptions) -> Result<Self, Fault> {
        let path = &options.path;
        let gate = Gate::enter(path, options.how.busy)?;
        Self::clear_the_way(path)?;
        let mut connection = open(path, options.how)?;
        let claim = gate.claim(&options.instance)?;
        let now = options.clock.unix();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let instance = id_of(
            &transaction,
            "INSERT INTO instance(host, name, slot) VALUES(?1, ?2, ?3) ON CONFLICT DO NOTHING",
            "SELECT id FROM instance WHERE host = ?1 AND name = ?2 AND slot = ?3",
            (&options.host, &options.instance, claim.slot),
        )?;
        transaction.execute(
            "INSERT INTO process(uid, instance, pid, began_ns, seen_ns, boot, version, commit_id) \
             VALUES(?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7)",
            (
                unique(options, now),
                instance,
                std::process::id(),
                ns(now),
                boot(),
                &options.version,
                &options.commit,
            ),
        )?;
        let process = transaction.last_insert_rowid();
        let mut codec = HdrCodec::default();
        fold_dead(&transaction, &mut codec, &gate, options, (instance, process))?;
        transaction.commit()?;
        let written = state::alerts(&connection, instance)?.map(|(_, written)| written);
        Ok(Self {
            identity: Identity::of(path),
            log: Identity::of(&beside(path, "-wal")),
            length: 0,
            connection,
            instance,
            process,
            codec,
            series: HashMap::new(),
            gauges: HashMap::new(),
            minute: None,
            flush: 0,
            notes: 0,
            written: written.unwrap_or_default(),
            _claim: claim,
        })
    }

    /// A log without its file is of a file that was taken away: a fresh one must not read it.
    fn clear_the_way(path: &Path) -> Result<(), Fault> {
        if Identity::of(path).is_none() && beside(path, "-wal").exists() {
            for end in ["-wal", "-shm"] {
                // What cannot be removed is reported when the file is made.
                let _ = std::fs::remove_file(beside(path, end));
            }
        }
        Ok(())
    }

    /// What the process before this one left behind.
    pub(super) fn loaded(&self) -> Result<Loaded, Fault> {
        let sql = "SELECT seen_ns, ended_ns FROM process WHERE instance = ?1 AND id < ?2 \
                   ORDER BY id DESC LIMIT 1";
        let before: Option<(i64, Option<i64>)> = self
            .connection
            .query_row(sql, (self.instance, self.process), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let baselines = state::baselines(&self.connection, Some(self.instance), None)?;
        Ok(Loaded {
            last_seen: before.map(|(seen, _)| time(seen)),
            ended_well: before.is_some_and(|(_, ended)| ended.is_some()),
            baselines: baselines.into_iter().map(|(_, baseline)| baseline).collect(),
            alerts: state::alerts(&self.connection, self.instance)?.map(|(saved, _)| saved),
            judges: state::judges(&self.connection, self.instance)?,
        })
    }

    /// Keeps a batch in one transaction.
    pub(super) fn append(&mut self, batch: &Batch) -> Result<(), Fault> {
        // Memory is a copy of what was committed: while a transaction runs it is nobody's.
        let known = self.minute.take();
        let (written, minute) = match self.keep(batch, known) {
            Ok(kept) => kept,
            Err(fault) => {
                // Names that were given numbers in it have none.
                self.series.clear();
                self.gauges.clear();
                return Err(fault);
            }
        };
        self.minute = Some(minute);
        self.notes += batch.notes.len() as u64;
        if let Some(written) = written {
            self.written = written;
        }
        Ok(())
    }

    fn keep(
        &mut self,
        batch: &Batch,
        known: Option<(u64, Minute)>,
    ) -> Result<(Option<Written>, (u64, Minute)), Fault> {
        let Self { connection, codec, series, gauges, process, instance, .. } = self;
        let (process, instance) = (*process, *instance);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut minutes: Vec<(u64, Minute)> = Vec::new();
        let of = |minutes: &mut Vec<(u64, Minute)>, start: u64| {
            let at = minutes.iter().position(|(known, _)| *known == start);
            at.unwrap_or_else(|| {
                minutes.push((start, Minute::default()));
                minutes.len() - 1
            })
        };
        for calls in &batch.calls {
            let id = series_id(&transaction, series, calls)?;
            let at = of(&mut minutes, calls.minute_unix_s);
            let sums = Sums::from(&calls.series);
            minutes[at].1.calls.entry(id).or_default().merge(&sums);
        }
        for gauge in &batch.gauges {
            let id = gauge_id(&transaction, gauges, &gauge.name, &gauge.unit)?;
            let at = of(&mut minutes, gauge.minute_unix_s);
            let readings = Readings::from(gauge);
            let known = minutes[at].1.gauges.entry(id);
            known.and_modify(|known| known.merge(&readings)).or_insert(readings);
        }

        // The journal holds one minute. When it is over, its calls become rows.
        let present = Resolution::Minute.start_of(batch.at.as_secs());
        let mut open = match known {
            Some(known) => known,
            None => own_minute(&transaction, process)?.unwrap_or((present, Minute::default())),
        };
        if open.0 != present {
            let (start, minute) = std::mem::replace(&mut open, (present, Minute::default()));
            if !minute.is_empty() {
                add_minute(&transaction, codec, process, start, &minute)?;
            }
            journal::clear(&transaction, process)?;
        }
        for (start, minute) in minutes {
            if start == present {
                journal::write(&transaction, process, self.flush, start, &minute)?;
                self.flush += 1;
                open.1.merge(minute);
            } else {
                add_minute(&transaction, codec, process, start, &minute)?;
            }
        }

        for baseline in &batch.baselines {
            state::put_baseline(&transaction, instance, baseline)?;
        }
        let written = match &batch.alerts {
            Some(saved) => Some(state::put_alerts(&transaction, instance, &self.written, saved)?),
            None => None,
        };
        for (number, note) in (self.notes..).zip(&batch.notes) {
            state::put_note(&transaction, process, number, note)?;
        }
        for judge in &batch.judges {
            state::put_judge(&transaction, instance, judge)?;
        }
        let sql = "UPDATE process SET seen_ns = max(seen_ns, ?2) WHERE id = ?1";
        if transaction.prepare_cached(sql)?.execute((process, ns(batch.at)))? != 1 {
            return Err(Fault::Damaged("this process is not in it".to_owned()));
        }
        transaction.commit()?;
        Ok((written, open))
    }

    /// Writes the minute that is not over, and that the process ended as it should.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        let Self { connection, codec, process, .. } = self;
        let known = self.minute.take();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let open = match known {
            Some(known) => Some(known),
            None => own_minute(&transaction, *process)?,
        };
        if let Some((start, minute)) = open {
            add_minute(&transaction, codec, *process, start, &minute)?;
        }
        journal::clear(&transaction, *process)?;
        transaction.execute("UPDATE process SET ended_ns = seen_ns WHERE id = ?1", [*process])?;
        // Whoever kept nothing of its own, such as one that merged files, leaves nothing.
        if self.flush == 0 && self.notes == 0 {
            let sql = "DELETE FROM process WHERE id = ?1 AND seen_ns = began_ns";
            transaction.execute(sql, [*process])?;
        }
        transaction.commit()?;
        Ok(())
    }
}

/// The minute of a process that is in the journal.
fn own_minute(connection: &Connection, process: i64) -> Result<Option<(u64, Minute)>, Fault> {
    let mut open: Option<(u64, Minute)> = None;
    journal::read(connection, Some(process), |_, start, minute| {
        let known = open.get_or_insert_with(|| (start, Minute::default()));
        known.1.merge(minute);
        Ok(())
    })?;
    Ok(open)
}

/// Makes rows of what processes that are gone left in the journal.
fn fold_dead(
    connection: &Connection,
    codec: &mut HdrCodec,
    gate: &Gate,
    options: &SqliteOptions,
    (instance, process): (i64, i64),
) -> Result<(), Fault> {
    let sql = "SELECT DISTINCT journal.process, instance.id, instance.host, instance.name, \
               instance.slot FROM journal JOIN process ON process.id = journal.process \
               JOIN instance ON instance.id = process.instance WHERE journal.process != ?1";
    let mut statement = connection.prepare(sql)?;
    let left: Vec<(i64, i64, String, String, u32)> = statement
        .query_map([process], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })?
        .collect::<Result<_, _>>()?;
    for (dead, of, host, name, slot) in left {
        // Of another host nobody can tell; it was merged from there, or does it itself.
        let gone = of == instance || (host == options.host && gate.is_free(&name, slot)?);
        if gone {
            let mut minutes: Vec<(u64, Minute)> = Vec::new();
            journal::read(connection, Some(dead), |_, start, minute| {
                match minutes.iter_mut().find(|(known, _)| *known == start) {
                    Some((_, known)) => known.merge(minute),
                    None => minutes.push((start, minute)),
                }
                Ok(())
            })?;
            for (start, minute) in minutes {
                add_minute(connection, codec, dead, start, &minute)?;
            }
            journal::clear(connection, dead)?;
        }
    }
    Ok(())
}

/// The number of a row that is made if it is missing.
pub(super) fn id_of<P: rusqlite::Params + Clone>(
    connection: &Connection,
    insert: &str,
    select: &str,
    key: P,
) -> Result<i64, Fault> {
    connection.prepare_cached(insert)?.execute(key.clone())?;
    Ok(connection.prepare_cached(select)?.query_row(key, |row| row.get(0))?)
}

fn series_id(
    connection: &Connection,
    known: &mut HashMap<(String, SizeClass), i64>,
    calls: &crate::store::calls::Calls,
) -> Result<i64, Fault> {
    let key = (calls.operation.clone(), calls.size_class());
    if let Some(id) = known.get(&key) {
        return Ok(*id);
    }
    let sql = "INSERT INTO series(operation, size_class, category) VALUES(?1, ?2, ?3) \
               ON CONFLICT DO UPDATE SET category = ?3";
    let (name, class) = (&calls.operation, calls.size_class().as_str());
    connection.prepare_cached(sql)?.execute((name, class, calls.category.as_str()))?;
    let sql = "SELECT id FROM series WHERE operation = ?1 AND size_class = ?2";
    let id = connection.prepare_cached(sql)?.query_row((name, class), |row| row.get(0))?;
    known.insert(key, id);
    Ok(id)
}

fn gauge_id(
    connection: &Connection,
    known: &mut HashMap<(String, String), i64>,
    name: &str,
    unit: &str,
) -> Result<i64, Fault> {
    let key = (name.to_owned(), unit.to_owned());
    if let Some(id) = known.get(&key) {
        return Ok(*id);
    }
    let id = id_of(
        connection,
        "INSERT INTO gauge_name(name, unit) VALUES(?1, ?2) ON CONFLICT DO NOTHING",
        "SELECT id FROM gauge_name WHERE name = ?1 AND unit = ?2",
        (name, unit),
    )?;
    known.insert(key, id);
    Ok(id)
}
