//! `segment`: where a stored series changes.

use crate::stats::LineFits;

use super::error::CompareError;

/// No segment is shorter: one odd value, or two, are no new state.
const SHORTEST: usize = 3;
/// No shorter segment has a slope.
const SHORTEST_SLOPE: usize = 6;
/// What a change must explain, in logarithms of the number of values: its place and its new level.
const CHANGE: f64 = 2.0;
/// What a slope must explain besides.
const SLOPE: f64 = 2.0;
/// The share of the series in which its noise is looked for, and the fewest values for it.
const WINDOW: (f64, usize) = (0.15, 4);
/// By how much a series varies more than it does within windows before it is called a change.
const CAUTION: f64 = 2.0;
/// Values further from their neighbours than so many standard deviations are taken for odd ones.
const ODD: f64 = 5.0;
/// A part of the mean that no change is worth telling below.
const NEGLIGIBLE: f64 = 1e-4;
/// At most so many places are weighed against one another; longer series are weighed on a grid
/// first.
const PLACES: usize = 2_000;

/// Finds where a stored series changes: the index of the first value of each new segment,
/// ascending; empty where there is no change. The values may be of any unit, and of any sign.
///
/// # Method
/// The series is cut where levels and lines explain it best: the cut of all possible ones that
/// leaves the least, when each change costs what the modified Bayesian criterion of Zhang and
/// Siegmund (*Biometrics* 63, 2007) asks for, and each slope as much again. So a slow trend is one
/// segment, not a staircase. The best cut is exact (optimal partitioning: Jackson et al., *IEEE
/// Signal Processing Letters* 12, 2005).
///
/// Noise is the variance within windows of 15 % of the series, of which the middle one counts:
/// windows with a change in them do not, and in a series that wanders the wander is part of the
/// noise. Single odd values are replaced by the median of their neighbours first (Hampel, *J. Amer.
/// Statist. Assoc.* 69, 1974).
///
/// Segments have at least three values; a series with fewer than six has no change. Beyond 2,000
/// values, changes are placed on a grid of that many places and then moved to the best value.
///
/// # Errors
/// [`CompareError::NotFinite`] if a value is infinite or no number.
///
/// # Cost
/// Two million steps at most, besides a few passes: some 40 ms. The bench `compare` measures it.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::compare::segment;
///
/// let nightly_ms = [20.2, 20.3, 20.1, 20.4, 18.2, 18.5, 17.9, 18.1, 18.0, 17.6, 17.8];
/// assert_eq!(segment(&nightly_ms)?, [4]);
/// # Ok::<(), kgas_perf_runtime::compare::CompareError>(())
/// ```
pub fn segment(series: &[f64]) -> Result<Vec<usize>, CompareError> {
    if let Some(index) = series.iter().position(|value| !value.is_finite()) {
        return Err(CompareError::NotFinite { index, value: series[index] });
    }
    let count = series.len();
    if count < 2 * SHORTEST {
        return Ok(Vec::new());
    }
    let Some((plain, smallest)) = standardise(&without_odd_values(series)) else {
        return Ok(Vec::new());
    };
    let fits = LineFits::of(&plain);
    let noise = (CAUTION * noise_of(&fits, count)).max(smallest);
    let cuts = Cuts { fits, noise, ln_count: (count as f64).ln() };
    let step = count.div_ceil(PLACES);
    let mut changes = cuts.best(count, step);
    if step > 1 {
        cuts.refine(&mut changes, count, step);
    }
    Ok(changes)
}

/// Weighs ways to cut a series.
struct Cuts {
    fits: LineFits,
    /// The variance of the noise.
    noise: f64,
    /// The logarithm of the number of values.
    ln_count: f64,
}

impl Cuts {
    /// What a segment leaves unexplained, and what it costs to say how it runs.
    fn cost(&self, start: usize, end: usize) -> f64 {
        let left = self.fits.residuals(start, end);
        let level = left.level / self.noise;
        let run = if end - start >= SHORTEST_SLOPE {
            level.min(left.line / self.noise + SLOPE * self.ln_count)
        } else {
            level
        };
        run + ((end - start) as f64).ln()
    }

    /// The best cut whose changes lie on multiples of `step`.
    fn best(&self, count: usize, step: usize) -> Vec<usize> {
        // The places where a segment may begin or end; the last one is the end of the series.
        let mut places: Vec<usize> = (0..count).step_by(step).collect();
        places.push(count);
        let mut least = vec![f64::INFINITY; places.len()];
        let mut before = vec![0; places.len()];
        least[0] = 0.0;
        for end in 1..places.len() {
            for start in 0..end {
                if places[end] - places[start] < SHORTEST || least[start].is_infinite() {
                    continue;
                }
                let cost =
                    least[start] + self.cost(places[start], places[end]) + CHANGE * self.ln_count;
                if cost < least[end] {
                    (least[end], before[end]) = (cost, start);
                }
            }
        }
        let mut changes = Vec::new();
        let mut end = before[places.len() - 1];
        while end > 0 {
            changes.push(places[end]);
            end = before[end];
        }
        changes.reverse();
        changes
    }

    /// Moves each change by less than `step` to where it cuts best between its neighbours.
    fn refine(&self, changes: &mut [usize], count: usize, step: usize) {
        for at in 0..changes.len() {
            let start = if at == 0 { 0 } else { changes[at - 1] };
            let end = changes.get(at + 1).copied().unwrap_or(count);
            let first = (changes[at] + 1).saturating_sub(step).max(start + SHORTEST);
            let last = (changes[at] + step - 1).min(end.saturating_sub(SHORTEST));
            let mut least = f64::INFINITY;
            for place in first..=last {
                let cost = self.cost(start, place) + self.cost(place, end);
                if cost < least {
                    (least, changes[at]) = (cost, place);
                }
            }
        }
    }
}

/// The variance within windows: that of the window in the middle when they are ordered by it, the
/// lower one of two.
fn noise_of(fits: &LineFits, count: usize) -> f64 {
    let width = ((count as f64 * WINDOW.0) as usize).max(WINDOW.1);
    let mut variances: Vec<f64> = (0..=count - width)
        .step_by(width / 2)
        .map(|start| fits.residuals(start, start + width).level / (width - 1) as f64)
        .collect();
    variances.sort_by(f64::total_cmp);
    variances[(variances.len() - 1) / 2]
}

/// A series of mean zero and variance one, and the variance that is negligible in it; `None` if it
/// is constant.
fn standardise(series: &[f64]) -> Option<(Vec<f64>, f64)> {
    let largest = series.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let count = series.len() as f64;
    let mean = series.iter().map(|value| value / largest).sum::<f64>() / count;
    let squares: f64 = series.iter().map(|value| (value / largest - mean).powi(2)).sum();
    let deviation = (squares / count).sqrt();
    let negligible = (NEGLIGIBLE * mean / deviation).powi(2);
    // A constant series has no deviation, and one of zeros nothing to scale by.
    (deviation > 1e-12).then(|| {
        let plain = series.iter().map(|value| (value / largest - mean) / deviation).collect();
        (plain, negligible.max(1e-10))
    })
}

/// The series with each value that lies far from the median of its neighbours replaced by it.
fn without_odd_values(series: &[f64]) -> Vec<f64> {
    let last = series.len() - 1;
    let medians: Vec<f64> = (0..=last)
        .map(|at| {
            let reach = 2.min(at).min(last - at);
            let (from, to) = match (reach, at) {
                (0, 0) => (0, 2),
                (0, _) => (last - 2, last),
                _ => (at - reach, at + reach),
            };
            median(&mut series[from..=to].to_vec())
        })
        .collect();
    let distances: Vec<f64> =
        series.iter().zip(&medians).map(|(value, middle)| (value - middle).abs()).collect();
    // 1.4826 makes a median distance a standard deviation; a quarter more makes up for the value
    // itself being among those that the median is taken of.
    let odd = ODD * 1.25 * 1.4826 * median(&mut distances.clone());
    let pairs = series.iter().zip(&medians).zip(&distances);
    pairs.map(|((value, middle), far)| if *far > odd { *middle } else { *value }).collect()
}

/// The median of at least one number.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { 0.5 * (values[middle - 1] + values[middle]) }
}
