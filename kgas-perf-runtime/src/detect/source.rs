//! `Source`: where the numbers of an objective come from, and `Form`: what kind of number it is.

use crate::catalog::{Metric, Statistic};
use crate::detect::border::{Border, Side};

/// What kind of number an objective bounds, and so how it is held against its borders.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// A quantile of values, below 1: a share of them may lie beyond.
    Quantile(f64),
    /// The largest value.
    Largest,
    /// The level that every reading reaches.
    Sustained,
    /// The mean of values.
    Mean,
    /// The mean of values of which only sums are known.
    MeanOfSums,
    /// The share of calls of one kind.
    Share,
    /// How often something happens, a second.
    Rate,
}

impl Form {
    /// The share of values that may lie beyond a border, or of calls that may count against it.
    pub(crate) fn allowed(self, border: &Border) -> f64 {
        match self {
            Self::Quantile(quantile) if border.side == Side::Above => 1.0 - quantile,
            Self::Quantile(quantile) => quantile,
            _ => border.allowed_share(),
        }
    }
}

/// What in a window answers an objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// Durations of calls that ended well. Failed calls are judged by the error rate: those that
    /// fail fast would make a slow operation look quick.
    OkDurations,
    /// Durations of all calls that ended: who bounds the longest call means every call.
    AllDurations,
    /// Errors and panics among the calls that were not cancelled.
    Errors,
    /// Calls that ended, in the time of the window.
    Calls,
    /// Calls in flight at the end of the window, as one reading.
    InFlight,
    /// By how much the resident set grew during calls that were read.
    MemoryGrowth,
    /// The largest growth during a call so far.
    LargestGrowth,
    /// No window; somebody else has to tell it.
    Told,
}

/// Where the numbers of a metric and statistic come from, and of what form they are.
pub(crate) fn source(metric: Metric, statistic: Option<Statistic>) -> (Source, Form) {
    let form = match statistic {
        None if metric == Metric::Throughput => Form::Rate,
        None => Form::Share,
        Some(Statistic::Mean) => Form::Mean,
        Some(Statistic::Sustained) => Form::Sustained,
        Some(Statistic::Max) => Form::Largest,
        Some(other) => Form::Quantile(other.quantile().unwrap_or(1.0)),
    };
    match (metric, form) {
        (Metric::Duration, Form::Largest) => (Source::AllDurations, form),
        (Metric::Duration, _) => (Source::OkDurations, form),
        (Metric::ErrorRate, _) => (Source::Errors, form),
        (Metric::Throughput, _) => (Source::Calls, form),
        (Metric::Concurrency, _) => (Source::InFlight, form),
        (Metric::Memory, Form::Mean) => (Source::MemoryGrowth, Form::MeanOfSums),
        (Metric::Memory, Form::Largest) => (Source::LargestGrowth, form),
        _ => (Source::Told, form),
    }
}

/// Why no window answers a metric of which nobody told anything either.
pub(crate) const fn why_not(metric: Metric) -> &'static str {
    match metric {
        Metric::Memory => "a window holds the mean and the largest growth of memory only",
        Metric::CacheHitRate => "no window holds the look-ups of a cache",
        Metric::FallbackRate => "no window holds which calls fell back",
        Metric::PoolUtilisation => "no window holds the connections of a pool",
        Metric::LockWait => "no window holds waits for locks",
        Metric::Cpu => "no window holds readings of the processors",
        Metric::Disk => "no window holds readings of the disks",
        Metric::Network => "no window holds readings of the network",
        Metric::FileHandles => "no window holds readings of open files",
        Metric::Duration | Metric::ErrorRate | Metric::Throughput | Metric::Concurrency => {
            "no call has ended yet"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_grammar_allows_has_a_source_or_a_reason() {
        let mut told = Vec::new();
        for metric in Metric::ALL {
            let statistics: Vec<_> = match metric.statistics() {
                [] => vec![None],
                some => some.iter().copied().map(Some).collect(),
            };
            for statistic in statistics {
                let (source, form) = source(metric, statistic);
                assert_eq!(form == Form::Share, crate::detect::border::is_share(metric));
                if source == Source::Told {
                    assert!(why_not(metric).starts_with("no window") || metric == Metric::Memory);
                    told.push(metric.as_str());
                }
            }
        }
        told.dedup();
        assert_eq!(
            told,
            [
                "memory",
                "cache_hit_rate",
                "fallback_rate",
                "pool_utilisation",
                "lock_wait",
                "cpu",
                "disk",
                "network",
                "file_handles"
            ]
        );
    }

    #[test]
    fn the_longest_call_is_that_of_any_outcome_and_quantiles_are_of_those_that_ended_well() {
        assert_eq!(source(Metric::Duration, Some(Statistic::Max)).0, Source::AllDurations);
        assert_eq!(
            source(Metric::Duration, Some(Statistic::P95)),
            (Source::OkDurations, Form::Quantile(0.95))
        );
    }
}
