//! Plain data: baselines, alerts, incidents, silences, judges, notes. Written as JSON, each text
//! with a sum beside it. What is not as it was when it was written last is written.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::alert::{Alert, Counts, Incident, Mark, Moment, Saved, Silence};
use crate::baseline::Baseline;
use crate::store::loaded::JudgeState;
use crate::store::note::Note;
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::row::check;

pub(super) fn ns(time: Duration) -> i64 {
    i64::try_from(time.as_nanos()).unwrap_or(i64::MAX)
}

pub(super) fn time(ns: i64) -> Duration {
    Duration::from_nanos(ns.max(0) as u64)
}

pub(super) fn to_text<T: Serialize>(value: &T) -> Result<(String, i64), Fault> {
    let text = serde_json::to_string(value)
        .map_err(|error| Fault::Damaged(format!("cannot be written as JSON: {error}")))?;
    let sum = i64::from(check(&[text.as_bytes()]));
    Ok((text, sum))
}

/// `None` if it is not what was written, or of a shape that is not known here.
pub(super) fn from_text<T: DeserializeOwned>(text: &str, sum: i64) -> Option<T> {
    let right = i64::from(check(&[text.as_bytes()])) == sum;
    right.then(|| serde_json::from_str(text).ok()).flatten()
}

/// Where an alert, incident or silence is in what goes on with the next process.
const PAST: u8 = 0;
const OPEN: u8 = 1;
const CLOSED: u8 = 2;

/// What is there besides the alerts, incidents and silences themselves.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Rest {
    at: Moment,
    marks: Vec<Mark>,
    counts: Counts,
    last_id: u64,
    /// The order of those that are over.
    closed: Vec<u64>,
    closed_incidents: Vec<u64>,
}

/// What was written last of each kind and number: where it is, and the sum of its text.
pub(super) type Written = HashMap<(&'static str, u64), (u8, i64)>;

struct Item<'a, T> {
    kind: &'static str,
    id: u64,
    place: u8,
    what: &'a T,
    began: Duration,
    ended: Option<Duration>,
    /// Of an alert: its rule and its subject.
    names: Option<(&'a str, String)>,
}

fn put<T: Serialize>(
    connection: &Connection,
    instance: i64,
    written: &mut Written,
    item: &Item<'_, T>,
) -> Result<(), Fault> {
    let (text, sum) = to_text(item.what)?;
    if written.insert((item.kind, item.id), (item.place, sum)) == Some((item.place, sum)) {
        return Ok(());
    }
    let (id, began, ended) = (item.id as i64, ns(item.began), item.ended.map(ns));
    if let Some((rule, subject)) = &item.names {
        let sql = "INSERT OR REPLACE INTO alert VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let row = (instance, id, item.place, rule, subject, began, ended, text, sum);
        connection.prepare_cached(sql)?.execute(row)?;
    } else {
        let kind = item.kind;
        let sql = format!("INSERT OR REPLACE INTO {kind} VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
        let row = (instance, id, item.place, began, ended, text, sum);
        connection.prepare_cached(&sql)?.execute(row)?;
    }
    Ok(())
}

/// Writes what has changed of the alerts, incidents and silences.
pub(super) fn put_alerts(
    connection: &Connection,
    instance: i64,
    written: &Written,
    saved: &Saved,
) -> Result<Written, Fault> {
    let mut now = written.clone();
    let alerts = saved.open.values().map(|alert| (OPEN, alert));
    for (place, what) in alerts.chain(saved.closed.iter().map(|alert| (CLOSED, alert))) {
        let names = Some((what.rule.as_str(), what.subject.to_string()));
        let (began, ended) = (what.opened.unix, what.ended.map(|at| at.unix));
        let item = Item { kind: "alert", id: what.id, place, what, began, ended, names };
        put(connection, instance, &mut now, &item)?;
    }
    let incidents = saved.incidents.values().map(|incident| (OPEN, incident));
    let closed = saved.closed_incidents.iter().map(|incident| (CLOSED, incident));
    for (place, what) in incidents.chain(closed) {
        let (began, ended) = (what.opened.unix, what.ended.map(|at| at.unix));
        let item = Item { kind: "incident", id: what.id, place, what, began, ended, names: None };
        put(connection, instance, &mut now, &item)?;
    }
    for (id, what) in &saved.silences {
        let (began, ended) = (what.start, Some(what.end));
        let item = Item { kind: "silence", id: *id, place: OPEN, what, began, ended, names: None };
        put(connection, instance, &mut now, &item)?;
    }
    // What is no longer there stays as a part of the past.
    let there: std::collections::HashSet<(&str, u64)> = saved
        .open
        .values()
        .chain(&saved.closed)
        .map(|alert| ("alert", alert.id))
        .chain(
            saved
                .incidents
                .values()
                .chain(&saved.closed_incidents)
                .map(|incident| ("incident", incident.id)),
        )
        .chain(saved.silences.keys().map(|id| ("silence", *id)))
        .collect();
    let gone: Vec<_> = now.keys().filter(|key| !there.contains(*key)).copied().collect();
    for (kind, id) in gone {
        let sql = format!("UPDATE {kind} SET place = ?3 WHERE instance = ?1 AND id = ?2");
        connection.prepare_cached(&sql)?.execute((instance, id as i64, PAST))?;
        now.remove(&(kind, id));
    }
    let rest = Rest {
        at: saved.at,
        marks: saved.marks.iter().cloned().collect(),
        counts: saved.counts,
        last_id: saved.last_id,
        closed: saved.closed.iter().map(|alert| alert.id).collect(),
        closed_incidents: saved.closed_incidents.iter().map(|incident| incident.id).collect(),
    };
    let (text, sum) = to_text(&rest)?;
    let sql = "INSERT OR REPLACE INTO state VALUES(?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute((instance, text, sum))?;
    Ok(now)
}

/// What goes on: number, place, thing, the sum of its text.
fn going_on<T: DeserializeOwned>(
    connection: &Connection,
    instance: i64,
    kind: &'static str,
) -> Result<Vec<(u64, u8, T, i64)>, Fault> {
    let sql = format!(
        "SELECT id, place, json, text_check FROM {kind} WHERE instance = ?1 AND place > 0 ORDER BY id"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([instance])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, text, sum): (i64, String, i64) = (row.get(0)?, row.get(2)?, row.get(3)?);
        if let Some(thing) = from_text(&text, sum) {
            all.push((id as u64, row.get(1)?, thing, sum));
        }
    }
    Ok(all)
}

/// The alerts, incidents and silences as they were left, and what was written of them.
pub(super) fn alerts(
    connection: &Connection,
    instance: i64,
) -> Result<Option<(Saved, Written)>, Fault> {
    let mut statement =
        connection.prepare("SELECT json, text_check FROM state WHERE instance = ?1")?;
    let mut rows = statement.query([instance])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let (text, sum): (String, i64) = (row.get(0)?, row.get(1)?);
    let known: Option<Rest> = from_text(&text, sum);
    let mut written = Written::new();
    let mut saved = Saved::default();
    let (mut closed, mut closed_incidents) = (BTreeMap::new(), BTreeMap::new());
    let mut last_id = 0;
    for (id, place, alert, sum) in going_on::<Alert>(connection, instance, "alert")? {
        written.insert(("alert", id), (place, sum));
        last_id = last_id.max(id);
        if place == OPEN {
            saved.open.insert(alert.fingerprint, alert);
        } else {
            closed.insert(id, alert);
        }
    }
    for (id, place, incident, sum) in going_on::<Incident>(connection, instance, "incident")? {
        written.insert(("incident", id), (place, sum));
        last_id = last_id.max(id);
        if place == OPEN {
            saved.incidents.insert(id, incident);
        } else {
            closed_incidents.insert(id, incident);
        }
    }
    for (id, place, silence, sum) in going_on::<Silence>(connection, instance, "silence")? {
        written.insert(("silence", id), (place, sum));
        last_id = last_id.max(id);
        saved.silences.insert(id, silence);
    }
    let rest = known.unwrap_or_default();
    // In the order in which they ended; what the order does not name, first.
    for id in &rest.closed {
        saved.closed.extend(closed.remove(id));
    }
    for id in &rest.closed_incidents {
        saved.closed_incidents.extend(closed_incidents.remove(id));
    }
    closed.into_values().rev().for_each(|alert| saved.closed.push_front(alert));
    closed_incidents
        .into_values()
        .rev()
        .for_each(|incident| saved.closed_incidents.push_front(incident));
    saved.at = rest.at;
    saved.marks = rest.marks.into();
    saved.counts = rest.counts;
    saved.last_id = rest.last_id.max(last_id);
    Ok(Some((saved, written)))
}

pub(super) fn put_baseline(
    connection: &Connection,
    instance: i64,
    baseline: &Baseline,
) -> Result<(), Fault> {
    let (text, sum) = to_text(baseline)?;
    let environment = baseline.environment.as_ref().map(ToString::to_string).unwrap_or_default();
    let sql = "INSERT INTO baseline(instance, operation, size_class, environment, version, \
               learned_ns, provenance, json, text_check) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, \
               ?9) ON CONFLICT DO UPDATE SET learned_ns = ?6, provenance = ?7, json = ?8, \
               text_check = ?9";
    let row = (
        instance,
        &baseline.operation,
        baseline.size_class.as_str(),
        environment,
        baseline.version,
        ns(baseline.learned),
        baseline.provenance.as_str(),
        text,
        sum,
    );
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// The baselines of one instance or of all, with whose they are; those that can be read.
pub(super) fn baselines(
    connection: &Connection,
    instance: Option<i64>,
    operation: Option<&str>,
) -> Result<Vec<(i64, Baseline)>, Fault> {
    let sql = "SELECT instance, json, text_check FROM baseline WHERE (?1 IS NULL OR instance = ?1) \
               AND (?2 IS NULL OR operation = ?2) \
               ORDER BY operation, size_class, environment, instance, version";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query((instance, operation))?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (whose, text, sum): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        all.extend(from_text(&text, sum).map(|baseline| (whose, baseline)));
    }
    Ok(all)
}

pub(super) fn put_judge(
    connection: &Connection,
    instance: i64,
    judge: &JudgeState,
) -> Result<(), Fault> {
    let sql = "INSERT OR REPLACE INTO judge VALUES(?1, ?2, ?3, ?4, ?5, ?6)";
    let (class, sum) = (judge.size_class.as_str(), check(&[&judge.state]));
    let row = (instance, &judge.operation, class, ns(judge.at), &judge.state, i64::from(sum));
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

pub(super) fn judges(connection: &Connection, instance: i64) -> Result<Vec<JudgeState>, Fault> {
    let sql = "SELECT operation, size_class, at_ns, state, state_check FROM judge \
               WHERE instance = ?1 ORDER BY operation, size_class";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([instance])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (class, state): (String, Vec<u8>) = (row.get(1)?, row.get(3)?);
        let right = i64::from(check(&[&state])) == row.get::<_, i64>(4)?;
        if let Some(size_class) = super::size_class(&class).filter(|_| right) {
            all.push(JudgeState {
                operation: row.get(0)?,
                size_class,
                at: time(row.get(2)?),
                state,
            });
        }
    }
    Ok(all)
}

pub(super) fn put_note(
    connection: &Connection,
    process: i64,
    number: u64,
    note: &Note,
) -> Result<(), Fault> {
    let (text, sum) = to_text(note)?;
    let sql = "INSERT INTO note(process, number, at_ns, kind, subject, json, text_check) \
               VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let (kind, subject) = (note.what.kind(), note.what.subject());
    let row = (process, number as i64, ns(note.at), kind, subject, text, sum);
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}
