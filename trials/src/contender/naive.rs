//! `Naive`: the rule that everybody writes first.

use super::{Alert, Baseline, Detector, Kind, Severity};

/// The calls whose mean is the baseline.
const LEARNT: usize = 100;

/// The mean of 100 calls; one call above 1, 2 or 5 times the mean is an alert.
///
/// It reports the quantiles of its 100 calls as its baseline, and is not sure of them at all.
#[derive(Clone, Debug, Default)]
pub struct Naive {
    learnt: Vec<f64>,
    mean: f64,
    baseline: Option<Baseline>,
}

impl Detector for Naive {
    fn begin(&mut self) {
        *self = Self::default();
    }

    fn call(&mut self, t: f64, d: f64, _ok: bool, out: &mut Vec<Alert>) {
        if self.baseline.is_none() {
            self.learnt.push(d);
            if self.learnt.len() == LEARNT {
                self.mean = self.learnt.iter().sum::<f64>() / LEARNT as f64;
                self.learnt.sort_by(f64::total_cmp);
                let [p50, p95, p99] = [50, 95, 99].map(|rank| self.learnt[rank]);
                self.baseline = Some(Baseline { t, p50, p95, p99, confidence: 0.0 });
            }
            return;
        }
        let severity = match d / self.mean {
            ratio if ratio > 5.0 => Severity::Critical,
            ratio if ratio > 2.0 => Severity::Warning,
            ratio if ratio > 1.0 => Severity::Info,
            _ => return,
        };
        out.push(Alert { t, severity, kind: Kind::Location });
    }

    fn finish(&mut self, _out: &mut Vec<Alert>) {}

    fn baselines(&self) -> &[Baseline] {
        self.baseline.as_slice()
    }

    fn fork(&self) -> Option<Box<dyn Detector>> {
        Some(Box::new(self.clone()))
    }
}
