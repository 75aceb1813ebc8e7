//! `Measurement`: a call that is started and finished by hand, and calls that were timed
//! elsewhere, for code that no attribute reaches.

use std::time::Duration;

use crate::measure::detached::DetachedMeasurement;
use crate::measure::mode;
use crate::measure::named;
use crate::measure::outcome::Outcome;
use crate::measure::scoped::SAMPLED;
use crate::measure::slow_calls;
use crate::measure::tally::Tally;
use crate::measure::thread;

/// A call in progress, started and finished by hand.
///
/// It can be sent to another thread and finished there. Dropped without
/// [`Measurement::finish`] it counts as cancelled, or as panicked while a panic unwinds.
///
/// The operation's name is data: it is not checked against the catalogue, and the first
/// [`named::MOST_NAMES`] different names have numbers of their own.
///
/// # Cost
/// Looking the name up takes a read lock and a hash; the rest is that of an asynchronous call.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::measure::{Measurement, Outcome};
///
/// let import = Measurement::start("import_triples");
/// let imported: Result<u32, String> = Ok(3);
/// import.finish(Outcome::of(&imported));
/// ```
#[derive(Debug)]
#[must_use = "a measurement that is dropped at once counts as cancelled"]
pub struct Measurement {
    inner: DetachedMeasurement<SAMPLED>,
}

impl Measurement {
    /// Starts to measure a call.
    pub fn start(operation: &str) -> Self {
        Self::begin(operation, None)
    }

    /// Starts to measure a call with an input of `size` entities, which picks its size class.
    pub fn start_sized(operation: &str, size: u64) -> Self {
        Self::begin(operation, Some(size))
    }

    fn begin(operation: &str, size: Option<u64>) -> Self {
        let mut inner = DetachedMeasurement::idle();
        // Off also means: no lock, which a process made by `fork` may have inherited taken.
        if mode::is_on() {
            inner.start(named::site(operation, false), size, 0);
        }
        Self { inner }
    }

    /// Ends the call.
    pub fn finish(self, outcome: Outcome) {
        self.inner.set(outcome);
    }
}

/// What else is known of a call that was timed elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Metadata {
    /// How it ended.
    pub outcome: Outcome,
    /// Input size in entities, which picks the size class.
    pub size: Option<u64>,
    /// Bytes it allocated, and in how many allocations.
    pub allocated: Option<(u64, u64)>,
}

impl Metadata {
    /// A call that ended so, with nothing else known.
    pub fn new(outcome: Outcome) -> Self {
        Self { outcome, ..Self::default() }
    }

    /// Says how large the input was, in entities.
    pub fn size(mut self, entities: u64) -> Self {
        self.size = Some(entities);
        self
    }

    /// Says how many bytes the call allocated, and in how many allocations.
    pub fn allocated(mut self, bytes: u64, allocations: u64) -> Self {
        self.allocated = Some((bytes, allocations));
        self
    }
}

/// Records a finished call that was timed elsewhere, under a name that is data.
///
/// It counts in the current thread's registry like any other call, except that its time in
/// measured callees is unknown. The first [`named::MOST_NAMES`] different names have numbers of
/// their own, all others share those of [`named::OTHER`]; no call is lost. A duration of more
/// than 584 years is cut off there.
///
/// # Cost
/// A read lock and a hash of the name, then plain stores.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::measure::{Metadata, Outcome, record_operation};
///
/// let query = Duration::from_micros(730);
/// record_operation("plugin_rank_entities", query, Metadata::new(Outcome::Ok).size(2_034));
/// ```
pub fn record_operation(name: &str, duration: Duration, metadata: Metadata) {
    if !mode::is_on() {
        return;
    }
    let site = named::site(name, true);
    let Some(thread::Place { shard, recorder }) = thread::place(site, metadata.size) else {
        return;
    };
    let duration = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let ended = match metadata.outcome {
        Outcome::Ok => Some(recorder),
        outcome => recorder.of_or_new(outcome, &shard.arena),
    };
    match ended {
        Some(ended) => ended.record_whole(duration, &shard.arena),
        None => shard.roster().drop_call(),
    }
    if let Some((bytes, allocations)) = metadata.allocated {
        recorder.tally.record(Tally { bytes, allocations }, Tally::default());
    }
    if ended.is_some_and(|ended| recorder.crossed(ended, duration)) {
        slow_calls::crossed(shard, recorder, duration, shard.now(), metadata.outcome);
    }
    thread::finished(shard);
}
