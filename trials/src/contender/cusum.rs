//! `Cusum`: a textbook detector.

use super::{Alert, Detector, Kind, Severity};

/// The calls from which mean and standard deviation are learnt.
const LEARNT: u32 = 100;
/// What is taken off each call, in standard deviations.
const ALLOWANCE: f64 = 0.5;
/// The sum at which it alerts, in standard deviations.
const THRESHOLD: f64 = 5.0;

/// Page's cumulative sum (1954) of the logarithms of the durations, with an allowance of 0.5 and a
/// threshold of 5 standard deviations; both moments are those of the first 100 calls.
///
/// After an alert the sum begins anew.
#[derive(Clone, Debug, Default)]
pub struct Cusum {
    calls: u32,
    mean: f64,
    squares: f64,
    sum: f64,
    since: Vec<f64>,
}

impl Detector for Cusum {
    fn begin(&mut self) {
        *self = Self::default();
    }

    fn call(&mut self, t: f64, d: f64, _ok: bool, out: &mut Vec<Alert>) {
        // A timer that shows nothing has no logarithm: a tenth of a microsecond stands for it.
        let x = d.max(1e-7).ln();
        if self.calls < LEARNT {
            self.calls += 1;
            let off = x - self.mean;
            self.mean += off / f64::from(self.calls);
            self.squares += off * (x - self.mean);
            return;
        }
        let sd = (self.squares / f64::from(LEARNT - 1)).sqrt().max(1e-3);
        self.sum = (self.sum + (x - self.mean) / sd - ALLOWANCE).max(0.0);
        if self.sum == 0.0 {
            self.since.clear();
            return;
        }
        self.since.push(x - self.mean);
        if self.sum > THRESHOLD {
            let shift = self.since.iter().sum::<f64>() / self.since.len() as f64;
            let severity = match shift.exp() {
                ratio if ratio >= 10.0 => Severity::Emergency,
                ratio if ratio >= 5.0 => Severity::Critical,
                ratio if ratio >= 2.0 => Severity::Warning,
                _ => Severity::Info,
            };
            out.push(Alert { t, severity, kind: Kind::Location });
            self.sum = 0.0;
            self.since.clear();
        }
    }

    fn finish(&mut self, _out: &mut Vec<Alert>) {}

    fn fork(&self) -> Option<Box<dyn Detector>> {
        Some(Box::new(self.clone()))
    }
}
