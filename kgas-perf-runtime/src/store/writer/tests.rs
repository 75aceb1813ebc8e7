//! The writer over stores that fail in every way.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;

use super::*;
use crate::measure::{ManualClock, Metadata, record_operation};
use crate::registry::{Registry, Snapshot};
use crate::store::{Number, Tidied};

/// What a [`Scripted`] store does next.
#[derive(Clone, Copy, Debug, Default)]
enum Act {
    #[default]
    Keep,
    BeginAnew,
    Full,
    Panic,
    KeepAndNotTidy,
}

/// A store that remembers what it was given, and fails as it is told to.
#[derive(Clone, Debug, Default)]
struct Scripted {
    act: Arc<Mutex<Act>>,
    kept: Arc<Mutex<Vec<Batch>>>,
    tidied: Arc<AtomicU64>,
    closed: Arc<AtomicBool>,
}

impl Scripted {
    fn does(&self, act: Act) {
        *self.act.lock().unwrap() = act;
    }

    fn calls(&self) -> u64 {
        let kept = self.kept.lock().unwrap();
        kept.iter().flat_map(|batch| &batch.calls).map(|calls| calls.series.calls()).sum()
    }
}

impl Store for Scripted {
    fn load(&mut self) -> Result<Loaded, StoreError> {
        Ok(Loaded::default())
    }

    fn append(&mut self, batch: &Batch) -> Result<Kept, StoreError> {
        let act = *self.act.lock().unwrap();
        match act {
            Act::Full => return Err(StoreError::Full { path: PathBuf::from("perf.db") }),
            Act::Panic => panic!("out of ideas"),
            Act::Keep | Act::BeginAnew | Act::KeepAndNotTidy => {
                self.kept.lock().unwrap().push(batch.clone())
            }
        }
        Ok(Kept { begun_anew: matches!(act, Act::BeginAnew) })
    }

    fn tidy(&mut self, _: u64) -> Result<Tidied, StoreError> {
        self.tidied.fetch_add(1, Ordering::Relaxed);
        if matches!(*self.act.lock().unwrap(), Act::KeepAndNotTidy) {
            return Err(StoreError::Busy { path: PathBuf::from("perf.db") });
        }
        Ok(Tidied::default())
    }

    fn close(&mut self) -> Result<(), StoreError> {
        self.closed.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// A program whose calls are offered.
struct Program {
    registry: Registry,
    clock: ManualClock,
    last: Snapshot,
    writer: Arc<Writer>,
    store: Scripted,
}

impl Program {
    fn new() -> Self {
        let clock = ManualClock::new();
        let registry = Registry::with_clock(clock.clone());
        let last = registry.snapshot();
        let now = Now { monotonic: last.monotonic, unix: last.unix };
        let store = Scripted::default();
        let writer = Arc::new(Writer::new(Box::new(store.clone()), now));
        Self { registry, clock, last, writer, store }
    }

    /// So many calls of each operation, and the tick after them.
    fn tick(&mut self, calls: u64, operations: &[&'static str]) {
        self.registry.run(|| {
            for operation in operations {
                for _ in 0..calls {
                    record_operation(operation, Duration::from_millis(3), Metadata::default());
                }
            }
        });
        self.clock.advance(Duration::from_secs(1));
        let snapshot = self.registry.snapshot();
        let now = Now { monotonic: snapshot.monotonic, unix: snapshot.unix };
        let windows = snapshot.since(&self.last);
        let number = Number { name: "load".into(), unit: "1", value: 0.5 };
        let numbers = vec![number];
        self.writer.offer(Offer { numbers, ..Offer::calls(now, &snapshot, &windows) });
        self.last = snapshot;
        assert!(self.writer.status().accounts.add_up(), "{}", self.writer.status().accounts);
    }
}

#[test]
fn what_waited_while_the_disk_was_full_is_kept_when_there_is_room() {
    let mut program = Program::new();
    program.store.does(Act::Full);
    for _ in 0..90 {
        program.tick(7, &["import", "export"]);
        program.writer.flush().unwrap_err();
    }
    let status = program.writer.status();
    let failing = status.failing.expect("it fails");
    assert_eq!((failing.attempts, failing.error.as_str()), (90, "no room left for perf.db"));
    assert_eq!(status.accounts.pending, 90 * 3);
    program.store.does(Act::Keep);
    program.writer.flush().unwrap();
    let status = program.writer.status();
    assert_eq!((status.accounts.stored, status.accounts.pending), (90 * 3, 0));
    assert_eq!((status.failing, status.kept_until), (None, status.offered_until));
    assert_eq!(program.store.calls(), 90 * 7 * 2);
}

#[test]
fn what_finds_no_room_is_counted() {
    let mut program = Program::new();
    program.writer = Arc::new(Arc::into_inner(program.writer).unwrap().most_bytes(20_000));
    program.store.does(Act::Full);
    for _ in 0..1_200 {
        program.tick(1, &["import"]);
        program.writer.flush().unwrap_err();
    }
    let status = program.writer.status();
    assert!(status.pending_bytes <= 20_000, "{} bytes", status.pending_bytes);
    assert!(status.accounts.dropped.no_room > 0, "{}", status.accounts);
    program.store.does(Act::Keep);
    program.writer.flush().unwrap();
    let kept = program.store.kept.lock().unwrap();
    let minutes: Vec<u64> = kept[0].calls.iter().map(|calls| calls.minute_unix_s).collect();
    let newest = program.last.unix.as_secs() / 60 * 60;
    assert_eq!(minutes.last(), Some(&newest), "the newest are kept");
}

#[test]
fn a_store_that_panics_is_one_that_fails() {
    let mut program = Program::new();
    program.store.does(Act::Panic);
    program.tick(1, &["import"]);
    let error = program.writer.flush().unwrap_err();
    assert_eq!(error.to_string(), "the store panicked: out of ideas");
    program.store.does(Act::Keep);
    program.writer.flush().unwrap();
    assert_eq!(program.store.calls(), 1);
}

#[test]
fn a_store_that_began_anew_asks_for_everything_once() {
    let mut program = Program::new();
    program.store.does(Act::BeginAnew);
    program.tick(1, &["import"]);
    program.writer.flush().unwrap();
    assert!(program.writer.wants_all());
    assert!(!program.writer.wants_all());
    assert_eq!(program.writer.status().begun_anew, 1);
}

#[test]
fn it_is_tidied_once_a_minute() {
    let mut program = Program::new();
    for _ in 0..600 {
        program.tick(1, &["import"]);
        program.writer.flush().unwrap();
    }
    assert_eq!(program.store.tidied.load(Ordering::Relaxed), 10);
}

#[test]
fn what_cannot_be_tidied_holds_up_no_flush_and_is_said() {
    let mut program = Program::new();
    program.store.does(Act::KeepAndNotTidy);
    for _ in 0..180 {
        program.tick(1, &["import"]);
        program.writer.flush().unwrap();
    }
    let status = program.writer.status();
    assert_eq!((status.accounts.pending, status.failing), (0, None));
    assert_eq!(status.untidied.as_deref(), Some("perf.db is held by another process"));
    assert_eq!(program.store.tidied.load(Ordering::Relaxed), 3, "once a minute");
    program.store.does(Act::Keep);
    for _ in 0..60 {
        program.tick(1, &["import"]);
        program.writer.flush().unwrap();
    }
    assert_eq!(program.writer.status().untidied, None);
}

#[test]
fn what_comes_after_the_end_is_dropped_and_counted() {
    let mut program = Program::new();
    program.tick(1, &["import"]);
    program.writer.close();
    program.writer.close();
    program.tick(1, &["import"]);
    let accounts = program.writer.status().accounts;
    assert_eq!((accounts.stored, accounts.dropped.closed), (2, 2));
    assert!(program.store.closed.load(Ordering::Relaxed));
    program.writer.flush().unwrap();
    assert_eq!(program.store.calls(), 1);
}

#[test]
fn what_cannot_be_written_at_the_end_is_counted_too() {
    let mut program = Program::new();
    program.store.does(Act::Full);
    program.tick(1, &["import"]);
    program.writer.close();
    let accounts = program.writer.status().accounts;
    assert_eq!((accounts.stored, accounts.dropped.not_written, accounts.pending), (0, 2, 0));
}

#[test]
fn threads_that_offer_flush_and_look_lose_nothing_and_it_adds_up_at_any_time() {
    let writer = {
        let mut program = Program::new();
        program.tick(3, &["import"]);
        (program.writer, program.store, program.last)
    };
    let (writer, store, snapshot) = writer;
    let windows = snapshot.since(&Registry::new().snapshot());
    let now = Now { monotonic: snapshot.monotonic, unix: snapshot.unix };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    writer.offer(Offer::calls(now, &snapshot, &windows));
                }
            });
        }
        scope.spawn(|| {
            for round in 0..300 {
                store.does(if round % 3 == 0 { Act::Full } else { Act::Keep });
                let _ = writer.flush();
            }
        });
        for _ in 0..2_000 {
            let accounts = writer.status().accounts;
            assert!(accounts.add_up(), "{accounts}");
        }
    });
    store.does(Act::Keep);
    writer.flush().unwrap();
    let accounts = writer.status().accounts;
    assert_eq!((accounts.pending, accounts.dropped.total()), (0, 0));
    assert_eq!(store.calls(), 4_001 * 3);
}
