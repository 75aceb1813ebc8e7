//! `MemoryStore`: a store that lives as long as the process.
//!
//! - `rows`: calls and gauges by minute, hour and day; `archive`: how they are read back.

mod archive;
mod rows;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::alert::Saved;
use crate::baseline::Baseline;
use crate::catalog::SizeClass;
use crate::store::archive::{By, KeptProcess};
use crate::store::batch::Batch;
use crate::store::error::StoreError;
use crate::store::loaded::{JudgeState, Loaded};
use crate::store::note::Note;
use crate::store::retention::{Retention, RetentionError};
use crate::store::{Kept, OpenArchive, Store, Tidied};

use rows::Rows;

/// A store in memory: what is kept can be read back as from a file, and is gone with the process.
/// Clones are the same store.
///
/// It keeps minutes for 2 hours, hours for 2 days and days for a year, within 16 MiB; what does
/// not fit goes oldest first. [`MemoryStore::with`] chooses otherwise.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::Registry;
/// use kgas_perf_runtime::install::Builder;
/// use kgas_perf_runtime::measure::{Measurement, Outcome};
/// use kgas_perf_runtime::store::{Archive, Between, MemoryStore, Query};
///
/// let store = MemoryStore::new();
/// let registry = Registry::new();
/// let builder = Builder::new().registry(registry.clone()).tick_by_hand();
/// let handle = builder.store(store.clone()).install()?;
/// registry.run(|| Measurement::start("import").finish(Outcome::Ok));
/// let now = handle.tick().snapshot.unix.as_secs();
/// handle.flush()?;
///
/// let lately = Query::new(Between::new(now - 3_600, now + 60)).operation("import");
/// assert_eq!(store.summary(&lately)?.all().calls(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct MemoryStore {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    retention: Retention,
    process: Arc<KeptProcess>,
    rows: Rows,
    baselines: Vec<Baseline>,
    alerts: Option<Arc<Saved>>,
    notes: VecDeque<Note>,
    judges: BTreeMap<(String, SizeClass), JudgeState>,
}

/// Versions of baselines that are kept, at most: those of a thousand operations' histories.
const MOST_BASELINES: usize = 16_000;

/// Notes that are kept, at most.
const MOST_NOTES: usize = 10_000;

impl MemoryStore {
    /// An empty one.
    pub fn new() -> Self {
        let hour = Duration::from_secs(3_600);
        Self::of(Retention {
            minutes: 2 * hour,
            hours: 48 * hour,
            days: 365 * 24 * hour,
            notes: 48 * hour,
            most_bytes: 16 << 20,
        })
    }

    /// An empty one that keeps for so long, and so much.
    ///
    /// # Errors
    /// If the retention is not accepted.
    pub fn with(retention: Retention) -> Result<Self, RetentionError> {
        retention.check().map(|()| Self::of(retention))
    }

    fn of(retention: Retention) -> Self {
        let process = KeptProcess {
            id: std::process::id().to_string(),
            by: By { host: String::new(), instance: program(), slot: 0 },
            pid: std::process::id(),
            began: Duration::ZERO,
            last_seen: Duration::ZERO,
            ended: None,
            boot: None,
            version: None,
            commit: None,
        };
        let inner = Inner {
            retention,
            process: Arc::new(process),
            rows: Rows::default(),
            baselines: Vec::new(),
            alerts: None,
            notes: VecDeque::new(),
            judges: BTreeMap::new(),
        };
        Self { inner: Arc::new(Mutex::new(inner)) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

/// The program's name.
fn program() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

impl Store for MemoryStore {
    fn load(&mut self) -> Result<Loaded, StoreError> {
        Ok(Loaded::default())
    }

    fn append(&mut self, batch: &Batch) -> Result<Kept, StoreError> {
        let mut inner = self.inner();
        let began = inner.process.began;
        let process = Arc::make_mut(&mut inner.process);
        process.began = if began.is_zero() { batch.at } else { began };
        process.last_seen = process.last_seen.max(batch.at);
        for calls in &batch.calls {
            inner.rows.add_calls(calls);
        }
        for gauge in &batch.gauges {
            inner.rows.add_gauge(gauge);
        }
        inner.baselines.extend(batch.baselines.iter().cloned());
        let surplus = inner.baselines.len().saturating_sub(MOST_BASELINES);
        inner.baselines.drain(..surplus);
        if let Some(alerts) = &batch.alerts {
            inner.alerts = Some(Arc::clone(alerts));
        }
        inner.notes.extend(batch.notes.iter().cloned());
        let surplus = inner.notes.len().saturating_sub(MOST_NOTES);
        inner.notes.drain(..surplus);
        for judge in &batch.judges {
            let key = (judge.operation.clone(), judge.size_class);
            inner.judges.insert(key, judge.clone());
        }
        Ok(Kept::default())
    }

    fn tidy(&mut self, now_unix_s: u64) -> Result<Tidied, StoreError> {
        let mut inner = self.inner();
        let Inner { retention, rows, notes, .. } = &mut *inner;
        let mut tidied = rows.tidy(now_unix_s, retention);
        let oldest = Duration::from_secs(now_unix_s).saturating_sub(retention.notes);
        while notes.front().is_some_and(|note| note.at < oldest) {
            notes.pop_front();
            tidied.expired += 1;
        }
        Ok(tidied)
    }

    fn archives(&self) -> Option<OpenArchive> {
        let store = self.clone();
        Some(Arc::new(move || Ok(Box::new(store.clone()))))
    }

    fn close(&mut self) -> Result<(), StoreError> {
        let mut inner = self.inner();
        let process = Arc::make_mut(&mut inner.process);
        process.ended = Some(process.last_seen);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
