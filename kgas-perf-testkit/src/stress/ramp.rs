//! `Ramp`: how load is raised; `Search`: the search for the point where a bound breaks.

use std::time::Duration;

use crate::load::{HIGHEST_RATE, Load, LoadError, MOST_IN_FLIGHT};
use crate::stress::limit::Verdict;

/// How load is raised until a threshold breaks.
///
/// Each level is held for a probe's time. A level that breaks, or cannot be judged, is tried again,
/// and a third time if the two disagree; then the point between the highest level that held and the lowest that broke
/// is closed in on by halves.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_testkit::stress::Ramp;
///
/// let ramp = Ramp::rate(10.0, 10_000.0).probe(Duration::from_secs(5)).resolution(0.05);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Ramp {
    pub(crate) unit: Unit,
    from: f64,
    to: f64,
    growth: f64,
    resolution: f64,
    probe: Duration,
}

/// What is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Workers,
    /// Random arrivals.
    PerSecond,
}

impl Unit {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Workers => "workers",
            Self::PerSecond => "a second",
        }
    }

    pub(crate) fn load(self, level: f64) -> Load {
        match self {
            Self::Workers => Load::workers(level as usize),
            Self::PerSecond => Load::poisson(level),
        }
    }
}

impl Ramp {
    /// Raises the number of workers of a closed model.
    pub fn workers(from: usize, to: usize) -> Self {
        Self::of(Unit::Workers, from as f64, to as f64)
    }

    /// Raises the rate of an open model with random arrivals.
    pub fn rate(from_per_second: f64, to_per_second: f64) -> Self {
        Self::of(Unit::PerSecond, from_per_second, to_per_second)
    }

    fn of(unit: Unit, from: f64, to: f64) -> Self {
        let probe = Duration::from_secs(2);
        Self { unit, from, to, growth: 2.0, resolution: 0.1, probe }
    }

    /// How many times over a level is the one before, above 1: 2 where nothing is said.
    pub fn growth(mut self, factor: f64) -> Self {
        self.growth = factor;
        self
    }

    /// How close the lowest level that broke and the highest that held come to each other, as a
    /// share of the level: 0.1 where nothing is said.
    pub fn resolution(mut self, share: f64) -> Self {
        self.resolution = share;
        self
    }

    /// How long a level is held: 2 s where nothing is said.
    pub fn probe(mut self, duration: Duration) -> Self {
        self.probe = duration;
        self
    }

    pub(crate) fn probe_time(&self) -> Duration {
        self.probe
    }

    /// Refuses what makes no sense.
    pub(crate) fn check(&self) -> Result<(), LoadError> {
        let refuse = |field: &str, found: f64, accepted: &str| {
            let (field, found, accepted) =
                (field.to_owned(), found.to_string(), accepted.to_owned());
            Err(LoadError::Refused { field, found, accepted })
        };
        let (least, most) = match self.unit {
            Unit::Workers => (1.0, MOST_IN_FLIGHT as f64),
            Unit::PerSecond => (0.001, HIGHEST_RATE),
        };
        // What is not a number is in no range.
        if !(least..=most).contains(&self.from) {
            return refuse("ramp: from", self.from, &format!("{least} to {most}"));
        }
        if !(self.from..=most).contains(&self.to) {
            return refuse("ramp: to", self.to, &format!("{} to {most}", self.from));
        }
        if !(1.01..=1_000.0).contains(&self.growth) {
            return refuse("ramp: growth", self.growth, "1.01 to 1,000");
        }
        if !(0.001..=1.0).contains(&self.resolution) {
            return refuse("ramp: resolution", self.resolution, "0.001 to 1");
        }
        if self.probe.is_zero() {
            return refuse("ramp: probe", 0.0, "a duration above 0");
        }
        Ok(())
    }

    pub(crate) fn search(&self) -> Search {
        Search {
            ramp: self.clone(),
            highest_held: None,
            lowest_broken: None,
            level: Some(self.from),
            votes: Vec::new(),
            probes: 0,
            unknown: false,
        }
    }
}

/// No search takes more probes: 20 levels up and 20 halves, and those that are tried again.
const MOST_PROBES: usize = 120;

/// The search for the point where a bound breaks. It only says which level is next.
#[derive(Clone, Debug)]
pub(crate) struct Search {
    ramp: Ramp,
    highest_held: Option<f64>,
    lowest_broken: Option<f64>,
    /// What is to be tried.
    level: Option<f64>,
    /// What was found at this level so far.
    votes: Vec<Verdict>,
    probes: usize,
    unknown: bool,
}

impl Search {
    /// The level to try next; `None` when the search is over.
    pub(crate) fn next(&self) -> Option<f64> {
        self.level
    }

    pub(crate) fn highest_held(&self) -> Option<f64> {
        self.highest_held
    }

    pub(crate) fn lowest_broken(&self) -> Option<f64> {
        self.lowest_broken
    }

    /// Whether it ended because a level could not be judged.
    pub(crate) fn is_unknown(&self) -> bool {
        self.unknown
    }

    /// Takes in what was found at the level.
    pub(crate) fn observe(&mut self, verdict: Verdict) {
        let Some(level) = self.level else { return };
        self.probes += 1;
        self.votes.push(verdict);
        let count = |wanted| self.votes.iter().filter(|vote| **vote == wanted).count();
        let [held, broken, unknown] = [Verdict::Held, Verdict::Broken, Verdict::Unknown].map(count);
        if unknown >= 2 || (unknown > 0 && self.probes >= MOST_PROBES) {
            // A generator that cannot keep up here cannot keep up above.
            self.unknown = true;
            self.level = None;
            return;
        }
        // One that holds is believed; what does not is tried again.
        let decided = match (held, broken) {
            (1, 0) | (2, _) => Verdict::Held,
            (_, 2) => Verdict::Broken,
            _ if self.probes >= MOST_PROBES => Verdict::Broken,
            _ => return,
        };
        self.votes.clear();
        if decided == Verdict::Held {
            self.highest_held = Some(level);
        } else {
            self.lowest_broken = Some(level);
        }
        self.level = if self.probes >= MOST_PROBES { None } else { self.after(level) };
    }

    fn after(&self, level: f64) -> Option<f64> {
        match (self.highest_held, self.lowest_broken) {
            // Nothing below the first level was asked for.
            (None, _) => None,
            (Some(_), None) if level >= self.ramp.to => None,
            (Some(held), None) => Some(
                self.whole((held * self.ramp.growth).min(self.ramp.to)).max(held + self.least()),
            ),
            (Some(held), Some(broken)) => {
                let middle = self.whole(f64::midpoint(held, broken));
                let close = broken - held <= self.ramp.resolution * held;
                (!close && middle > held && middle < broken).then_some(middle)
            }
        }
    }

    /// Half a worker does not work.
    fn whole(&self, level: f64) -> f64 {
        match self.ramp.unit {
            Unit::Workers => level.floor(),
            Unit::PerSecond => level,
        }
    }

    fn least(&self) -> f64 {
        match self.ramp.unit {
            Unit::Workers => 1.0,
            Unit::PerSecond => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches against levels that break above `limit`; answers what it tried.
    fn tried(ramp: &Ramp, limit: f64) -> (Search, Vec<f64>) {
        let (mut search, mut tried) = (ramp.search(), Vec::new());
        while let Some(level) = search.next() {
            tried.push(level);
            search.observe(if level > limit { Verdict::Broken } else { Verdict::Held });
            assert!(tried.len() <= MOST_PROBES);
        }
        (search, tried)
    }

    #[test]
    fn it_steps_up_confirms_and_closes_in() {
        let (search, tried) = tried(&Ramp::workers(1, 100), 11.0);
        assert_eq!(tried, [1.0, 2.0, 4.0, 8.0, 16.0, 16.0, 12.0, 12.0, 10.0, 11.0]);
        assert_eq!((search.highest_held(), search.lowest_broken()), (Some(11.0), Some(12.0)));
    }

    #[test]
    fn the_limit_lies_between_what_held_and_what_broke_for_any_limit() {
        for limit in [0.5, 1.0, 3.3, 70.0, 999.0, 1_000.0, 5_000.0] {
            let (search, _) = tried(&Ramp::rate(1.0, 1_000.0).resolution(0.02), limit);
            match (search.highest_held(), search.lowest_broken()) {
                (None, Some(broken)) => assert!(limit < 1.0 && broken == 1.0),
                (Some(held), Some(broken)) => {
                    assert!(held <= limit && limit < broken, "{held} {limit} {broken}");
                    assert!(broken - held <= 0.02 * held);
                }
                (Some(held), None) => assert!(limit >= 1_000.0 && held == 1_000.0),
                (None, None) => panic!("nothing was tried"),
            }
        }
    }

    #[test]
    fn one_bad_probe_does_not_make_a_limit() {
        let mut search = Ramp::workers(4, 8).search();
        search.observe(Verdict::Broken);
        assert_eq!(search.next(), Some(4.0));
        search.observe(Verdict::Held);
        assert_eq!(search.next(), Some(4.0), "they disagree: a third decides");
        search.observe(Verdict::Held);
        assert_eq!((search.next(), search.highest_held()), (Some(8.0), Some(4.0)));
    }

    #[test]
    fn a_level_that_cannot_be_judged_twice_ends_the_search() {
        let mut search = Ramp::rate(10.0, 1_000.0).search();
        search.observe(Verdict::Unknown);
        search.observe(Verdict::Held);
        search.observe(Verdict::Unknown);
        assert_eq!(search.next(), Some(20.0), "once may be chance");
        search.observe(Verdict::Unknown);
        assert_eq!((search.next(), search.is_unknown()), (None, true));
        assert_eq!((search.highest_held(), search.lowest_broken()), (Some(10.0), None));
    }

    #[test]
    fn ramps_that_make_no_sense_are_refused() {
        let refused = |ramp: Ramp| ramp.check().unwrap_err().to_string();
        assert!(refused(Ramp::workers(0, 5)).starts_with("ramp: from: 0 is not accepted"));
        assert!(refused(Ramp::workers(6, 5)).starts_with("ramp: to: 5 is not accepted"));
        assert!(refused(Ramp::rate(f64::NAN, 5.0)).contains("NaN"));
        assert!(refused(Ramp::rate(1.0, f64::INFINITY)).contains("inf"));
        assert!(refused(Ramp::rate(1.0, 5.0).growth(1.0)).starts_with("ramp: growth"));
        assert!(refused(Ramp::rate(1.0, 5.0).resolution(0.0)).starts_with("ramp: resolution"));
        assert!(refused(Ramp::rate(1.0, 5.0).probe(Duration::ZERO)).starts_with("ramp: probe"));
    }
}
