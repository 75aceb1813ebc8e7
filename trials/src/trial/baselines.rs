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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contender::{Alert, Baseline};
    use crate::streams::Regime;
    use crate::trial::Topic;

    /// Takes 5,000 calls as they are; its median is `wrong` times too high.
    #[derive(Default)]
    struct Learner {
        wrong: f64,
        learnt: Vec<f64>,
        baseline: Option<Baseline>,
    }

    impl Detector for Learner {
        fn begin(&mut self) {
            self.learnt.clear();
            self.baseline = None;
        }

        fn call(&mut self, t: f64, d: f64, _ok: bool, _out: &mut Vec<Alert>) {
            self.learnt.push(d);
            if self.learnt.len() == 5_000 {
                self.learnt.sort_by(f64::total_cmp);
                let [p50, p95, p99] = [2_500, 4_750, 4_950].map(|rank| self.learnt[rank]);
                let p50 = p50 * self.wrong;
                self.baseline = Some(Baseline { t, p50, p95, p99, confidence: 0.96 });
            }
        }

        fn finish(&mut self, _out: &mut Vec<Alert>) {}

        fn baselines(&self) -> &[Baseline] {
            self.baseline.as_slice()
        }

        fn fork(&self) -> Option<Box<dyn Detector>> {
            None
        }
    }

    fn figures(wrong: f64, seed: u64) -> [Option<f64>; 2] {
        let regime = Regime::named("quiet").unwrap();
        let job = Job { topic: Topic::Baselines, regime, rate: 1.0, seed };
        let mut ledger = Ledger::default();
        run(&job, &mut Learner { wrong, ..Learner::default() }, &mut ledger);
        [Measure::BaselineRight, Measure::SpoiltBaselineRight]
            .map(|measure| ledger.tally(1.0, measure, "quiet").figure(measure))
    }

    #[test]
    fn baseline_is_right_or_wrong_by_the_truth_of_its_stream() {
        // An even seed plants an episode of 50 calls in 5,000: p99 is no longer that of the stream.
        assert_eq!(figures(1.0, 2), [Some(1.0), Some(0.0)]);
        assert_eq!(figures(1.1, 2), [Some(0.0), Some(0.0)]);
    }
}
