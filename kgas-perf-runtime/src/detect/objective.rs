//! `ObjectiveJudge`: whether an operation meets what a person declared for it.

use std::time::Duration;

use crate::catalog::{Metric, Objective, OperationSpec, Quantity};
use crate::detect::border::base;
use crate::detect::burn_rate::BurnRate;
use crate::detect::estimate::Estimate;
use crate::detect::judged::Judged;
use crate::detect::standing::Standing;
use crate::measure::Severity;
use crate::registry::Window;

/// Judges the declared objectives of one operation from the windows of each tick.
///
/// It needs no baseline, so it judges from the first calls on.
///
/// # When an objective is raised
/// Objectives are held against the last minute, 5 minutes, half an hour, 6 hours and day, and
/// the shortest of them that can tell decides. To tell takes
/// - so many calls beyond the bound that their probability is below 1 in 100,000 where the
///   objective is just met: the exact binomial tail for quantiles and shares, Student's t for
///   means, the Poisson tail for rates;
/// - at least three of them, besides the worst 10 to 20 seconds: what is over after 5 seconds
///   raises nothing;
/// - no shorter stretch of time that contradicts it, so that it is clear soon after it is over.
///
/// What is raised stays until that probability is above 1 in 100, and is harder to contradict: an
/// operation just beyond its bound does not flap, and one with a call a minute is clear after
/// some 25 good ones. A bound on the largest value
/// is not a matter of probability: one call breaks it, for 5 minutes.
///
/// Calls count as independent of each other. Where neighbours are alike, an operation that lives
/// near its bound is raised more often than this says; one with room below it is not.
///
/// # How bad it is
/// | | |
/// |---|---|
/// | outside `expected`, on the side that is worse | info |
/// | beyond `at_most` or `at_least` | warning |
/// | twice as bad as the bound (values), five times the allowed share (shares) | critical |
///
/// Each level is as sure as the first. None is an emergency: that a call does not return is for
/// the [`Watchdog`](crate::detect::Watchdog) to say. A bound has slack in it already, which is
/// why less than a baseline's ratios will do; and a share has a budget, which is why it takes
/// more: shares and quantiles are held against [burn rates](crate::detect::BurnRate) as well.
///
/// # What is judged of what
/// - Quantiles and means of durations are of calls that ended well. The largest duration is that
///   of any call.
/// - The error rate is the share of errors and panics among the calls that were not cancelled.
/// - Memory is by how much the resident set grew, net, at the end of the calls that were read.
///   When the largest growth came while other calls ran it is info at most.
/// - Concurrency is read once a tick. Lower bounds on concurrency and throughput say what must
///   be possible. They are met when that was reached, and not judged while less is asked for;
///   throughput is broken when calls pile up meanwhile.
/// - An objective without a size class is meant for all calls of the operation together.
/// - All other metrics are not judged until somebody [tells](Self::tell_reading) their numbers.
///
/// # Cost
/// Memory is bounded whatever the number of calls: 36 blocks an objective, 15 KiB for a quantile,
/// and 5 KiB for its burn rates. A tick adds the buckets of the windows and sums the blocks;
/// tails and intervals are computed only where something seems wrong, or is shown.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::catalog::Catalogue;
/// use kgas_perf_runtime::detect::{ObjectiveJudge, Standing};
/// use kgas_perf_runtime::measure::{ManualClock, Metadata, record_operation};
/// use kgas_perf_runtime::Registry;
///
/// let query = Catalogue::builtin().get("database_simple_query").unwrap();
/// let mut judge = ObjectiveJudge::new(query);
/// let clock = ManualClock::new();
/// let registry = Registry::with_clock(clock.clone());
/// let mut last = registry.snapshot();
/// for _ in 0..60 {
///     registry.run(|| {
///         for _ in 0..5 {
///             let slow = Duration::from_millis(80);
///             record_operation("database_simple_query", slow, Metadata::default());
///         }
///     });
///     clock.advance(Duration::from_secs(1));
///     let now = registry.snapshot();
///     judge.observe(last.monotonic, now.monotonic, &now.since(&last));
///     last = now;
/// }
/// let judgement = judge.judgements().next().unwrap();
/// assert!(matches!(judgement.standing, Standing::Raised(_)));
/// assert!(judgement.estimate.unwrap().interval.low > 70e6);
/// ```
#[derive(Clone, Debug)]
pub struct ObjectiveJudge {
    operation: String,
    judged: Vec<Judged>,
}

/// How one objective stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Judgement<'a> {
    /// The objective.
    pub objective: &'a Objective,
    /// The number that it bounds; `None` where there is none yet.
    pub estimate: Option<Estimate>,
    /// Whether that number keeps the bounds.
    pub standing: Standing,
    /// How fast the bad calls that it allows are used up; `None` where it allows no share.
    pub budget: Option<Standing>,
}

impl Judgement<'_> {
    /// The worse of how the number and the budget stand.
    pub fn worst(&self) -> Standing {
        match self.budget.clone() {
            Some(budget) if budget.level() > self.standing.level() => budget,
            _ => self.standing.clone(),
        }
    }
}

impl ObjectiveJudge {
    /// A judge of what a catalogue declares for an operation.
    pub fn new(spec: &OperationSpec) -> Self {
        Self {
            operation: spec.name.clone(),
            judged: spec.objectives.iter().map(Judged::new).collect(),
        }
    }

    /// The operation's name.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Adds the windows of a tick and judges. They are all of the tick's, by operation, as
    /// [`Snapshot::since`](crate::registry::Snapshot::since) answers them; those of other
    /// operations are left out. Without one of its own nothing has happened in that time, which
    /// is an observation, too.
    ///
    /// It does not matter how time is cut into windows, as long as one ends with every block of
    /// 10 seconds. A window counts when it ended.
    ///
    /// Answers what is worse than after the tick before: each objective once an escalation.
    pub fn observe(
        &mut self,
        start: Duration,
        end: Duration,
        windows: &[Window],
    ) -> Vec<Judgement<'_>> {
        let first = windows.partition_point(|window| window.operation < self.operation);
        let own: Vec<&Window> = windows[first..]
            .iter()
            .take_while(|window| window.operation == self.operation)
            .collect();
        let mut worse = Vec::new();
        for judged in &mut self.judged {
            judged.observe(start, end, &own);
            if judged.judge() {
                worse.push(judged.judgement());
            }
        }
        worse
    }

    /// Adds calls or look-ups, `of_kind` of which are of the kind whose share the metric is: hits
    /// of a cache, calls that fell back. They are judged with the next tick.
    ///
    /// Answers whether an objective takes them; not where windows hold the numbers.
    pub fn tell_share(&mut self, metric: Metric, at: Duration, of_kind: u64, calls: u64) -> bool {
        self.tell(metric, |judged| {
            judged
                .tell(at, true, |gathered, borders, _| gathered.note_share(of_kind, calls, borders))
        })
    }

    /// Adds one reading of a resource, or one wait for a lock. It is judged with the next tick.
    ///
    /// Answers whether an objective takes it: not where windows hold the numbers, and not where
    /// the quantity is of another dimension. Told readings of memory take the place of what
    /// windows hold.
    pub fn tell_reading(&mut self, metric: Metric, at: Duration, value: Quantity) -> bool {
        if value.dimension() != metric.dimension() {
            return false;
        }
        self.tell(metric, |judged| {
            judged.tell(at, false, |gathered, borders, unit| {
                gathered.note(base(value), 1, borders, unit)
            })
        })
    }

    fn tell(&mut self, metric: Metric, mut add: impl FnMut(&mut Judged) -> bool) -> bool {
        let mut taken = false;
        for judged in self.judged.iter_mut().filter(|one| one.objective.metric == metric) {
            taken |= add(judged);
        }
        taken
    }

    /// The worst that an objective is raised as after the last tick; `None` where none is. It costs
    /// next to nothing: no interval is computed.
    pub fn level(&self) -> Option<Severity> {
        let of_one = |judged: &Judged| {
            let budget = judged.budget.as_ref().and_then(|budget| budget.standing().level());
            judged.standing.level().max(budget)
        };
        self.judged.iter().filter_map(of_one).max()
    }

    /// How each objective stands after the last tick, the worse of its number and its budget, in
    /// the order of the catalogue. It costs next to nothing, too.
    pub fn standings(&self) -> impl Iterator<Item = (&Objective, Standing)> {
        let worst = |judged: &Judged| match judged.budget.as_ref().map(BurnRate::standing) {
            Some(budget) if budget.level() > judged.standing.level() => budget,
            _ => judged.standing.clone(),
        };
        self.judged.iter().map(move |judged| (&judged.objective, worst(judged)))
    }

    /// How each objective stands after the last tick, with its number and the interval of that,
    /// in the order of the catalogue.
    pub fn judgements(&self) -> impl Iterator<Item = Judgement<'_>> {
        self.judged.iter().map(Judged::judgement)
    }
}

impl Judged {
    fn judgement(&self) -> Judgement<'_> {
        Judgement {
            objective: &self.objective,
            estimate: self.estimate(),
            standing: self.standing.clone(),
            budget: self.budget.as_ref().map(BurnRate::standing),
        }
    }
}

#[cfg(test)]
mod tests;
