//! Holds a threshold against what a run has found.

use std::time::Duration;

use crate::load::books::Books;
use crate::load::machine::Rise;
use crate::load::percentile;
use crate::load::tally::Tally;
use crate::load::threshold::share::Share;
use crate::load::threshold::{Bound, Judged, Standing, Threshold};

/// What a run has found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence<'a> {
    pub(crate) books: &'a Books,
    /// Names of the scenarios.
    pub(crate) scenarios: &'a [String],
    /// The time that counts.
    pub(crate) time: Duration,
    /// `None` where memory cannot be read.
    pub(crate) rise: Option<Rise>,
}

impl Threshold {
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
    pub(crate) fn judge(&self, evidence: &Evidence<'_>) -> Judged {
        let (standing, found) = self.find(evidence);
        let objective = self.objective.clone();
        Judged { threshold: self.to_string(), objective, standing, found }
    }

    fn find(&self, evidence: &Evidence<'_>) -> (Standing, String) {
        let Evidence { books, scenarios, time, rise } = *evidence;
        let tally = &self.tally(books, scenarios);
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
                let most = books.most_in_flight() as u64;
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
            Bound::Memory(at_most) => {
                let alone = self.scenario.is_none() || scenarios.len() == 1;
                memory(at_most, rise, books.most_in_flight() as u64, alone)
            }
            Bound::Quantile(..) | Bound::ErrorRate(_) | Bound::DroppedShare(_) => {
                unreachable!("shares are judged above")
            }
        }
    }
}

/// Whether operations kept to a bound on their memory, `most` of them at once.
///
/// What one takes cannot be more than what all take together. And where all together take more
/// than the bound for each, one takes more than its own.
fn memory(at_most: u64, rise: Option<Rise>, most: u64, alone: bool) -> (Standing, String) {
    let Some(rise) = rise else {
        return (Standing::NotJudged, "memory cannot be read here".to_owned());
    };
    let found = format!(
        "resident memory rose by {} with {most} in flight",
        if rise.seen == rise.at_most {
            megabytes(rise.seen)
        } else {
            format!("{} to {}", megabytes(rise.seen), megabytes(rise.at_most))
        }
    );
    if rise.at_most <= at_most {
        (Standing::Met, found)
    } else if alone && rise.seen > at_most.saturating_mul(most.max(1)) {
        (Standing::Broken, found)
    } else if alone {
        (Standing::NotJudged, found + ": fewer at once would tell what one takes")
    } else {
        (Standing::NotJudged, found + ": this scenario alone would tell whose it is")
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// Operations whose latency is beyond a bound, or would be had they not been given up.
fn beyond(tally: &Tally, bound: Duration) -> u64 {
    let counts = &tally.counts;
    let longer = tally.latency.distribution().count_above(bound);
    let within = counts.timed_out - tally.timed_out.distribution().count_above(bound);
    longer + within + counts.dropped
}

fn percent(part: u64, of: u64) -> String {
    format!("{:.2} %", 100.0 * part as f64 / of as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_broken_only_where_some_operation_must_have_taken_more() {
        let judged = |seen: u64, at_most: u64, most: u64, alone: bool| {
            memory(500, Some(Rise { seen, at_most }), most, alone).0
        };
        // All together took no more than one may.
        assert_eq!(judged(400, 500, 50, false), Standing::Met);
        // One at a time: what was seen is its own.
        assert_eq!(judged(501, 600, 1, true), Standing::Broken);
        // Two at a time may have taken 300 each; of 1,001 one must have taken more than 500.
        assert_eq!(judged(600, 600, 2, true), Standing::NotJudged);
        assert_eq!(judged(1_000, 1_000, 2, true), Standing::NotJudged);
        assert_eq!(judged(1_001, 1_001, 2, true), Standing::Broken);
        // Between readings it may have been more.
        assert_eq!(judged(400, 600, 1, true), Standing::NotJudged);
        // Another scenario may have taken it.
        assert_eq!(judged(9_000, 9_000, 1, false), Standing::NotJudged);
        assert_eq!(memory(500, None, 1, true).0, Standing::NotJudged);
    }
}
