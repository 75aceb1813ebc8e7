//! What is kept in memory, read back.

use proptest::prelude::*;

use super::*;
use crate::measure::{ManualClock, Metadata, Outcome, record_operation};
use crate::registry::Registry;
use crate::store::archive::{Archive, Between, Query};
use crate::store::calls::Calls;
use crate::store::gauge::Gauge;
use crate::store::resolution::Resolution;

const DAY: u64 = 86_400;

fn calls(operation: &'static str, minute: u64, millis: &[u64]) -> Calls {
    let registry = Registry::with_clock(ManualClock::new());
    registry.run(|| {
        for millis in millis {
            record_operation(operation, Duration::from_millis(*millis), Metadata::default());
        }
    });
    let known = registry.snapshot().operations()[0].clone();
    let (operation, category) = (known.name, known.category);
    Calls {
        operation,
        category,
        minute_unix_s: minute * 60,
        series: known.by_class[0].clone(),
        entries: 1,
    }
}

fn batch(at: u64, calls: Vec<Calls>) -> Batch {
    let entries = calls.len() as u64;
    Batch { at: Duration::from_secs(at), calls, entries, ..Batch::default() }
}

#[test]
fn what_is_older_goes_and_is_still_there_in_coarser_rows() {
    let mut store = MemoryStore::new();
    let begin = 20_000 * 1_440;
    for minute in 0..3 * 1_440 {
        let gauge = Gauge::read("load", "1", (begin + minute) * 60, minute as f64).unwrap();
        let one = Batch {
            gauges: vec![gauge],
            ..batch((begin + minute) * 60 + 59, vec![calls("import", begin + minute, &[5])])
        };
        store.append(&one).unwrap();
        store.tidy((begin + minute) * 60 + 60).unwrap();
    }
    let end = (begin + 3 * 1_440) * 60;
    let asked = Between::new(end - 3 * DAY, end);
    let whole = store.summary(&Query::new(asked.clone())).unwrap();
    assert_eq!((whole.all().calls(), whole.cover.share(), whole.rows), (3 * 1_440, Some(1.0), 3));
    let minutes = asked.clone().coarsest(Resolution::Minute);
    let lately = store.summary(&Query::new(minutes)).unwrap();
    assert_eq!((lately.all().calls(), lately.cover.covered_s()), (120, 7_200));
    let (load, cover) = store.gauges("load", &asked).unwrap();
    assert_eq!((load.len(), cover.share()), (3, Some(1.0)));
    let all = load.iter().map(|kept| kept.gauge.sum).sum::<f64>();
    assert_eq!(all, (0..3 * 1_440).sum::<i32>() as f64);
}

#[test]
fn what_does_not_fit_goes_oldest_first() {
    let retention = Retention { most_bytes: 1 << 20, ..Retention::default() };
    let mut store = MemoryStore::with(retention).unwrap();
    let begin = 20_000 * 1_440;
    for minute in 0..3_000 {
        let calls = calls("import", begin + minute, &[1, 10, 100, 1_000]);
        store.append(&batch((begin + minute) * 60 + 59, vec![calls])).unwrap();
        store.tidy((begin + minute) * 60 + 60).unwrap();
        assert!(store.health(false).unwrap().used_bytes <= 1 << 20);
    }
    let rows = store.health(false).unwrap().rows;
    let count = |resolution| {
        let of = |row: &&crate::store::archive::Rows| {
            row.table == "calls" && row.resolution == Some(resolution)
        };
        rows.iter().find(of).unwrap().count
    };
    assert!((1_000..3_000).contains(&count(Resolution::Minute)), "{rows:?}");
    assert!(count(Resolution::Hour) > 20 && count(Resolution::Day) == 3, "{rows:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..Default::default() })]

    /// Whenever calls come, late ones too, and whatever is asked: sums are those of a plain list.
    #[test]
    fn answers_are_those_of_a_plain_list(
        came in proptest::collection::vec((0_u64..3 * 1_440, 1_u64..500, 0_usize..2), 1..60),
        from in 0_u64..3 * 1_440,
        long in 0_u64..3 * 1_440,
    ) {
        let begin = 20_000 * 1_440;
        let retention = Retention { minutes: Duration::from_secs(5 * DAY), ..Retention::default() };
        let mut store = MemoryStore::with(retention).unwrap();
        // The first minute tells from when on there is anything.
        store.append(&batch(begin * 60, vec![calls("import", begin, &[7])])).unwrap();
        for (minute, millis, operation) in &came {
            let name = ["import", "export"][*operation];
            let calls = calls(name, begin + minute, &[*millis]);
            store.append(&batch((begin + minute) * 60, vec![calls])).unwrap();
            store.tidy((begin + minute) * 60).unwrap();
        }
        let asked = |minute: u64| minute >= from && minute < from + long;
        let between = Between::new((begin + from) * 60, (begin + from + long) * 60);
        let answer = store.summary(&Query::new(between).operation("import").histograms()).unwrap();
        let list: crate::histogram::Distribution = came
            .iter()
            .filter(|(minute, _, operation)| *operation == 0 && asked(*minute))
            .map(|(_, millis, _)| *millis)
            .chain(asked(0).then_some(7))
            .map(Duration::from_millis)
            .collect();
        let found = answer.all();
        prop_assert_eq!(found.calls(), list.count());
        let found = found.outcome(Outcome::Ok);
        prop_assert_eq!((found.sum(), found.max()), (list.sum(), list.max()));
        if let Some(median) = list.quantile(0.5) {
            let ratio = found.quantile(0.5).unwrap().as_secs_f64() / median.as_secs_f64();
            prop_assert!((ratio - 1.0).abs() < 0.017, "{ratio}");
        }
    }
}
