//! Random lives of a store against a plain list of what was kept.

use proptest::prelude::*;

use super::*;
use crate::store::{Durations, Resolution};

/// What somebody does with the store.
#[derive(Clone, Debug)]
enum Step {
    /// Calls of an operation, so many seconds after what was before.
    Keep {
        operation: usize,
        after: u64,
        ms: Vec<u64>,
    },
    /// The same, of a minute long over.
    Late {
        operation: usize,
        back: u64,
        ms: Vec<u64>,
    },
    /// The process is killed, and another begins.
    Killed,
    /// The process ends as it should, and another begins.
    Ended,
    Tidy,
    /// Is what a query answers what was kept?
    Ask {
        from: u64,
        long: u64,
        coarsest: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let ms = || proptest::collection::vec(1_u64..5_000, 1..4);
    let after = prop_oneof![0_u64..5, 30_u64..300, 1_800_u64..40_000];
    prop_oneof![
        8 => (0_usize..2, after, ms())
            .prop_map(|(operation, after, ms)| Step::Keep { operation, after, ms }),
        2 => (0_usize..2, 60_u64..200_000, ms())
            .prop_map(|(operation, back, ms)| Step::Late { operation, back, ms }),
        1 => Just(Step::Killed),
        1 => Just(Step::Ended),
        2 => Just(Step::Tidy),
        3 => (0_u64..400_000, 0_u64..400_000, 0_usize..3)
            .prop_map(|(from, long, coarsest)| Step::Ask { from, long, coarsest }),
    ]
}

const OPERATIONS: [&str; 2] = ["import", "export"];

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        cases: if std::env::var_os("KGAS_PERF_LONG").is_some() { 2_000 } else { 12 },
        ..Default::default()
    })]

    #[test]
    fn what_is_asked_is_what_was_kept(steps in proptest::collection::vec(step(), 1..50)) {
        let place = Place::new();
        let mut store = place.store();
        store.append(&later(START)).unwrap();
        let mut now = START;
        // Minute, operation, milliseconds.
        let mut kept: Vec<(u64, usize, u64)> = Vec::new();
        for step in steps.into_iter().chain([Step::Ask { from: 0, long: 1 << 30, coarsest: 2 }]) {
            match step {
                Step::Keep { operation, after, ms } => {
                    now += after;
                    store.append(&batch(now, OPERATIONS[operation], &ms)).unwrap();
                    kept.extend(ms.iter().map(|ms| (now - now % 60, operation, *ms)));
                }
                Step::Late { operation, back, ms } => {
                    let minute = (now - back.min(now - START)) / 60 * 60;
                    let all: Vec<_> = ms.iter().map(|ms| (*ms, Outcome::Ok)).collect();
                    let calls = vec![calls(OPERATIONS[operation], minute, &all)];
                    store.append(&Batch { calls, ..later(now) }).unwrap();
                    kept.extend(ms.iter().map(|ms| (minute, operation, *ms)));
                }
                Step::Killed | Step::Ended => {
                    if matches!(step, Step::Ended) {
                        store.close().unwrap();
                    }
                    drop(store);
                    store = place.store();
                    store.load().unwrap();
                }
                Step::Tidy => {
                    store.tidy(now).unwrap();
                }
                Step::Ask { from, long, coarsest } => {
                    let (from, until) = (START - DAY + from, START - DAY + from + long);
                    let between = Between::new(from, until).coarsest(Resolution::ALL[coarsest]);
                    let query = Query::new(between).histograms();
                    let summary = place.archive().summary(&query).unwrap();
                    // Less than a minute at each end is not covered.
                    let missed = summary.cover.asked_s - summary.cover.covered_s();
                    prop_assert!(missed < 120, "{:?}", summary.cover);
                    for (number, name) in OPERATIONS.iter().enumerate() {
                        let truth: crate::histogram::Distribution = kept
                            .iter()
                            .filter(|(minute, operation, _)| {
                                *operation == number && from <= *minute && minute + 60 <= until
                            })
                            .map(|(_, _, ms)| Duration::from_millis(*ms))
                            .collect();
                        let truth = Durations::from(&truth);
                        let found = summary.series.iter().find(|(key, _)| key.operation == *name);
                        let found = found.map(|(_, sums)| sums.outcome(Outcome::Ok).clone());
                        let found = found.unwrap_or_default();
                        prop_assert_eq!(found.count(), truth.count());
                        prop_assert_eq!(found.max(), truth.max());
                        // Sums of ticks of the processor are rounded to nanoseconds.
                        let off = found.sum().abs_diff(truth.sum());
                        prop_assert!(off <= Duration::from_micros(1), "{:?}", off);
                        for quantile in [0.0, 0.5, 0.9, 1.0] {
                            let (one, other) = (found.quantile(quantile), truth.quantile(quantile));
                            let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
                            let error = one.abs_diff(other).as_secs_f64();
                            prop_assert!(error <= other.as_secs_f64() / 60.0, "{one:?} {other:?}");
                        }
                    }
                }
            }
        }
        let health = place.archive().health(true).unwrap();
        prop_assert_eq!(health.damage, Some(Vec::new()));
    }
}
