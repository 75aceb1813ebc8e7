//! Nothing changes; whatever is said is false.

use super::{FalseAlarm, Job, LEARNING_CALLS, Ledger};
use crate::contender::Detector;
use crate::goal::Measure;
use crate::score::{Alarm, alarms};
use crate::streams::Stream;

/// Seconds in an operation-week.
const WEEK: f64 = 7.0 * 86_400.0;
/// Seconds that count as the first hour.
const HOUR: f64 = 3_600.0;

/// Runs a stream without a change for `hours`.
pub(super) fn run(job: &Job, hours: f64, detector: &mut dyn Detector, ledger: &mut Ledger) {
    let mut stream = Stream::new(job.regime, job.rate, job.seed);
    let mut alerts = Vec::new();
    let mut learnt = f64::INFINITY;
    let mut calls = 0;
    detector.begin();
    while stream.due() <= hours * 3_600.0 {
        let call = stream.next_call();
        calls += 1;
        if calls == LEARNING_CALLS {
            learnt = call.t;
        }
        detector.call(call.t, call.d, call.ok, &mut alerts);
    }
    detector.finish(&mut alerts);
    if learnt.is_infinite() {
        return;
    }
    let (rate, regime, seed) = (job.rate, job.regime.name, job.seed);
    let alarms = alarms(&alerts, learnt);
    let (early, late): (Vec<Alarm>, Vec<Alarm>) =
        alarms.iter().partition(|alarm| alarm.opened_by.t < learnt + HOUR);
    let steady_weeks = ((hours * 3_600.0 - learnt - HOUR) / WEEK).max(0.0);
    let pages = late.iter().filter(|alarm| alarm.is_page()).count();
    let mut count = |measure, events: usize, weeks: f64| {
        let tally = ledger.tally(rate, measure, regime);
        tally.hits += events as f64;
        tally.chances += weeks;
    };
    count(Measure::FalseAlarms, late.len(), steady_weeks);
    count(Measure::FalsePages, pages, steady_weeks);
    count(Measure::FirstHour, early.len(), (hours * 3_600.0 - learnt).min(HOUR) / WEEK);
    ledger.false_alarms.extend(alarms.into_iter().map(|alarm| FalseAlarm {
        rate,
        regime,
        seed,
        alarm,
    }));
}
