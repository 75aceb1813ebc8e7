//! `Threshold`: a bound that one run must keep.

use std::fmt;
use std::time::Duration;

use kgas_perf_runtime::catalog::{Metric, Objective, Quantity, Statistic};

use crate::load::books::Books;
use crate::load::error::{LoadError, refuse};
use crate::load::percentile;
use crate::load::tally::Tally;

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

/// How improbable what was seen must be, were the threshold kept, for a run to be ended by it.
///
/// A run is looked at some hundred times, so one in ten thousand runs is ended wrongly at most.
const SURE: f64 = 1e-6;

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
    /// tail). A longest latency is broken by the first that is longer. Means and throughput are
    /// known at the end alone.
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

    /// What it is held against.
    fn tally(&self, books: &Books, scenarios: &[String]) -> Tally {
        let scenario = self.scenario.as_ref();
        let at = scenario.and_then(|wanted| scenarios.iter().position(|name| name == wanted));
        at.map_or_else(|| books.total(), |at| books.of_scenario(at))
    }

    /// Whether nothing that may still come can mend it.
    pub(crate) fn is_broken_for_sure(&self, books: &Books, scenarios: &[String]) -> bool {
        let tally = self.tally(books, scenarios);
        match self.bound {
            Bound::Longest(bound) => beyond(&tally, bound) > 0,
            _ => self.count(&tally).is_some_and(Share::is_surely_above),
        }
    }

    /// What it bounds the share of; `None` where it bounds no share.
    fn count(&self, tally: &Tally) -> Option<Share> {
        let counts = &tally.counts;
        Some(match self.bound {
            Bound::Quantile(quantile, bound) => Share {
                bad: beyond(tally, bound),
                of: counts.ended() + counts.dropped,
                at_most: 1.0 - quantile,
            },
            Bound::ErrorRate(at_most) => {
                Share { bad: counts.failed(), of: counts.ended(), at_most }
            }
            Bound::DroppedShare(at_most) => {
                let of = counts.ended() + counts.dropped;
                Share { bad: counts.dropped, of, at_most }
            }
            _ => return None,
        })
    }

    /// Holds it against what a run has found.
    pub(crate) fn judge(&self, books: &Books, scenarios: &[String], time: Duration) -> Judged {
        let tally = self.tally(books, scenarios);
        let (standing, found) = self.find(&tally, books, time);
        let objective = self.objective.clone();
        Judged { threshold: self.to_string(), objective, standing, found }
    }

    fn find(&self, tally: &Tally, books: &Books, time: Duration) -> (Standing, String) {
        let counts = &tally.counts;
        let started = counts.ended();
        if let Some(share) = self.count(tally) {
            let Share { bad, of, .. } = share;
            return match self.bound {
                _ if of == 0 => (Standing::NotJudged, "nothing has ended".to_owned()),
                Bound::Quantile(quantile, _) => {
                    let needs = (1.0 / (1.0 - quantile) - 1e-6).ceil() as u64;
                    let found = match tally.latency.distribution().quantile(quantile) {
                        _ if of < needs && !share.is_surely_above() => {
                            let name = percentile::name(quantile);
                            let why = format!("n too small: {name} needs {needs}, there are {of}");
                            return (Standing::NotJudged, why);
                        }
                        Some(value) => format!("{value:.3?}, {bad} of {of} longer"),
                        None => format!("{bad} of {of} longer"),
                    };
                    let given_up = counts.timed_out + counts.dropped;
                    let note = if given_up > 0 {
                        format!(" ({given_up} timed out or dropped among them)")
                    } else {
                        String::new()
                    };
                    (share.standing(), found + &note)
                }
                _ => (share.standing(), format!("{} ({bad} of {of})", percent(bad, of))),
            };
        }
        match self.bound {
            _ if started == 0 => (Standing::NotJudged, "nothing has ended".to_owned()),
            Bound::Mean(bound) => {
                let mean = tally.latency.distribution().mean().unwrap_or_default();
                match (mean > bound, tally.censored > 0) {
                    // The true mean is longer still.
                    (true, _) => (Standing::Broken, format!("{mean:.3?}")),
                    (false, true) => {
                        let known = format!("at least {mean:.3?}: {} given up", tally.censored);
                        (Standing::NotJudged, known)
                    }
                    (false, false) => (Standing::Met, format!("{mean:.3?}")),
                }
            }
            Bound::Longest(bound) => {
                let longest = tally.latency.distribution().max().unwrap_or_default();
                let broken = beyond(tally, bound) > 0;
                let standing = if broken { Standing::Broken } else { Standing::Met };
                (standing, format!("{longest:.3?}"))
            }
            Bound::Throughput(at_least) => {
                let seconds = time.as_secs_f64();
                if seconds <= 0.0 {
                    return (Standing::NotJudged, "no time has passed".to_owned());
                }
                let rate = counts.ok as f64 / seconds;
                let standing = if rate >= at_least { Standing::Met } else { Standing::Broken };
                (standing, format!("{rate:.1} a second"))
            }
            Bound::InFlight(at_least) => {
                let most = books.occupancy.iter().map(|stage| stage.most).max().unwrap_or(0) as u64;
                let all_well = counts.ok == counts.planned;
                let found =
                    format!("{most} at once, {} of {} ended well", counts.ok, counts.planned);
                let standing = match (most >= at_least, all_well) {
                    (true, true) => Standing::Met,
                    (false, true) => Standing::NotJudged,
                    (_, false) => Standing::Broken,
                };
                (standing, found)
            }
            // The others are shares.
            _ => (Standing::NotJudged, String::new()),
        }
    }
}

/// Operations whose latency is beyond a bound, or would be had they not been given up.
fn beyond(tally: &Tally, bound: Duration) -> u64 {
    let counts = &tally.counts;
    let longer = tally.latency.distribution().count_above(bound);
    let within = counts.timed_out - tally.timed_out.distribution().count_above(bound);
    longer + within + counts.dropped
}

/// How many of many are bad, and what share may be.
#[derive(Clone, Copy, Debug)]
struct Share {
    bad: u64,
    of: u64,
    at_most: f64,
}

impl Share {
    fn standing(self) -> Standing {
        // Half of the rounding of a product of counts below 2⁵³.
        let allowed = (self.at_most * self.of as f64 * (1.0 + 1e-12)).floor();
        if self.bad as f64 <= allowed { Standing::Met } else { Standing::Broken }
    }

    /// Whether so many bad ones are too improbable to be chance, were the share kept.
    fn is_surely_above(self) -> bool {
        let Self { bad, of, at_most } = self;
        if of == 0 {
            return false;
        }
        let seen = bad as f64 / of as f64;
        if seen <= at_most {
            return false;
        }
        if at_most <= 0.0 {
            return true;
        }
        // Chernoff: the tail is at most e^(−n·D), D the divergence of what was seen from what
        // is allowed.
        let not =
            if seen < 1.0 { (1.0 - seen) * ((1.0 - seen) / (1.0 - at_most)).ln() } else { 0.0 };
        let divergence = seen * (seen / at_most).ln() + not;
        of as f64 * divergence > -SURE.ln()
    }
}

fn percent(part: u64, of: u64) -> String {
    format!("{:.2} %", 100.0 * part as f64 / of as f64)
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
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_surely_above_only_when_chance_would_do_it_once_in_a_million() {
        let sure = |bad, of, at_most| Share { bad, of, at_most }.is_surely_above();
        assert!(!sure(1, 1, 0.05), "one of one is chance");
        assert!(!sure(10, 100, 0.05));
        // P(X ≥ 30) of 100 at 5 % is 1e-15; P(X ≥ 18) is 4e-6.
        assert!(sure(30, 100, 0.05));
        assert!(!sure(18, 100, 0.05));
        assert!(sure(5, 5, 0.05) && sure(1, 10_000, 0.0));
        assert!(!sure(0, 0, 0.0) && !sure(100, 100, 1.0));
    }

    #[test]
    fn bounds_are_part_of_what_is_kept() {
        let standing = |bad, of, at_most| Share { bad, of, at_most }.standing();
        assert_eq!(standing(5, 100, 0.05), Standing::Met);
        assert_eq!(standing(6, 100, 0.05), Standing::Broken);
        assert_eq!(standing(0, 10, 0.0), Standing::Met);
        assert_eq!(standing(1, 100, 1.0 - 0.99), Standing::Met);
    }

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
            ["p95 latency: at most 1s", "concurrency: at least 10, all well"]
        );
        assert_eq!(of("database_transaction"), ["throughput: at least 100 a second"]);
        assert_eq!(of("llm_call"), ["mean latency: at most 2s", "error rate: at most 1 %"]);
    }
}
