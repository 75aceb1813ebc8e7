//! `Series`: readings in the order of measurement, and the machine's level under them.

use crate::stats::{Wander, Whitened};

/// At most about so many points: longer series are averaged over neighbours.
const POINTS: usize = 1_024;
/// By how much a wander must explain the readings better, in the log of their probability, before
/// it is taken off them.
const PLAUSIBLE: f64 = 3.0;

/// The mean reading of neighbours in time.
#[derive(Clone, Copy, Debug)]
struct Point {
    reading: f64,
    /// How many readings it is the mean of, in full points.
    weight: f64,
    /// Half a step up for the candidate, half a step down for the baseline.
    step: f64,
}

/// Readings in the order of measurement, none of a point's on both sides of the change.
#[derive(Debug)]
pub(super) struct Series {
    points: Vec<Point>,
    /// How many readings make a full point.
    pub(super) readings_a_point: usize,
}

impl Series {
    /// A series that changes its code at the index `change`; at its length if it never does.
    pub(super) fn of(readings: &[f64], change: usize) -> Self {
        let size = readings.len().div_ceil(POINTS).max(1);
        let (before, after) = readings.split_at(change);
        let points = |part: &[f64], step: f64| -> Vec<Point> {
            let mean = |chunk: &[f64]| Point {
                reading: chunk.iter().sum::<f64>() / chunk.len() as f64,
                weight: chunk.len() as f64 / size as f64,
                step,
            };
            part.chunks(size).map(mean).collect()
        };
        let mut all = points(before, -0.5);
        all.extend(points(after, 0.5));
        Self { points: all, readings_a_point: size }
    }

    /// How many points it has.
    pub(super) fn len(&self) -> usize {
        self.points.len()
    }

    /// Sums of products of the readings (column 0), a constant (1), the step (2) and a line that
    /// rises by one from the first point to the last (3), under a wander.
    pub(super) fn whiten(&self, wander: Wander) -> Whitened<4> {
        let count = self.points.len() as f64;
        wander.whiten(self.points.iter().enumerate().map(|(at, point)| {
            let line = (at as f64 + 0.5) / count - 0.5;
            ([point.reading, 1.0, point.step, line], point.weight)
        }))
    }

    /// The machine's most probable level at each of `readings`, its mean zero: all zeros if
    /// nothing speaks for a wander. A step at the change is not taken for one.
    pub(super) fn level(&self, readings: usize) -> Vec<f64> {
        let changes = self.points.iter().any(|point| point.step > 0.0);
        let left = self.points.len() as f64 - if changes { 2.0 } else { 1.0 };
        let explain = |wander: Wander| {
            let mut whitened = self.whiten(wander).take_out(1, None);
            if changes {
                whitened = whitened.take_out(2, None);
            }
            -0.5 * (whitened.log_det + left * whitened.products[0][0].max(f64::MIN_POSITIVE).ln())
        };
        let mut best = (explain(Wander::NONE) + PLAUSIBLE, None);
        for time in [2.0, 5.0, 12.0, 30.0, 80.0, 200.0] {
            for variance in [0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0] {
                let wander = Wander::new(variance, time);
                let explained = explain(wander);
                if explained > best.0 {
                    best = (explained, Some(wander));
                }
            }
        }
        let Some(wander) = best.1 else { return vec![0.0; readings] };
        let whitened = self.whiten(wander).take_out(1, None);
        let step = if changes { whitened.products[0][2] / whitened.products[2][2] } else { 0.0 };
        let mut rest: Vec<(f64, f64)> =
            self.points.iter().map(|p| (p.reading - step * p.step, p.weight)).collect();
        let mean = rest.iter().map(|(reading, _)| reading).sum::<f64>() / rest.len() as f64;
        for (reading, _) in &mut rest {
            *reading -= mean;
        }
        self.spread(&wander.smooth(&rest), readings)
    }

    /// Levels of points as levels of readings.
    fn spread(&self, levels: &[f64], readings: usize) -> Vec<f64> {
        let size = self.readings_a_point;
        let before = self.points.iter().filter(|point| point.step < 0.0);
        let change: f64 = before.map(|point| point.weight * size as f64).sum();
        let first_after = (change.round() as usize).div_ceil(size);
        (0..readings)
            .map(|at| match (at as f64) < change.round() {
                true => levels[at / size],
                false => levels[first_after + (at - change.round() as usize) / size],
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wander_is_found_and_a_step_at_the_change_is_none() {
        let wave = |at: usize| (at as f64 / 30.0).sin();
        let hum = |at: usize| if at.is_multiple_of(2) { 0.2 } else { -0.2 };
        let readings: Vec<f64> =
            (0..600).map(|at| wave(at) + hum(at) + if at < 300 { 0.0 } else { 5.0 }).collect();
        let level = Series::of(&readings, 300).level(600);
        let mean = level.iter().sum::<f64>() / 600.0;
        let off = (0..600).map(|at| (level[at] - mean - wave(at)).abs()).sum::<f64>() / 600.0;
        assert!(off < 0.15, "{off}");
    }

    #[test]
    fn noise_alone_has_no_level() {
        let mut dice = crate::compare::simulation::Dice::new(3);
        let readings: Vec<f64> = (0..400).map(|_| dice.normal()).collect();
        assert_eq!(Series::of(&readings, 400).level(400), [0.0; 400]);
    }

    #[test]
    fn a_long_series_is_averaged_without_mixing_the_sides() {
        let readings: Vec<f64> = (0..5_001).map(|at| if at < 1_234 { 1.0 } else { 7.0 }).collect();
        let series = Series::of(&readings, 1_234);
        assert!(series.len() <= POINTS + 2);
        assert!(series.points.iter().all(|p| p.reading == if p.step < 0.0 { 1.0 } else { 7.0 }));
        let levels: Vec<f64> = series.points.iter().map(|point| point.reading).collect();
        assert_eq!(series.spread(&levels, 5_001), readings);
    }
}
