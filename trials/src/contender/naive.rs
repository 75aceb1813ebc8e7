//! `Naive`: the rule that everybody writes first.

use super::{Alert, Detector, Kind, Severity};

/// The calls whose mean is the baseline.
const LEARNT: u32 = 100;

/// The mean of 100 calls; one call above 1, 2 or 5 times the mean is an alert.
#[derive(Clone, Debug, Default)]
pub struct Naive {
    calls: u32,
    mean: f64,
}

impl Detector for Naive {
    fn begin(&mut self) {
        *self = Self::default();
    }

    fn call(&mut self, t: f64, d: f64, _ok: bool, out: &mut Vec<Alert>) {
        if self.calls < LEARNT {
            self.calls += 1;
            self.mean += (d - self.mean) / f64::from(self.calls);
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

    fn fork(&self) -> Option<Box<dyn Detector>> {
        Some(Box::new(self.clone()))
    }
}
