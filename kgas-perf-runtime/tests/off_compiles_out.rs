//! The feature `off` leaves attributed functions as they were written: nothing is measured.
//! It stands here, not in the workspace's `tests/`, since the feature is this crate's.

use std::future::Future;

use kgas_perf_runtime::measure::is_on;
use kgas_perf_runtime::{Registry, measure, measure_performance};

#[measure_performance("graph_to_table", size = entities.len(), ok = |found: &Option<u32>| found.is_some())]
fn first(entities: &[u32]) -> Option<u32> {
    entities.first().copied()
}

#[measure_performance("tool_simple", poll = true)]
async fn waits() -> u32 {
    7
}

struct Tool;

#[measure_performance("tool_complex")]
impl Tool {
    fn run(&self) -> u32 {
        measure!("tool_simple", { 1 }) + self.skipped()
    }

    #[measure_performance(skip)]
    fn skipped(&self) -> u32 {
        2
    }
}

#[test]
fn nothing_is_measured_and_everything_still_works() {
    let registry = Registry::new();
    registry.run(|| {
        assert!(is_on());
        assert_eq!(first(&[3]), Some(3));
        assert_eq!(Tool.run(), 3);
        let future = std::pin::pin!(waits());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert_eq!(future.poll(&mut context), std::task::Poll::Ready(7));
    });
    assert!(registry.snapshot().operations().is_empty());
}
