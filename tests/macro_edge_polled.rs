//! `poll = true`: how long a future was polled and how long it waited, and nothing else changes.
#![allow(
    clippy::needless_lifetimes,
    clippy::diverging_sub_expression,
    reason = "the attribute must take programs as people write them"
)]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

use std::future::Future;
use std::panic::UnwindSafe;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use kgas_perf_runtime::{Registry, measure_performance};
use macro_support::{NAP, assert_one_async_nap, nap, nap_async, outcomes, run, snapshot_of};

#[measure_performance("tool_simple", poll = true)]
async fn busy_and_idle(mut rounds: u32) -> Result<u32, String> {
    while rounds > 0 {
        rounds -= 1;
        nap();
        nap_async().await;
    }
    Ok(rounds)
}

#[measure_performance("tool_simple", poll = true, size = names.len(), ok = |count| *count > 1)]
async fn arguments<'a>(names: &'a [String], (a, _): (u32, u32), [b, ..]: [u8; 3]) -> usize {
    if a == 0 {
        return 0;
    }
    names.len() + usize::from(b)
}

struct Owner(u32);

impl Owner {
    #[measure_performance("tool_simple", poll = true)]
    async fn by_mutable_value(mut self, more: impl Into<u32>) -> u32 {
        self.0 += more.into();
        nap_async().await;
        self.0
    }

    #[measure_performance("tool_simple", poll = true)]
    async fn by_mutable_reference(&mut self) -> &mut u32 {
        nap_async().await;
        self.0 += 1;
        &mut self.0
    }

    #[measure_performance("tool_simple", poll = true)]
    async fn unused(&self, _unused: String, _: Vec<u8>) {
        nap_async().await;
    }

    #[measure_performance("tool_simple", poll = true)]
    async fn not_send(self: Rc<Self>) -> Result<Box<dyn Fn() -> u32>, String> {
        nap_async().await;
        if self.0 == 0 {
            return Err("zero".into());
        }
        if self.0 == 1 {
            return Ok(Box::new(|| 1));
        }
        Ok(Box::new(move || self.0))
    }
}

#[test]
fn busy_and_idle_time_are_told_apart() {
    let snapshot = snapshot_of(|| run(busy_and_idle(2)));
    let operation = snapshot.operation("tool_simple").unwrap();
    let polls = operation.by_class[0].polls.unwrap();
    assert_eq!(operation.calls(), 1);
    assert_eq!(polls.polls, 3);
    assert!(polls.busy >= 2 * NAP, "{polls:?}");
    let idle = operation.by_class[0].all().sum() - polls.busy;
    assert!(idle >= 2 * NAP, "{idle:?} idle");
}

#[test]
fn functions_are_timed_whole() {
    assert_one_async_nap(Owner(1).by_mutable_value(7_u8));
    assert_one_async_nap(async { *Owner(1).by_mutable_reference().await });
    assert_one_async_nap(async { Owner(1).unused(String::new(), Vec::new()).await });
    assert_one_async_nap(async { Rc::new(Owner(2)).not_send().await.map(|give| give()) });
    assert_eq!(outcomes(|| run(Rc::new(Owner(0)).not_send()).is_err()), [0, 1, 0, 0]);
}

#[test]
fn arguments_mean_what_they_mean_elsewhere() {
    let names = ["a".to_owned()];
    assert_eq!(outcomes(|| run(arguments(&names, (1, 2), [1, 2, 3]))), [1, 0, 0, 0]);
    assert_eq!(outcomes(|| run(arguments(&names, (1, 2), [0, 2, 3]))), [0, 1, 0, 0]);
    assert_eq!(outcomes(|| run(arguments(&names, (0, 2), [1, 2, 3]))), [0, 1, 0, 0]);
}

#[test]
fn a_future_counts_once_from_its_first_poll() {
    assert_eq!(outcomes(|| drop(busy_and_idle(0))), [0; 4], "never polled");
    let cancelled = || {
        let future = pin!(Owner(1).by_mutable_value(7_u8));
        let mut context = Context::from_waker(Waker::noop());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let _entered = runtime.enter();
        assert!(future.poll(&mut context).is_pending());
    };
    assert_eq!(outcomes(cancelled), [0, 0, 0, 1]);
    let panicked = || std::panic::catch_unwind(|| run(panics()));
    assert_eq!(outcomes(panicked), [0, 0, 1, 0]);
}

#[measure_performance("tool_simple", poll = true)]
async fn panics() {
    panic!("as asked")
}

#[test]
fn what_a_future_was_it_stays() {
    fn send<F: Future + Send + 'static>(_: F) {}
    fn unwind_safe<F: UnwindSafe>(_: F) {}
    send(busy_and_idle(1));
    unwind_safe(panics());
    let registry = Registry::new();
    tokio::runtime::Builder::new_multi_thread().enable_time().build().unwrap().block_on(async {
        let call = tokio::spawn(registry.scope(busy_and_idle(1)));
        assert_eq!(call.await.unwrap(), Ok(0));
    });
    assert_eq!(macro_support::outcomes_in(&registry.snapshot(), "tool_simple"), [1, 0, 0, 0]);
}
