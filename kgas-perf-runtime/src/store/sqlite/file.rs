//! The file: opened, looked at, put aside.
//!
//! What it is is found out before anything is written, through a connection that takes no lock
//! and makes no file beside it. A file of this process is never opened by other means than
//! SQLite's: closing such a handle would drop the locks that SQLite holds on it (POSIX).

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags, TransactionBehavior};

use crate::store::error::StoreError;
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::migrate::{STEPS, meta, migrate, version};
use crate::store::sqlite::schema::{APPLICATION, VERSION};
use crate::store::sqlite::tidy::empty_log;

/// A file up to this size is read as a whole when it is opened, to see whether it is sound; of a
/// larger one only the small tables are.
const READ_WHOLE: u64 = 32 << 20;

/// No database is shorter than a page, and no page than this.
pub(super) const SHORTEST: u64 = 512;

/// The tables that are always small.
const SMALL: [&str; 7] =
    ["meta", "instance", "process", "series", "gauge_name", "state", "baseline"];

/// Which file a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// Device and number on it; `None` where the system has no such thing.
    inode: Option<(u64, u64)>,
}

impl Identity {
    /// `None` if nothing is there.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let found = fs::metadata(path).ok()?;
        #[cfg(unix)]
        let inode = {
            use std::os::unix::fs::MetadataExt;
            Some((found.dev(), found.ino()))
        };
        #[cfg(not(unix))]
        let inode = {
            let _ = found;
            None
        };
        Some(Self { inode })
    }
}

/// `NAME-wal` or `NAME-shm`.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// The address of a file that is read without locks, and beside which nothing is made.
fn immutable(path: &Path) -> String {
    let mut address = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                address.push(char::from(*byte));
            }
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address + "?immutable=1"
}

/// What a file is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// There is none, or nothing in it.
    Empty,
    /// It was made by this program, and can be read by it.
    Ours,
}

/// Says what a file is, and leaves it as it is.
pub(super) fn kind(path: &Path) -> Result<Kind, Fault> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            return Err(foreign(path, "it is a folder"));
        }
        Ok(found) if found.len() == 0 => return Ok(Kind::Empty),
        // SQLite would take it for an empty one.
        Ok(found) if found.len() < SHORTEST => return Err(by_its_header(path)),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Kind::Empty),
        Err(error) => return Err(unreadable(path, error)),
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(immutable(path), flags)?;
    match kind_of(path, &connection) {
        Err(Fault::Sql(error)) if is_no_database(&error) => Err(by_its_header(path)),
        // Without its log it may look torn while another process puts the log into it. Whoever
        // opens it with its log sees it as it is.
        Err(Fault::Damaged(_) | Fault::Sql(_)) => Ok(Kind::Ours),
        kind => kind,
    }
}

/// What a file is that is open with its log.
fn kind_with_log(path: &Path, connection: &Connection) -> Result<Kind, Fault> {
    match kind_of(path, connection) {
        Err(Fault::Sql(error)) if is_damage(&error) => Err(by_its_header(path)),
        kind => kind,
    }
}

fn is_damage(error: &Error) -> bool {
    let damage = [ErrorCode::DatabaseCorrupt, ErrorCode::NotADatabase];
    matches!(error, Error::SqliteFailure(code, _) if damage.contains(&code.code))
}

fn is_no_database(error: &Error) -> bool {
    matches!(error, Error::SqliteFailure(code, _) if code.code == ErrorCode::NotADatabase)
}

fn foreign(path: &Path, what: &str) -> Fault {
    StoreError::Foreign { path: path.to_owned(), what: what.to_owned() }.into()
}

fn unreadable(path: &Path, error: std::io::Error) -> Fault {
    let (path, what) = (path.to_owned(), "look at it");
    StoreError::Failed { path, what, source: Box::new(error) }.into()
}

/// What an open file is.
fn kind_of(path: &Path, connection: &Connection) -> Result<Kind, Fault> {
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let found = version(connection)?;
    let written = meta(connection, "version").ok().flatten();
    if application == i64::from(APPLICATION) {
        let known = VERSION;
        return match written {
            // Both say so: it is no byte that changed.
            Some(written) if found > known && written == i64::from(found) => {
                Err(StoreError::Newer { path: path.to_owned(), found, known }.into())
            }
            Some(written) if written == i64::from(found) => Ok(Kind::Ours),
            None if found > known && connection.prepare("SELECT value FROM meta").is_err() => {
                Err(StoreError::Newer { path: path.to_owned(), found, known }.into())
            }
            _ => Err(Fault::Damaged("it says of itself that it is of two versions".to_owned())),
        };
    }
    let sql = "SELECT count(*), coalesce(sum(name IN ('calls', 'journal', 'gauge_name')), 0) \
               FROM sqlite_master";
    let (things, ours): (i64, i64) =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    match (things, ours) {
        (0, _) if application == 0 && found == 0 => Ok(Kind::Empty),
        (_, 3) if written.is_some() => {
            Err(Fault::Damaged("it does not say whose it is".to_owned()))
        }
        _ => Err(foreign(path, "it is another program's database")),
    }
}

/// A file that SQLite takes for no database: is it one of ours whose beginning is damaged?
fn by_its_header(path: &Path) -> Fault {
    let mut header = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(100).read_to_end(&mut header));
    match read {
        Ok(_) if header.get(68..72) == Some(&APPLICATION.to_be_bytes()) => {
            Fault::Damaged("it does not begin as a sound database does".to_owned())
        }
        Ok(_) if header.starts_with(b"SQLite format 3\0") => {
            foreign(path, "it is another program's database")
        }
        Ok(_) => foreign(path, "it is no database"),
        Err(error) => unreadable(path, error),
    }
}

/// How a file is opened to be written.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// Whether a commit waits until the disk has it.
    pub(super) full_sync: bool,
    /// How long to wait for another process.
    pub(super) busy: Duration,
}

/// Opens a file to be written, makes it if there is none, and brings it to the latest version.
pub(super) fn open(path: &Path, how: How) -> Result<Connection, Fault> {
    match open_as_it_is(path, how) {
        Err(Fault::Sql(error)) if is_read_only(&error) => Err(why_read_only(path, error)),
        opened => opened,
    }
}

fn is_read_only(error: &Error) -> bool {
    matches!(error, Error::SqliteFailure(code, _) if code.code == ErrorCode::ReadOnly)
}

/// A file that says it is written in a way that SQLite does not know is not written to. We write
/// it in no such way, so that byte has changed.
fn why_read_only(path: &Path, error: Error) -> Fault {
    let mut header = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(100).read_to_end(&mut header));
    match (read, header.get(18)) {
        (Ok(_), Some(way)) if *way > 2 => {
            Fault::Damaged(format!("it says that it is written in way {way}"))
        }
        _ => error.into(),
    }
}

fn open_as_it_is(path: &Path, how: How) -> Result<Connection, Fault> {
    let before = kind(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(how.busy)?;
    // Whatever goes wrong from here on, a file that is not ours is not touched by closing it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    if before == Kind::Empty {
        // Before anything else is in it: pages that are freed go back to the disk.
        connection.execute_batch("PRAGMA auto_vacuum = INCREMENTAL")?;
    }
    // With the log that lies beside it, it may be another.
    if kind_with_log(path, &connection)? == Kind::Ours || before == Kind::Empty {
        let mode: String =
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        if !mode.eq_ignore_ascii_case("wal") {
            return Err(Fault::Damaged(format!("its journal is of the mode {mode}")));
        }
        let synchronous = if how.full_sync { "FULL" } else { "NORMAL" };
        connection.execute_batch(&format!(
            "PRAGMA synchronous = {synchronous}; PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF; \
             PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
        ))?;
        migrate(&mut connection, &STEPS)?;
        if before == Kind::Empty {
            // From now on the file itself says whose it is, whatever becomes of its log.
            empty_log(&connection)?;
        }
    }
    sound(&connection, path)?;
    // Better now than with the first batch.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute("UPDATE meta SET value = value WHERE name = 'version'", [])?;
    transaction.rollback()?;
    Ok(connection)
}

/// Whether a file that became shorter is sound, as somebody sees it who has nothing of it in
/// memory.
pub(super) fn still_sound(path: &Path, busy: Duration) -> Result<(), Fault> {
    sound(&open_to_read(path, busy)?, path)
}

/// Whether what is read soonest is sound.
fn sound(connection: &Connection, path: &Path) -> Result<(), Fault> {
    let size = fs::metadata(path).map_or(0, |found| found.len());
    if size <= READ_WHOLE {
        return complaint(connection, "PRAGMA quick_check(1)").map_or(Ok(()), Err);
    }
    for table in SMALL {
        if let Some(fault) = complaint(connection, &format!("PRAGMA quick_check('{table}')")) {
            return Err(fault);
        }
    }
    Ok(())
}

fn complaint(connection: &Connection, sql: &str) -> Option<Fault> {
    match connection.query_row(sql, [], |row| row.get::<_, String>(0)) {
        Ok(said) if said == "ok" => None,
        Ok(said) => Some(Fault::Damaged(said)),
        Err(error) => Some(error.into()),
    }
}

/// Opens a file to be read, while others write it or not.
pub(super) fn open_to_read(path: &Path, busy: Duration) -> Result<Connection, Fault> {
    if kind(path)? == Kind::Empty && !beside(path, "-wal").exists() {
        return Err(StoreError::Gone { path: path.to_owned() }.into());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).map_err(Fault::from).and_then(|opened| {
        opened.busy_timeout(busy)?;
        opened.execute_batch("PRAGMA mmap_size = 0; PRAGMA query_only = ON;")?;
        kind_with_log(path, &opened).map(|kind| (opened, kind))
    });
    let (connection, kind) = match opened {
        Err(Fault::Sql(Error::SqliteFailure(code, _)))
            if matches!(code.code, ErrorCode::CannotOpen | ErrorCode::ReadOnly) =>
        {
            // Nothing can be made beside it, so nobody writes it here.
            let flags = flags | OpenFlags::SQLITE_OPEN_URI;
            let connection = Connection::open_with_flags(immutable(path), flags)?;
            let kind = kind_of(path, &connection)?;
            (connection, kind)
        }
        opened => opened?,
    };
    match kind {
        Kind::Ours => Ok(connection),
        Kind::Empty => Err(StoreError::Gone { path: path.to_owned() }.into()),
    }
}

/// Renames a file and what lies beside it: `NAME.WHY-SECONDS`, or with a number behind it if that
/// is there already. Answers where the file is now.
pub(super) fn put_aside(path: &Path, why: &str, now_unix_s: u64) -> std::io::Result<PathBuf> {
    let free = |number: u32| {
        let number = if number == 0 { String::new() } else { format!("-{number}") };
        beside(path, &format!(".{why}-{now_unix_s}{number}"))
    };
    let taken = |to: &PathBuf| ["", "-wal", "-shm"].iter().any(|end| beside(to, end).exists());
    let Some(to) = (0..10_000).map(free).find(|to| !taken(to)) else {
        return Err(std::io::ErrorKind::AlreadyExists.into());
    };
    for end in ["-wal", "-shm", ""] {
        match fs::rename(beside(path, end), beside(&to, end)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(to)
}
