//! `Limits`: how long a call may run before it is told, and why that long.

use std::time::Duration;

use crate::baseline::Baseline;
use crate::catalog::{Metric, Objective, Quantity, SizeClass, Statistic};
use crate::detect::tail::Tail;
use crate::measure::Severity;

/// What is known of one operation and size class.
#[derive(Clone, Copy, Debug, Default)]
pub struct Norm<'a> {
    /// Its baseline, if one is learned.
    pub baseline: Option<&'a Baseline>,
    /// Whether the baseline deserves trust: one that does not raises nothing above info.
    pub mature: bool,
    /// The objectives of the operation, those of other metrics and size classes among them.
    pub objectives: &'a [Objective],
}

/// So many times what is allowed is a warning, critical, and an emergency.
const RATIOS: [f64; 3] = [2.0, 5.0, 10.0];

/// One healthy call of an operation may be told in so many seconds: a false warning in ten
/// weeks, a false critical in a year, a false emergency in ten years.
const EVERY: [f64; 3] = [6_048_000.0, 31_557_600.0, 315_576_000.0];

/// A tail that would allow more than so many times what is allowed is not believed.
const MOST: [f64; 3] = [100.0, 250.0, 500.0];

/// A level is at least so many times as long as the one below it.
const APART: f64 = 1.5;

/// A call may run so many times longer than what healthy calls have often reached.
const OVER_OFTEN: f64 = 1.5;

/// A bound that nothing may pass is a warning itself; the other levels are these times it.
const OF_BOUND: [f64; 3] = [1.0, 2.5, 5.0];

/// How long a call may run before it is a warning, critical, and an emergency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    pub(crate) levels: [Duration; 3],
    /// The worst that it may be raised as.
    pub(crate) worst: Severity,
    /// What is allowed: what the levels are multiples of.
    pub(crate) allowed: Duration,
    basis: Basis,
}

/// What the limits rest on, and so how sure it is that a call beyond them is not healthy.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Basis {
    /// A bound that nobody may pass.
    Bound,
    Baseline(Tail),
    /// A bound that a share of the calls keeps.
    Objective(f64),
    /// Nothing at all.
    Default,
}

impl Limits {
    /// The limits where nothing may pass a bound.
    pub(crate) fn of_bound(bound: Duration) -> Self {
        Self {
            levels: OF_BOUND.map(|ratio| times(bound, ratio)),
            worst: Severity::Emergency,
            allowed: bound,
            basis: Basis::Bound,
        }
    }

    /// The limit where nothing is known: information, and nobody is woken.
    pub(crate) fn of_nothing(limit: Duration) -> Self {
        let levels = [limit, Duration::MAX, Duration::MAX];
        Self { levels, worst: Severity::Info, allowed: limit, basis: Basis::Default }
    }

    /// The limits by what is known; `None` if that is nothing.
    ///
    /// `rate` is calls a second, `often` what healthy calls have often reached, and `floor` the
    /// least that is ever a warning.
    pub(crate) fn of(
        norm: &Norm<'_>,
        class: SizeClass,
        rate: f64,
        often: Duration,
        floor: Duration,
    ) -> Option<Self> {
        let bounds = Bounds::of(norm.objectives, class);
        if let Some(bound) = bounds.max {
            return Some(Self::of_bound(bound));
        }
        let (p99, bound) = (norm.baseline.map(|baseline| baseline.p99), bounds.p99);
        let allowed = p99.max(bound.map(|(bound, _)| bound))?;
        let tail = norm.baseline.map(Tail::of);
        let mut levels = [Duration::ZERO; 3];
        let mut least = times(often, OVER_OFTEN);
        for (level, limit) in levels.iter_mut().enumerate() {
            let by_tail = tail.map_or(Duration::ZERO, |tail| {
                tail.reached_by(1.0 / (rate * EVERY[level]).max(1.0))
            });
            *limit = times(allowed, RATIOS[level])
                .max(by_tail.min(times(allowed, MOST[level])))
                .max(times(floor, OF_BOUND[level]))
                .max(least);
            least = times(*limit, APART);
        }
        let basis = match (tail, bound) {
            (Some(tail), _) => Basis::Baseline(tail),
            (None, Some((_, kept))) => Basis::Objective(kept),
            (None, None) => Basis::Default,
        };
        // Who wrote a bound wants to be told, whatever the baseline knows.
        let trusted = norm.mature || bound.is_some();
        let worst = if trusted { Severity::Emergency } else { Severity::Info };
        Some(Self { levels, worst, allowed, basis })
    }

    /// How bad it is that a call has been running so long.
    pub(crate) fn level(&self, age: Duration) -> Option<Severity> {
        let passed = self.levels.iter().filter(|limit| age >= **limit).count();
        let level = [Severity::Warning, Severity::Critical, Severity::Emergency];
        Some((*level.get(passed.checked_sub(1)?)?).min(self.worst))
    }

    /// How sure it is that no healthy call has been running so long, `0.0..=1.0`.
    pub(crate) fn score(&self, age: Duration) -> f64 {
        match self.basis {
            Basis::Bound => 1.0,
            Basis::Baseline(tail) => 1.0 - tail.chance(age),
            Basis::Objective(kept) => kept,
            Basis::Default => 0.0,
        }
    }
}

/// The duration objectives that hold for a size class.
#[derive(Default)]
struct Bounds {
    /// On the longest call.
    max: Option<Duration>,
    /// What the others allow at p99, and the share of calls that keeps the one it is from.
    p99: Option<(Duration, f64)>,
}

impl Bounds {
    fn of(objectives: &[Objective], class: SizeClass) -> Self {
        // An objective of the class goes before one for all.
        let with = |wanted: Option<SizeClass>| {
            let mut bounds = Self::default();
            for objective in objectives.iter().filter(|objective| {
                objective.metric == Metric::Duration && objective.size_class == wanted
            }) {
                bounds.add(objective);
            }
            bounds
        };
        let (own, all) = (with(Some(class)), with(None));
        Self { max: own.max.or(all.max), p99: own.p99.or(all.p99) }
    }

    fn add(&mut self, objective: &Objective) {
        let Some(Quantity::DurationNs(ns)) = objective.at_most else { return };
        let bound = Duration::from_nanos(ns);
        // From the bounded number to p99, by a log-normal with a sigma of 0.5: the ordinary
        // operation. For a mean the share is that of Markov's inequality at twice the mean.
        let (ratio, kept) = match objective.statistic {
            Some(Statistic::Max) => {
                self.max = Some(self.max.map_or(bound, |other| other.min(bound)));
                return;
            }
            Some(Statistic::Mean) => (2.82, 0.5),
            Some(Statistic::P50) => (3.20, 0.5),
            Some(Statistic::P90) => (1.69, 0.9),
            Some(Statistic::P95) => (1.41, 0.95),
            Some(Statistic::P99) => (1.0, 0.99),
            Some(Statistic::P999) => (1.0, 0.999),
            Some(Statistic::Sustained) | None => return,
        };
        let allowed = times(bound, ratio);
        if self.p99.is_none_or(|(known, _)| known < allowed) {
            self.p99 = Some((allowed, kept));
        }
    }
}

/// A duration so many times over, cut off at 584 years.
fn times(duration: Duration, ratio: f64) -> Duration {
    Duration::from_nanos((duration.as_nanos() as f64 * ratio) as u64)
}

#[cfg(test)]
mod tests;
