//! Bytes that changed anywhere: never a panic, never wrong numbers in silence, and a store that
//! can be used after.

use std::fs;

use super::*;
use crate::baseline::Baseline;
use crate::catalog::SizeClass;
use crate::histogram::Distribution;
use crate::store::StoreError;

/// A sequence that looks random and is the same each time (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % below
    }
}

fn baseline() -> Baseline {
    let learned: Distribution = (1..=200).map(Duration::from_millis).collect();
    Baseline::learn("import", SizeClass::Small, &learned, Duration::from_secs(9)).unwrap()
}

/// A populated file; its log is left beside it, or not.
fn populate(place: &Place, keep_log: bool) {
    let mut store = place.store();
    for step in 0..120 {
        let mut one = batch(START + 97 * step, "import", &[10, 20 + step]);
        one.calls.push(calls("export", START + 97 * step / 60 * 60, &[(step + 1, Outcome::Error)]));
        one.calls.last_mut().unwrap().minute_unix_s = one.calls[0].minute_unix_s;
        store.append(&one).unwrap();
    }
    let baselines = vec![baseline()];
    store.append(&Batch { baselines, ..later(START + 12_000) }).unwrap();
    tidy_all(&mut store, START + 4 * HOUR);
    if !keep_log {
        crate::store::sqlite::tidy::empty_log(&rusqlite::Connection::open(place.path()).unwrap())
            .unwrap();
    }
    store.append(&batch(START + 4 * HOUR, "import", &[10])).unwrap();
}

/// What an archive may say of a damaged file: nothing, or the truth less what it says it misses.
/// With a damaged log it may say an earlier truth: then nothing is more than it was at the end.
fn look(place: &Place, truth: &[KeptCalls], earlier: bool) {
    let Ok(archive) = SqliteArchive::open(place.path()) else { return };
    let query = Query::new(Between::new(0, START + DAY)).histograms();
    let mut wrong = 0;
    let _ = archive.calls(&query, &mut |row| {
        let same = |known: &&KeptCalls| {
            known.series == row.series
                && known.start_unix_s == row.start_unix_s
                && known.resolution == row.resolution
                && known.sums == row.sums
        };
        let less = |known: &&KeptCalls| {
            known.series == row.series
                && known.start_unix_s <= row.start_unix_s
                && row.start_unix_s < known.start_unix_s + known.resolution.seconds()
                && row.sums.all().max() <= known.sums.all().max()
                && row.sums.calls() <= known.sums.calls()
        };
        let is_true = |known: &KeptCalls| if earlier { less(&known) } else { same(&known) };
        wrong += u32::from(!truth.iter().any(is_true));
        ControlFlow::Continue(())
    });
    // A name of an operation is plain text; a byte of it that changed is another operation.
    if let Ok(series) = archive.series() {
        let named =
            |key: &crate::store::SeriesKey| truth.iter().any(|known| known.series.as_ref() == key);
        if series.iter().all(named) {
            assert_eq!(wrong, 0, "rows that were never written");
        }
    }
    let _ = archive.summary(&query);
    let _ = archive.health(true);
    let _ = archive.baselines(None);
    let _ = archive.processes();
    let _ = archive.alerts(&Between::new(0, START + DAY));
    let _ = archive.gauges("memory", &Between::new(0, START + DAY));
}

/// Flips bytes, looks, and goes on.
fn flip(seeds: std::ops::Range<u64>, keep_log: bool, file: &str) {
    let origin = Place::new();
    populate(&origin, keep_log);
    let query = Query::new(Between::new(0, START + DAY)).histograms();
    let truth = rows(&origin.archive(), &query);
    assert!(truth.len() > 20, "{}", truth.len());
    let mut images = Vec::new();
    for end in ["", "-wal"] {
        let name = format!("perf.sqlite{end}");
        images.push((name.clone(), fs::read(origin.folder.path().join(name)).unwrap()));
    }
    for seed in seeds {
        let mut dice = Dice(seed);
        let place = Place::new();
        for (name, image) in &images {
            let mut image = image.clone();
            if name == file && !image.is_empty() {
                for _ in 0..=dice.next(4) {
                    // Half of the time where the file says what it is.
                    let range = if dice.next(2) == 0 { image.len() as u64 } else { 200 };
                    let at = dice.next(range.min(image.len() as u64)) as usize;
                    image[at] ^= 1 + dice.next(255) as u8;
                }
            }
            fs::write(place.folder.path().join(name), image).unwrap();
        }
        look(&place, &truth, keep_log);
        let mut store = place.store();
        match store.load() {
            // A byte that makes it another's file: it says so, each time, and nothing is touched.
            Err(StoreError::Foreign { .. } | StoreError::Newer { .. }) => continue,
            Err(error) => panic!("seed {seed}: {error:?}"),
            Ok(loaded) => {
                let known = |found: &Baseline| *found == baseline();
                assert!(loaded.baselines.iter().all(known), "seed {seed}: a baseline changed");
            }
        }
        // A flush or two may find the damage; then it goes on.
        let mut failed = 0;
        for step in 0..130 {
            let at = START + 5 * HOUR + 61 * step;
            failed += u32::from(store.append(&batch(at, "import", &[10])).is_err());
            failed += u32::from(store.tidy(at).is_err());
        }
        assert!(failed <= 2, "seed {seed}: failed {failed} times");
        store.append(&batch(START + 9 * HOUR, "import", &[10])).unwrap();
        drop(store);
        let from = START + 5 * HOUR;
        assert!(place.summary(from, from + DAY).all().calls() > 0, "seed {seed}");
        assert!(place.store().load().is_ok(), "seed {seed}");
    }
}

/// How many seeds: `KGAS_PERF_LONG` asks for the long run.
fn seeds(few: u64) -> std::ops::Range<u64> {
    0..if std::env::var_os("KGAS_PERF_LONG").is_some() { few * 100 } else { few }
}

#[test]
fn bytes_of_the_file_that_changed_are_survived() {
    flip(seeds(6), false, "perf.sqlite");
}

#[test]
fn bytes_of_the_log_that_changed_are_survived() {
    flip(seeds(3), true, "perf.sqlite-wal");
}

#[test]
fn a_damaged_file_is_put_aside_and_its_baselines_are_saved() {
    let place = Place::new();
    populate(&place, false);
    let mut bytes = fs::read(place.path()).unwrap();
    let last = bytes.len() - 4_096;
    bytes[last..].fill(0xff);
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(place.folder.path().join(format!("perf.sqlite{end}")));
    }
    fs::write(place.path(), bytes).unwrap();
    let mut store = place.store();
    assert_eq!(store.load().unwrap().baselines, [baseline()]);
    let aside = place.beside("perf.sqlite.damaged");
    assert_eq!(aside[0], format!("perf.sqlite.damaged-{START}"));
    store.append(&batch(START, "import", &[10])).unwrap();
    assert_eq!(place.calls(), 1);
}

#[test]
fn damage_found_in_use_is_put_aside_beside_what_was_put_aside_before() {
    let place = Place::new();
    for round in 0..2 {
        populate(&place, false);
        let mut store = place.store();
        store.append(&batch(START, "import", &[10])).unwrap();
        crate::store::sqlite::tidy::empty_log(&rusqlite::Connection::open(place.path()).unwrap())
            .unwrap();
        let length = fs::metadata(place.path()).unwrap().len();
        let file = fs::File::options().write(true).open(place.path()).unwrap();
        let noise = vec![0xee_u8; length as usize];
        use std::os::unix::fs::FileExt;
        file.write_all_at(&noise, 0).unwrap();
        let mut anew = false;
        for step in 0..200 {
            let kept = store.append(&batch(START + 61 * step, "import", &[10]));
            anew |= kept.is_ok_and(|kept| kept.begun_anew);
            let _ = store.tidy(START + 61 * step);
        }
        assert!(anew);
        let aside = place.beside("perf.sqlite.damaged");
        let files = aside.iter().filter(|name| !name.ends_with("wal") && !name.ends_with("shm"));
        assert_eq!(files.count(), round + 1, "{aside:?}");
        assert!(place.calls() > 0);
    }
}
