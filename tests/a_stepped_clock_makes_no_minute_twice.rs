//! The wall clock is set back and forth by a day, the machine sleeps, summer time begins: no
//! minute is kept twice, and no call is lost.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use kgas_perf_runtime::Registry;
use kgas_perf_runtime::install::Builder;
use kgas_perf_runtime::measure::{Clock, Metadata, record_operation};
use kgas_perf_runtime::store::{Archive, Between, Query, Resolution, SqliteArchive, SqliteOptions};

/// A clock whose two hands are moved apart.
#[derive(Clone, Debug, Default)]
struct Hands {
    monotonic_s: Arc<AtomicU64>,
    wall_ahead_s: Arc<AtomicI64>,
}

impl Clock for Hands {
    fn now(&self) -> Duration {
        Duration::from_secs(self.monotonic_s.load(Ordering::Relaxed))
    }

    fn unix(&self) -> Duration {
        let ahead = self.wall_ahead_s.load(Ordering::Relaxed);
        Duration::from_secs(self.monotonic_s.load(Ordering::Relaxed).saturating_add_signed(ahead))
    }
}

const DAY: i64 = 86_400;
/// Half past midnight UTC on 2026-03-29, half an hour before summer time begins in Europe.
const START: i64 = 1_774_744_200;

#[test]
fn no_minute_is_there_twice_and_no_call_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("perf.db");
    let hands = Hands::default();
    hands.wall_ahead_s.store(START, Ordering::Relaxed);
    let registry = Registry::with_clock(hands.clone());
    let store = SqliteOptions::new(&file).clock(hands.clone()).build().unwrap();
    let builder = Builder::new().registry(registry.clone()).tick_by_hand();
    let handle = builder.store(store).install().unwrap();
    let mut calls = 0;
    let mut seconds = |many: u64| {
        for _ in 0..many {
            registry
                .run(|| record_operation("import", Duration::from_millis(3), Metadata::default()));
            calls += 1;
            hands.monotonic_s.fetch_add(1, Ordering::Relaxed);
            handle.tick();
            if calls % 5 == 0 {
                handle.flush().unwrap();
            }
            let accounts = handle.store_status().unwrap().accounts;
            assert!(accounts.add_up(), "{accounts}");
        }
    };
    let step = |by: i64| hands.wall_ahead_s.fetch_add(by, Ordering::Relaxed);
    seconds(300);
    step(DAY); // Set forward by a day: a gap.
    seconds(300);
    step(-DAY); // And back, into time that was stamped.
    seconds(300);
    step(-DAY); // And to a day before all of it.
    seconds(300);
    step(DAY + 7_200); // The machine slept for two hours, too.
    seconds(2_400); // Over the beginning of summer time.
    assert!(handle.store_status().unwrap().clock_steps >= 4);
    handle.flush().unwrap();
    let beside = handle.archive().expect("a file can be read back").unwrap();
    let so_far = Query::new(Between::new(0, u64::MAX)).operation("import");
    assert_eq!(beside.summary(&so_far).unwrap().all().calls(), calls, "while it is written");
    handle.shutdown(Duration::from_secs(5)).unwrap();

    let archive = SqliteArchive::open(&file).unwrap();
    let all = Between::new(0, u64::MAX).coarsest(Resolution::Minute);
    let mut minutes: BTreeMap<u64, u64> = BTreeMap::new();
    let mut found = 0;
    let cover = archive
        .calls(&Query::new(all).operation("import"), &mut |row| {
            found += row.sums.calls();
            *minutes.entry(row.start_unix_s).or_default() += row.sums.calls();
            assert_eq!(row.start_unix_s % 60, 0);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(cover.damaged_rows, 0);
    assert_eq!(found, calls);
    // A window counts for the minute in which it ended, so a minute has 61 at most.
    let longest = minutes.values().max().unwrap();
    assert!(*longest <= 61, "{minutes:?}");
    // An hour and more of seconds, each in a minute of its own time.
    assert!((60..=66).contains(&minutes.len()), "{} minutes", minutes.len());
    let days = archive.summary(&Query::new(Between::new(0, u64::MAX)).operation("import")).unwrap();
    assert_eq!(days.all().calls(), calls);
}
