//! `Books`: everything a run has counted and timed.

use std::time::Duration;

use crate::load::engine::Plan;
use crate::load::stage::FOR_EVER;
use crate::load::tally::{Counts, Durations, Ended, Tally};
use crate::load::timeline::Timeline;

/// Everything a run has counted and timed. Its size does not depend on the number of operations.
#[derive(Clone, Debug)]
pub(crate) struct Books {
    /// By stage and scenario.
    pub(crate) tallies: Vec<Vec<Tally>>,
    /// How late the generator itself started operations.
    pub(crate) lag: Durations,
    /// Operations that waited for a place in flight before they started, warm-up not counted.
    pub(crate) held_back: u64,
    pub(crate) timeline: Timeline,
    pub(crate) occupancy: Vec<Occupancy>,
    warm_up: Vec<bool>,
    bounds: Vec<(Duration, Duration)>,
    /// How many are in flight, since when.
    now_in_flight: (usize, Duration),
    /// When the last operation ended.
    pub(crate) last: Duration,
    /// When the last operation that counts ended.
    counted_until: Duration,
    /// When the run is over if nothing ends it early; `None` where only operations are counted.
    end: Option<Duration>,
    /// Whether the last starts are at the end of the stages, and not where operations are spent.
    to_the_end: bool,
    /// When the run was stopped.
    pub(crate) stopped: Option<Duration>,
}

/// How many operations were in flight in a stage.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Occupancy {
    pub(crate) most: usize,
    /// Operations times nanoseconds.
    area: f64,
    length_ns: f64,
}

impl Occupancy {
    /// The mean over time; `None` before any has passed.
    pub(crate) fn mean(&self) -> Option<f64> {
        (self.length_ns > 0.0).then(|| self.area / self.length_ns)
    }
}

impl Books {
    pub(crate) fn new(plan: &Plan) -> Self {
        let stages = plan.stages.all().len();
        let end = plan.stages.end();
        Self {
            tallies: vec![vec![Tally::default(); plan.deadlines.len()]; stages],
            lag: Durations::default(),
            held_back: 0,
            timeline: Timeline::new((end < FOR_EVER).then_some(end)),
            occupancy: vec![Occupancy::default(); stages],
            warm_up: plan.stages.all().iter().map(|stage| stage.warm_up).collect(),
            bounds: plan.stages.spans().collect(),
            now_in_flight: (0, Duration::ZERO),
            last: Duration::ZERO,
            counted_until: Duration::ZERO,
            end: (end < FOR_EVER).then_some(end),
            to_the_end: plan.stages.is_open() && plan.operations.is_none(),
            stopped: None,
        }
    }

    pub(crate) fn planned(&mut self, stage: usize, scenario: usize) {
        self.tallies[stage][scenario].counts.planned += 1;
    }

    pub(crate) fn dropped(&mut self, stage: usize, scenario: usize, now: Duration) {
        self.tallies[stage][scenario].counts.dropped += 1;
        self.timeline.dropped(now);
    }

    pub(crate) fn lag(&mut self, lag: Duration) {
        self.lag.record(lag);
    }

    /// Notes that an operation has waited for a place in flight.
    pub(crate) fn held_back(&mut self, stage: usize) {
        self.held_back += u64::from(!self.warm_up[stage]);
    }

    pub(crate) fn ended(
        &mut self,
        stage: usize,
        scenario: usize,
        now: Duration,
        ended: &Ended,
        latency: Duration,
        service: Duration,
    ) {
        self.tallies[stage][scenario].record(ended, latency, service);
        self.timeline.ended(now, ended, latency);
        self.last = self.last.max(now);
        if !self.warm_up[stage] {
            self.counted_until = self.counted_until.max(now);
        }
    }

    /// Notes that from now on so many are in flight.
    pub(crate) fn in_flight(&mut self, now: Duration, many: usize) {
        let (before, since) = self.now_in_flight;
        let now = now.max(since);
        // What lasts over several stages counts in each.
        let first = self.bounds.partition_point(|(_, end)| *end <= since);
        let last = self.bounds.len() - 1;
        for (at, (begin, end)) in self.bounds.iter().enumerate().skip(first.min(last)) {
            // What is drained belongs to the last.
            let end = if at == last { now } else { *end };
            let length = now.min(end).saturating_sub(since.max(*begin)).as_nanos() as f64;
            let occupancy = &mut self.occupancy[at];
            occupancy.area += length * before as f64;
            occupancy.length_ns += length;
            if now < end || at == last {
                occupancy.most = occupancy.most.max(many);
                break;
            }
            occupancy.most = occupancy.most.max(before);
        }
        self.now_in_flight = (many, now);
        self.timeline.in_flight(now, many);
    }

    /// How many operations ended how, warm-up included; far cheaper than all of their times.
    pub(crate) fn counts(&self) -> Counts {
        let mut all = Counts::default();
        self.tallies.iter().flatten().for_each(|tally| all.add(&tally.counts));
        all
    }

    /// Everything but the warm-up, all scenarios together.
    pub(crate) fn total(&self) -> Tally {
        let mut total = Tally::default();
        for tally in self.counted().flatten() {
            total.merge(tally);
        }
        total
    }

    /// Everything but the warm-up, of one scenario.
    pub(crate) fn of_scenario(&self, scenario: usize) -> Tally {
        let mut total = Tally::default();
        for stage in self.counted() {
            total.merge(&stage[scenario]);
        }
        total
    }

    /// One stage, all scenarios together.
    pub(crate) fn of_stage(&self, stage: usize) -> Tally {
        let mut total = Tally::default();
        for tally in &self.tallies[stage] {
            total.merge(tally);
        }
        total
    }

    /// The most operations in flight at one time, in any stage.
    pub(crate) fn most_in_flight(&self) -> usize {
        self.occupancy.iter().map(|stage| stage.most).max().unwrap_or(0)
    }

    /// The stages that count.
    fn counted(&self) -> impl Iterator<Item = &Vec<Tally>> {
        self.tallies.iter().zip(&self.warm_up).filter(|(_, warm)| !**warm).map(|(stage, _)| stage)
    }

    /// The time that counts: from the end of a warm-up at the beginning to the end of the last
    /// operation, and of the stages where nothing ended the run before.
    pub(crate) fn counted_time(&self) -> Duration {
        let starts = self.bounds.iter().zip(&self.warm_up).filter(|(_, warm)| !**warm);
        let begins = starts.map(|((begin, _), _)| *begin).next().unwrap_or_default();
        let planned = self.end.filter(|_| self.to_the_end && self.stopped.is_none());
        let over = planned.or(self.stopped).unwrap_or_default().max(self.counted_until);
        over.saturating_sub(begins)
    }
}
