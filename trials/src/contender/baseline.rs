//! `Baseline`: what a detector takes for normal.

use serde::Serialize;

/// What a detector takes for normal, as it reports it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Baseline {
    /// When it was reported, in seconds on the operation's clock.
    pub t: f64,
    /// The median, in seconds.
    pub p50: f64,
    /// The 95th percentile, in seconds.
    pub p95: f64,
    /// The 99th percentile, in seconds.
    pub p99: f64,
    /// The probability that all three are as near to the truth as they have to be.
    pub confidence: f64,
}

impl Baseline {
    /// Whether p50, p95 and p99 are within 5, 10 and 20 % of the true ones.
    pub fn is_within(&self, truth: [f64; 3]) -> bool {
        let reported = [self.p50, self.p95, self.p99];
        let tolerances = [0.05, 0.10, 0.20];
        (0..3).all(|n| (reported[n] / truth[n] - 1.0).abs() <= tolerances[n])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quantile_has_its_own_tolerance() {
        let baseline = Baseline { t: 0.0, p50: 1.04, p95: 2.18, p99: 3.5, confidence: 0.96 };
        assert!(baseline.is_within([1.0, 2.0, 3.0]));
        assert!(!baseline.is_within([0.98, 2.0, 3.0]));
        assert!(!baseline.is_within([1.0, 1.96, 3.0]));
        assert!(!baseline.is_within([1.0, 2.0, 2.9]));
    }
}
