//! `__private`: the one door for generated code. Nothing here is meant for people, and any of it
//! may change with any version.
//!
//! What the attribute cannot know from tokens, the compiler tells it here by the order in which
//! it looks for methods: on the type itself, then on what it dereferences to.
//!
//! ```text
//! Type<T>  ──►  Later<T>  ──►  Other<T>       what a call returns, before it returns
//!   Result        futures        all else
//! Returned<T>  ─────────────►  Other<T>       what it returned
//!   Result                       all else
//! ```

use std::future::Future;
use std::marker::PhantomData;
use std::ops::Deref;

pub use kgas_perf_macros::features;

pub use crate::catalog::{Category, SizeBounds};
pub use crate::measure::{
    CallSite, CatalogueText, DetachedMeasurement, EXACT, Measured, OFF, Outcome, SAMPLED,
    ScopedMeasurement, SiteSpec, State,
};

/// The return type of a call.
#[derive(Debug)]
pub struct Type<T>(Later<T>);

/// The return type of a call, where it is no `Result`.
#[derive(Debug)]
pub struct Later<T>(Other<T>);

/// The return type of a call, where it is neither a `Result` nor a future.
///
/// `fn() -> T`, because a `T` is named and not owned: this is `Send` and unwind safe for all.
#[derive(Debug)]
pub struct Other<T>(PhantomData<fn() -> T>);

impl<T> Deref for Type<T> {
    type Target = Later<T>;

    #[inline(always)]
    fn deref(&self) -> &Later<T> {
        &self.0
    }
}

impl<T> Deref for Later<T> {
    type Target = Other<T>;

    #[inline(always)]
    fn deref(&self) -> &Other<T> {
        &self.0
    }
}

impl<T, E> Type<Result<T, E>> {
    /// How a call ended that was left where the attribute cannot see: by `?`, or inside a macro.
    #[inline(always)]
    pub const fn early(&self) -> Outcome {
        Outcome::Error
    }

    /// The same, for a function that is not `async`.
    #[inline(always)]
    pub const fn early_sync(&self) -> Outcome {
        Outcome::Error
    }
}

impl<F: Future> Later<F> {
    /// Refuses a call that returns a future.
    pub const fn early_sync(&self) -> Outcome
    where
        Call: Finishes<F>,
    {
        Outcome::Ok
    }
}

impl<T> Other<T> {
    /// As for a `Result`; what is left early without an error has ended well.
    #[inline(always)]
    pub const fn early(&self) -> Outcome {
        Outcome::Ok
    }

    /// The same, for a function that is not `async`.
    #[inline(always)]
    pub const fn early_sync(&self) -> Outcome {
        Outcome::Ok
    }

    /// What was returned is no `Result`.
    #[inline(always)]
    pub const fn outcome(&self) -> Outcome {
        Outcome::Ok
    }
}

/// A call of a function that is not `async`.
#[derive(Debug)]
pub struct Call;

/// What is finished when the call returns. No future is, so nothing implements it.
#[diagnostic::on_unimplemented(
    message = "a call that returns a future cannot be measured: its work is still to come",
    label = "this is a future",
    note = "make it an `async fn`, or end it with `Box::pin(async move {{ … }})` and write the return type as `Pin<Box<dyn Future<Output = …>>>`",
    note = "to time what happens before the future on purpose, put that into `measure!(\"…\", {{ … }})`"
)]
pub trait Finishes<T> {}

/// What a call returned.
#[derive(Debug)]
pub struct Returned<'a, T>(pub &'a T);

impl<T, E> Returned<'_, Result<T, E>> {
    /// An `Err` is an error.
    #[inline(always)]
    pub const fn outcome(&self) -> Outcome {
        Outcome::of(self.0)
    }
}

impl<T> Deref for Returned<'_, T> {
    type Target = Other<T>;

    #[inline(always)]
    fn deref(&self) -> &Other<T> {
        const { &Other(PhantomData) }
    }
}

/// A call in progress, on the stack or in a future.
pub trait InProgress {
    /// How it ends if it is dropped with no more said.
    const UNSAID: Outcome;

    /// Says how it will have ended.
    fn set(&self, outcome: Outcome);
}

impl<const MEMORY: u8> InProgress for ScopedMeasurement<MEMORY> {
    const UNSAID: Outcome = Outcome::Ok;

    #[inline(always)]
    fn set(&self, outcome: Outcome) {
        self.set(outcome);
    }
}

impl<const MEMORY: u8> InProgress for DetachedMeasurement<MEMORY> {
    const UNSAID: Outcome = Outcome::Cancelled;

    #[inline(always)]
    fn set(&self, outcome: Outcome) {
        self.set(outcome);
    }
}

/// Passes on what a call returns, and says how the call ended.
///
/// The value comes first, so that the call is not borrowed while the value is made; `judge`
/// comes last, so that the value's type is known by then.
#[inline(always)]
pub fn end<T>(value: T, call: &impl InProgress, judge: impl FnOnce(&T) -> Outcome) -> T {
    call.set(judge(&value));
    value
}

/// Asks the predicate of `ok = …`.
#[inline(always)]
pub fn ask<T>(value: &T, ok: impl FnOnce(&T) -> bool) -> Outcome {
    if ok(value) { Outcome::Ok } else { Outcome::Error }
}

/// Passes on the operand of a `?` and says how the call ends if it is left there.
#[inline(always)]
pub fn leaving<T>(value: T, call: &impl InProgress, outcome: Outcome) -> T {
    call.set(outcome);
    value
}

/// Passes on what came out of a `?`: the call was not left there.
#[inline(always)]
pub fn staying<T, C: InProgress>(value: T, call: &C) -> T {
    call.set(C::UNSAID);
    value
}

/// The same, for a macro that may leave: `said` is made before `value`.
#[inline(always)]
pub fn stayed<T, C: InProgress>((): (), value: T, call: &C) -> T {
    staying(value, call)
}

/// What generated code asks of a type in the signature.
///
/// It does so by `<T as Named>::…`, so that a misspelt type is complained about in the same words
/// as in the signature, and the compiler tells it once.
pub trait Named: Sized {
    /// Shallow size in bytes.
    const BYTES: u64 = size_of::<Self>() as u64;

    /// The type as a value.
    const TYPE: Type<Self> = Type(Later(Other(PhantomData)));
}

impl<T> Named for T {}

/// Shallow size of an argument whose type has no name.
#[inline(always)]
pub const fn bytes_of<T>(_: &T) -> u64 {
    size_of::<T>() as u64
}

/// An input size in entities. A negative one counts as 0.
#[inline(always)]
pub fn size(entities: impl Entities) -> Option<u64> {
    Some(entities.count())
}

/// A number of entities.
#[diagnostic::on_unimplemented(
    message = "`size` takes a number of entities, as an integer",
    label = "this is `{Self}`"
)]
pub trait Entities {
    /// As many, or the nearest number that fits.
    fn count(self) -> u64;
}

macro_rules! entities {
    ($($integer:ty)*) => {$(
        impl Entities for $integer {
            #[inline(always)]
            #[allow(
                unused_comparisons,
                clippy::absurd_extreme_comparisons,
                reason = "an unsigned number is never below 0"
            )]
            fn count(self) -> u64 {
                u64::try_from(self).unwrap_or(if self < 0 { 0 } else { u64::MAX })
            }
        }
    )*};
}

entities!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

// Generated code has the values in it, where naming them would cost more compile time.
const _: () = assert!(SAMPLED == 0 && EXACT == 1 && OFF == 2);

/// The name of the function that generated code passes; what stands before it in its path is the
/// measured function.
const PATH: &str = "::__kgas_path";

/// The path of the function in which this function stands.
pub fn path_of<F>(_: &F) -> &'static str {
    let path = std::any::type_name::<F>();
    let function = path.strip_suffix(PATH).unwrap_or(path);
    function.trim_end_matches("::{{closure}}")
}
