//! `Check`: whether a call has done its work, by what it returned.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;

use crate::exact::Counts;

/// What a call returns. Futures and errors are told apart by which method is found first: those
/// below are theirs, those of [`Finished`] are for all else.
#[derive(Debug)]
pub struct Returns<T>(PhantomData<fn() -> T>);

impl<T> Returns<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: Future> Returns<T> {
    /// Refuses a closure that returns a future.
    pub fn is_finished(&self)
    where
        Call: Finishes<T>,
    {
    }
}

impl<T, E: fmt::Debug> Returns<Result<T, E>> {
    /// Refuses a call that returns an error, and says that it was asked for at this line.
    #[track_caller]
    pub fn check(&self) -> MustBeOk {
        MustBeOk(Location::caller())
    }
}

/// What is no future, and no `Result` whose error can be shown.
pub trait Finished {
    /// The work is done when the call returns.
    fn is_finished(&self) {}

    /// Whatever the call returned, its work is done.
    fn check(&self) -> Fine {
        Fine
    }
}

impl<T> Finished for Returns<T> {}

/// Takes what a call returned as its work done, or does not.
pub trait Check<T>: Copy {
    /// Hands on what a call returned.
    ///
    /// # Panics
    /// If it is an error: a call that fails has done less than what is to be judged.
    fn done(self, returned: T) -> T;
}

/// Whatever is returned will do.
#[derive(Clone, Copy, Debug)]
pub struct Fine;

impl<T> Check<T> for Fine {
    #[inline(always)]
    fn done(self, returned: T) -> T {
        returned
    }
}

/// An error will not; where it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct MustBeOk(&'static Location<'static>);

impl<T, E: fmt::Debug> Check<Result<T, E>> for MustBeOk {
    #[inline(always)]
    fn done(self, returned: Result<T, E>) -> Result<T, E> {
        if let Err(error) = &returned {
            self.refuse(error);
        }
        returned
    }
}

impl MustBeOk {
    #[cold]
    fn refuse(self, error: &dyn fmt::Debug) -> ! {
        panic!(
            "a call ended with an error, so its work was not done: {error:?}; where the error is \
             what is wanted, return it by `unwrap_err`\n  at {}",
            self.0
        );
    }
}

/// A closure, and what it returns.
pub fn calls<T, F: FnMut() -> T>(work: F) -> (F, Returns<T>) {
    (work, Returns::new())
}

/// The same of a closure that makes futures, as those below: what they return.
pub fn calls_async<T, F: AsyncFnMut() -> T>(work: F) -> (F, Returns<T>) {
    (work, Returns::new())
}

/// The same of a closure that counts, whose argument's type is known by this.
pub fn counting<T, F: FnMut(&Counts) -> T>(work: F) -> (F, Returns<T>) {
    (work, Returns::new())
}

/// The same of futures.
pub fn counting_async<T, F: AsyncFnMut(&Counts) -> T>(work: F) -> (F, Returns<T>) {
    (work, Returns::new())
}

/// The same of a closure that counts at some size of its input.
pub fn growing<T, F: FnMut(u64, &Counts) -> T>(work: F) -> (F, Returns<T>) {
    (work, Returns::new())
}

/// The same of futures.
pub fn growing_async<T, F: AsyncFnMut(u64, &Counts) -> T>(work: F) -> (F, Returns<T>) {
    (work, Returns::new())
}

/// What a call is when it has done its work.
#[derive(Debug)]
pub struct Call;

/// No call finishes a future.
#[diagnostic::on_unimplemented(
    message = "this closure returns a future, and its work is still to come",
    label = "nothing of it would be measured",
    note = "write `async ||`, or `async |counts|`, and await the assertion: `assert_…!(\"…\", async || {{ … }}).await`"
)]
pub trait Finishes<T> {}
