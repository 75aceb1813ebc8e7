//! `Level`: what the repeats at one size say of the cost there.

use serde::Serialize;

/// The cost at one size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Level {
    /// The size.
    pub size: u64,
    /// How often it was measured.
    pub repeats: usize,
    /// The median of the repeats, in seconds.
    pub median_seconds: f64,
    /// The standard error of the median's logarithm, from the scatter of the repeats alone: 0.01
    /// is about 1 %. 0 where a size has one repeat.
    pub standard_error: f64,
    /// The residual in logarithms from the best fit, 0.1 being about 10 % above it.
    pub residual: f64,
}

/// Sizes whose median is below so many steps of the timer are left out: rounding would shape the
/// curve there.
const STEPS: f64 = 20.0;
/// The scatter of one size counts as much as this many repeats of the scatter of all.
const BORROWED: f64 = 4.0;

/// What the repeats say, and the sizes that the timer could not resolve.
pub(crate) struct Levels {
    pub(crate) kept: Vec<Level>,
    pub(crate) unresolved: Vec<u64>,
}

impl Levels {
    /// Groups measurements, all positive and finite or 0, by size.
    pub(crate) fn of(measurements: &[(u64, f64)]) -> Self {
        let mut sorted = measurements.to_vec();
        sorted.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let groups: Vec<&[(u64, f64)]> = sorted.chunk_by(|a, b| a.0 == b.0).collect();
        let step = step(&groups);
        let (mut kept, mut unresolved) = (Vec::new(), Vec::new());
        for group in groups {
            let (size, median) = (group[0].0, median_of(group));
            if median <= 0.0 || median < STEPS * step {
                unresolved.push(size);
            } else {
                kept.push(group);
            }
        }
        let scatters: Vec<Option<f64>> = kept.iter().map(|group| scatter(group)).collect();
        let mut known: Vec<f64> = scatters.iter().flatten().copied().collect();
        known.sort_by(f64::total_cmp);
        let common = if known.is_empty() { 0.0 } else { median(&known) };
        let kept = kept.into_iter().zip(scatters).map(|(group, own)| {
            let repeats = group.len();
            let degrees = (repeats - 1) as f64;
            let variance = (degrees * own.unwrap_or(common).powi(2) + BORROWED * common * common)
                / (degrees + BORROWED);
            // The variance of the median of n normal values is about π/2n for n above 2.
            let shrink = if repeats > 2 { std::f64::consts::FRAC_PI_2 } else { 1.0 };
            Level {
                size: group[0].0,
                repeats,
                median_seconds: median_of(group),
                standard_error: (variance * shrink / repeats as f64).sqrt(),
                residual: 0.0,
            }
        });
        Self { kept: kept.collect(), unresolved }
    }
}

/// The step in which a timer counts, in seconds; 0 where equal values are too rare to tell.
///
/// Real durations differ in their last digits. Where at some size half of the repeats meet
/// another to the bit, they are counts of steps, and the smallest difference between any two is
/// one. A size whose repeats are all equal is below a step or free of noise; a single distinct
/// value gives no difference, so steps of other sizes decide.
fn step(groups: &[&[(u64, f64)]]) -> f64 {
    let ties =
        |group: &[(u64, f64)]| group.windows(2).filter(|pair| pair[0].1 == pair[1].1).count();
    let coarse = groups.iter().any(|group| group.len() > 2 && 2 * ties(group) >= group.len() - 1);
    if !coarse {
        return 0.0;
    }
    let mut values: Vec<f64> = groups.iter().flat_map(|group| group.iter().map(|m| m.1)).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let apart = values.windows(2).map(|pair| pair[1] - pair[0]);
    // Sums of steps differ by rounding; what is a billionth of the larger is no step.
    let larger = values.last().copied().unwrap_or(0.0) * 1e-9;
    let smallest = apart.filter(|gap| *gap > larger.min(1e-12)).fold(f64::INFINITY, f64::min);
    // Where every size has one value of its own, nothing is known of a step.
    let noiseless = groups.iter().all(|group| group[0].1 == group[group.len() - 1].1);
    if noiseless || !smallest.is_finite() { 0.0 } else { smallest }
}

/// The standard deviation of the logarithms of a sorted group, from their median absolute
/// deviation (Rousseeuw and Croux, 1993: 1.4826 for normal values); `None` below two.
fn scatter(group: &[(u64, f64)]) -> Option<f64> {
    if group.len() < 2 {
        return None;
    }
    let middle = median_of(group).ln();
    let mut apart: Vec<f64> =
        group.iter().map(|(_, seconds)| (seconds.max(1e-300).ln() - middle).abs()).collect();
    apart.sort_by(f64::total_cmp);
    // Few values scatter less about their own median than about the truth.
    let few = 1.0 + 1.0 / group.len() as f64;
    Some(1.4826 * few * median(&apart))
}

fn median_of(group: &[(u64, f64)]) -> f64 {
    let values: Vec<f64> = group.iter().map(|(_, seconds)| *seconds).collect();
    median(&values)
}

/// The median of sorted values, of which there is one at least.
pub(crate) fn median(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { f64::midpoint(sorted[half - 1], sorted[half]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_a_size_ignores_an_outlying_repeat() {
        let levels =
            Levels::of(&[(10, 1.0), (10, 1.1), (10, 90.0), (20, 2.0), (20, 2.2), (20, 2.1)]);
        let medians: Vec<f64> = levels.kept.iter().map(|level| level.median_seconds).collect();
        assert_eq!(medians, [1.1, 2.1]);
    }

    #[test]
    fn sizes_below_twenty_steps_of_the_timer_are_left_out() {
        // A timer of 1 µs: at size 10 the call takes 2 or 3 of them, at 1,000 about 250.
        let counts = [(10, [2, 3, 2, 2, 3]), (1_000, [250, 251, 255, 249, 250])];
        let measured: Vec<(u64, f64)> = counts
            .iter()
            .flat_map(|(size, counts)| counts.map(|count| (*size, f64::from(count) * 1e-6)))
            .collect();
        let levels = Levels::of(&measured);
        assert_eq!(levels.unresolved, [10]);
        assert_eq!(levels.kept.len(), 1);
    }

    #[test]
    fn equal_values_without_any_noise_are_kept() {
        let levels = Levels::of(&[(1, 1.0), (1, 1.0), (1, 1.0), (2, 2.0), (2, 2.0), (2, 2.0)]);
        assert_eq!((levels.kept.len(), levels.unresolved.len()), (2, 0));
    }

    #[test]
    fn the_standard_error_of_a_median_is_that_of_simulated_medians() {
        use crate::scaling::simulation::Chance;
        // 9 normal values with a standard deviation of 0.1: √(π/2 · 0.01/9) = 0.0418.
        let mut chance = Chance::new(3);
        let (mut stated, mut squares) = (0.0, 0.0);
        let rounds = 400;
        for _ in 0..rounds {
            let measured: Vec<(u64, f64)> =
                (0..72).map(|n| (n / 9 + 1, (0.1 * chance.normal()).exp())).collect();
            for level in Levels::of(&measured).kept {
                stated += level.standard_error;
                squares += level.median_seconds.ln().powi(2);
            }
        }
        let all = f64::from(rounds) * 8.0;
        let (stated, true_error) = (stated / all, (squares / all).sqrt());
        assert!((true_error - 0.0410).abs() < 0.002, "{true_error}");
        assert!((stated / true_error - 1.0).abs() < 0.12, "{stated} against {true_error}");
    }
}
