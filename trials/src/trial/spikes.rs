//! Disturbances that are over within 5 s.

use super::{Job, Ledger, changes, watched};
use crate::contender::Detector;
use crate::goal::Measure;
use crate::score::Outcome;
use crate::streams::{Change, Dice, Stream};

/// The disturbances in one stream. Every fourth is a burst of errors.
const SPIKES: usize = 8;

/// Plants disturbances of 0.5 to 5 s, far enough apart to be told one from the other: calls are 3 to
/// 20 times as long, or 30 to 100 % of them fail.
pub(super) fn run(job: &Job, detector: &mut dyn Detector, ledger: &mut Ledger) {
    let mut dice = Dice::new(job.seed ^ 1);
    let mut stream = Stream::new(job.regime, job.rate, job.seed);
    let watched = watched(job.rate);
    let mut at = changes::late(job.rate, &mut dice);
    let mut planted = Vec::new();
    for n in 1..=SPIKES {
        let seconds = dice.log_between(0.5, 5.0);
        let (change, measure) = if n % 4 == 0 {
            (Change::Errors(dice.between(0.3, 1.0)), Measure::BurstPaged)
        } else {
            (Change::Slower(dice.log_between(3.0, 20.0) - 1.0), Measure::SpikePaged)
        };
        stream.plant_between(change, at, at + seconds);
        planted.push((measure, at));
        at += watched + dice.between(5.0, 120.0);
    }
    let mut alerts = Vec::new();
    detector.begin();
    while stream.due() < at {
        let call = stream.next_call();
        detector.call(call.t, call.d, call.ok, &mut alerts);
    }
    detector.finish(&mut alerts);
    for (measure, at) in planted {
        let outcome = Outcome::of(&alerts, at, at + watched);
        ledger.judge(job, measure, at, outcome, outcome.is_paged());
    }
}
