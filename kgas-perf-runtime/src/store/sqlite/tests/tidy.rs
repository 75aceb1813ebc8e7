//! Hours and days are made once, what is too old or too much goes, and room comes back.

use super::*;
use crate::store::Resolution;

fn count(place: &Place, resolution: Resolution) -> u64 {
    let health = place.archive().health(false).unwrap();
    let mut rows = health.rows.into_iter();
    rows.find(|rows| rows.table == "calls" && rows.resolution == Some(resolution)).unwrap().count
}

/// One call each ten minutes for so long.
fn fill(store: &mut SqliteStore, from: u64, until: u64) -> u64 {
    let mut kept = 0;
    let mut at = from;
    while at < until {
        store.append(&batch(at, "import", &[10 + at % 7])).unwrap();
        (at, kept) = (at + 600, kept + 1);
    }
    kept
}

#[test]
fn hours_and_days_hold_what_minutes_held() {
    let place = Place::new();
    let mut store = place.store();
    let kept = fill(&mut store, START, START + 3 * DAY);
    let before = place.summary(START, START + 3 * DAY);
    tidy_all(&mut store, START + 3 * DAY);
    let after = place.summary(START, START + 3 * DAY);
    assert_eq!(after.series, before.series);
    assert_eq!((before.rows, after.all().calls()), (kept, kept));
    // 16 hours, two days, and the 8 hours of the last that are not over by the grace, as minutes.
    assert!(after.rows < 16 + 2 + 8 + 7, "{}", after.rows);
    assert_eq!(place.archive().health(true).unwrap().damage, Some(Vec::new()));
    // Whatever is asked, minutes and coarser rows agree.
    for (from, until) in [(1, 70_000), (3_600, 86_400), (50_000, 200_000)] {
        let between = Between::new(START + from, START + until);
        let fine = Query::new(between.clone().coarsest(Resolution::Minute)).histograms();
        let fine = place.archive().summary(&fine).unwrap();
        let coarse = place.archive().summary(&Query::new(between).histograms()).unwrap();
        assert_eq!(fine.series, coarse.series);
        assert_eq!(fine.cover.covered_s(), coarse.cover.covered_s());
    }
}

#[test]
fn what_comes_late_is_added_to_the_hour_and_the_day() {
    let place = Place::new();
    let mut store = place.store();
    fill(&mut store, START, START + 2 * DAY);
    tidy_all(&mut store, START + 2 * DAY);
    let calls = |resolution| {
        let between = Between::new(START, START + 2 * DAY).coarsest(resolution);
        place.archive().summary(&Query::new(between).histograms()).unwrap().all()
    };
    let before = calls(Resolution::Day).calls();
    let mut late = later(START + 2 * DAY);
    late.calls = vec![super::calls("import", START + DAY - 600, &[(99, Outcome::Ok)])];
    store.append(&late).unwrap();
    tidy_all(&mut store, START + 2 * DAY + 60);
    for resolution in Resolution::ALL {
        let all = calls(resolution);
        let longest = Some(Duration::from_millis(99));
        assert_eq!((all.calls(), all.all().max()), (before + 1, longest), "{resolution:?}");
    }
}

#[test]
fn minutes_go_after_their_time_and_their_calls_stay_in_hours() {
    let place = Place::new();
    let hours = |hours: u64| Duration::from_secs(hours * HOUR);
    let retention = Retention {
        minutes: hours(2),
        hours: hours(48),
        days: hours(24 * 5),
        ..Retention::default()
    };
    let mut store = place.options().retention(retention).build().unwrap();
    let until = START + 4 * DAY;
    let kept = fill(&mut store, START, until);
    let tidied = store.tidy(until).unwrap();
    assert!(tidied.more && tidied.rolled_up > 0, "{tidied:?}");
    tidy_all(&mut store, until);
    assert!(count(&place, Resolution::Minute) <= 18 + 6);
    assert!(count(&place, Resolution::Hour) <= 72);
    let summary = place.summary(START - START % DAY, until);
    assert_eq!(summary.all().calls(), kept);
    assert_eq!(summary.cover.share(), Some(1.0));
    // From noon of a day of which only the day is left: half of it is not answered.
    let noon = START - START % DAY + DAY + DAY / 2;
    let cover = place.summary(noon - DAY, noon).cover;
    assert_eq!((cover.asked_s, cover.covered_s()), (DAY, 0));
    // Days go as well.
    tidy_all(&mut store, until + 30 * DAY);
    assert_eq!(place.calls(), 0);
}

#[test]
fn what_is_too_much_goes_oldest_first_and_room_comes_back() {
    let place = Place::new();
    let retention = Retention { most_bytes: 1 << 20, ..Retention::default() };
    let mut store = place.options().retention(retention).build().unwrap();
    let names: Vec<String> = (0..30).map(|number| format!("operation_{number}")).collect();
    let ms: Vec<_> = (0..30).map(|number| (1 << (number % 12), Outcome::Ok)).collect();
    let rows: Vec<_> = names.iter().map(|name| super::calls(name, START, &ms)).collect();
    let mut evicted = 0;
    for minute in 0..300 {
        let start = START + 60 * minute;
        let calls = rows.iter().cloned().map(|row| Calls { minute_unix_s: start, ..row });
        store.append(&Batch { calls: calls.collect(), ..later(start) }).unwrap();
        evicted += store.tidy(start).unwrap().evicted;
    }
    let health = place.archive().health(false).unwrap();
    assert!(evicted > 500, "{evicted}");
    // The last hours are not made yet, and stay.
    assert!(health.used_bytes < 5 << 20, "{health:?}");
    tidy_all(&mut store, START + 300 * 60 + 2 * DAY);
    let health = place.archive().health(true).unwrap();
    assert!(health.used_bytes <= 1 << 20, "{health:?}");
    assert_eq!(health.damage, Some(Vec::new()));
    store.close().unwrap();
    let size = std::fs::metadata(place.path()).unwrap().len();
    assert!(size < (1 << 20) + (256 << 10), "{size} bytes");
    // The newest is what is left.
    let summary = place.summary(START, START + 300 * 60);
    let last = summary.cover.spans.last().unwrap();
    assert_eq!(last.until_unix_s, START + 300 * 60);
}

#[test]
fn the_log_is_bounded_beside_whoever_looks_for_long() {
    let place = Place::new();
    let mut store = place.options().most_log_bytes(256 << 10).build().unwrap();
    store.append(&batch(START, "import", &[10])).unwrap();
    let reader = rusqlite::Connection::open(place.path()).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let count = |sql: &str| reader.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM journal"), 1);
    let (mut kept, mut busy) = (1, 0);
    for second in 1..400 {
        match store.append(&batch(START + second % 60, "import", &[10])) {
            Ok(_) => kept += 1,
            Err(crate::store::StoreError::Busy { .. }) => busy += 1,
            Err(error) => panic!("{error}"),
        }
        if busy > 2 {
            break;
        }
    }
    assert!(busy > 0, "the log was never too long");
    let log = place.folder.path().join("perf.sqlite-wal");
    assert!(std::fs::metadata(&log).unwrap().len() < 512 << 10);
    reader.execute_batch("COMMIT").unwrap();
    store.append(&batch(START + 59, "import", &[10])).unwrap();
    assert_eq!(place.calls(), kept + 1);
    assert!(std::fs::metadata(&log).unwrap().len() < 64 << 10);
}
