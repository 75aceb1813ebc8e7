//! `KeepsCounts`: no more than the baseline says, or than a limit.

use std::collections::BTreeMap;

use super::allocated::{self, ALLOCATIONS, BYTES};
use super::beside;
use super::calls::{Calls, Wanted, at_once};
use super::counts::Counts;
use crate::check::{Check, Fine};
use crate::place::Place;
use crate::timing::Turn;
use crate::told;
use crate::within::Role;

/// What they are called in limits; in baselines the machine's architecture is part of the name.
const INSTRUCTIONS: &str = "instructions";

/// Asserts that a call of an operation takes no more than its baseline in the repository says, or
/// than a limit: allocations, bytes, and whatever the call counts.
///
/// Numbers are exact, so there is no threshold and no noise. They are judged in debug builds too;
/// each profile and set of features has its own. More than before is a failure, fewer is said and
/// can be accepted. The work is called four times, and more often with `all_threads` or
/// `with_instructions`; the first call counts nothing.
///
/// # Threads
/// Allocations are those of the call itself: of its thread, or of a future's own polls, on
/// whichever threads they are. What is allocated elsewhere meanwhile, by threads, pools and tasks,
/// is told and not counted. [`all_threads`](Self::all_threads) counts it.
///
/// # Examples
/// ```
/// use kgas_perf_testkit::exact::KeepsCounts;
///
/// KeepsCounts::new("load_neighbours")
///     .at_most("queries", 2)
///     .exactly("model_calls", 0)
///     .assert(|counts| {
///         counts.add("queries", 1);
///         counts.add("queries", 1);
///     });
/// ```
#[derive(Clone, Debug)]
#[must_use = "it asserts nothing until it is given what to count"]
pub struct KeepsCounts {
    operation: String,
    place: Place,
    limits: BTreeMap<String, (u64, u64)>,
    baseline: bool,
    allocations: bool,
    wanted: Wanted,
    strict: bool,
}

impl KeepsCounts {
    /// An assertion on an operation of this name, which may be any text. With a limit it holds
    /// what is limited against that; without, all against the baseline.
    #[track_caller]
    pub fn new(operation: impl Into<String>) -> Self {
        Self::at(operation, Place::of_caller())
    }

    #[doc(hidden)]
    pub fn at(operation: impl Into<String>, place: Place) -> Self {
        Self {
            operation: operation.into(),
            place,
            limits: BTreeMap::new(),
            baseline: true,
            allocations: false,
            wanted: Wanted::default(),
            strict: told::strict(),
        }
    }

    /// At most so many of this; no baseline is asked then.
    pub fn at_most(mut self, what: &str, most: u64) -> Self {
        self.limits.insert(what.to_owned(), (0, most));
        self.baseline = false;
        self
    }

    /// Exactly so many of this; no baseline is asked then.
    pub fn exactly(mut self, what: &str, count: u64) -> Self {
        self.limits.insert(what.to_owned(), (count, count));
        self.baseline = false;
        self
    }

    /// Fails if allocations cannot be counted; else they are counted where they can be.
    pub fn with_allocations(mut self) -> Self {
        self.allocations = true;
        self
    }

    /// Counts the allocations of all threads of the process, and fails if they cannot be counted.
    ///
    /// What else the process does meanwhile counts, too. As that only adds, calls are repeated
    /// until three took the same, the least of all, up to thirty times; numbers that never settle
    /// are told as they are, from the fewest to the most. Assertions that count take turns; other
    /// tests do not, so a busy test belongs into a file of its own, or under nextest, which gives
    /// each test a process.
    pub fn all_threads(mut self) -> Self {
        self.allocations = true;
        self.wanted.all_threads = true;
        self
    }

    /// Counts the instructions of the call itself, too, where the machine does; where it does not,
    /// that is said, and fails if it is strict.
    ///
    /// A baseline of them holds for this operating system, architecture and compiler. Within 1 %
    /// they are as they were: the fewest of three calls, which hash seeds and addresses move by
    /// about one in a thousand.
    pub fn with_instructions(mut self) -> Self {
        self.wanted.instructions = true;
        self
    }

    /// Fails what is new, as `KGAS_PERF_STRICT=1` does for all.
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Counts, and fails the test at the caller's line.
    ///
    /// # Panics
    /// With all numbers that are not as they should be; if allocations are asked for and the
    /// program does not count them; if the baselines cannot be read.
    #[track_caller]
    pub fn assert<T>(self, work: impl FnMut(&Counts) -> T) {
        if let Some(failure) = self.failure(work) {
            panic!("{failure}");
        }
    }

    /// The same for futures: each call makes one, which is then awaited, on any runtime.
    ///
    /// # Panics
    /// As [`assert`](Self::assert).
    pub async fn assert_async<T>(self, work: impl AsyncFnMut(&Counts) -> T) {
        if let Some(failure) = self.failure_async(work, Fine).await {
            panic!("{failure}");
        }
    }

    /// Counts; what to fail with.
    #[doc(hidden)]
    pub fn failure<T>(self, mut work: impl FnMut(&Counts) -> T) -> Option<String> {
        at_once(self.failure_async(async |counts: &Counts| work(counts), Fine))
    }

    /// The same for futures.
    #[doc(hidden)]
    pub async fn failure_async<T>(
        mut self,
        work: impl AsyncFnMut(&Counts) -> T,
        check: impl Check<T>,
    ) -> Option<String> {
        if Role::at(&self.operation, &self.place) != Role::Test {
            return None;
        }
        self.wanted.instructions |= self.limits.contains_key(INSTRUCTIONS);
        self.allocations |= [ALLOCATIONS, BYTES].iter().any(|what| self.limits.contains_key(*what));
        // While one counts, the allocations of all others cost more than they should.
        let turn = Turn::take_here();
        let mut calls = Calls::take(work, check, self.wanted).await;
        drop(turn);
        if self.allocations && !calls.allocations {
            return Some(format!("`{}` cannot be judged: {}", self.operation, allocated::MISSING));
        }
        let mut notes = Vec::new();
        if self.allocations || self.baseline {
            notes.extend(calls.uncounted());
        }
        match calls.instructions.take() {
            Some(Ok(fewest)) => {
                let name =
                    if self.baseline { beside::instructions_here() } else { INSTRUCTIONS.into() };
                for numbers in &mut calls.numbers {
                    numbers.insert(name.clone(), fewest);
                }
            }
            Some(Err(why)) => {
                self.limits.remove(INSTRUCTIONS);
                let text =
                    format!("the instructions of `{}` are not judged: {why}", self.operation);
                if self.strict {
                    return Some(format!("{text}\n  at {}", self.place));
                }
                notes.push(text);
            }
            None => {}
        }
        if self.baseline {
            beside::judge(&self.operation, &self.place, self.strict, &calls, &notes)
        } else {
            self.by_limits(&calls, &notes)
        }
    }

    fn by_limits(&self, calls: &Calls, notes: &[String]) -> Option<String> {
        let (mut lines, mut broken) = (Vec::new(), Vec::new());
        for (what, (least, most)) in &self.limits {
            let (low, high) = calls.span(what);
            let limit = if least == most { "exactly" } else { "at most" };
            let line = format!("{what}: {}, allowed are {limit} {most}", shown(low, high));
            let list = if low < *least || high > *most { &mut broken } else { &mut lines };
            list.push(line);
        }
        let failed = !broken.is_empty();
        if failed {
            lines = broken;
        }
        lines.extend_from_slice(notes);
        let how = if failed { "takes what it must not" } else { "keeps its limits" };
        lines.push(format!("at {}", self.place));
        let text = format!("a call of `{}` {how}\n  {}", self.operation, lines.join("\n  "));
        let answer = if failed { "not kept" } else { "kept" };
        told::keep(&format!("{} (limits)", self.operation), answer, &text);
        if !failed && !notes.is_empty() {
            told::say(&text);
        }
        failed.then_some(text)
    }
}

/// Numbers of some calls: one, or from the fewest to the most.
pub(super) fn shown(low: u64, high: u64) -> String {
    if low == high { high.to_string() } else { format!("{low} to {high}") }
}
