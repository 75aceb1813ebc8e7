//! `Sums`: calls added up.

use std::time::Duration;

use crate::measure::{Outcome, Severity};
use crate::registry::{Allocations, MemoryDeltas, Polls, Series};
use crate::store::durations::Durations;

/// Calls of one operation and size class, added up over some time. Merging adds no error, in
/// whatever order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Durations, by outcome.
    pub(crate) outcomes: [Durations; Outcome::ALL.len()],
    /// RSS deltas; `None` when no call was read.
    pub memory: Option<MemoryDeltas>,
    /// Allocations; `None` without a counting allocator.
    pub allocations: Option<Allocations>,
    /// Futures measured poll by poll; `None` when there were none.
    pub polls: Option<Polls>,
    /// Time spent in measured callees, by the calls for which that is known.
    pub(crate) callees: Duration,
    /// The calls for which it is known, and their durations.
    pub(crate) known_callees: (u64, Duration),
    /// Shallow size of the arguments, in bytes.
    pub argument_bytes: u64,
    /// Calls that lasted longer than the baseline's p95, by severity.
    pub(crate) breaches: [u64; Severity::ALL.len()],
    /// Calls that are in no distribution, since there was no memory to file them.
    pub unfiled: u64,
}

impl Sums {
    /// Calls that ended, whatever their outcome.
    pub fn calls(&self) -> u64 {
        let counts = self.outcomes.iter().map(Durations::count);
        counts.fold(self.unfiled, u64::saturating_add)
    }

    /// Durations of the calls that ended so.
    pub fn outcome(&self, outcome: Outcome) -> &Durations {
        &self.outcomes[outcome as usize]
    }

    /// Durations of all calls that ended.
    pub fn all(&self) -> Durations {
        let mut all = Durations::default();
        self.outcomes.iter().for_each(|outcome| all.merge(outcome));
        all
    }

    /// The operation's own time, without that of measured callees, and of how many calls it is
    /// the sum; `None` when it is known for no call.
    pub fn self_time(&self) -> Option<(Duration, u64)> {
        let (calls, total) = self.known_callees;
        (calls > 0).then(|| (total.saturating_sub(self.callees), calls))
    }

    /// Calls that lasted longer than the baseline's p95 and were this severe.
    pub fn breaches(&self, severity: Severity) -> u64 {
        self.breaches[severity as usize]
    }

    /// The same without histograms.
    #[must_use]
    pub(crate) fn without_histograms(&self) -> Self {
        let plain = |durations: &Durations| {
            let max = durations.max().unwrap_or_default();
            Durations::new(durations.count(), durations.sum(), max)
        };
        Self { outcomes: self.outcomes.each_ref().map(plain), ..self.clone() }
    }

    /// About as much memory as it holds beside itself, in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.outcomes.iter().map(|durations| size_of_val(durations.counters())).sum()
    }

    /// Adds other calls.
    pub fn merge(&mut self, other: &Self) {
        for (all, one) in self.outcomes.iter_mut().zip(&other.outcomes) {
            all.merge(one);
        }
        self.memory = MemoryDeltas::merge(self.memory, other.memory);
        self.allocations = Allocations::merge(self.allocations, other.allocations);
        self.polls = Polls::merge(self.polls, other.polls);
        self.callees = self.callees.saturating_add(other.callees);
        self.known_callees.0 = self.known_callees.0.saturating_add(other.known_callees.0);
        self.known_callees.1 = self.known_callees.1.saturating_add(other.known_callees.1);
        self.argument_bytes = self.argument_bytes.saturating_add(other.argument_bytes);
        for (all, one) in self.breaches.iter_mut().zip(&other.breaches) {
            *all = all.saturating_add(*one);
        }
        self.unfiled = self.unfiled.saturating_add(other.unfiled);
    }
}

impl From<&Series> for Sums {
    fn from(series: &Series) -> Self {
        let (callees, known_callees) = series.callees();
        Self {
            outcomes: Outcome::ALL.map(|outcome| Durations::from(series.outcome(outcome))),
            memory: series.memory,
            allocations: series.allocations,
            polls: series.polls,
            callees,
            known_callees,
            argument_bytes: series.argument_bytes,
            breaches: Severity::ALL.map(|severity| series.breaches(severity)),
            unfiled: series.unfiled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Measurement;
    use crate::registry::Registry;

    #[test]
    fn what_is_kept_of_a_series_is_what_it_says() {
        let registry = Registry::new();
        registry.run(|| {
            for outcome in [Outcome::Ok, Outcome::Ok, Outcome::Error] {
                Measurement::start("import").finish(outcome);
            }
        });
        let snapshot = registry.snapshot();
        let series = &snapshot.operation("import").unwrap().by_class[0];
        let sums = Sums::from(series);
        assert_eq!((sums.calls(), sums.outcome(Outcome::Error).count()), (3, 1));
        assert_eq!(sums.self_time(), series.self_time());
        assert_eq!(
            sums.all().sum(),
            Outcome::ALL.map(|one| series.outcome(one).sum()).iter().sum()
        );
        let mut twice = sums.clone();
        twice.merge(&sums);
        assert_eq!((twice.calls(), twice.all().max()), (6, sums.all().max()));
    }
}
