//! `Database`: SQLite in a temporary file, with one writer and many readers.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, params};

use crate::example::folder::Folder;
use crate::load::Dice;

/// How many entities it holds.
const ENTITIES: u64 = 5_000;
/// How long a statement waits for a lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// A database of entities and links; its file goes with it, or, where the process was killed, when
/// the next is made.
///
/// Connections are opened as they are needed and used again. With write-ahead logging, readers
/// do not wait for the writer.
#[derive(Debug)]
pub struct Database {
    // Connections are closed before the folder goes.
    idle: Mutex<Vec<Connection>>,
    folder: Folder,
}

impl Database {
    /// Makes one, filled, in the folder for temporary files.
    ///
    /// # Errors
    /// What SQLite says when it cannot.
    pub fn fill(seed: u64) -> rusqlite::Result<Self> {
        let folder = Folder::make(&std::env::temp_dir());
        let database = Self { idle: Mutex::default(), folder };
        let mut connection = database.open()?;
        let mode: String =
            connection.query_row("PRAGMA journal_mode = wal", [], |row| row.get(0))?;
        debug_assert_eq!(mode, "wal");
        connection.execute_batch(
            "CREATE TABLE entities (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
             CREATE TABLE links (subject INTEGER NOT NULL, relation TEXT NOT NULL,
                 object INTEGER NOT NULL);
             CREATE INDEX links_by_subject ON links (subject);
             CREATE TABLE notes (entity INTEGER NOT NULL, text TEXT NOT NULL);",
        )?;
        let filling = connection.transaction()?;
        let mut dice = Dice::new(seed);
        for id in 0..ENTITIES {
            let name = format!("entity {id}");
            filling.execute("INSERT INTO entities VALUES (?1, ?2)", params![id as i64, name])?;
            for _ in 0..3 {
                let object = dice.below(ENTITIES) as i64;
                filling.execute(
                    "INSERT INTO links VALUES (?1, 'knows', ?2)",
                    params![id as i64, object],
                )?;
            }
        }
        filling.commit()?;
        database.give_back(connection);
        Ok(database)
    }

    /// Reads the names of what an entity is linked to.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn neighbours(&self, dice: &mut Dice) -> rusqlite::Result<usize> {
        let entity = dice.below(ENTITIES) as i64;
        self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT name FROM links JOIN entities ON id = object WHERE subject = ?1",
            )?;
            let names = statement.query_map([entity], |row| row.get::<_, String>(0))?;
            names.collect::<Result<Vec<_>, _>>().map(|names| names.len())
        })
    }

    /// Counts what is two links away from an entity.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn two_steps(&self, dice: &mut Dice) -> rusqlite::Result<i64> {
        let entity = dice.below(ENTITIES) as i64;
        self.with(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT count(DISTINCT second.object) FROM links AS first
                 JOIN links AS second ON second.subject = first.object WHERE first.subject = ?1",
            )?;
            statement.query_row([entity], |row| row.get(0))
        })
    }

    /// Writes a note about an entity, in a transaction of its own.
    ///
    /// # Errors
    /// What SQLite says; `database is locked` when others wrote for longer than five seconds.
    pub fn write(&self, dice: &mut Dice) -> rusqlite::Result<()> {
        let entity = dice.below(ENTITIES) as i64;
        self.with(|connection| {
            // It will write, so it asks for the lock at once, and not in the middle.
            connection.execute_batch("BEGIN IMMEDIATE")?;
            let written =
                connection.execute("INSERT INTO notes VALUES (?1, 'seen under load')", [entity]);
            connection.execute_batch(if written.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
            written.map(drop)
        })
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.open()?,
        };
        let result = work(&connection);
        self.give_back(connection);
        result
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open(file(self.folder.path()))?;
        connection.busy_timeout(PATIENCE)?;
        connection.execute_batch("PRAGMA synchronous = normal")?;
        Ok(connection)
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

fn file(folder: &Path) -> PathBuf {
    folder.join("entities.sqlite")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_read_and_written_and_the_file_goes_with_the_database() {
        let database = Database::fill(1).unwrap();
        let mut dice = Dice::new(2);
        assert_eq!(database.neighbours(&mut dice), Ok(3));
        assert!((1..=9).contains(&database.two_steps(&mut dice).unwrap()));
        database.write(&mut dice).unwrap();
        let count = |connection: &Connection| {
            connection.query_row("SELECT count(*) FROM notes", [], |row| row.get::<_, i64>(0))
        };
        assert_eq!(database.with(count), Ok(1));
        let folder = database.folder.path().to_owned();
        assert!(folder.exists());
        drop(database);
        assert!(!folder.exists());
    }
}
