//! `Judge`: one operation and size class, judged call by call or tick by tick.

use std::time::Duration;

use crate::detect::detector::Detector;
use crate::detect::verdict::Verdict;

/// Judges the calls of one operation and size class.
#[derive(Clone, Debug)]
pub struct Judge {
    detector: Option<Detector>,
}

impl Judge {
    /// A judge that has seen nothing.
    pub fn new() -> Self {
        Self { detector: None }
    }

    /// Takes one finished call: when it ended, how long it took, whether it ended well.
    pub fn call(&mut self, at: Duration, duration: Duration, ok: bool) -> Option<Verdict> {
        let now = at.as_secs_f64();
        let detector = self.detector.get_or_insert_with(|| Detector::new(now));
        let mut verdict = None;
        if !detector.is_immediate() && now >= detector.began() + 1.0 {
            let tick = now.floor().max(detector.began());
            verdict = detector.close(tick, now);
        }
        if ok {
            detector.add(duration.as_nanos() as f64);
        } else {
            detector.fail(1);
        }
        if detector.is_immediate() {
            verdict = detector.close(now, now).or(verdict);
        }
        verdict
    }
}

impl Default for Judge {
    fn default() -> Self {
        Self::new()
    }
}
