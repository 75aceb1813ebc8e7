//! `Writer`: the one thread that writes, and what waits for it.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::alert::Now;
use crate::registry::Window;
use crate::store::accounts::Accounts;
use crate::store::batch::Batch;
use crate::store::calls::Calls;
use crate::store::error::StoreError;
use crate::store::gauge::Gauge;
use crate::store::loaded::Loaded;
use crate::store::note::Note;
use crate::store::offer::Offer;
use crate::store::pending::Pending;
use crate::store::stamps::Stamps;
use crate::store::status::{Failing, Status};
use crate::store::{Archive, Kept, OpenArchive, Store};

/// A store that fails is tried again after 1, 2, 4, … rounds, at most this many.
const MOST_ROUNDS: u32 = 30;

/// So much may wait by default, in bytes.
const MOST_BYTES: usize = 64 << 20;

/// Hands what is offered to a [`Store`], from a thread of its own, once a second.
///
/// Offering takes a lock for as long as it takes to add up numbers in memory; no file is touched.
/// While the store fails, what is offered waits, within bounds; the writer tries again after 1, 2,
/// 4, … and at most 30 seconds, and then keeps all that waits. What found no room is counted.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::Registry;
/// use kgas_perf_runtime::alert::Now;
/// use kgas_perf_runtime::measure::{Metadata, record_operation};
/// use kgas_perf_runtime::store::{MemoryStore, Offer, Writer};
///
/// let registry = Registry::new();
/// let before = registry.snapshot();
/// registry.run(|| record_operation("import", Duration::from_millis(3), Metadata::default()));
/// let snapshot = registry.snapshot();
///
/// let now = Now { monotonic: snapshot.monotonic, unix: snapshot.unix };
/// let writer = Writer::new(Box::new(MemoryStore::new()), now);
/// writer.offer(Offer::calls(now, &snapshot, &snapshot.since(&before)));
/// assert_eq!(writer.status().accounts.pending, 1);
/// writer.flush()?;
/// assert_eq!(writer.status().accounts.stored, 1);
/// # Ok::<(), kgas_perf_runtime::store::StoreError>(())
/// ```
pub struct Writer {
    waiting: Mutex<Waiting>,
    store: Mutex<Box<dyn Store>>,
    /// Wakes the thread before its time.
    wake: Condvar,
    wants_all: AtomicBool,
    archives: Option<OpenArchive>,
    flush_every: Duration,
    /// A process made by `fork` has a copy of this, and may not touch the store.
    process: u32,
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("status", &self.status()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

#[derive(Debug)]
struct Waiting {
    pending: Pending,
    stamps: Stamps,
    /// Entries that were taken and are being written.
    writing: u64,
    accounts: Accounts,
    most_bytes: usize,
    failing: Option<Failing>,
    /// The offer that was kept last, and the one that came last, by the monotonic clock.
    kept_until: Duration,
    offered: Duration,
    begun_anew: u64,
    /// Minute in which it was tidied last, and why that failed, if it did.
    tidied: u64,
    untidied: Option<String>,
    asked_to_end: bool,
    closed: bool,
}

impl Writer {
    /// Writes to this store, from now on, each second.
    pub fn new(store: Box<dyn Store>, now: Now) -> Self {
        let waiting = Waiting {
            pending: Pending::default(),
            stamps: Stamps::new(now.monotonic, now.unix),
            writing: 0,
            accounts: Accounts::default(),
            most_bytes: MOST_BYTES,
            failing: None,
            kept_until: now.monotonic,
            offered: now.monotonic,
            begun_anew: 0,
            tidied: now.unix.as_secs() / 60,
            untidied: None,
            asked_to_end: false,
            closed: false,
        };
        Self {
            waiting: Mutex::new(waiting),
            archives: store.archives(),
            store: Mutex::new(store),
            wake: Condvar::new(),
            wants_all: AtomicBool::new(false),
            flush_every: Duration::from_secs(1),
            process: std::process::id(),
        }
    }

    /// Writes in this rhythm; a process that is killed loses at most what was offered since.
    #[must_use]
    pub fn flush_every(mut self, every: Duration) -> Self {
        self.flush_every = every;
        self
    }

    /// Lets at most about this much wait, in bytes; 64 MiB by default. The oldest minute goes
    /// first.
    #[must_use]
    pub fn most_bytes(self, most_bytes: usize) -> Self {
        self.waiting().most_bytes = most_bytes;
        self
    }

    /// Opens what was kept, for reading. What waits is not in it.
    ///
    /// `None` where the store cannot be read back.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn archive(&self) -> Option<Result<Box<dyn Archive>, StoreError>> {
        self.archives.as_ref().map(|open| open())
    }

    /// What an earlier process left behind.
    ///
    /// # Errors
    /// If nothing can be read. Writing is tried all the same.
    pub fn load(&self) -> Result<Loaded, StoreError> {
        let mut store = self.store();
        guarded(|| store.load()).inspect_err(|error| self.failed(error))
    }

    /// Takes what a tick has to keep.
    ///
    /// # Cost
    /// Some 100 ns and a copy for each window, under a lock that the writer's thread holds for
    /// moments; no input or output.
    pub fn offer(&self, offer: Offer<'_>) {
        let mut waiting = self.waiting();
        let at = waiting.stamps.at(offer.now.monotonic, offer.now.unix);
        waiting.offered = waiting.offered.max(offer.now.monotonic);
        let before = waiting.pending.entries_offered();
        let minute = minute_of(at);
        for window in offer.windows.iter().filter(|window| window.series.calls() > 0) {
            let known = offer.snapshot.operation(&window.operation);
            let Some(category) = known.map(|known| known.category) else { continue };
            waiting.pending.calls(calls(window, category, minute));
        }
        for number in &offer.numbers {
            let read = Gauge::read(&number.name, number.unit, at.as_secs(), number.value);
            read.into_iter().for_each(|gauge| waiting.pending.gauge(gauge));
        }
        offer.baselines.into_iter().for_each(|baseline| waiting.pending.baseline(baseline));
        offer.alerts.into_iter().for_each(|alerts| waiting.pending.alerts(Arc::new(alerts)));
        offer.notes.into_iter().for_each(|what| waiting.pending.note(Note { at, what }));
        offer.judges.into_iter().for_each(|judge| waiting.pending.judge(judge));
        waiting.pending.until(at);
        let accepted = waiting.pending.entries_offered() - before;
        waiting.accounts.accepted += accepted;
        if waiting.asked_to_end {
            // Nobody will come for it.
            let batch = waiting.pending.take();
            waiting.accounts.dropped.closed += batch.entries;
            return;
        }
        let most_bytes = waiting.most_bytes;
        waiting.accounts.dropped.no_room += waiting.pending.shrink(most_bytes);
    }

    /// Whether the store has begun anew, and everything that is known is to be offered again:
    /// true once each time.
    pub fn wants_all(&self) -> bool {
        self.wants_all.swap(false, Ordering::Relaxed)
    }

    /// Keeps what waits, now and on this thread.
    ///
    /// # Errors
    /// If the store failed; what waits goes on waiting.
    pub fn flush(&self) -> Result<(), StoreError> {
        let mut store = self.store();
        let (batch, tidy, until) = {
            let mut waiting = self.waiting();
            if waiting.closed {
                return Ok(());
            }
            let batch = waiting.pending.take();
            waiting.writing = batch.entries;
            let minute = minute_of(batch.at);
            let tidy = minute > waiting.tidied;
            (batch, tidy, waiting.offered)
        };
        let result = match batch.is_empty() {
            // There may be a minute that is over now.
            true if !tidy => Ok(Kept::default()),
            _ => guarded(|| store.append(&batch)),
        };
        let at = batch.at;
        self.settle(batch, until, &result);
        result?;
        if tidy {
            let tidied = guarded(|| store.tidy(at.as_secs()));
            let mut waiting = self.waiting();
            if !matches!(&tidied, Ok(tidied) if tidied.more) {
                waiting.tidied = minute_of(at);
            }
            // What is kept is kept: that it is not tidied holds up no flush, and is tried again
            // a minute later.
            waiting.untidied = tidied.err().map(|error| error.to_string());
        }
        Ok(())
    }

    /// What became of everything, and how the store is.
    pub fn status(&self) -> Status {
        let waiting = self.waiting();
        let mut accounts = waiting.accounts;
        accounts.pending = waiting.pending.entries() + waiting.writing;
        Status {
            accounts,
            pending_bytes: waiting.pending.bytes(),
            failing: waiting.failing.clone(),
            untidied: waiting.untidied.clone(),
            kept_until: waiting.kept_until,
            offered_until: waiting.offered,
            begun_anew: waiting.begun_anew,
            clock_steps: waiting.stamps.steps(),
        }
    }

    /// Starts the thread that writes.
    ///
    /// # Errors
    /// If the operating system refuses another thread.
    pub fn spawn(self: &Arc<Self>) -> std::io::Result<JoinHandle<()>> {
        let writer = Arc::clone(self);
        std::thread::Builder::new().name("kgas-perf-store".to_owned()).spawn(move || writer.run())
    }

    /// Asks the thread to keep what waits, to close the store, and to end. What is offered from
    /// now on is dropped, and counted.
    pub(crate) fn ask_to_end(&self) {
        self.waiting().asked_to_end = true;
        self.wake.notify_all();
    }

    /// Keeps what waits and closes the store, on this thread. What cannot be written is counted
    /// as dropped, as is what is offered from now on.
    pub fn close(&self) {
        let before = std::mem::replace(&mut self.waiting().asked_to_end, true);
        if before || self.process != std::process::id() {
            return;
        }
        self.end();
    }

    fn run(&self) {
        let mut failures = 0_u32;
        loop {
            let rounds = 1 << failures.saturating_sub(1).min(MOST_ROUNDS.ilog2() + 1);
            let pause = self.flush_every * MOST_ROUNDS.min(rounds);
            let (waiting, _) = self
                .wake
                .wait_timeout_while(self.waiting(), pause, |waiting| !waiting.asked_to_end)
                .unwrap_or_else(PoisonError::into_inner);
            let asked = waiting.asked_to_end;
            drop(waiting);
            if asked {
                return self.end();
            }
            failures = if self.flush().is_ok() { 0 } else { failures.saturating_add(1) };
        }
    }

    /// The last flush; what cannot be written now never will be.
    fn end(&self) {
        // Whatever failed is in the status.
        let _ = self.flush();
        let mut store = self.store();
        if let Err(error) = guarded(|| store.close()) {
            self.failed(&error);
        }
        let mut waiting = self.waiting();
        waiting.closed = true;
        let left = waiting.pending.take().entries;
        waiting.accounts.dropped.not_written += left;
    }

    /// Books what became of a batch.
    fn settle(&self, batch: Batch, until: Duration, result: &Result<Kept, StoreError>) {
        let mut waiting = self.waiting();
        waiting.writing = 0;
        match result {
            Ok(kept) => {
                waiting.accounts.stored += batch.entries;
                waiting.kept_until = until;
                waiting.failing = None;
                if kept.begun_anew {
                    waiting.begun_anew += 1;
                    self.wants_all.store(true, Ordering::Relaxed);
                }
            }
            Err(error) => {
                waiting.pending.give_back(batch);
                let most_bytes = waiting.most_bytes;
                waiting.accounts.dropped.no_room += waiting.pending.shrink(most_bytes);
                waiting.fail(error);
            }
        }
    }

    fn failed(&self, error: &StoreError) {
        self.waiting().fail(error);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self) -> MutexGuard<'_, Box<dyn Store>> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn fail(&mut self, error: &StoreError) {
        let since = self.failing.as_ref().map_or(self.offered, |failing| failing.since);
        let attempts = self.failing.as_ref().map_or(0, |failing| failing.attempts) + 1;
        self.failing = Some(Failing {
            since,
            attempts,
            error: error.to_string(),
            retryable: error.is_retryable(),
        });
    }
}

fn calls(window: &Window, category: crate::catalog::Category, minute: u64) -> Calls {
    Calls {
        operation: window.operation.clone(),
        category,
        minute_unix_s: minute * 60,
        series: window.series.clone(),
        entries: 1,
    }
}

fn minute_of(at: Duration) -> u64 {
    at.as_secs() / 60
}

/// A panic of the store is an error of it.
fn guarded<T>(act: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(act))
        .unwrap_or_else(|payload| Err(StoreError::Panicked { what: said(payload.as_ref()) }))
}

fn said(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("nothing").to_owned()
}
