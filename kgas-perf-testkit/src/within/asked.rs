//! What `assert_within_baseline!` was given: a closure to measure, or a collector to ask.

use std::borrow::Borrow;
use std::marker::PhantomData;

use kgas_perf_runtime::Collector;

use super::builder::WithinBaseline;
use crate::assert::within_baseline;
use crate::check::{Check, Returns};
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
        Returns::new()
    }

    /// Measures and judges; what to fail with.
    fn failure(
        self,
        check: impl Check<Self::Returned>,
        place: Place,
        set: impl FnOnce(WithinBaseline) -> WithinBaseline,
    ) -> Option<String>;
}

impl<N: AsRef<str> + ?Sized, T, F: FnMut() -> T> Asked<ByCalls<T>> for (&N, F) {
    type Returned = T;

    fn failure(
        mut self,
        check: impl Check<T>,
        place: Place,
        set: impl FnOnce(WithinBaseline) -> WithinBaseline,
    ) -> Option<String> {
        let work = || check.done((self.1)());
        set(WithinBaseline::at(self.0.as_ref(), place)).measure(work).failure()
    }
}

impl<C: Borrow<Collector>, N: AsRef<str> + ?Sized> Asked<ByCollector> for (&C, &N) {
    type Returned = ();

    fn failure(
        self,
        _: impl Check<()>,
        _: Place,
        _: impl FnOnce(WithinBaseline) -> WithinBaseline,
    ) -> Option<String> {
        within_baseline(self.0.borrow(), self.1.as_ref()).err().map(|found| found.to_string())
    }
}
