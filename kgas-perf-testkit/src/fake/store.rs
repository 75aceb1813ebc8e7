//! `FakeStore`: a store that keeps everything in memory, and fails when it is told to.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kgas_perf_runtime::store::{Batch, Kept, Loaded, Store, StoreError, Tidied};

/// A store that keeps every batch as it came, and fails when it is told to. Clones are the same
/// store: give one to the runtime, and look at the other.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::Registry;
/// use kgas_perf_runtime::install::Builder;
/// use kgas_perf_runtime::measure::{Measurement, Outcome};
/// use kgas_perf_testkit::fake::FakeStore;
///
/// let store = FakeStore::new();
/// let registry = Registry::new();
/// let builder = Builder::new().registry(registry.clone()).tick_by_hand();
/// let handle = builder.store(store.clone()).install()?;
///
/// registry.run(|| Measurement::start("import").finish(Outcome::Ok));
/// handle.tick();
/// handle.flush()?;
/// assert_eq!(store.calls("import"), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct FakeStore {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    batches: Vec<Batch>,
    loaded: Loaded,
    fails: bool,
    begins_anew: bool,
    closed: bool,
}

impl FakeStore {
    /// An empty one that keeps what it is given.
    pub fn new() -> Self {
        Self::default()
    }

    /// One that answers this when it is asked what an earlier process left behind.
    pub fn with(loaded: Loaded) -> Self {
        let store = Self::new();
        store.inner().loaded = loaded;
        store
    }

    /// From now on it has no room, or has room again.
    pub fn fail(&self, fails: bool) {
        self.inner().fails = fails;
    }

    /// It forgets everything, and says so with the next batch, as a store does whose file was
    /// taken away.
    pub fn lose_everything(&self) {
        let mut inner = self.inner();
        inner.batches.clear();
        inner.begins_anew = true;
    }

    /// What it was given, oldest first.
    pub fn batches(&self) -> Vec<Batch> {
        self.inner().batches.clone()
    }

    /// How many calls of an operation it was given.
    pub fn calls(&self, operation: &str) -> u64 {
        let inner = self.inner();
        let calls = inner.batches.iter().flat_map(|batch| &batch.calls);
        calls.filter(|calls| calls.operation == operation).map(|calls| calls.series.calls()).sum()
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.inner().closed
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for FakeStore {
    fn load(&mut self) -> Result<Loaded, StoreError> {
        Ok(self.inner().loaded.clone())
    }

    fn append(&mut self, batch: &Batch) -> Result<Kept, StoreError> {
        let mut inner = self.inner();
        if inner.fails {
            return Err(StoreError::Full { path: PathBuf::from("fake.db") });
        }
        inner.batches.push(batch.clone());
        Ok(Kept { begun_anew: std::mem::take(&mut inner.begins_anew) })
    }

    fn tidy(&mut self, _now_unix_s: u64) -> Result<Tidied, StoreError> {
        Ok(Tidied::default())
    }

    fn close(&mut self) -> Result<(), StoreError> {
        self.inner().closed = true;
        Ok(())
    }
}
