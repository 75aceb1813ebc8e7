//! What the store promises, tried.

mod damage;
mod first_version;
mod keep;
mod model;
mod several;
mod survive;
mod tidy;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::measure::{ManualClock, Metadata, Outcome, record_operation};
use crate::registry::Registry;
use crate::store::{
    Archive, Batch, Between, Calls, Gauge, KeptCalls, Query, Retention, SqliteArchive,
    SqliteOptions, SqliteStore, Store, Summary,
};

/// 2027-01-15 08:00:00 UTC, a full hour and no full day.
pub(super) const START: u64 = 1_800_000_000;
pub(super) const HOUR: u64 = 3_600;
pub(super) const DAY: u64 = 86_400;

/// A store in a folder of its own, which goes with it.
pub(super) struct Place {
    pub(super) folder: TempDir,
}

impl Place {
    pub(super) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("perf.sqlite")
    }

    pub(super) fn options(&self) -> SqliteOptions {
        options(&self.path())
    }

    pub(super) fn store(&self) -> SqliteStore {
        self.options().build().unwrap()
    }

    pub(super) fn archive(&self) -> SqliteArchive {
        SqliteArchive::open(self.path()).unwrap()
    }

    /// The calls of an operation, with histograms.
    pub(super) fn summary(&self, from: u64, until: u64) -> Summary {
        self.archive().summary(&Query::new(Between::new(from, until)).histograms()).unwrap()
    }

    /// How many calls there are, of all time.
    pub(super) fn calls(&self) -> u64 {
        self.summary(0, START + 400 * DAY).all().calls()
    }

    /// The names of the files beside the store that begin so.
    pub(super) fn beside(&self, begin: &str) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with(begin))
            .collect();
        names.sort();
        names
    }
}

pub(super) fn options(path: &Path) -> SqliteOptions {
    let clock = ManualClock::new();
    clock.advance(Duration::from_secs(START));
    SqliteOptions::new(path)
        .host("here")
        .instance("app")
        .clock(clock)
        .busy_timeout(Duration::from_millis(200))
        .retention(Retention { most_bytes: 1 << 30, ..Retention::default() })
}

/// Calls of one operation in one minute, of so many milliseconds each.
pub(super) fn calls(operation: &str, minute_unix_s: u64, ms: &[(u64, Outcome)]) -> Calls {
    let registry = Registry::new();
    registry.run(|| {
        for (ms, outcome) in ms {
            let metadata = Metadata { outcome: *outcome, ..Metadata::default() };
            record_operation(operation, Duration::from_millis(*ms), metadata);
        }
    });
    let snapshot = registry.snapshot();
    let found = snapshot.operation(operation).unwrap();
    Calls {
        operation: operation.to_owned(),
        category: found.category,
        minute_unix_s,
        series: found.by_class[0].clone(),
        entries: 1,
    }
}

/// A batch of calls that all ended well, as of a time.
pub(super) fn batch(at_unix_s: u64, operation: &str, ms: &[u64]) -> Batch {
    let ms: Vec<_> = ms.iter().map(|ms| (*ms, Outcome::Ok)).collect();
    let calls = vec![calls(operation, at_unix_s - at_unix_s % 60, &ms)];
    Batch { at: Duration::from_secs(at_unix_s), calls, entries: 1, ..Batch::default() }
}

/// A reading, as of a time.
pub(super) fn reading(at_unix_s: u64, value: f64) -> Batch {
    let gauges = vec![Gauge::read("memory", "By", at_unix_s, value).unwrap()];
    Batch { at: Duration::from_secs(at_unix_s), gauges, entries: 1, ..Batch::default() }
}

/// Nothing, but of a later time.
pub(super) fn later(at_unix_s: u64) -> Batch {
    Batch { at: Duration::from_secs(at_unix_s), ..Batch::default() }
}

/// Every row that is read, with its resolution.
pub(super) fn rows(archive: &SqliteArchive, query: &Query) -> Vec<KeptCalls> {
    let mut rows = Vec::new();
    archive
        .calls(query, &mut |kept| {
            rows.push(kept);
            ControlFlow::Continue(())
        })
        .unwrap();
    rows
}

/// Tidies until there is no more to do.
pub(super) fn tidy_all(store: &mut SqliteStore, now_unix_s: u64) {
    for _ in 0..2_000 {
        if !store.tidy(now_unix_s).unwrap().more {
            return;
        }
    }
    panic!("there is always more to tidy");
}
