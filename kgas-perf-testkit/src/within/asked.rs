//! What `assert_within_baseline!` was given: a closure to measure, or a collector to ask.

use std::borrow::Borrow;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use kgas_perf_runtime::Collector;

use super::builder::WithinBaseline;
use crate::assert::within_baseline;
use crate::exact::Counts;
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
        let at = place.clone();
        let work = || check.done((self.1)(), &at);
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

impl<T, E: fmt::Debug> Returns<Result<T, E>> {
    /// What holds what a call returned to be its work done.
    pub fn check(&self) -> MustBeOk {
        MustBeOk
    }
}

/// All that is no future, and all that is no `Result` with an error that can be shown.
pub trait Finished {
    /// Takes what a call returned as its work done.
    fn is_finished(&self) {}

    /// What takes whatever a call returned as its work done.
    fn check(&self) -> Fine {
        Fine
    }
}

/// Holds what a call returned to be its work done, or not.
pub trait Check<T>: Copy {
    /// Hands on what a call returned.
    ///
    /// # Panics
    /// If it is an error: a call that fails has done less than what is to be judged.
    fn done(self, returned: T, place: &Place) -> T;
}

/// All is fine.
#[derive(Clone, Copy, Debug)]
pub struct Fine;

/// An error is not.
#[derive(Clone, Copy, Debug)]
pub struct MustBeOk;

impl<T> Check<T> for Fine {
    #[inline(always)]
    fn done(self, returned: T, _: &Place) -> T {
        returned
    }
}

impl<T, E: fmt::Debug> Check<Result<T, E>> for MustBeOk {
    #[inline(always)]
    fn done(self, returned: Result<T, E>, place: &Place) -> Result<T, E> {
        if let Err(error) = &returned {
            failed(error, place);
        }
        returned
    }
}

#[cold]
fn failed(error: &dyn fmt::Debug, place: &Place) -> ! {
    panic!(
        "a call ended with an error, so its work was not done: {error:?}; where the error is what \
         is wanted, return it by `unwrap_err`\n  at {place}"
    );
}

/// What a closure returns.
pub fn returned<T, F: FnMut() -> T>(_: &F) -> Returns<T> {
    Returns(PhantomData)
}

/// Takes a closure that counts as one, so that its argument's type is known.
pub fn counting<T, F: FnMut(&Counts) -> T>(work: F) -> F {
    work
}

/// What it returns.
pub fn returned_by<T, F: FnMut(&Counts) -> T>(_: &F) -> Returns<T> {
    Returns(PhantomData)
}

/// As [`counting`], of a closure that makes futures.
pub fn counting_async<T, F: AsyncFnMut(&Counts) -> T>(work: F) -> F {
    work
}

/// What they return.
pub fn returned_by_async<T, F: AsyncFnMut(&Counts) -> T>(_: &F) -> Returns<T> {
    Returns(PhantomData)
}

impl<T> Finished for Returns<T> {}

/// A call whose time is taken when it returns.
#[derive(Debug)]
pub struct Call;

/// What is finished when the call returns. No future is, so nothing implements it.
#[diagnostic::on_unimplemented(
    message = "this closure returns a future, and its work is still to come",
    label = "nothing of it would be measured",
    note = "write `async ||`, or `async |counts|`, and await the assertion: `assert_…!(\"…\", async || {{ … }}).await`"
)]
pub trait Finishes<T> {}
