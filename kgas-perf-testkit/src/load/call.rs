//! `Call`: what an operation is told about itself; `Answer`: what it may return.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::dice::Dice;

/// What an operation is told when it is called.
///
/// # Examples
/// ```
/// use kgas_perf_testkit::load::{Call, Scenario};
///
/// let lookup = Scenario::new("lookup", |call: &Call| {
///     let key = call.dice().below(1_000_000);
///     if call.is_given_up() { return Err("given up") }
///     std::hint::black_box(key);
///     Ok(())
/// });
/// assert_eq!(lookup.name(), "lookup");
/// ```
#[derive(Clone, Debug)]
pub struct Call {
    pub(crate) number: u64,
    pub(crate) seed: u64,
    pub(crate) given_up: Arc<AtomicBool>,
    pub(crate) stopped: Arc<AtomicBool>,
}

impl Call {
    /// The number of the operation in the run, from 0.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Random numbers for this call: the same in every run of one seed, however many workers.
    pub fn dice(&self) -> Dice {
        // The first numbers of the sequence chose the scenario.
        let mut dice = Dice::of_call(self.seed, self.number);
        Dice::new(dice.bits() ^ dice.bits())
    }

    /// Whether nobody waits for the answer any more: the deadline is over, or the run was stopped.
    ///
    /// A synchronous operation cannot be ended from outside. One that asks this now and then, and
    /// returns, leaves no thread behind.
    pub fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed) || self.stopped.load(Ordering::Relaxed)
    }
}

/// How an operation says it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Well.
    Ok,
    /// With an error of this kind. Kinds are counted by their text, so it should be short and
    /// without numbers of single calls.
    Error(String),
    /// It was cancelled from elsewhere.
    Cancelled,
}

/// What an operation may return: `()`, a `Result` whose error can be shown, or an [`End`].
pub trait Answer {
    /// How it ended.
    fn end(self) -> End;
}

impl Answer for () {
    fn end(self) -> End {
        End::Ok
    }
}

impl<T, E: Display> Answer for Result<T, E> {
    fn end(self) -> End {
        match self {
            Ok(_) => End::Ok,
            Err(error) => End::Error(error.to_string()),
        }
    }
}

impl Answer for End {
    fn end(self) -> End {
        self
    }
}
