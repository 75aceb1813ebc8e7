//! Readings: what each duration says about the level at which it was measured.

use crate::stats::{Density, midranks};

use super::log_durations::{LogDurations, PLACES};

/// The least that a shift can move scores, in shares of what it moves them by if the curve is
/// true: the denominator of a reading must not vanish.
const LEAST_SLOPE: f64 = 0.25;

/// What each of the aligned logarithms says about the level, by its rank: the score of the test of
/// Mann and Whitney, in the unit of a logarithm. Their mean is zero.
///
/// A level that lies higher by a small `x` makes readings higher by `x` on average, and no duration
/// makes a reading large by being an outlier.
pub(super) fn by_rank(aligned: &[f64]) -> Vec<f64> {
    let count = aligned.len() as f64;
    let mut sorted = aligned.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quantile = |q: f64| sorted[(q * (count - 1.0)) as usize];
    let spread = (quantile(0.75) - quantile(0.25)).max(1e-6);
    let near = 0.5 * spread * count.powf(-0.2);
    // How fast ranks rise with the level: how many durations lie near one another.
    let (mut first, mut end, mut neighbours) = (0, 0, 0);
    for value in &sorted {
        while sorted[first] < value - near {
            first += 1;
        }
        while end < sorted.len() && sorted[end] <= value + near {
            end += 1;
        }
        neighbours += end - first - 1;
    }
    let slope = (neighbours.max(1) as f64) / (count * (count - 1.0)) / near;
    midranks(aligned).iter().map(|rank| (2.0 * rank - 1.0 - count) / count / slope).collect()
}

/// What each of the aligned logarithms says about the level, by the score of their distribution:
/// the readings that tell the level best whatever the shape. Their mean is zero.
///
/// Where the clock was coarse, a duration's score is its mean over the tick.
pub(super) fn by_density(aligned: &[f64], durations: &LogDurations) -> Vec<f64> {
    let density = Density::of(aligned);
    let step = 0.5 * density.width();
    let here = [0.0; PLACES];
    let mut slopes = 0.0;
    let mut scores: Vec<f64> = aligned
        .iter()
        .enumerate()
        .map(|(at, own)| {
            let places = durations.elsewhere.get(at).map_or(&here[..1], |places| &places[..]);
            let mut score = 0.0;
            for place in places {
                score += density.score(own + place, *own);
                slopes += (density.score(own + place + step, *own)
                    - density.score(own + place - step, *own))
                    / (2.0 * step * places.len() as f64);
            }
            score / places.len() as f64
        })
        .collect();
    let count = aligned.len() as f64;
    let mean = scores.iter().sum::<f64>() / count;
    let information = scores.iter().map(|score| (score - mean).powi(2)).sum::<f64>() / count;
    // With the true density, scores rise as fast with the level as their variance is large.
    let slope = (slopes / count).max(LEAST_SLOPE * information).max(f64::MIN_POSITIVE);
    for score in &mut scores {
        *score = (*score - mean) / slope;
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::simulation::{Dice, Shape};

    /// Durations of which every second one is slower by a tenth, and readings made of them.
    fn readings(shape: Shape, by: impl Fn(&[f64], &LogDurations) -> Vec<f64>) -> (f64, f64) {
        let mut dice = Dice::new(1);
        let set: Vec<f64> =
            (0..4_000).map(|at| shape.draw(&mut dice, 0.1 * f64::from(at % 2))).collect();
        let durations = LogDurations::of(&set, &[]);
        let readings = by(&durations.baseline, &durations);
        let mean = |from: usize| readings.iter().skip(from).step_by(2).sum::<f64>() / 2_000.0;
        let variance = readings.iter().map(|each| each * each).sum::<f64>() / 4_000.0;
        (mean(1) - mean(0), (2.0 * variance / 2_000.0).sqrt())
    }

    #[test]
    fn readings_rise_with_the_level() {
        for shape in
            [Shape::LogNormal(0.3), Shape::Gamma(8), Shape::HitOrMiss(0.3), Shape::Ticks(0.3)]
        {
            for (how, (rise, error)) in [
                ("rank", readings(shape, |aligned, _| by_rank(aligned))),
                ("density", readings(shape, by_density)),
            ] {
                assert!((rise - 0.1).abs() < 0.01 + 2.5 * error, "{shape:?} by {how}: {rise}");
            }
        }
    }

    #[test]
    fn where_durations_have_two_modes_the_density_reads_twice_as_well() {
        let (_, by_rank) = readings(Shape::HitOrMiss(0.17), |aligned, _| by_rank(aligned));
        let (_, by_density) = readings(Shape::HitOrMiss(0.17), by_density);
        assert!(by_density < 0.85 * by_rank, "{by_density} {by_rank}");
    }
}
