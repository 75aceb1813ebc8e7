//! `Product`: the detector that runs in the measured program.

use std::time::Duration;

use kgas_perf_runtime::detect::{Judge, Kind as JudgedKind};
use kgas_perf_runtime::measure::Severity as JudgedSeverity;

use super::{Alert, Detector, Kind, Severity};

/// `kgas_perf_runtime::detect::Judge`, told one call at a time.
#[derive(Clone, Debug, Default)]
pub struct Product {
    judge: Judge,
}

impl Detector for Product {
    fn begin(&mut self) {
        self.judge = Judge::new();
    }

    fn call(&mut self, t: f64, d: f64, ok: bool, out: &mut Vec<Alert>) {
        let (at, duration) = (Duration::from_secs_f64(t), Duration::from_secs_f64(d));
        let Some(verdict) = self.judge.call(at, duration, ok) else { return };
        let severity = match verdict.severity {
            JudgedSeverity::Info => Severity::Info,
            JudgedSeverity::Warning => Severity::Warning,
            JudgedSeverity::Critical => Severity::Critical,
            JudgedSeverity::Emergency => Severity::Emergency,
        };
        let kind = match verdict.kind {
            JudgedKind::Tail => Kind::Tail,
            JudgedKind::Errors => Kind::Errors,
            JudgedKind::Drift => Kind::Drift,
            JudgedKind::Improvement => Kind::Improvement,
            _ => Kind::Location,
        };
        out.push(Alert { t: verdict.at.as_secs_f64(), severity, kind });
    }

    fn finish(&mut self, _out: &mut Vec<Alert>) {}

    fn fork(&self) -> Option<Box<dyn Detector>> {
        Some(Box::new(self.clone()))
    }
}
