//! Whose rows they are, and of which series.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::{Connection, Params};

use crate::store::archive::{Between, By, KeptProcess, SeriesKey};
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::state::time;
use crate::store::sqlite::{category, size_class};

/// Whose rows are read.
pub(super) struct People {
    pub(super) processes: HashMap<i64, Arc<KeptProcess>>,
    pub(super) instances: HashMap<i64, Arc<By>>,
}

pub(super) fn is_of(between: &Between, by: &By) -> bool {
    between.host.as_ref().is_none_or(|host| *host == by.host)
        && between.instance.as_ref().is_none_or(|instance| *instance == by.instance)
}

/// Hands over the rows that a statement finds.
pub(super) fn rows<P: Params>(
    connection: &Connection,
    sql: &str,
    params: P,
    each: &mut dyn FnMut(&rusqlite::Row<'_>) -> Result<ControlFlow<()>, Fault>,
) -> Result<ControlFlow<()>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        if each(row)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

pub(super) fn series(connection: &Connection) -> Result<HashMap<i64, Arc<SeriesKey>>, Fault> {
    let mut all = HashMap::new();
    let sql = "SELECT id, operation, size_class, category FROM series";
    let _ = rows(connection, sql, [], &mut |row| {
        let (class, kind): (String, String) = (row.get(2)?, row.get(3)?);
        if let (Some(size_class), Some(category)) = (size_class(&class), category(&kind)) {
            let key = SeriesKey { operation: row.get(1)?, size_class, category };
            all.insert(row.get(0)?, Arc::new(key));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(all)
}

pub(super) fn people(connection: &Connection) -> Result<People, Fault> {
    let (mut instances, mut processes) = (HashMap::new(), HashMap::new());
    let _ = rows(connection, "SELECT id, host, name, slot FROM instance", [], &mut |row| {
        let by = By { host: row.get(1)?, instance: row.get(2)?, slot: row.get(3)? };
        instances.insert(row.get(0)?, Arc::new(by));
        Ok(ControlFlow::Continue(()))
    })?;
    let sql = "SELECT id, instance, uid, pid, began_ns, seen_ns, ended_ns, boot, version, \
               commit_id FROM process";
    let _ = rows(connection, sql, [], &mut |row| {
        if let Some(by) = instances.get(&row.get::<_, i64>(1)?) {
            let process = KeptProcess {
                id: row.get(2)?,
                by: By::clone(by),
                pid: row.get(3)?,
                began: time(row.get(4)?),
                last_seen: time(row.get(5)?),
                ended: row.get::<_, Option<i64>>(6)?.map(time),
                boot: row.get(7)?,
                version: row.get(8)?,
                commit: row.get(9)?,
            };
            processes.insert(row.get(0)?, Arc::new(process));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(People { processes, instances })
}
