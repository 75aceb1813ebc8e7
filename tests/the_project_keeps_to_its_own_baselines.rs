//! The project's tests use the test kit on the project: what its catalogue allocates stands in
//! `perf/baselines.toml`, what recording allocates is nothing, and durations are judged in release
//! builds.

use std::time::Duration;

use kgas_perf_runtime::Registry;
use kgas_perf_runtime::catalog::Catalogue;
use kgas_perf_runtime::measure::{Metadata, TallyAllocator, record_operation};
use kgas_perf_testkit::{
    assert_allocations, assert_constant, assert_counts, assert_linear, assert_within_baseline,
};

#[global_allocator]
static ALLOCATOR: TallyAllocator = TallyAllocator::system();

const CATALOGUE: &str = r#"
extends = "builtin"

[operations.rank_entities]
category = "custom"
objectives = [{ metric = "duration", statistic = "p95", size_class = "small", at_most = "50 ms" }]
"#;

fn catalogue_of(operations: u64) -> String {
    let declare = |at| format!("[operations.step_{at}]\ncategory = 'custom'\n");
    (0..operations).map(declare).collect()
}

#[test]
fn reading_a_catalogue_allocates_no_more_than_it_did() {
    assert_allocations!("read_a_catalogue", || Catalogue::parse(CATALOGUE, "kgas-perf.toml"));
}

#[test]
fn reading_a_catalogue_allocates_in_proportion_to_its_length() {
    let texts = [10, 100, 1_000].map(|size| (size, catalogue_of(size)));
    let text = |size| &texts.iter().find(|(known, _)| *known == size).unwrap().1;
    assert_linear!("allocated_bytes", [10, 100, 1_000], |size, _| {
        Catalogue::parse(text(size), "kgas-perf.toml").unwrap()
    });
}

#[test]
fn recording_allocates_nothing_however_many_calls_there_are() {
    let registry = Registry::new();
    let _scope = registry.enter();
    let record = |ns| record_operation("import", Duration::from_nanos(ns), Metadata::default());
    assert_allocations!("record", || record(17_000), at_most = 0);
    assert_constant!("allocations", [1, 1_000], |calls, _| (0..calls).for_each(record));
}

#[test]
fn an_unmeasured_operation_asks_nothing_of_anybody() {
    assert_counts!("no_queries", |_| Catalogue::builtin(), exactly("queries", 0));
}

#[test]
fn reading_a_catalogue_is_as_fast_as_it_was() {
    // Not judged in debug builds, and says so.
    assert_within_baseline!("read_a_catalogue", || Catalogue::parse(CATALOGUE, "kgas-perf.toml"));
}

#[tokio::test]
async fn waiting_for_a_task_is_as_fast_as_it_was() {
    let assertion =
        assert_within_baseline!("spawn_and_wait", async || tokio::spawn(async { 7 }).await);
    assertion.await;
}
