//! `Plan`: which streams there are, and who runs them.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use clap::ValueEnum;

use super::{LEARNING_CALLS, Ledger, baselines, changes, spikes, steady};
use crate::contender::{Contender, Detector};
use crate::streams::{Dice, Regime};

/// What a stream is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Topic {
    /// False alarms, while nothing changes.
    Steady,
    /// False alarms in the hour after learning: many short streams.
    FirstHour,
    /// What is found, and how soon.
    Found,
    /// Whether 3x is a warning and 8x critical.
    Levels,
    /// Disturbances of at most 5 s.
    Spikes,
    /// Improvements.
    Improvements,
    /// Changes after 100 to 150 calls.
    Early,
    /// Changes after learning that something spoilt.
    Contaminated,
    /// Whether baselines are as right as they say.
    Baselines,
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_possible_value().map_or(Ok(()), |it| f.write_str(it.get_name()))
    }
}

/// One stream that is run.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// What it is run for.
    pub topic: Topic,
    /// Its regime.
    pub regime: Regime,
    /// Calls a second.
    pub rate: f64,
    /// The seed of its stream; the time of a change is drawn from it too.
    pub seed: u64,
}

/// Which streams are run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What they are run for.
    pub topics: Vec<Topic>,
    /// Their regimes.
    pub regimes: Vec<Regime>,
    /// Calls a second.
    pub rates: Vec<f64>,
    /// Streams for each topic, regime and rate; by rate when it is not said.
    pub streams: Option<u64>,
    /// How long a stream lasts in which nothing changes; by rate when it is not said.
    pub hours: Option<f64>,
    /// What all seeds depend on.
    pub seed: u64,
    /// Instead of all that: one stream of this seed for each topic, regime and rate.
    pub seed_of_stream: Option<u64>,
}

impl Plan {
    /// The streams, in the order in which they are counted.
    pub fn jobs(&self) -> Vec<Job> {
        let mut jobs = Vec::new();
        for &rate in &self.rates {
            for &topic in &self.topics {
                let streams = self.streams.unwrap_or_else(|| default_streams(topic, rate));
                for number in 0..streams {
                    for &regime in &self.regimes {
                        let name = regime.name.bytes().map(u64::from).collect::<Vec<_>>();
                        let parts =
                            [self.seed, topic as u64, rate.to_bits(), Dice::mix(&name), number];
                        let seed = self.seed_of_stream.unwrap_or_else(|| Dice::mix(&parts));
                        if number == 0 || self.seed_of_stream.is_none() {
                            jobs.push(Job { topic, regime, rate, seed });
                        }
                    }
                }
            }
        }
        jobs
    }

    /// How long a stream lasts in which nothing changes.
    fn hours(&self, rate: f64) -> f64 {
        self.hours.unwrap_or(match rate {
            rate if rate < 5.0 => 168.0,
            rate if rate < 50.0 => 48.0,
            _ => 4.0,
        })
    }

    /// Runs every stream on `threads` threads, each with a detector of its own. `progress` is told
    /// how many of how many are done.
    ///
    /// What is counted does not depend on the number of threads.
    ///
    /// # Errors
    ///
    /// When the contender cannot be started.
    pub fn run(
        &self,
        contender: &Contender,
        threads: usize,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> io::Result<Ledger> {
        let jobs = self.jobs();
        let next = AtomicUsize::new(0);
        let ledgers = Mutex::new(Vec::new());
        let detectors: Vec<_> =
            (0..threads.max(1)).map(|_| contender.detector()).collect::<io::Result<_>>()?;
        let work = |mut detector: Box<dyn Detector>| {
            while let Some((index, job)) = {
                let index = next.fetch_add(1, Ordering::Relaxed);
                jobs.get(index).map(|job| (index, job))
            } {
                let mut ledger = Ledger::default();
                self.run_one(job, detector.as_mut(), &mut ledger);
                let mut ledgers = ledgers.lock().unwrap_or_else(PoisonError::into_inner);
                ledgers.push((index, ledger));
                progress(ledgers.len(), jobs.len());
            }
        };
        thread::scope(|scope| {
            for detector in detectors {
                scope.spawn(|| work(detector));
            }
        });
        let mut ledgers = ledgers.into_inner().unwrap_or_else(PoisonError::into_inner);
        ledgers.sort_by_key(|(index, _)| *index);
        let mut sum = Ledger::default();
        for (_, ledger) in &ledgers {
            sum.merge(ledger);
        }
        Ok(sum)
    }

    fn run_one(&self, job: &Job, detector: &mut dyn Detector, ledger: &mut Ledger) {
        match job.topic {
            Topic::Steady => steady::run(job, self.hours(job.rate), detector, ledger),
            Topic::FirstHour => {
                // An hour, and twice the time that the learning phase takes on average.
                let hours = 1.0 + 2.0 * LEARNING_CALLS as f64 / job.rate / 3_600.0;
                steady::run(job, hours, detector, ledger);
            }
            Topic::Found => changes::found(job, detector, ledger),
            Topic::Levels => changes::levels(job, detector, ledger),
            Topic::Spikes => spikes::run(job, detector, ledger),
            Topic::Improvements => changes::improvements(job, detector, ledger),
            Topic::Early => changes::early(job, detector, ledger),
            Topic::Baselines => baselines::run(job, detector, ledger),
            Topic::Contaminated => changes::contaminated(job, detector, ledger),
        }
    }
}

/// Streams for each topic, regime and rate.
fn default_streams(topic: Topic, rate: f64) -> u64 {
    match (topic, rate) {
        (Topic::Steady, rate) if rate < 0.5 => 12,
        (Topic::Steady, rate) if rate < 5.0 => 8,
        (Topic::Steady, rate) if rate < 50.0 => 6,
        (Topic::Steady, _) => 1,
        (Topic::FirstHour, rate) if rate < 50.0 => 40,
        (Topic::Found, rate) if rate < 50.0 => 24,
        (_, rate) if rate < 50.0 => 16,
        _ => 4,
    }
}
