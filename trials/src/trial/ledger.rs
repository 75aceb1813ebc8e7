//! `Ledger`: what was counted.

use std::collections::BTreeMap;

use super::{Job, Topic};
use crate::goal::Measure;
use crate::score::{self, Alarm, Outcome};

/// What was counted for one measure.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// How often it happened.
    pub hits: f64,
    /// How often it could have happened: streams, or operation-weeks.
    pub chances: f64,
    /// For F1: what was raised without a reason in the same streams.
    pub false_alarms: f64,
    /// For a median: every value; infinite for what never came.
    pub values: Vec<f64>,
}

impl Tally {
    /// The figure that goes beside the goal; `None` when nothing was run.
    pub fn figure(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::F1 => {
                (self.chances > 0.0).then(|| score::f1(self.hits, self.chances, self.false_alarms))
            }
            Measure::Delay => {
                let mut values = self.values.clone();
                values.sort_by(f64::total_cmp);
                values.get(values.len().checked_sub(1)? / 2).copied()
            }
            _ => (self.chances > 0.0).then(|| self.hits / self.chances),
        }
    }

    fn add(&mut self, other: &Self) {
        self.hits += other.hits;
        self.chances += other.chances;
        self.false_alarms += other.false_alarms;
        self.values.extend_from_slice(&other.values);
    }
}

/// An alarm where nothing had changed, and where to find it again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FalseAlarm {
    /// What its stream was run for.
    pub topic: Topic,
    /// Calls a second.
    pub rate: f64,
    /// The regime's name.
    pub regime: &'static str,
    /// The seed of the stream.
    pub seed: u64,
    /// What was raised.
    pub alarm: Alarm,
}

/// A change that was not answered as it should have been, and where to find it again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Miss {
    /// What its stream was run for.
    pub topic: Topic,
    /// The measure that it counts against.
    pub measure: Measure,
    /// Calls a second.
    pub rate: f64,
    /// The regime's name.
    pub regime: &'static str,
    /// The seed of the stream.
    pub seed: u64,
    /// When the change came, in seconds.
    pub at: f64,
    /// What was said about it.
    pub outcome: Outcome,
}

/// What was counted, by rate, measure and regime.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    tallies: BTreeMap<(u64, Measure, &'static str), Tally>,
    /// Every false alarm of the steady streams, in the order of the streams.
    pub false_alarms: Vec<FalseAlarm>,
    /// Every miss, in the order of the streams.
    pub misses: Vec<Miss>,
}

impl Ledger {
    /// The tally of one measure in one regime, to be added to.
    pub fn tally(&mut self, rate: f64, measure: Measure, regime: &'static str) -> &mut Tally {
        // Positive floats have the order of their bits.
        self.tallies.entry((rate.to_bits(), measure, regime)).or_default()
    }

    /// Counts one chance, and a hit if it `happened`.
    pub fn count(&mut self, job: &Job, measure: Measure, happened: bool) {
        let tally = self.tally(job.rate, measure, job.regime.name);
        tally.chances += 1.0;
        tally.hits += f64::from(u8::from(happened));
    }

    /// Counts one change at `at` (seconds), and remembers it if it was not answered as it should.
    ///
    /// `happened` is good for what is to be found, and bad for what must not page.
    pub fn judge(
        &mut self,
        job: &Job,
        measure: Measure,
        at: f64,
        outcome: Outcome,
        happened: bool,
    ) {
        self.count(job, measure, happened);
        if happened == measure.is_bad() {
            let (rate, regime, seed) = (job.rate, job.regime.name, job.seed);
            let topic = job.topic;
            self.misses.push(Miss { topic, measure, rate, regime, seed, at, outcome });
        }
    }

    /// Adds what another one counted.
    pub fn merge(&mut self, other: &Self) {
        for (key, tally) in &other.tallies {
            self.tallies.entry(*key).or_default().add(tally);
        }
        self.false_alarms.extend_from_slice(&other.false_alarms);
        self.misses.extend_from_slice(&other.misses);
    }

    /// The rates there are, ascending.
    pub fn rates(&self) -> Vec<f64> {
        let mut rates: Vec<u64> = self.tallies.keys().map(|(rate, ..)| *rate).collect();
        rates.dedup();
        rates.into_iter().map(f64::from_bits).collect()
    }

    /// What was measured at a rate, over all regimes, in the order of the table.
    pub fn rows(&self, rate: f64) -> Vec<(Measure, Tally)> {
        let mut rows: BTreeMap<Measure, Tally> = BTreeMap::new();
        for ((at, measure, _), tally) in &self.tallies {
            if *at == rate.to_bits() {
                rows.entry(*measure).or_default().add(tally);
            }
        }
        rows.into_iter().collect()
    }

    /// One measure at a rate by regime, in the order of the names.
    pub fn by_regime(&self, rate: f64, measure: Measure) -> Vec<(&'static str, &Tally)> {
        self.tallies
            .iter()
            .filter(|((at, what, _), _)| *at == rate.to_bits() && *what == measure)
            .map(|((_, _, regime), tally)| (*regime, tally))
            .collect()
    }
}
