//! What the attribute's tests share: a body that takes its time, and what was counted of it.
#![allow(dead_code, reason = "each test file uses some of it")]

use std::future::Future;
use std::time::Duration;

use kgas_perf_runtime::registry::Snapshot;
use kgas_perf_runtime::{Outcome, Registry};

/// How long a body takes where its duration is looked at.
pub(crate) const NAP: Duration = Duration::from_millis(50);

/// Takes [`NAP`].
pub(crate) fn nap() {
    std::thread::sleep(NAP);
}

/// Takes [`NAP`], and gives the thread away meanwhile.
pub(crate) async fn nap_async() {
    tokio::time::sleep(NAP).await;
}

/// Runs a future on this thread.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

/// What `work` left behind.
pub(crate) fn snapshot_of<T>(work: impl FnOnce() -> T) -> Snapshot {
    let registry = Registry::new();
    registry.run(work);
    registry.snapshot()
}

/// Calls of one operation that ended ok, in an error, in a panic, cancelled.
pub(crate) fn outcomes_in(snapshot: &Snapshot, operation: &str) -> [u64; 4] {
    let Some(found) = snapshot.operation(operation) else {
        return [0; 4];
    };
    Outcome::ALL.map(|outcome| found.outcome(outcome).count())
}

/// Calls of `tool_simple` in `work` that ended ok, in an error, in a panic, cancelled.
pub(crate) fn outcomes<T>(work: impl FnOnce() -> T) -> [u64; 4] {
    outcomes_in(&snapshot_of(work), "tool_simple")
}

/// Asserts that `work` is one call of `tool_simple` that ended well and took the nap in it.
#[track_caller]
pub(crate) fn assert_one_nap<T>(work: impl FnOnce() -> T) {
    let snapshot = snapshot_of(work);
    assert_eq!(outcomes_in(&snapshot, "tool_simple"), [1, 0, 0, 0], "one call that ended well");
    let took = snapshot.operation("tool_simple").unwrap().outcome(Outcome::Ok).sum();
    assert!(took >= NAP, "the call took {took:?}, and a nap is {NAP:?}");
}

/// The same for a future.
#[track_caller]
pub(crate) fn assert_one_async_nap<F: Future>(future: F) {
    assert_one_nap(|| run(future));
}
