//! What `assert_within_baseline!` was given: a closure to measure, or a collector to ask.

use std::borrow::Borrow;
use std::future::Future;
use std::marker::PhantomData;

use kgas_perf_runtime::Collector;

use super::builder::WithinBaseline;
use crate::assert::within_baseline;
use crate::place::Place;

/// A closure that returns a `T`.
#[derive(Debug)]
pub struct ByCalls<T>(PhantomData<fn() -> T>);

/// A collector that has watched a program.
#[derive(Debug)]
pub struct ByCollector;

/// What the macro's first two arguments may be. `How` keeps the two ways apart.
pub trait Asked<How> {
    /// What a call returns.
    type Returned;

    /// Names what a call returns, so that futures can be refused.
    fn returns(&self) -> Returns<Self::Returned> {
        Returns(PhantomData)
    }

    /// Measures and judges; what to fail with.
    fn failure(
        self,
        place: Place,
        set: impl FnOnce(WithinBaseline) -> WithinBaseline,
    ) -> Option<String>;
}

impl<N: AsRef<str> + ?Sized, T, F: FnMut() -> T> Asked<ByCalls<T>> for (&N, F) {
    type Returned = T;

    fn failure(
        self,
        place: Place,
        set: impl FnOnce(WithinBaseline) -> WithinBaseline,
    ) -> Option<String> {
        set(WithinBaseline::at(self.0.as_ref(), place)).measure(self.1).failure()
    }
}

impl<C: Borrow<Collector>, N: AsRef<str> + ?Sized> Asked<ByCollector> for (&C, &N) {
    type Returned = ();

    fn failure(self, _: Place, _: impl FnOnce(WithinBaseline) -> WithinBaseline) -> Option<String> {
        within_baseline(self.0.borrow(), self.1.as_ref()).err().map(|found| found.to_string())
    }
}

/// What a call returns. Futures are refused: the method that is found first is theirs.
#[derive(Debug)]
pub struct Returns<T>(PhantomData<fn() -> T>);

impl<T: Future> Returns<T> {
    /// Refuses a closure that returns a future.
    pub fn is_finished(&self)
    where
        Call: Finishes<T>,
    {
    }
}

/// All that is no future.
pub trait Finished {
    /// Takes what a call returned as its work done.
    fn is_finished(&self) {}
}

impl<T> Finished for Returns<T> {}

/// A call whose time is taken when it returns.
#[derive(Debug)]
pub struct Call;

/// What is finished when the call returns. No future is, so nothing implements it.
#[diagnostic::on_unimplemented(
    message = "this closure returns a future, and its work is still to come",
    label = "nothing of it would be measured",
    note = "write `async ||` and await the assertion: `assert_within_baseline!(\"…\", async || {{ … }}).await`"
)]
pub trait Finishes<T> {}
