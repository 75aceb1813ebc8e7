//! `Threshold`: a bound that one run must keep.

use std::fmt;
use std::time::Duration;

use kgas_perf_runtime::catalog::{Metric, Objective, Quantity, Statistic};

use crate::load::error::{LoadError, refuse};
use crate::load::percentile;

mod judge;
mod share;

pub(crate) use judge::Evidence;

/// A bound that one run must keep; bounds are part of what is kept.
///
/// A percentile counts an operation that timed out or was dropped as longer than any bound.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_testkit::load::Threshold;
///
/// let threshold = Threshold::p95(Duration::from_millis(50)).of("read").abort();
/// assert_eq!(threshold.to_string(), "p95 latency of `read`: at most 50ms");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    bound: Bound,
    scenario: Option<String>,
    abort: bool,
    /// The objective of the catalogue that it is.
    objective: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Bound {
    Quantile(f64, Duration),
    Mean(Duration),
    Longest(Duration),
    ErrorRate(f64),
    DroppedShare(f64),
    Throughput(f64),
    InFlight(u64),
    /// Bytes.
    Memory(u64),
}

/// How a run stands to a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It keeps to it.
    Met,
    /// It does not.
    Broken,
    /// There was too little to say.
    NotJudged,
}

/// A threshold, held against a run.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Judged {
    /// What must be kept, in words.
    pub threshold: String,
    /// The objective of the catalogue that it is, if it is one.
    pub objective: Option<String>,
    /// Whether it was.
    pub standing: Standing,
    /// What was found, in words.
    pub found: String,
}

impl Threshold {
    /// This percentile of the latency is at most `bound`; `quantile` is in `0.0..1.0`.
    pub fn quantile(quantile: f64, bound: Duration) -> Self {
        Self::of_bound(Bound::Quantile(quantile, bound))
    }

    /// The p50 of the latency is at most this.
    pub fn p50(bound: Duration) -> Self {
        Self::quantile(0.5, bound)
    }

    /// The p95 of the latency is at most this.
    pub fn p95(bound: Duration) -> Self {
        Self::quantile(0.95, bound)
    }

    /// The p99 of the latency is at most this.
    pub fn p99(bound: Duration) -> Self {
        Self::quantile(0.99, bound)
    }

    /// The mean latency is at most this. One among given up operations is not judged: their
    /// latency is not known.
    pub fn mean(bound: Duration) -> Self {
        Self::of_bound(Bound::Mean(bound))
    }

    /// The longest latency is at most this.
    pub fn longest(bound: Duration) -> Self {
        Self::of_bound(Bound::Longest(bound))
    }

    /// At most this share of started operations fails: errors, panics and timed out, `0.0..=1.0`.
    pub fn error_rate(share: f64) -> Self {
        Self::of_bound(Bound::ErrorRate(share))
    }

    /// At most this share of planned operations is dropped, `0.0..=1.0`.
    pub fn dropped(share: f64) -> Self {
        Self::of_bound(Bound::DroppedShare(share))
    }

    /// At least so many operations end well, a second.
    pub fn throughput(per_second: f64) -> Self {
        Self::of_bound(Bound::Throughput(per_second))
    }

    /// At least so many operations are in flight at one time, and all operations end well.
    pub fn concurrency(operations: u64) -> Self {
        Self::of_bound(Bound::InFlight(operations))
    }

    /// No operation takes more memory than so many bytes.
    ///
    /// What is measured is by how much the resident memory of the process rose above what it was
    /// when the run began. It is met where that is not more than the bound, and broken where it is
    /// more than the bound for each operation that was in flight at one time; in between it is not
    /// judged, for whose the memory is cannot be said. So one worker is judged most closely.
    /// Restricted to one of several scenarios it can be met, and not be broken.
    pub fn memory(bytes: u64) -> Self {
        Self::of_bound(Bound::Memory(bytes))
    }

    fn of_bound(bound: Bound) -> Self {
        Self { bound, scenario: None, abort: false, objective: None }
    }

    /// An objective of the catalogue as a threshold; `None` where a load test does not measure
    /// what it bounds.
    pub fn of_objective(objective: &Objective) -> Option<Self> {
        let bound = match (objective.metric, objective.statistic) {
            (Metric::Duration, statistic) => {
                let Some(Quantity::DurationNs(ns)) = objective.at_most else { return None };
                let bound = Duration::from_nanos(ns);
                match statistic? {
                    Statistic::Mean => Bound::Mean(bound),
                    Statistic::Max => Bound::Longest(bound),
                    other => Bound::Quantile(other.quantile()?, bound),
                }
            }
            (Metric::ErrorRate, _) => match objective.at_most? {
                Quantity::Ratio(share) => Bound::ErrorRate(share),
                _ => return None,
            },
            (Metric::Throughput, _) => match objective.at_least? {
                Quantity::PerSecond(rate) => Bound::Throughput(rate),
                _ => return None,
            },
            (Metric::Concurrency, Some(Statistic::Max)) => match objective.at_least? {
                Quantity::Count(count) => Bound::InFlight(count),
                _ => return None,
            },
            (Metric::Memory, Some(Statistic::Max)) => match objective.at_most? {
                Quantity::Bytes(bytes) => Bound::Memory(bytes),
                _ => return None,
            },
            _ => return None,
        };
        let objective = Some(objective.to_string());
        Some(Self { objective, ..Self::of_bound(bound) })
    }

    /// Restricts it to one scenario.
    pub fn of(mut self, scenario: impl Into<String>) -> Self {
        self.scenario = Some(scenario.into());
        self
    }

    /// Ends the run as soon as it is broken for sure.
    ///
    /// Percentiles, error rates and dropped shares can be broken for sure: when, were they kept,
    /// what was seen would come up once in a million times (by Chernoff's bound of the binomial
    /// tail). A longest latency is broken by the first that is longer. The others are known at the
    /// end alone.
    pub fn abort(mut self) -> Self {
        self.abort = true;
        self
    }

    pub(crate) fn aborts(&self) -> bool {
        self.abort
    }

    /// Refuses bounds that make no sense and scenarios that do not exist.
    pub(crate) fn check(&self, scenarios: &[String]) -> Result<(), LoadError> {
        let field = format!("threshold `{self}`");
        if let Some(scenario) = &self.scenario
            && !scenarios.contains(scenario)
        {
            let accepted = format!("one of {}", scenarios.join(", "));
            return refuse(&field, &format!("the scenario `{scenario}`"), &accepted);
        }
        match self.bound {
            Bound::Quantile(quantile, _) if !(0.001..=0.99999).contains(&quantile) => {
                refuse(&field, &quantile.to_string(), "a quantile from 0.001 to 0.99999")
            }
            Bound::ErrorRate(share) | Bound::DroppedShare(share)
                if !(0.0..=1.0).contains(&share) =>
            {
                refuse(&field, &share.to_string(), "a share from 0 to 1")
            }
            Bound::Throughput(rate) if !(rate > 0.0 && rate.is_finite()) => {
                refuse(&field, &rate.to_string(), "a rate above 0")
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = self.scenario.as_ref().map_or(String::new(), |name| format!(" of `{name}`"));
        let share = |share: f64| format!("{} %", (share * 1e8).round() / 1e6);
        match self.bound {
            Bound::Quantile(quantile, bound) => {
                write!(f, "{} latency{of}: at most {bound:?}", percentile::name(quantile))
            }
            Bound::Mean(bound) => write!(f, "mean latency{of}: at most {bound:?}"),
            Bound::Longest(bound) => write!(f, "longest latency{of}: at most {bound:?}"),
            Bound::ErrorRate(at_most) => write!(f, "error rate{of}: at most {}", share(at_most)),
            Bound::DroppedShare(at_most) => {
                write!(f, "dropped share{of}: at most {}", share(at_most))
            }
            Bound::Throughput(rate) => write!(f, "throughput{of}: at least {rate} a second"),
            Bound::InFlight(count) => write!(f, "concurrency{of}: at least {count}, all well"),
            Bound::Memory(bytes) => write!(f, "memory{of}: at most {}", Quantity::Bytes(bytes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_that_make_no_sense_are_refused() {
        let names = ["read".to_owned()];
        let refused = |threshold: Threshold| threshold.check(&names).unwrap_err().to_string();
        let second = Duration::from_secs(1);
        assert!(refused(Threshold::quantile(f64::NAN, second)).contains("0.001 to 0.99999"));
        assert!(refused(Threshold::error_rate(1.5)).ends_with("a share from 0 to 1"));
        assert!(refused(Threshold::throughput(f64::NAN)).ends_with("a rate above 0"));
        assert_eq!(
            refused(Threshold::p95(second).of("write")),
            "threshold `p95 latency of `write`: at most 1s`: the scenario `write` is not \
             accepted; accepted: one of read"
        );
    }

    #[test]
    fn objectives_of_the_catalogue_become_thresholds_where_a_load_test_measures_them() {
        let catalogue = kgas_perf_runtime::catalog::Catalogue::builtin();
        let of = |name: &str| -> Vec<_> {
            let objectives = &catalogue.get(name).unwrap().objectives;
            objectives.iter().filter_map(Threshold::of_objective).map(|t| t.to_string()).collect()
        };
        assert_eq!(
            of("tool_simple"),
            [
                "p95 latency: at most 1s",
                "memory: at most 500 MB",
                "concurrency: at least 10, all well"
            ]
        );
        assert_eq!(of("database_transaction"), ["throughput: at least 100 a second"]);
        assert_eq!(of("llm_call"), ["mean latency: at most 2s", "error rate: at most 1 %"]);
    }
}
