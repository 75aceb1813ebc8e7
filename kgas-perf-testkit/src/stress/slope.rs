//! `Slope`: how fast something grows, and how sure that is.

use std::time::Duration;

/// How fast something grows, an hour, with its 95 % interval.
///
/// The estimate is the median of the slopes between all pairs of readings, which a few outliers
/// do not move (Theil 1950); its interval is Sen's, by the variance of Kendall's statistic (Sen,
/// *Estimates of the Regression Coefficient Based on Kendall's Tau*, JASA 63, 1968). Sen takes
/// readings to be independent. Memory wanders instead, and each reading is close to the one
/// before, so the interval is as wide as that of so many fewer readings that are independent
/// (Bayley and Hammersley, *The Effective Number of Independent Observations*, 1946).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// The estimate.
    pub per_hour: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
    /// How many readings it comes from.
    pub readings: usize,
    /// How much time they span.
    pub span: Duration,
    growing: bool,
}

/// Fewer readings have no slope.
const FEWEST: usize = 20;
/// A shorter time has none either.
const SHORTEST: Duration = Duration::from_secs(5);
/// The two-sided 95 % quantile of the standard normal distribution.
const Z: f64 = 1.959_964;

impl Slope {
    /// The slope of values over time; `None` with fewer than 20 or over less than 5 s.
    ///
    /// # Cost
    /// The square of the number of readings, which are at most 400 in a run.
    pub fn of(readings: &[(Duration, f64)]) -> Option<Self> {
        let (estimate, low, high) = theil_sen(readings, wider)?;
        let span = readings.last()?.0.saturating_sub(readings.first()?.0);
        if readings.len() < FEWEST || span < SHORTEST {
            return None;
        }
        let (early, late) = readings.split_at(readings.len() / 2);
        // Half of the readings are too few for the wider interval, which the whole must pass.
        let grows = |part: &[(Duration, f64)]| {
            theil_sen(part, |_, _| 1.0).is_some_and(|(_, low, _)| low > 0.0)
        };
        let growing = low > 0.0 && grows(early) && grows(late);
        Some(Self { per_hour: estimate, low, high, readings: readings.len(), span, growing })
    }

    /// Whether it grows for sure: the whole, and each half by itself.
    ///
    /// Memory that is taken once, at the beginning, or in one step, grows in one half only.
    pub fn is_growing(&self) -> bool {
        self.growing
    }
}

/// Slope an hour, with its interval; `None` without two times.
fn theil_sen(
    readings: &[(Duration, f64)],
    wider: impl Fn(&[(Duration, f64)], f64) -> f64,
) -> Option<(f64, f64, f64)> {
    let mut slopes = Vec::with_capacity(readings.len() * readings.len() / 2);
    for (at, (early, before)) in readings.iter().enumerate() {
        for (late, after) in &readings[at + 1..] {
            let hours = late.saturating_sub(*early).as_secs_f64() / 3_600.0;
            if hours > 0.0 && before.is_finite() && after.is_finite() {
                slopes.push((after - before) / hours);
            }
        }
    }
    if slopes.is_empty() {
        return None;
    }
    slopes.sort_by(f64::total_cmp);
    let median = f64::midpoint(slopes[(slopes.len() - 1) / 2], slopes[slopes.len() / 2]);
    let n = readings.len() as f64;
    let independent = Z * (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt() / 2.0;
    let half = independent * wider(readings, median);
    let middle = slopes.len() as f64 / 2.0;
    let rank = |rank: f64| (rank.max(0.0) as usize).min(slopes.len() - 1);
    let (low, high) = (rank((middle - half).floor()), rank((middle + half).ceil()));
    Some((median, slopes[low], slopes[high]))
}

/// How many times wider an interval is because each reading is close to the one before, by the
/// correlation of what a slope leaves with itself one reading later.
fn wider(readings: &[(Duration, f64)], per_hour: f64) -> f64 {
    let left = |(at, value): &(Duration, f64)| value - per_hour * at.as_secs_f64() / 3_600.0;
    let left: Vec<f64> = readings.iter().map(left).filter(|left| left.is_finite()).collect();
    let n = left.len() as f64;
    let mean = left.iter().sum::<f64>() / n;
    let squares: f64 = left.iter().map(|left| (left - mean).powi(2)).sum();
    let products: f64 = left.windows(2).map(|two| (two[0] - mean) * (two[1] - mean)).sum();
    // Nothing is left of a straight line but rounding.
    if n <= 4.0 || squares <= 1e-18 * n * mean * mean {
        return 1.0;
    }
    // A correlation that is estimated from few readings is too low (Kendall, 1954).
    let correlation = ((products / squares * n + 1.0) / (n - 4.0)).clamp(0.0, 0.98);
    ((1.0 + correlation) / (1.0 - correlation)).sqrt()
}

#[cfg(test)]
mod tests {
    use crate::load::Dice;

    use super::*;

    /// Readings every second, with a slope an hour and even noise of one either way.
    fn readings(many: u64, per_hour: f64, noise: f64, dice: &mut Dice) -> Vec<(Duration, f64)> {
        let value = |second: u64, dice: &mut Dice| {
            1e6 + per_hour * second as f64 / 3_600.0 + noise * (2.0 * dice.unit() - 1.0)
        };
        (0..many).map(|second| (Duration::from_secs(second), value(second, dice))).collect()
    }

    #[test]
    fn the_interval_holds_the_truth_as_often_as_it_says() {
        let mut dice = Dice::new(1);
        let mut held = 0;
        for _ in 0..100 {
            let slope = Slope::of(&readings(60, 5_000.0, 40.0, &mut dice)).unwrap();
            held += u32::from((slope.low..=slope.high).contains(&5_000.0));
        }
        // 95 % of 100 with a standard deviation of 2.2.
        assert!(held >= 88, "{held} of 100");
    }

    #[test]
    fn a_leak_is_found_and_nothing_is_found_where_there_is_none() {
        let mut dice = Dice::new(2);
        let count = |per_hour: f64, dice: &mut Dice| {
            let growing = (0..50)
                .filter(|_| Slope::of(&readings(80, per_hour, 20.0, dice)).unwrap().is_growing());
            growing.count()
        };
        assert_eq!(count(10_000.0, &mut dice), 50);
        assert!(count(0.0, &mut dice) <= 1);
    }

    /// A soak of half an hour in virtual time: pages that come and go, each reading close to the
    /// one before, and a leak an hour besides.
    fn soak(per_hour: f64, dice: &mut Dice) -> Vec<(Duration, f64)> {
        let mut wander = 0.0;
        (0..120_u64)
            .map(|n| {
                let at = Duration::from_secs(12 * n);
                // Even noise of this width has a variance of 1.
                let noise = 12.0_f64.sqrt() * (dice.unit() - 0.5);
                wander = 0.9 * wander + (1.0_f64 - 0.9 * 0.9).sqrt() * noise;
                let bytes = 1e7 + per_hour * at.as_secs_f64() / 3_600.0 + 2e5 * wander;
                (at, (bytes / 4_096.0).floor() * 4_096.0)
            })
            .collect()
    }

    #[test]
    fn the_interval_of_memory_that_wanders_holds_the_leak_and_zero_where_there_is_none() {
        let mut dice = Dice::new(4);
        for truth in [0.0, 1e6, 50e6] {
            let (mut held, mut growing) = (0, 0);
            for _ in 0..60 {
                let slope = Slope::of(&soak(truth, &mut dice)).unwrap();
                held += u32::from((slope.low..=slope.high).contains(&truth));
                growing += u32::from(slope.is_growing());
            }
            // The correlation is estimated, too, so it is 92 % rather than 95: 55 of 60, less two
            // and a half deviations of 2.1. Sen's own interval holds it in less than half of them.
            assert!(held >= 50, "{truth}: {held} of 60");
            if truth == 0.0 {
                assert!(growing <= 1, "{growing}");
            } else if truth > 1e7 {
                assert_eq!(growing, 60);
            }
        }
    }

    #[test]
    fn memory_that_is_taken_once_is_no_leak() {
        let step = |second: u64| if second < 70 { 0.0 } else { 1e6 };
        let plateau = |second: u64| 1e6 * (1.0 - (-(second as f64) / 10.0).exp()).round();
        for shape in [step as fn(u64) -> f64, plateau] {
            let values: Vec<_> =
                (0..200).map(|second| (Duration::from_secs(second), shape(second))).collect();
            assert!(!Slope::of(&values).unwrap().is_growing());
        }
    }

    #[test]
    fn too_few_readings_or_too_short_a_time_have_no_slope() {
        let mut dice = Dice::new(3);
        assert_eq!(Slope::of(&readings(19, 1.0, 0.0, &mut dice)), None);
        let short: Vec<_> = (0..50).map(|n| (Duration::from_millis(n * 100), n as f64)).collect();
        assert_eq!(Slope::of(&short), None);
        assert_eq!(Slope::of(&[]), None);
    }

    #[test]
    fn a_straight_line_has_its_slope() {
        let line: Vec<_> =
            (0..30).map(|n| (Duration::from_secs(n * 60), 7.0 + 2.0 * n as f64)).collect();
        let slope = Slope::of(&line).unwrap();
        assert!((slope.per_hour - 120.0).abs() < 1e-6);
        assert!(slope.is_growing() && (slope.high - slope.low).abs() < 1e-6);
    }
}
