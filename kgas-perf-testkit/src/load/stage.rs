//! `Stage`: a stretch of a run with one load; `Load`: how much, and by which model.

use std::time::Duration;

use crate::load::error::{LoadError, check_name, refuse};

/// The most workers of a closed model, and the most operations in flight of an open one.
///
/// A synchronous operation in flight is a thread.
pub const MOST_IN_FLIGHT: usize = 10_000;

/// The highest rate of an open model, in starts a second.
pub const HIGHEST_RATE: f64 = 1_000_000.0;

/// The longest run that is planned: a hundred years stand for «until the operations are done».
pub(crate) const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 86_400);

/// How much load there is, and by which model.
///
/// In a *closed* model each worker starts its next operation when the last has ended: a slow
/// system is asked less. In an *open* model operations start when they are meant to, whether
/// earlier ones have ended or not, as the users of a service do. All stages of a run are of one
/// model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// Closed: the number of workers, at the stage's start and at its end.
    Workers {
        /// At the start.
        from: usize,
        /// At the end; in between it changes evenly.
        to: usize,
    },
    /// Open: starts a second, at the stage's start and at its end.
    Rate {
        /// At the start.
        from: f64,
        /// At the end; in between it changes evenly.
        to: f64,
        /// Whether gaps between starts are random, as those of many independent users are.
        poisson: bool,
    },
}

impl Load {
    /// A closed model with this number of workers.
    pub const fn workers(workers: usize) -> Self {
        Self::Workers { from: workers, to: workers }
    }

    /// A closed model whose number of workers changes evenly.
    pub const fn worker_ramp(from: usize, to: usize) -> Self {
        Self::Workers { from, to }
    }

    /// An open model with evenly spaced starts, so many a second.
    pub const fn rate(per_second: f64) -> Self {
        Self::Rate { from: per_second, to: per_second, poisson: false }
    }

    /// An open model whose rate changes evenly.
    pub const fn rate_ramp(from: f64, to: f64) -> Self {
        Self::Rate { from, to, poisson: false }
    }

    /// An open model with random arrivals, so many a second on the average.
    ///
    /// The gaps are exponential and decided by the run's seed.
    pub const fn poisson(per_second: f64) -> Self {
        Self::Rate { from: per_second, to: per_second, poisson: true }
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self, Self::Rate { .. })
    }

    /// The load after a share of its stage.
    pub(crate) fn level(&self, share: f64) -> f64 {
        let (from, to) = match *self {
            Self::Workers { from, to } => (from as f64, to as f64),
            Self::Rate { from, to, .. } => (from, to),
        };
        from + (to - from) * share.clamp(0.0, 1.0)
    }

    pub(crate) fn check(&self, field: &str) -> Result<(), LoadError> {
        match *self {
            Self::Workers { from, to } => {
                if from.max(to) == 0 {
                    return refuse(field, "0 workers", "1 to 10,000; a ramp may begin or end at 0");
                }
                if from.max(to) > MOST_IN_FLIGHT {
                    return refuse(field, &format!("{} workers", from.max(to)), "1 to 10,000");
                }
            }
            Self::Rate { from, to, .. } => {
                let wrong = [from, to].into_iter().find(|rate| {
                    // What is not a number is not in the range either.
                    !(0.0..=HIGHEST_RATE).contains(rate)
                });
                if let Some(rate) = wrong {
                    return refuse(field, &format!("{rate} a second"), RATES);
                }
                if from.max(to) < LOWEST_RATE {
                    return refuse(field, &format!("{} a second", from.max(to)), RATES);
                }
            }
        }
        Ok(())
    }
}

/// Once a day.
const LOWEST_RATE: f64 = 1.0 / 86_400.0;

const RATES: &str = "1 a day to 1,000,000 a second; a ramp may begin or end at 0";

/// A stretch of a run with one load.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_testkit::load::{Load, Stage};
///
/// let ramp = Stage::new("ramp", Load::rate_ramp(10.0, 200.0), Duration::from_secs(30));
/// assert_eq!(ramp.name(), "ramp");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    pub(crate) name: String,
    pub(crate) load: Load,
    pub(crate) duration: Duration,
    pub(crate) warm_up: bool,
}

impl Stage {
    /// A stage of this name, load and length.
    pub fn new(name: impl Into<String>, load: Load, duration: Duration) -> Self {
        Self { name: name.into(), load, duration, warm_up: false }
    }

    /// Makes it a stage that is run and shown, and left out of all results.
    pub fn warm_up(mut self) -> Self {
        self.warm_up = true;
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The share of it that is over at a time since its start.
    fn share(&self, since: Duration) -> f64 {
        if self.duration >= FOR_EVER { 0.0 } else { since.div_duration_f64(self.duration) }
    }
}

/// The stages of a run, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Stages {
    stages: Vec<Stage>,
    /// When each begins, and at the end when the last is over.
    bounds: Vec<Duration>,
}

impl Stages {
    /// Checks stages and lines them up.
    pub(crate) fn new(stages: Vec<Stage>) -> Result<Self, LoadError> {
        let Some(first) = stages.first() else {
            return refuse("stages", "none", "1 to 1,000 stages");
        };
        if stages.len() > 1_000 {
            return refuse("stages", &stages.len().to_string(), "1 to 1,000 stages");
        }
        let open = first.load.is_open();
        let mut bounds = vec![Duration::ZERO];
        for stage in &stages {
            let field = format!("stage `{}`", stage.name);
            if stage.load.is_open() != open {
                let found = "closed and open stages in one run";
                return refuse(&field, found, "stages of one model; make two load tests of it");
            }
            check_name("stages", &stage.name)?;
            stage.load.check(&field)?;
            if stage.duration.is_zero() {
                return refuse(&field, "a duration of 0", "1 ns to 100 years");
            }
            let begins = bounds.last().copied().unwrap_or_default();
            let ends = begins.saturating_add(stage.duration);
            if ends > FOR_EVER {
                return refuse(&field, &format!("an end after {ends:?}"), "1 ns to 100 years");
            }
            bounds.push(ends);
        }
        if stages.iter().all(|stage| stage.warm_up) {
            return refuse("stages", "warm-up alone", "at least one stage that counts");
        }
        Ok(Self { stages, bounds })
    }

    pub(crate) fn all(&self) -> &[Stage] {
        &self.stages
    }

    pub(crate) fn is_open(&self) -> bool {
        self.stages[0].load.is_open()
    }

    /// When the first that counts begins.
    pub(crate) fn counts_from(&self) -> Duration {
        let counts = self.stages.iter().position(|stage| !stage.warm_up);
        self.bounds[counts.unwrap_or_default()]
    }

    /// When the last is over.
    pub(crate) fn end(&self) -> Duration {
        self.bounds[self.stages.len()]
    }

    /// When each stage begins and ends.
    pub(crate) fn spans(&self) -> impl Iterator<Item = (Duration, Duration)> {
        self.bounds.windows(2).map(|pair| (pair[0], pair[1]))
    }

    /// The stage at a time; after the end, the last.
    pub(crate) fn at(&self, now: Duration) -> usize {
        (self.bounds.partition_point(|bound| *bound <= now).max(1) - 1).min(self.stages.len() - 1)
    }

    /// Workers at a time, and when their number next changes; none after the end.
    pub(crate) fn workers(&self, now: Duration) -> (usize, Option<Duration>) {
        if now >= self.end() {
            return (0, None);
        }
        let at = self.at(now);
        let (stage, begins) = (&self.stages[at], self.bounds[at]);
        let level = stage.load.level(stage.share(now - begins));
        let next = self.bounds[at + 1];
        let (from, to) = (stage.load.level(0.0), stage.load.level(1.0));
        if from == to {
            return (from as usize, Some(next));
        }
        // A ramp steps where it passes whole numbers.
        let step = if to > from { level.floor() + 1.0 } else { (level - 1e-9).floor() };
        let share = (step - from) / (to - from);
        let at_step = begins + stage.duration.mul_f64(share.clamp(0.0, 1.0));
        // Rounding may name the moment that has just been.
        let at_step = at_step.max(now + Duration::from_micros(1));
        let workers = if to > from { level.floor() } else { level.ceil() };
        (workers as usize, Some(at_step.min(next)))
    }

    /// The most workers there ever are.
    pub(crate) fn most_workers(&self) -> usize {
        let most = |stage: &Stage| stage.load.level(0.0).max(stage.load.level(1.0)) as usize;
        self.stages.iter().map(most).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    fn stages(loads: &[(Load, f64)]) -> Result<Stages, LoadError> {
        Stages::new(
            loads.iter().map(|(load, length)| Stage::new("s", *load, seconds(*length))).collect(),
        )
    }

    #[test]
    fn a_ramp_of_workers_passes_every_number_on_its_way() {
        let stages = stages(&[(Load::worker_ramp(0, 4), 8.0), (Load::worker_ramp(4, 2), 2.0)]);
        let stages = stages.unwrap();
        let (mut now, mut seen) = (Duration::ZERO, Vec::new());
        loop {
            let (workers, next) = stages.workers(now);
            seen.push(workers);
            match next {
                Some(next) => {
                    assert!(next > now);
                    now = next;
                }
                None => break,
            }
            assert!(seen.len() < 30, "{seen:?}");
        }
        seen.dedup();
        assert_eq!(seen, [0, 1, 2, 3, 4, 3, 0]);
        assert_eq!(stages.most_workers(), 4);
    }

    #[test]
    fn loads_that_make_no_sense_are_refused_with_what_is_accepted() {
        let refused = |load: Load| stages(&[(load, 1.0)]).unwrap_err().to_string();
        assert_eq!(
            refused(Load::rate(f64::NAN)),
            "stage `s`: NaN a second is not accepted; accepted: 1 a day to 1,000,000 a second; a \
             ramp may begin or end at 0"
        );
        assert_eq!(
            refused(Load::workers(0)),
            "stage `s`: 0 workers is not accepted; accepted: 1 to 10,000; a ramp may begin or end \
             at 0"
        );
        for rate in [0.0, -1.0, f64::INFINITY, 1e7, 1e-9] {
            assert!(refused(Load::rate(rate)).starts_with("stage `s`: "), "{rate}");
        }
        assert!(refused(Load::workers(20_000)).contains("20000 workers"));
        assert!(stages(&[(Load::workers(1), 1.0), (Load::rate(1.0), 1.0)]).is_err());
        assert!(stages(&[]).is_err());
        assert!(stages(&[(Load::workers(1), 0.0)]).unwrap_err().to_string().contains("of 0"));
    }
}
