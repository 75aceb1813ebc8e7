//! Nothing changes; whatever is said is false.

use super::{FalseAlarm, Job, LEARNING_CALLS, Ledger, Topic};
use crate::contender::Detector;
use crate::goal::Measure;
use crate::score::{Alarm, Alarms};
use crate::streams::Stream;

/// Seconds in an operation-week.
const WEEK: f64 = 7.0 * 86_400.0;
/// Seconds that count as the first hour.
const HOUR: f64 = 3_600.0;

/// Runs a stream without a change for `hours`.
pub(super) fn run(job: &Job, hours: f64, detector: &mut dyn Detector, ledger: &mut Ledger) {
    let end = hours * 3_600.0;
    let mut stream = Stream::new(job.regime, job.rate, job.seed);
    let mut alerts = Vec::new();
    let mut alarms = Alarms::default();
    let mut learnt = f64::INFINITY;
    let mut calls = 0;
    detector.begin();
    while stream.due() <= end {
        let call = stream.next_call();
        calls += 1;
        if calls == LEARNING_CALLS {
            learnt = call.t;
        }
        detector.call(call.t, call.d, call.ok, &mut alerts);
        if !alerts.is_empty() && calls >= LEARNING_CALLS {
            // At once: a detector that alerts at every call would fill the memory.
            alarms.extend(alerts.drain(..).filter(|it| it.t >= learnt));
        }
    }
    detector.finish(&mut alerts);
    if learnt.is_infinite() {
        return;
    }
    alarms.extend(alerts.drain(..).filter(|it| it.t >= learnt));
    let (early, late): (Vec<Alarm>, Vec<Alarm>) =
        alarms.list().iter().partition(|alarm| alarm.opened_by.t < learnt + HOUR);
    let (topic, rate, regime, seed) = (job.topic, job.rate, job.regime.name, job.seed);
    let mut count = |measure, alarms: &[Alarm], pages_only: bool, seconds: f64| {
        let events = alarms.iter().filter(|it| !pages_only || it.is_page()).count();
        let tally = ledger.tally(rate, measure, regime);
        tally.hits += events as f64;
        tally.chances += seconds.max(0.0) / WEEK;
    };
    // A stream of the first hour is cut off by chance a little after it: that tells nothing steady.
    if topic == Topic::Steady {
        count(Measure::FalseAlarms, &late, false, end - learnt - HOUR);
        count(Measure::FalsePages, &late, true, end - learnt - HOUR);
    }
    count(Measure::FirstHour, &early, false, (end - learnt).min(HOUR));
    count(Measure::FirstHourPages, &early, true, (end - learnt).min(HOUR));
    let found = alarms.list().iter().map(|&alarm| FalseAlarm { topic, rate, regime, seed, alarm });
    ledger.false_alarms.extend(found);
}
