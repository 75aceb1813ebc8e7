//! `Resolution`: the step of a coarse timer, and durations spread over it.

use serde::{Deserialize, Serialize};

/// Adds the fractional part of the golden ratio: evenly spread after any number of steps
/// (Weyl, *Über die Gleichverteilung von Zahlen mod. Eins*, 1916).
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// What a timer shows is spread evenly over its step, so that a shift by less than a step is seen
/// as one, and a duration of zero has a logarithm.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Resolution {
    /// The step in nanoseconds; 0 where the timer is fine.
    step_ns: f64,
    phase: f64,
}

impl Resolution {
    /// Finds the step in durations of nanoseconds. A timer is coarse when fewer than 60 % of them
    /// are distinct, and all are multiples of the smallest gap.
    pub(super) fn of(durations_ns: &[f64]) -> Self {
        let mut sorted = durations_ns.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup_by(|a, b| (*a - *b).abs() < 0.5);
        if sorted.len() as f64 >= 0.6 * durations_ns.len() as f64 {
            return Self::default();
        }
        let zero = (sorted.first() != Some(&0.0)).then_some(0.0);
        let ends: Vec<f64> = zero.into_iter().chain(sorted.iter().copied()).collect();
        let Some(step_ns) = ends
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .min_by(f64::total_cmp)
            .filter(|&step| step > 1.0)
        else {
            return Self::default();
        };
        // A step is known to a nanosecond, a duration of many of them to as many.
        let whole = |duration: f64| {
            let steps = (duration / step_ns).round();
            (duration - steps * step_ns).abs() <= 2.0 + steps
        };
        if sorted.iter().all(|&duration| whole(duration)) {
            Self { step_ns, phase: 0.5 }
        } else {
            Self::default()
        }
    }

    /// The step as a share of a duration, of which this is the logarithm; at most 1.
    pub(super) fn grain(&self, log: f64) -> f64 {
        (self.step_ns / log.exp()).min(1.0)
    }

    /// A duration in nanoseconds, somewhere within its step.
    #[inline]
    pub(super) fn spread(&mut self, duration_ns: f64) -> f64 {
        if self.step_ns == 0.0 {
            return duration_ns;
        }
        self.phase = (self.phase + GOLDEN).fract();
        let spread = duration_ns + (self.phase - 0.5) * self.step_ns;
        if spread <= 0.0 {
            // A zero stands for anything below half a step.
            return (0.5 * self.phase.max(0.01) * self.step_ns).max(1.0);
        }
        spread.max(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fine_timer_is_left_alone() {
        let fine: Vec<f64> = (0..100).map(|at| 1e6 + f64::from(at * at) * 37.0).collect();
        assert_eq!(Resolution::of(&fine).spread(123.0), 123.0);
        // Many equal values that are no multiples of one step are no timer's doing either.
        let few: Vec<f64> = (0..100).map(|at| [1e6, 1.3e6, 1.45e6][at % 3]).collect();
        assert_eq!(Resolution::of(&few).spread(1e6), 1e6);
    }

    #[test]
    fn its_grain_is_the_step_beside_a_duration() {
        let coarse: Vec<f64> = (0..100).map(|at| f64::from(at % 4) * 1e6).collect();
        let grain = |ns: f64| Resolution::of(&coarse).grain(ns.ln());
        assert!((grain(4e6) - 0.25).abs() < 1e-9 && grain(1e5) == 1.0);
        assert_eq!(Resolution::default().grain(1e3_f64.ln()), 0.0);
    }

    #[test]
    fn a_coarse_timer_is_spread_evenly_over_its_step() {
        let coarse: Vec<f64> = (0..100).map(|at| f64::from(at % 4) * 1e6).collect();
        let mut resolution = Resolution::of(&coarse);
        let spread: Vec<f64> = (0..1_000).map(|_| resolution.spread(2e6)).collect();
        assert!(spread.iter().all(|&ns| (1.5e6..2.5e6).contains(&ns)));
        let mean = spread.iter().sum::<f64>() / 1e3;
        assert!((mean / 2e6 - 1.0).abs() < 0.002, "{mean}");
        assert!((0..100).all(|_| (1.0..=0.5e6).contains(&resolution.spread(0.0))));
    }
}
