//! `Counts`: the recorder that whoever counts something feeds.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use super::allocated::for_counting;

/// Counts what one call of an operation does: queries, model calls, tokens, tool calls, …
///
/// Clones are the same recorder, and threads may share it: give one to the fake database, the
/// fake model or the tracker that a test uses. Every name is its own; nothing is counted twice.
/// What counting itself allocates is no part of a call's allocations. Money is counted in whole
/// units that are small enough, such as `cost_nano_usd`.
///
/// ```
/// use kgas_perf_testkit::exact::Counts;
///
/// let counts = Counts::new();
/// for id in [7, 8, 7] {
///     counts.add("queries", 1);
///     counts.distinct("fingerprints", "MATCH (n) WHERE n.id = $id RETURN n");
///     counts.distinct("parameters", id);
/// }
/// counts.add("tokens", 1_200);
/// let numbers: Vec<_> = counts.numbers().into_iter().collect();
/// assert_eq!(numbers, [
///     ("fingerprints".to_owned(), 1),
///     ("parameters".to_owned(), 2),
///     ("queries".to_owned(), 3),
///     ("tokens".to_owned(), 1_200),
/// ]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Counts {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    sums: BTreeMap<String, u64>,
    seen: BTreeMap<String, HashSet<u64>>,
}

impl Counts {
    /// A recorder that has counted nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds so many; more than `u64::MAX` are that many.
    pub fn add(&self, what: &str, count: u64) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        match inner.sums.get_mut(what) {
            Some(sum) => *sum = sum.saturating_add(count),
            None => {
                for_counting(|| inner.sums.insert(what.to_owned(), count));
            }
        }
    }

    /// Counts a value the first time it comes; of each, a hash of 64 bits is kept.
    pub fn distinct(&self, what: &str, value: impl Hash) {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for_counting(|| {
            inner.seen.entry(what.to_owned()).or_default().insert(hasher.finish());
        });
    }

    /// How many of what; what was never counted is not in it.
    pub fn numbers(&self) -> BTreeMap<String, u64> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let mut numbers = inner.sums.clone();
        for (what, seen) in &inner.seen {
            let sum = numbers.entry(what.clone()).or_default();
            *sum = sum.saturating_add(seen.len() as u64);
        }
        numbers
    }
}
