//! What people hand to assertions: closures that fail, panic, borrow, nest and allocate much, and
//! futures that move from thread to thread. Limits only, so nothing is written.

use std::hint::black_box;

use kgas_perf_runtime::measure::TallyAllocator;
use kgas_perf_testkit::exact::Counts;
use kgas_perf_testkit::{
    SizeClass, assert_allocations, assert_constant, assert_counts, assert_linear,
    assert_meets_objective, assert_within_baseline,
};
use tokio::task::{spawn, yield_now};

#[global_allocator]
static ALLOCATOR: TallyAllocator = TallyAllocator::system();

fn failing() -> Result<u8, &'static str> {
    Err("no such graph")
}

#[test]
fn counting_allocates_nothing_and_nothing_is_counted_twice() {
    assert_counts!(
        "counted",
        |counts| {
            counts.add("queries", 2);
            counts.distinct("fingerprints", "MATCH (n)");
            counts.distinct("fingerprints", "MATCH (n)");
        },
        exactly("queries", 2),
        exactly("fingerprints", 1),
        exactly("allocations", 0)
    );
}

#[test]
fn a_closure_may_borrow_move_fill_memory_and_assert_itself() {
    let mut calls = 0;
    assert_counts!("borrows", |_| calls += 1, exactly("queries", 0));
    assert_eq!(calls, 4);
    let text = String::from("moved");
    assert_allocations!("moves", move || text.clone(), at_most = 1);
    let large = 200 << 20;
    assert_counts!("large", |_| vec![0_u8; large], exactly("allocated_bytes", large as u64));
    assert_counts!(
        "outer",
        |outer| {
            outer.add("queries", 1);
            assert_counts!("inner", |inner| inner.add("queries", 5), exactly("queries", 5));
        },
        exactly("queries", 1)
    );
}

fn in_a_thread() -> std::thread::Result<Vec<u8>> {
    std::thread::spawn(|| vec![7; 10_000]).join()
}

#[test]
fn what_another_thread_allocates_is_no_part_of_the_call() {
    assert_counts!("beside", |_| in_a_thread(), at_most("allocated_bytes", 9_999));
}

#[test]
#[should_panic(expected = "allowed are at most 9999")]
fn unless_all_threads_are_asked_for() {
    assert_counts!("all", |_| in_a_thread(), at_most("allocated_bytes", 9_999), all_threads());
}

#[test]
fn a_call_that_returns_no_error_passes() {
    assert_counts!("fine", |_| -> Result<u8, String> { Ok(3) }, at_most("allocations", 0));
}

#[test]
#[should_panic(expected = "its work was not done: \"no such graph\"")]
fn an_error_fails_counts() {
    assert_counts!("failing", |_| failing(), at_most("queries", 0));
}

#[test]
#[should_panic(expected = "its work was not done: \"no such graph\"")]
fn an_error_fails_growth() {
    assert_constant!("queries", [2, 10], |_size, _counts| failing());
}

#[test]
#[should_panic(expected = "its work was not done: \"no such graph\"")]
fn an_error_fails_durations() {
    assert_within_baseline!("failing", failing, judge_debug_builds);
}

#[test]
#[should_panic(expected = "its work was not done: \"no such graph\"")]
fn an_error_fails_objectives() {
    assert_meets_objective!("graph_to_table", SizeClass::Medium, failing, judge_debug_builds);
}

#[test]
#[should_panic(expected = "the closure's own words")]
fn a_panic_stays_what_it_was() {
    assert_counts!(
        "panics",
        |_| -> () { panic!("the closure's own words") },
        at_most("queries", 0)
    );
}

#[tokio::test]
async fn a_future_counts_what_it_does_and_not_what_its_tasks_do() {
    let ids = [1, 2, 3];
    let ask = async |counts: &Counts| {
        yield_now().await;
        counts.add("queries", ids.len() as u64);
    };
    assert_counts!("asks", async |counts| ask(counts).await, exactly("queries", 3)).await;
    assert_constant!("queries", [10, 100], async |_size, counts| ask(counts).await).await;
    assert_linear!("allocations", [10, 100, 1_000], async |size, _| {
        (0..size).map(|each| vec![each]).collect::<Vec<_>>()
    })
    .await;
    let in_a_task = async || spawn(async { vec![0_u8; 10_000] }).await;
    assert_counts!("task", async |_| in_a_task().await, at_most("allocated_bytes", 9_999)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_future_may_move_from_thread_to_thread() {
    let moving = async {
        let work = assert_counts!(
            "moves",
            async |counts: &Counts| {
                for _ in 0..50 {
                    yield_now().await;
                    drop(black_box(Box::new(1_u64)));
                }
                counts.add("queries", 1);
            },
            exactly("queries", 1),
            exactly("allocations", 50)
        );
        work.await;
        assert_within_baseline!("moves", async || yield_now().await).await;
    };
    spawn(moving).await.unwrap();
}

#[tokio::test]
#[should_panic(expected = "its work was not done: \"no such graph\"")]
async fn an_error_fails_counts_of_futures() {
    assert_counts!("failing", async |_| failing(), at_most("queries", 0)).await;
}

#[tokio::test]
#[should_panic(expected = "its work was not done: \"no such graph\"")]
async fn an_error_fails_growth_of_futures() {
    assert_constant!("queries", [2, 10], async |_size, _counts| failing()).await;
}

#[tokio::test]
#[should_panic(expected = "its work was not done: \"no such graph\"")]
async fn an_error_fails_durations_of_futures() {
    assert_within_baseline!("failing", async || failing(), judge_debug_builds).await;
}

#[tokio::test]
#[should_panic(expected = "its work was not done: \"no such graph\"")]
async fn an_error_fails_objectives_of_futures() {
    let assertion = assert_meets_objective!(
        "graph_to_table",
        SizeClass::Medium,
        async || failing(),
        judge_debug_builds
    );
    assertion.await;
}
