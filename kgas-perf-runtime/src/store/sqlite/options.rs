//! `SqliteOptions`: where and how a `SqliteStore` keeps.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::measure::{Clock, SystemClock};
use crate::store::retention::{Retention, RetentionError};
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::file::How;

/// Where and how a [`SqliteStore`] keeps.
///
/// # Examples
/// ```no_run
/// use std::time::Duration;
/// use kgas_perf_runtime::store::{Retention, SqliteOptions};
///
/// let day = Duration::from_secs(86_400);
/// let retention = Retention { minutes: 14 * day, ..Retention::default() };
/// let store = SqliteOptions::new("/var/lib/app/perf.sqlite")
///     .instance("importer")
///     .version(env!("CARGO_PKG_VERSION"))
///     .retention(retention)
///     .build()?;
/// # Ok::<(), kgas_perf_runtime::store::RetentionError>(())
/// ```
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    pub(super) path: PathBuf,
    pub(super) host: String,
    pub(super) instance: String,
    pub(super) version: Option<String>,
    pub(super) commit: Option<String>,
    pub(super) retention: Retention,
    pub(super) how: How,
    pub(super) most_log_bytes: u64,
    pub(super) clock: Arc<dyn Clock>,
}

impl SqliteOptions {
    /// Keeps in this file, which is made if there is none; its folder has to be there. Lock files
    /// and SQLite's own lie beside it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let program = std::env::current_exe().ok();
        let program =
            program.as_deref().and_then(|path| path.file_stem()).map(|name| name.to_string_lossy());
        Self {
            path: path.into(),
            host: host(),
            instance: program.map_or_else(|| "program".to_owned(), Into::into),
            version: None,
            commit: None,
            retention: Retention::default(),
            how: How { full_sync: false, busy: Duration::from_secs(2) },
            most_log_bytes: 64 << 20,
            clock: Arc::new(SystemClock),
        }
    }

    /// The name of the instance; the program's name by default. A process goes on with what the
    /// one before it of the same name left behind.
    #[must_use]
    pub fn instance(mut self, name: impl Into<String>) -> Self {
        self.instance = name.into();
        self
    }

    /// The name of the host; what the system calls it by default.
    #[must_use]
    pub fn host(mut self, name: impl Into<String>) -> Self {
        self.host = name.into();
        self
    }

    /// The program's version, for people.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// The commit that the program was built from, for people.
    #[must_use]
    pub fn commit(mut self, commit: impl Into<String>) -> Self {
        self.commit = Some(commit.into());
        self
    }

    /// For how long what was kept stays.
    #[must_use]
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Waits with every flush until the disk has it. Without, what was kept survives the end of
    /// the process in any way; a power cut or a crash of the system may take the last seconds.
    #[must_use]
    pub fn full_sync(mut self, full_sync: bool) -> Self {
        self.how.full_sync = full_sync;
        self
    }

    /// How long to wait for another process that writes; 2 seconds by default.
    #[must_use]
    pub fn busy_timeout(mut self, busy: Duration) -> Self {
        self.how.busy = busy;
        self
    }

    /// How large SQLite's log may become while somebody reads for long; 64 MiB by default. Beyond
    /// that a flush answers [`Busy`](crate::store::StoreError::Busy), and what is offered waits in
    /// memory.
    #[must_use]
    pub fn most_log_bytes(mut self, bytes: u64) -> Self {
        self.most_log_bytes = bytes;
        self
    }

    /// The clock that says when the process began; the system's by default.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The store. The file is opened when it is first used, not here.
    ///
    /// # Errors
    /// If the retention is not accepted.
    pub fn build(self) -> Result<SqliteStore, RetentionError> {
        self.retention.check()?;
        Ok(SqliteStore::new(self))
    }
}

/// What the system calls this host.
fn host() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read_to_string("/etc/hostname"));
    let told = told.ok().or_else(|| std::env::var("COMPUTERNAME").ok());
    let name = told.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    name.unwrap_or_else(|| "host".to_owned())
}
