//! A file as version 1 wrote it, kept beside this test, is read by every later version.

use std::fs;
use std::io::{Read, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::keep::{baseline, lives};
use super::*;
use crate::catalog::SizeClass;
use crate::store::{JudgeState, Resolution};

/// The file, packed with zlib.
const FILE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/sqlite/tests/version_1.sqlite.zz");

/// Two hours of two operations, the second of which is not over, and one thing of every kind.
#[test]
#[ignore = "writes the file of version 1, which never changes"]
fn write_the_file() {
    let place = Place::new();
    let mut store = place.store();
    for minute in 0..100 {
        let at = START + 60 * minute;
        let mut one = batch(at, "import", &[10 + minute]);
        one.calls.push(calls("export", at, &[(5, Outcome::Ok), (6, Outcome::Cancelled)]));
        one.gauges = reading(at, minute as f64).gauges;
        store.append(&one).unwrap();
    }
    tidy_all(&mut store, START + 6_000);
    let judge = JudgeState {
        operation: "import".to_owned(),
        size_class: SizeClass::Small,
        at: Duration::from_secs(START),
        state: vec![1, 2, 3],
    };
    let alerts = lives().pop().map(Arc::new);
    let (baselines, judges) = (vec![baseline(1, None), baseline(2, None)], vec![judge]);
    store.append(&Batch { baselines, judges, alerts, ..later(START + 5_941) }).unwrap();
    drop(store);
    let file = rusqlite::Connection::open(place.path()).unwrap();
    crate::store::sqlite::tidy::empty_log(&file).unwrap();
    drop(file);
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&fs::read(place.path()).unwrap()).unwrap();
    fs::write(FILE, packed.finish().unwrap()).unwrap();
}

#[test]
fn it_is_read_and_goes_on() {
    let place = Place::new();
    let mut file = Vec::new();
    ZlibDecoder::new(&fs::read(FILE).unwrap()[..]).read_to_end(&mut file).unwrap();
    fs::write(place.path(), file).unwrap();
    let check = |flushes: u64| {
        let summary = place.summary(START, START + 2 * HOUR);
        let counts: Vec<_> = summary
            .series
            .iter()
            .map(|(key, sums)| (&key.operation[..], sums.calls(), sums.all().max().unwrap()))
            .collect();
        let ms = Duration::from_millis;
        assert_eq!(counts, [("export", 200, ms(6)), ("import", 100, ms(109))]);
        let import = summary.series[1].1.outcome(Outcome::Ok).quantile(0.5).unwrap();
        assert!((import.as_secs_f64() / 0.059 - 1.0).abs() < 0.01, "{import:?}");
        let archive = place.archive();
        let hours = Between::new(START, START + 2 * HOUR).coarsest(Resolution::Minute);
        let (gauges, _) = archive.gauges("memory", &hours).unwrap();
        let sum: f64 = gauges.iter().map(|kept| kept.gauge.sum).sum();
        assert_eq!((gauges.len(), sum), (100, 4_950.0));
        assert_eq!(archive.health(true).unwrap().damage, Some(Vec::new()));
        assert_eq!(archive.health(true).unwrap().journal_flushes, flushes);
    };
    check(1);
    let mut store = place.store();
    let loaded = store.load().unwrap();
    let versions: Vec<_> = loaded.baselines.iter().map(|one| (one.version, one.count)).collect();
    assert_eq!(versions, [(1, 200), (2, 200)]);
    let alerts = loaded.alerts.unwrap();
    assert_eq!((alerts.open.len(), alerts.closed.len(), alerts.marks.len()), (1, 38, 1));
    assert_eq!((alerts.incidents.len(), alerts.silences.len(), alerts.last_id), (1, 1, 79));
    assert_eq!((loaded.judges.len(), loaded.ended_well), (1, false));
    check(0);
    store.append(&batch(START + 3 * HOUR, "import", &[1])).unwrap();
    assert_eq!(place.calls(), 301);
}
