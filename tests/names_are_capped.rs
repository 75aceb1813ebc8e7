//! Names given at run time are capped; the calls of those beyond the cap are counted exactly,
//! under one name.

use std::time::Duration;

use kgas_perf_runtime::measure::{MOST_NAMES, Measurement, OTHER, Outcome};
use kgas_perf_runtime::{Metadata, Registry, record_operation};

#[test]
fn calls_beyond_the_cap_are_counted_under_other() {
    let registry = Registry::new();
    let names = MOST_NAMES as u64 + 500;
    registry.run(|| {
        for round in 1..=3 {
            for name in 0..names {
                let metadata = Metadata::new(Outcome::Ok).size(name);
                record_operation(&format!("tool_{name}"), Duration::from_micros(round), metadata);
            }
        }
        Measurement::start("one_more").finish(Outcome::Error);
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.operations().len(), MOST_NAMES + 1);
    let other = snapshot.operation(OTHER).unwrap();
    assert_eq!(other.calls(), 3 * 500 + 1);
    assert_eq!(snapshot.losses.calls_without_a_name, 3 * 500 + 1);
    let named = snapshot.operation("tool_7").unwrap();
    assert_eq!(named.calls(), 3);
    assert_eq!(named.outcome(Outcome::Ok).sum(), Duration::from_micros(6));
}
