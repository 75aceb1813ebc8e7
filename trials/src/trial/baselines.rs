//! Whether what is taken for normal is normal.

use super::changes::Spoil;
use super::{Job, Ledger};
use crate::contender::Detector;
use crate::goal::Measure;
use crate::streams::Stream;

/// The calls after which no baseline is waited for any more.
const CALLS: u32 = 12_000;

/// Learns from a stream in peace and from the same stream with trouble, and compares the first
/// baseline of which the detector is sure with the truth.
///
/// A daily load has no truth to compare with; its streams are left out.
pub(super) fn run(job: &Job, detector: &mut dyn Detector, ledger: &mut Ledger) {
    if job.regime.load.is_some() {
        return;
    }
    let begin = Stream::new(job.regime, job.rate, job.seed);
    let spoil = if job.seed.is_multiple_of(2) { Spoil::Episode } else { Spoil::Freaks };
    for (spoil, measure) in
        [(None, Measure::BaselineRight), (Some(spoil), Measure::SpoiltBaselineRight)]
    {
        let mut stream = begin.clone();
        if let Some(spoil) = spoil {
            spoil.plant(&mut stream, job, f64::INFINITY);
        }
        let mut alerts = Vec::new();
        detector.begin();
        for _ in 0..CALLS {
            let call = stream.next_call();
            detector.call(call.t, call.d, call.ok, &mut alerts);
            alerts.clear();
        }
        detector.finish(&mut alerts);
        if let Some(sure) = detector.baselines().iter().find(|it| it.confidence >= 0.95) {
            let truth = stream.quantiles([0.5, 0.95, 0.99]);
            ledger.count(job, measure, sure.is_within(truth));
        }
    }
}
