//! `SqliteStore`: the writing side, and what it does when something goes wrong.

use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;

use crate::store::batch::Batch;
use crate::store::error::StoreError;
use crate::store::loaded::Loaded;
use crate::store::sqlite::claim::Gate;
use crate::store::sqlite::error::Fault;
use crate::store::sqlite::file::{self, Identity, SHORTEST, beside};
use crate::store::sqlite::options::SqliteOptions;
use crate::store::sqlite::session::Session;
use crate::store::sqlite::{SqliteArchive, merge, state, tidy};
use crate::store::{Kept, Merged, OpenArchive, Store, Tidied};

/// A store in a file of SQLite: the module's documentation says what it promises. Made by
/// [`SqliteOptions::build`].
#[derive(Debug)]
pub struct SqliteStore {
    options: SqliteOptions,
    /// A process made by `fork` has a copy of this, and may neither use nor close it.
    session: Option<ManuallyDrop<Session>>,
    pid: u32,
    /// Something was open before, so that what is opened next may be anew.
    was_open: bool,
    begun_anew: bool,
    closed: bool,
    /// The latest time that is known, in seconds since 1970-01-01 00:00 UTC.
    now_unix_s: u64,
}

impl SqliteStore {
    pub(super) fn new(options: SqliteOptions) -> Self {
        Self {
            now_unix_s: options.clock.unix().as_secs(),
            options,
            session: None,
            pid: std::process::id(),
            was_open: false,
            begun_anew: false,
            closed: false,
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.options.path
    }

    /// Adds everything that another file holds to this one. What is in both is there once:
    /// merging a file twice changes nothing. The other file is only read.
    ///
    /// # Errors
    /// If one of them cannot be read, or this one not be written; nothing was merged then.
    pub fn merge_from(&mut self, other: &Path) -> Result<Merged, StoreError> {
        let busy = self.options.how.busy;
        let source = file::open_to_read(other, busy)
            .map_err(|fault| fault.said(other, "open it to merge it"))?;
        self.with("merge another into it", |session, _| {
            merge::merge(&mut session.connection, &mut session.codec, &source)
        })
    }

    /// Does something with the open file: opens it if it is not, makes it anew if it was taken
    /// away, and puts it aside if it turns out to be damaged.
    fn with<T>(
        &mut self,
        what: &'static str,
        act: impl FnOnce(&mut Session, &SqliteOptions) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        if std::process::id() != self.pid {
            return Err(StoreError::Forked { path: self.options.path.clone() });
        }
        let shorter = self.look_whether_it_is_there();
        let result = shorter.and_then(|()| self.opened()).and_then(|(session, options)| {
            let done = act(session, options)?;
            session.length = std::fs::metadata(&options.path).map_or(0, |found| found.len());
            Ok(done)
        });
        result.map_err(|fault| self.failed(fault, what))
    }

    /// Leaves a file that is no longer the one at its path, or was emptied. One that became
    /// shorter may have given pages back, or have lost them.
    fn look_whether_it_is_there(&mut self) -> Result<(), Fault> {
        let Some(session) = &self.session else { return Ok(()) };
        let (opened, log, before) = (session.identity, session.log, session.length);
        let path = self.options.path.clone();
        let there = Identity::of(&path);
        let length = std::fs::metadata(&path).map_or(0, |found| found.len());
        if there.is_some() && there == opened && length >= SHORTEST {
            if length < before {
                file::still_sound(&path, self.options.how.busy)?;
            }
            return Ok(());
        }
        let log_path = beside(&path, "-wal");
        self.leave();
        // Our log lies beside what came instead, which must not read it.
        if log.is_some() && Identity::of(&log_path) == log {
            for end in ["-wal", "-shm"] {
                let _ = std::fs::remove_file(beside(&path, end));
            }
        }
        Ok(())
    }

    /// The open session.
    fn opened(&mut self) -> Result<(&mut Session, &SqliteOptions), Fault> {
        if self.session.is_none() {
            let session = Session::begin(&self.options)?;
            self.begun_anew |= self.was_open;
            self.was_open = true;
            self.session = Some(ManuallyDrop::new(session));
        }
        match &mut self.session {
            Some(session) => Ok((session, &self.options)),
            None => Err(Fault::Damaged("it is not open".to_owned())),
        }
    }

    /// Closes what is open, if this is the process that opened it.
    fn leave(&mut self) {
        if let Some(session) = self.session.take()
            && std::process::id() == self.pid
        {
            drop(ManuallyDrop::into_inner(session));
        }
    }

    /// What a failure means for the next try, and for whoever asked.
    fn failed(&mut self, fault: Fault, what: &'static str) -> StoreError {
        let error = fault.said(&self.options.path, what);
        match error {
            StoreError::Damaged { path, what, .. } => {
                let aside = self.put_aside();
                StoreError::Damaged { path, what, aside }
            }
            StoreError::Gone { path } => {
                self.leave();
                StoreError::Gone { path }
            }
            error => error,
        }
    }

    /// Renames the damaged file, unless somebody else did; what can be read of its baselines is
    /// taken into the fresh one.
    fn put_aside(&mut self) -> Option<std::path::PathBuf> {
        let path = self.options.path.clone();
        let found = self.session.as_ref().and_then(|session| session.identity);
        let never_opened = self.session.is_none();
        self.leave();
        let gate = Gate::enter(&path, self.options.how.busy).ok()?;
        let same = Identity::of(&path).is_some() && (never_opened || Identity::of(&path) == found);
        let aside = same.then(|| file::put_aside(&path, "damaged", self.now_unix_s).ok()).flatten();
        drop(gate);
        self.was_open = true;
        if let Some(aside) = &aside {
            self.salvage(aside);
        }
        aside
    }

    /// Baselines take weeks to learn: those that can be read, and are what was written, go on.
    fn salvage(&mut self, aside: &Path) {
        let Ok(source) = file::open_to_read(aside, self.options.how.busy) else { return };
        let sql = "SELECT id FROM instance WHERE host = ?1 AND name = ?2 ORDER BY slot LIMIT 1";
        let key = (&self.options.host, &self.options.instance);
        let instance = source.query_row(sql, key, |row| row.get::<_, i64>(0)).ok();
        let Some(instance) = instance else { return };
        let Ok(found) = state::baselines(&source, Some(instance), None) else { return };
        drop(source);
        let baselines = found.into_iter().map(|(_, baseline)| baseline).collect();
        let at = std::time::Duration::from_secs(self.now_unix_s);
        let batch = Batch { at, baselines, ..Batch::default() };
        // If the fresh file cannot be made now, it is made by the next flush, without them.
        let _ = self.opened().and_then(|(session, _)| session.append(&batch));
    }
}

impl Store for SqliteStore {
    fn load(&mut self) -> Result<Loaded, StoreError> {
        let loaded = self.with("read what was left", |session, _| session.loaded());
        match loaded {
            // It was put aside: the fresh one has what could be saved.
            Err(StoreError::Damaged { aside: Some(_), .. }) => {
                self.with("read what was left", |session, _| session.loaded())
            }
            loaded => loaded,
        }
    }

    fn append(&mut self, batch: &Batch) -> Result<Kept, StoreError> {
        self.now_unix_s = self.now_unix_s.max(batch.at.as_secs());
        let most = self.options.most_log_bytes;
        let append = |session: &mut Session, options: &SqliteOptions| {
            tidy::bound_log(&session.connection, &options.path, most)?;
            session.append(batch)
        };
        match self.with("keep a batch", append) {
            // It was put aside; a fresh one takes the batch.
            Err(StoreError::Damaged { aside: Some(_), .. }) => self.with("keep a batch", append)?,
            kept => kept?,
        }
        self.closed = false;
        Ok(Kept { begun_anew: std::mem::take(&mut self.begun_anew) })
    }

    fn archives(&self) -> Option<OpenArchive> {
        let path = self.options.path.clone();
        Some(Arc::new(move || Ok(Box::new(SqliteArchive::open(&path)?))))
    }

    fn tidy(&mut self, now_unix_s: u64) -> Result<Tidied, StoreError> {
        self.now_unix_s = self.now_unix_s.max(now_unix_s);
        self.with("tidy it", |session, options| {
            tidy::tidy(&mut session.connection, &mut session.codec, &options.retention, now_unix_s)
        })
    }

    fn close(&mut self) -> Result<(), StoreError> {
        if std::process::id() != self.pid {
            return Err(StoreError::Forked { path: self.options.path.clone() });
        }
        if self.closed || self.session.is_none() {
            return Ok(());
        }
        self.with("end", |session, _| {
            session.end()?;
            tidy::empty_log(&session.connection)
        })?;
        self.closed = true;
        self.leave();
        Ok(())
    }
}

impl Drop for SqliteStore {
    /// Closes the file. What is not over stays in the journal, for the next process to fold.
    fn drop(&mut self) {
        self.leave();
    }
}
