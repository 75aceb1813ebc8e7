//! `KeepsCounts`: no more than the baseline says, or than a limit.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::hint::black_box;

use crate::baselines::{
    Book, Class, CountsEntry, Difference, Found, Pending, Target, origin, profile, settle,
};
use crate::exact::allocated::{self, ALLOCATIONS, BYTES};
use crate::exact::counts::Counts;
use crate::place::Place;
use crate::revisions::saved;
use crate::told;
use crate::within::{Role, reason, store, update};

/// Calls that are counted, after one that is not: what is set up once is set up then.
const CALLS: usize = 3;

/// Asserts that a call of an operation takes no more than its baseline in the repository says, or
/// than a limit: allocations, bytes, and whatever the call counts.
///
/// Numbers are exact, so there is no threshold and no noise. They are judged in debug builds too;
/// each profile has its own. More than before is a failure, fewer is said and can be accepted.
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

    /// Counts; what to fail with.
    #[doc(hidden)]
    pub fn failure<T>(self, mut work: impl FnMut(&Counts) -> T) -> Option<String> {
        if Role::at(&self.operation, &self.place) != Role::Test {
            return None;
        }
        // The first call sets up what is set up once.
        drop(black_box(work(&Counts::new())));
        let calls: Vec<(BTreeMap<String, u64>, bool)> = (0..CALLS)
            .map(|_| {
                let counts = Counts::new();
                let (_, allocated) = allocated::during(|| drop(black_box(work(&counts))));
                let mut numbers = counts.numbers();
                if let Some((allocations, bytes)) = allocated {
                    numbers.insert(ALLOCATIONS.to_owned(), allocations);
                    numbers.insert(BYTES.to_owned(), bytes);
                }
                (numbers, allocated.is_some())
            })
            .collect();
        let limited = [ALLOCATIONS, BYTES].iter().any(|what| self.limits.contains_key(*what));
        if (self.allocations || limited) && !calls.iter().all(|(_, counted)| *counted) {
            return Some(format!("`{}` cannot be judged: {}", self.operation, allocated::MISSING));
        }
        let calls: Vec<_> = calls.into_iter().map(|(numbers, _)| numbers).collect();
        if self.baseline { self.by_baseline(&calls) } else { self.by_limits(&calls) }
    }

    fn by_limits(&self, calls: &[BTreeMap<String, u64>]) -> Option<String> {
        let mut wrong = String::new();
        for (what, (least, most)) in &self.limits {
            let (low, high) = span(calls, what);
            if low < *least || high > *most {
                let limit = if least == most { "exactly" } else { "at most" };
                let _ =
                    write!(wrong, "\n  {what}: {}, allowed are {limit} {most}", shown(low, high));
            }
        }
        let failed = !wrong.is_empty();
        failed.then(|| {
            format!(
                "a call of `{}` takes what it must not{wrong}\n  at {}",
                self.operation, self.place
            )
        })
    }

    fn by_baseline(&self, calls: &[BTreeMap<String, u64>]) -> Option<String> {
        let folder = self.place.crate_folder();
        let failed =
            |error: String| Some(format!("`{}` cannot be judged: {error}", self.operation));
        let update = match update() {
            Ok(update) => update,
            Err(error) => return failed(error),
        };
        let book = match Book::read(&Book::file_of(folder)) {
            Ok(book) => book,
            Err(error) => return failed(error.to_string()),
        };
        let profile = profile(self.place.is_debug());
        // The most that any call took is what is normal from then on.
        let mut now = BTreeMap::new();
        for what in calls.iter().flat_map(BTreeMap::keys) {
            now.insert(what.clone(), span(calls, what).1);
        }
        let saved = saved::save_counts(
            &self.operation,
            &self.place,
            &Class::here(self.place.is_debug()),
            &now,
        );
        let before = book.counts(&self.operation, &profile);
        let (mut more, mut fewer) = (String::new(), String::new());
        for (what, count) in before.iter().flat_map(|before| &before.counts) {
            // A program that stopped counting allocations has not stopped allocating.
            if [ALLOCATIONS, BYTES].contains(&what.as_str()) && !now.contains_key(what) {
                return failed(allocated::MISSING.to_owned());
            }
            let (low, high) = span(calls, what);
            if low > *count {
                let _ = write!(more, "\n  {what}: {}, normal are {count}", shown(low, high));
            } else if high < *count {
                let _ = write!(fewer, "\n  {what}: {}, normal were {count}", shown(low, high));
            } else if low != high {
                let _ = write!(
                    fewer,
                    "\n  {what}: {} from call to call, normal are {count}",
                    shown(low, high)
                );
            }
        }
        if let Some(before) = &before {
            for (what, count) in now.iter().filter(|(what, _)| !before.counts.contains_key(*what)) {
                let uncounted = [ALLOCATIONS, BYTES].contains(&what.as_str()) || *count == 0;
                let list = if uncounted { &mut fewer } else { &mut more };
                let _ = write!(list, "\n  {what}: {count}, the baseline has none");
            }
        }
        let (how, difference) = match (&before, more.is_empty(), fewer.is_empty()) {
            (None, ..) => ("new", Difference::New),
            (_, false, _) => ("more", Difference::Changed),
            (_, _, false) => ("fewer", Difference::Changed),
            _ => ("kept", Difference::None),
        };
        let mut text = match how {
            "new" => {
                let all: Vec<String> =
                    now.iter().map(|(what, count)| format!("{what} {count}")).collect();
                format!("the counts of `{}` are new: {}", self.operation, all.join(", "))
            }
            "more" => format!(
                "a call of `{}` takes more than its baseline says{more}{fewer}",
                self.operation
            ),
            "fewer" => format!("a call of `{}` is not as its baseline says{fewer}", self.operation),
            _ => format!("a call of `{}` takes what its baseline says", self.operation),
        };
        if let (Some(before), true) = (&before, how != "kept") {
            let origin = &before.origin;
            let _ = write!(text, "\n  baseline of {}: {}", origin.date, origin.reason);
        }
        let target = update.writes(difference);
        if difference == Difference::None && target == Target::Nothing {
            settle(folder, "counts", &self.operation, &profile);
        }
        if target != Target::Nothing && !now.is_empty() {
            let reason = if how == "new" { "first baseline".to_owned() } else { reason(how) };
            let counts = CountsEntry { counts: now, origin: origin(folder, &reason) };
            let pending = Pending {
                operation: self.operation.clone(),
                found: Found::Counts(profile, counts),
                how: how.to_owned(),
            };
            let _ = write!(text, "\n  {}", store(&pending, target, folder));
        }
        if let Some(error) = saved {
            let _ = write!(text, "\n  it was not saved: {error}");
        }
        let _ = write!(text, "\n  at {}", self.place);
        told::keep(&format!("{} (counts)", self.operation), how, &text);
        let overwritten = target == Target::Baselines;
        if how == "more" && !overwritten || how == "new" && self.strict && !overwritten {
            return Some(text);
        }
        if how != "kept" {
            told::say(&text);
        }
        None
    }
}

/// The fewest and the most of something that a call took.
fn span(calls: &[BTreeMap<String, u64>], what: &str) -> (u64, u64) {
    let counts = || calls.iter().map(|call| call.get(what).copied().unwrap_or(0));
    (counts().min().unwrap_or(0), counts().max().unwrap_or(0))
}

fn shown(low: u64, high: u64) -> String {
    if low == high { high.to_string() } else { format!("{low} to {high}") }
}
