//! Under a `TallyAllocator` a call knows exactly what it allocated, with and without what its
//! measured callees did; measuring itself allocates nothing.

use kgas_perf_runtime::measure::TallyAllocator;
use kgas_perf_runtime::registry::Allocations;
use kgas_perf_runtime::{Registry, measure_performance};

#[global_allocator]
static ALLOCATOR: TallyAllocator = TallyAllocator::system();

#[measure_performance("graph_to_table")]
fn outer(bytes: usize) -> Vec<u8> {
    let kept = Vec::with_capacity(bytes);
    drop(inner(100));
    drop(inner(1_000));
    kept
}

#[measure_performance("table_to_vector")]
fn inner(bytes: usize) -> Vec<u8> {
    Vec::with_capacity(bytes)
}

#[measure_performance("vector_to_graph")]
fn grows(bytes: usize) -> Vec<u8> {
    let mut growing = Vec::with_capacity(bytes);
    growing.reserve_exact(2 * bytes);
    growing.push(1);
    growing.shrink_to(bytes);
    growing
}

#[measure_performance("tool_simple")]
fn allocates_nothing(input: u64) -> u64 {
    input + 1
}

#[measure_performance("tool_complex", poll = true)]
async fn polled(bytes: usize) -> usize {
    let first = vec![0_u8; bytes];
    pause().await;
    let second = vec![0_u8; 2 * bytes];
    first.len() + second.len()
}

/// Waits once, without allocating.
async fn pause() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return std::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

fn allocations(registry: &Registry, operation: &str) -> Allocations {
    let snapshot = registry.snapshot();
    snapshot.operation(operation).unwrap().by_class[0].allocations.expect("counted")
}

#[test]
fn calls_know_what_they_and_their_callees_allocated() {
    let registry = Registry::new();
    registry.run(|| (0..10).for_each(|_| drop(outer(10_000))));
    let outer = allocations(&registry, "graph_to_table");
    assert_eq!((outer.calls, outer.bytes, outer.allocations), (10, 111_000, 30));
    assert_eq!((outer.own_bytes, outer.own_allocations), (100_000, 10));
    assert_eq!(outer.max_bytes, 11_100);
    let inner = allocations(&registry, "table_to_vector");
    assert_eq!((inner.calls, inner.bytes, inner.allocations), (20, 11_000, 20));
    assert_eq!((inner.own_bytes, inner.max_bytes), (11_000, 1_000));
}

#[test]
fn a_reallocation_counts_what_is_asked_for_beyond_the_old_size() {
    let registry = Registry::new();
    registry.run(|| drop(grows(1_000)));
    let grown = allocations(&registry, "vector_to_graph");
    assert_eq!((grown.bytes, grown.allocations), (2_000, 2));
}

#[test]
fn measuring_allocates_nothing() {
    let registry = Registry::new();
    registry.run(|| {
        allocates_nothing(0);
        for input in 0..100_000 {
            allocates_nothing(input);
        }
    });
    let nothing = allocations(&registry, "tool_simple");
    assert_eq!((nothing.calls, nothing.bytes, nothing.allocations), (100_001, 0, 0));
}

#[test]
fn a_future_is_charged_what_its_polls_allocate() {
    let registry = Registry::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(registry.scope(async {
        // Polled in turn on one thread: neither is charged what the other allocates.
        let (one, other) = tokio::join!(polled(1_000), polled(50));
        assert_eq!((one, other), (3_000, 150));
    }));
    let polled = allocations(&registry, "tool_complex");
    assert_eq!((polled.calls, polled.bytes, polled.allocations), (2, 3_150, 4));
    assert_eq!(polled.max_bytes, 3_000);
}
