//! Steps from each version of the file to the next. A step never changes once it was released.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::sqlite::error::Fault;
use crate::store::sqlite::schema::{APPLICATION, FIRST, VERSION};

/// What turns a version into the next: the first makes version 1 of an empty file.
pub(super) const STEPS: [&str; VERSION as usize] = [FIRST];

/// The file's version; 0 if nothing is in it.
pub(super) fn version(connection: &Connection) -> Result<u32, Fault> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(u32::try_from(version).unwrap_or(u32::MAX))
}

/// Brings the file to the version that the steps lead to, all of it or nothing.
pub(super) fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<(), Fault> {
    if version(connection)? as usize == steps.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have done it while this one waited.
    let from = version(&transaction)? as usize;
    for step in steps.iter().skip(from) {
        transaction.execute_batch(step)?;
    }
    if from < steps.len() {
        // The version stands in a row as well: a byte that changed is then seen.
        transaction
            .execute("INSERT OR REPLACE INTO meta VALUES('version', ?1)", [steps.len() as i64])?;
        let both =
            format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {}", steps.len());
        transaction.execute_batch(&both)?;
    }
    transaction.commit()?;
    Ok(())
}

/// A number that the file keeps about itself.
pub(super) fn meta(connection: &Connection, name: &str) -> Result<Option<i64>, Fault> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    let mut rows = statement.query([name])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

pub(super) fn set_meta(connection: &Connection, name: &str, value: i64) -> Result<(), Fault> {
    let sql = "INSERT OR REPLACE INTO meta VALUES(?1, ?2)";
    connection.prepare_cached(sql)?.execute((name, value))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a version 2 might add.
    const NEXT: &str = "ALTER TABLE instance ADD COLUMN region TEXT;";

    #[test]
    fn an_older_file_is_brought_up_to_date_with_what_is_in_it() {
        let mut file = Connection::open_in_memory().unwrap();
        migrate(&mut file, &[FIRST]).unwrap();
        file.execute("INSERT INTO instance VALUES(1, 'h', 'app', 0)", []).unwrap();
        migrate(&mut file, &[FIRST, NEXT]).unwrap();
        assert_eq!(version(&file).unwrap(), 2);
        assert_eq!(meta(&file, "version").unwrap(), Some(2));
        let sql = "SELECT name FROM instance WHERE region IS NULL";
        let name: String = file.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(name, "app");
    }

    #[test]
    fn a_step_that_fails_changes_nothing() {
        let mut file = Connection::open_in_memory().unwrap();
        migrate(&mut file, &[FIRST]).unwrap();
        assert!(migrate(&mut file, &[FIRST, NEXT, "CREATE TABLE meta(a);"]).is_err());
        assert_eq!(version(&file).unwrap(), 1);
        assert!(file.prepare("SELECT region FROM instance").is_err());
        migrate(&mut file, &[FIRST, NEXT]).unwrap();
        assert_eq!(version(&file).unwrap(), 2);
    }
}
