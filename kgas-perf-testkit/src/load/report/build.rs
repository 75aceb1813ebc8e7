//! Makes the report of a run that has ended.

use std::time::Duration;

use crate::load::books::Books;
use crate::load::engine::Plan;
use crate::load::machine::Readings;
use crate::load::report::row::{Latency, Row, StageRow};
use crate::load::report::{Generator, Point, Report};
use crate::load::shared::Shared;
use crate::load::stage::FOR_EVER;
use crate::load::supervisor::{Outcome, Stopped, Watch};
use crate::load::threshold::Evidence;
use crate::load::timeline::Quantiles;

use std::sync::atomic::Ordering;

/// What the report of a run is made from.
#[derive(Debug)]
pub(crate) struct Ended<'a> {
    pub(crate) name: &'a str,
    pub(crate) shared: &'a Shared,
    pub(crate) outcome: &'a Outcome,
    pub(crate) watch: &'a Watch,
    pub(crate) unanswered: &'a [String],
    pub(crate) lag_allowed: Option<Duration>,
}

/// A generator is not blamed for less: the operating system wakes sleepers this late.
const LAG_NEVER_BLAMED: Duration = Duration::from_millis(5);
/// A generator may add this share of the latency.
const LAG_SHARE: f64 = 0.1;

/// Makes the report.
pub(crate) fn build(ended: &Ended<'_>) -> Report {
    let Ended { name, shared, outcome, watch, unanswered, lag_allowed } = *ended;
    let state = shared.lock();
    let (plan, books) = (state.engine.plan(), state.engine.books());
    let counted = books.counted_time();
    let total = Row::of("all", &books.total(), counted);
    let scenario = |at: usize| Row::of(&watch.scenarios[at], &books.of_scenario(at), counted);
    let open = plan.stages.is_open();
    let lag_allowed = open.then(|| {
        let latency = total.latency.durations.quantile(0.99).unwrap_or_default();
        lag_allowed.unwrap_or_else(|| latency.mul_f64(LAG_SHARE).max(LAG_NEVER_BLAMED))
    });
    let generator = Generator {
        most_in_flight: plan.most_in_flight,
        most_waiting: if open { plan.most_waiting } else { 0 },
        held_back: books.held_back,
        lag: Latency::exact(books.lag.distribution()),
        lag_allowed,
        abandoned: outcome.abandoned,
        left_running: shared.left_running.load(Ordering::Relaxed),
    };
    let rise = outcome.readings.rise();
    let evidence = Evidence { books, scenarios: &watch.scenarios, time: counted, rise };
    let mut report = Report {
        name: name.to_owned(),
        open,
        seed: plan.seed,
        elapsed: outcome.elapsed,
        counted,
        scenarios: (0..watch.scenarios.len()).map(scenario).collect(),
        stages: stages(plan, books, &outcome.readings, outcome.elapsed),
        judged: watch.thresholds.iter().map(|threshold| threshold.judge(&evidence)).collect(),
        unanswered: unanswered.to_vec(),
        timeline: timeline(books, outcome.elapsed),
        readings: outcome.readings.all().to_vec(),
        invalid: Vec::new(),
        ended_by: None,
        notes: Vec::new(),
        left_running: shared.left_running.clone(),
        generator,
        total,
    };
    drop(state);
    report.ended_by = match &outcome.stopped {
        Some(Stopped::Broken(threshold)) => Some(threshold.clone()),
        _ => None,
    };
    report.invalid = invalid(&report, outcome);
    report.notes = notes(&report);
    report
}

/// Why the numbers must not be trusted.
fn invalid(report: &Report, outcome: &Outcome) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(Stopped::Unable(why)) = &outcome.stopped {
        reasons.push(why.clone());
    }
    if report.total.counts.planned == 0 && outcome.stopped.is_none() {
        reasons.push("no operation was to start: the run is too short for its rate".to_owned());
    }
    if !report.sums_agree() {
        // It would be a mistake of ours, and must not pass unseen.
        reasons.push("the sums do not agree".to_owned());
    }
    let lag = report.generator.lag.durations.quantile(0.99);
    if let (Some(lag), Some(allowed)) = (lag, report.generator.lag_allowed)
        && lag > allowed
    {
        reasons.push(format!(
            "the generator is saturated: it started operations {lag:.1?} late at p99, {allowed:.1?} \
             is allowed; fewer starts a second, or more processors, would help"
        ));
    }
    reasons
}

/// What else a reader should know.
fn notes(report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    let counts = &report.total.counts;
    if counts.dropped > 0 {
        notes.push(format!(
            "{} of {} operations could not start: {} may be in flight and {} wait; latencies are of \
             those that started",
            counts.dropped,
            counts.planned,
            report.generator.most_in_flight,
            report.generator.most_waiting
        ));
    }
    let held_back = report.generator.held_back;
    if held_back > 0 {
        notes.push(format!(
            "{held_back} of {} operations waited for a place, since all {} in flight were taken; \
             that is part of their latency (`in_flight_at_most`)",
            counts.planned, report.generator.most_in_flight
        ));
    }
    let left = report.generator.left_running;
    if left > 0 {
        notes.push(format!(
            "{left} operations have not returned; nothing but the process's end can end them"
        ));
    }
    if report.total.latency.censored > 0 {
        notes.push(format!(
            "{} operations were given up; each counts with at least the time it was waited for",
            report.total.latency.censored
        ));
    }
    if cfg!(debug_assertions) {
        notes.push("a debug build: times say little about a release build".to_owned());
    }
    notes
}

fn stages(plan: &Plan, books: &Books, readings: &Readings, elapsed: Duration) -> Vec<StageRow> {
    let last = plan.stages.all().len() - 1;
    let spans = plan.stages.all().iter().zip(plan.stages.spans()).enumerate();
    spans
        .map(|(at, (stage, (begins, ends)))| {
            // The last may be over sooner, where operations are spent, and its operations later.
            let ends = if ends >= FOR_EVER { elapsed } else { ends };
            let occupied = if at == last { elapsed.max(begins) } else { ends };
            let occupancy = books.occupancy[at];
            let ran = occupied.min(ends.max(books.last)).saturating_sub(begins);
            let ran = if at == last { ran } else { ends - begins };
            StageRow {
                row: Row::of(&stage.name, &books.of_stage(at), ran),
                warm_up: stage.warm_up,
                begins,
                ends,
                load: (stage.load.level(0.0), stage.load.level(1.0)),
                most_in_flight: occupancy.most,
                mean_in_flight: occupancy.mean(),
                processor_share: readings.processor_share(begins, occupied),
            }
        })
        .collect()
}

fn timeline(books: &Books, end: Duration) -> Vec<Point> {
    let point = |(at, slice): (Duration, &crate::load::timeline::Slice)| {
        let Quantiles { p50, p95 } = slice.quantiles();
        Point {
            at,
            length: books.timeline.length(at, end),
            ok: slice.ok,
            not_ok: slice.not_ok,
            dropped: slice.dropped,
            in_flight: slice.in_flight,
            p50,
            p95,
        }
    };
    books.timeline.slices().map(point).collect()
}
