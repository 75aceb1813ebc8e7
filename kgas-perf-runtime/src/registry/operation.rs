//! `Operation`: the calls of all call sites that share a name, by size class.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::catalog::{Category, SizeClass};
use crate::histogram::atomics::{AtomicU64, Ordering};
use crate::histogram::{Counts, Distribution};
use crate::measure::recorder::Recorder;
use crate::measure::{Outcome, Severity, SiteSpec};
use crate::registry::memory::{Allocations, MemoryDeltas, Polls};

/// One operation in a snapshot.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// Its category: from the catalogue, else from its call site.
    pub category: Category,
    /// Whether a catalogue declares it.
    pub declared: bool,
    /// Where it is measured, in the order of their first calls.
    pub call_sites: Vec<CallSiteSnapshot>,
    /// Its calls, by size class; only the classes that had any.
    pub by_class: Vec<Series>,
}

impl Operation {
    /// Calls that ended, whatever their size and outcome.
    pub fn calls(&self) -> u64 {
        self.by_class.iter().map(Series::calls).sum()
    }

    /// The calls of one size class, if there were any.
    pub fn class(&self, class: SizeClass) -> Option<&Series> {
        self.by_class.iter().find(|series| series.size_class == class)
    }

    /// All calls that ended so, whatever their size.
    pub fn outcome(&self, outcome: Outcome) -> Distribution {
        let mut all = Distribution::default();
        for series in &self.by_class {
            all.merge(series.outcome(outcome));
        }
        all
    }

    /// Calls in flight, whatever their size.
    pub fn in_flight(&self) -> InFlight {
        self.by_class.iter().fold(InFlight::default(), |all, series| all.merge(series.in_flight))
    }
}

/// One place in the source where an operation is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSiteSnapshot {
    /// Source file; empty for a name given at run time.
    pub file: &'static str,
    /// Line of the function's name; 0 for a name given at run time.
    pub line: u32,
    /// Path of the function; empty for a name given at run time.
    pub function: &'static str,
    /// Calls that ended.
    pub calls: u64,
}

impl CallSiteSnapshot {
    pub(crate) fn of(spec: &'static SiteSpec) -> Self {
        Self { file: spec.file, line: spec.line, function: (spec.path)(), calls: 0 }
    }
}

/// Calls of one operation and size class.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Series {
    /// The size class.
    pub size_class: SizeClass,
    /// Durations of the calls that ended, by outcome.
    outcomes: [Distribution; Outcome::ALL.len()],
    /// Calls running now.
    pub in_flight: InFlight,
    /// Time spent in measured callees, by the calls for which that is known.
    callees: Duration,
    /// The calls for which it is known, and their durations.
    known_callees: (u64, Duration),
    /// RSS deltas; `None` when no call was read.
    pub memory: Option<MemoryDeltas>,
    /// Allocations; `None` without a counting allocator.
    pub allocations: Option<Allocations>,
    /// Futures measured poll by poll; `None` when there were none.
    pub polls: Option<Polls>,
    /// Shallow size of the arguments of all calls that started, in bytes.
    pub argument_bytes: u64,
    /// Calls that lasted longer than the baseline's p95, by severity.
    breaches: [u64; Severity::ALL.len()],
    /// Calls counted above whose durations found no memory and are in no distribution.
    pub unfiled: u64,
}

impl Series {
    pub(crate) fn new(size_class: SizeClass) -> Self {
        Self {
            size_class,
            outcomes: Default::default(),
            in_flight: InFlight::default(),
            callees: Duration::ZERO,
            known_callees: (0, Duration::ZERO),
            memory: None,
            allocations: None,
            polls: None,
            argument_bytes: 0,
            breaches: [0; Severity::ALL.len()],
            unfiled: 0,
        }
    }

    /// Adds what one thread has recorded; `rate` is nanoseconds in a unit of the recorder.
    /// `scratch` is memory to work in. Answers how many calls were added.
    pub(crate) fn add(&mut self, recorder: &Recorder, rate: f64, scratch: &mut Counts) -> u64 {
        let time = |units: u64| Duration::from_nanos((units as f64 * rate).round() as u64);
        let mut calls = 0;
        for outcome in Outcome::ALL {
            let Some(part) = recorder.of(outcome) else {
                continue;
            };
            let sums = part.read(scratch);
            let count = scratch.total();
            calls += count;
            self.callees += time(sums.callees);
            self.known_callees.0 += count.saturating_sub(sums.whole);
            self.known_callees.1 += time(sums.sum.saturating_sub(sums.whole_sum));
            self.outcomes[outcome as usize].add(scratch, rate, sums.sum, sums.max);
            self.unfiled += part.unfiled.load(Ordering::Relaxed);
        }
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        self.memory = MemoryDeltas::merge(self.memory, MemoryDeltas::of(recorder.memory.read()));
        self.allocations =
            Allocations::merge(self.allocations, Allocations::of(recorder.tally.read()));
        let polled = Polls {
            futures: load(&recorder.polled.futures),
            polls: load(&recorder.polled.polls),
            busy: time(load(&recorder.polled.busy)),
        };
        self.polls = Polls::merge(self.polls, (polled.futures > 0).then_some(polled));
        self.argument_bytes += recorder.argument_bytes();
        for (all, one) in self.breaches.iter_mut().zip(&recorder.breaches) {
            *all += load(one);
        }
        calls
    }

    /// Calls that ended, whatever their outcome.
    pub fn calls(&self) -> u64 {
        self.outcomes.iter().map(Distribution::count).sum::<u64>() + self.unfiled
    }

    /// Durations of the calls that ended so. Baselines learn from `Ok` alone.
    pub fn outcome(&self, outcome: Outcome) -> &Distribution {
        &self.outcomes[outcome as usize]
    }

    /// Durations of all calls that ended.
    pub fn all(&self) -> Distribution {
        let mut all = Distribution::default();
        for outcome in &self.outcomes {
            all.merge(outcome);
        }
        all
    }

    /// The operation's own time, without that of measured callees, and of how many calls it is
    /// the sum. An asynchronous call shares its thread with others, so its own time is known
    /// under `poll = true` only. `None` when it is known for no call.
    pub fn self_time(&self) -> Option<(Duration, u64)> {
        let (calls, total) = self.known_callees;
        (calls > 0).then(|| (total.saturating_sub(self.callees), calls))
    }

    /// Share of its own time in the time of the calls for which it is known, `0.0..=1.0`.
    pub fn self_share(&self) -> Option<f64> {
        let (own, _) = self.self_time()?;
        let total = self.known_callees.1.as_secs_f64();
        (total > 0.0).then(|| (own.as_secs_f64() / total).min(1.0))
    }

    /// Calls that lasted longer than the baseline's p95 and were this severe.
    pub fn breaches(&self, severity: Severity) -> u64 {
        self.breaches[severity as usize]
    }

    /// The worst severity that any call reached; `None` when none crossed its baseline.
    pub fn worst(&self) -> Option<Severity> {
        Severity::ALL.into_iter().rev().find(|severity| self.breaches(*severity) > 0)
    }

    /// Adds the calls of another series. What runs now is that of the other one.
    pub fn merge(&mut self, other: &Self) {
        for (all, one) in self.outcomes.iter_mut().zip(&other.outcomes) {
            all.merge(one);
        }
        self.in_flight = other.in_flight;
        self.callees += other.callees;
        self.known_callees.0 += other.known_callees.0;
        self.known_callees.1 += other.known_callees.1;
        self.memory = MemoryDeltas::merge(self.memory, other.memory);
        self.allocations = Allocations::merge(self.allocations, other.allocations);
        self.polls = Polls::merge(self.polls, other.polls);
        self.argument_bytes += other.argument_bytes;
        for (all, one) in self.breaches.iter_mut().zip(&other.breaches) {
            *all += one;
        }
        self.unfiled += other.unfiled;
    }

    /// Time spent in measured callees, and the calls for which it is known with their durations.
    pub(crate) fn callees(&self) -> (Duration, (u64, Duration)) {
        (self.callees, self.known_callees)
    }

    /// About as much memory as its distributions hold, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.outcomes.iter().map(Distribution::heap_bytes).sum()
    }

    /// The calls that ended since `earlier`. What runs now is that of the later one.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        let pairs = |index: usize| self.outcomes[index].since(&earlier.outcomes[index]);
        Self {
            size_class: self.size_class,
            outcomes: std::array::from_fn(pairs),
            in_flight: self.in_flight,
            callees: self.callees.saturating_sub(earlier.callees),
            known_callees: (
                self.known_callees.0.saturating_sub(earlier.known_callees.0),
                self.known_callees.1.saturating_sub(earlier.known_callees.1),
            ),
            memory: MemoryDeltas::since(self.memory, earlier.memory),
            allocations: Allocations::since(self.allocations, earlier.allocations),
            polls: Polls::since(self.polls, earlier.polls),
            argument_bytes: self.argument_bytes.saturating_sub(earlier.argument_bytes),
            breaches: std::array::from_fn(|index| {
                self.breaches[index].saturating_sub(earlier.breaches[index])
            }),
            unfiled: self.unfiled.saturating_sub(earlier.unfiled),
        }
    }
}

/// What runs now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InFlight {
    /// Calls; a recursive one counts once a level.
    pub calls: u64,
    /// How long the oldest of them has been running; `None` when none runs.
    pub oldest: Option<Duration>,
}

impl InFlight {
    pub(crate) fn merge(self, other: Self) -> Self {
        Self { calls: self.calls + other.calls, oldest: self.oldest.max(other.oldest) }
    }
}
