//! Disturbances that are over within 5 s.

use super::{Job, Ledger, changes, watched};
use crate::contender::Detector;
use crate::goal::Measure;
use crate::score::Outcome;
use crate::streams::{Change, Dice, Stream};

/// The disturbances in one stream.
const SPIKES: usize = 8;

/// Plants disturbances of 0.5 to 5 s and 3 to 20 times the length, far enough apart to be told one
/// from the other.
pub(super) fn run(job: &Job, detector: &mut dyn Detector, ledger: &mut Ledger) {
    let mut dice = Dice::new(job.seed ^ 1);
    let mut stream = Stream::new(job.regime, job.rate, job.seed);
    let watched = watched(job.rate);
    let mut at = changes::late(job.rate, &mut dice);
    let mut times = Vec::new();
    for _ in 0..SPIKES {
        let seconds = dice.log_between(0.5, 5.0);
        let effect = dice.log_between(3.0, 20.0) - 1.0;
        stream.plant_between(Change::Slower(effect), at, at + seconds);
        times.push(at);
        at += watched + dice.between(5.0, 120.0);
    }
    let mut alerts = Vec::new();
    detector.begin();
    while stream.due() < at {
        let call = stream.next_call();
        detector.call(call.t, call.d, call.ok, &mut alerts);
    }
    detector.finish(&mut alerts);
    for time in times {
        let paged = Outcome::of(&alerts, time, time + watched).is_paged();
        ledger.count(job.rate, Measure::SpikePaged, job.regime.name, paged);
    }
}
