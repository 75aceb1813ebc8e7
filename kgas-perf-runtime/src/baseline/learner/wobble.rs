//! The wobble of machines, and how much of it a median feels.

/// The variance inflation of a median in calls whose ranks have this one.
///
/// When all calls get slower and faster together, ranks show it more surely than which side of
/// the median a call is on. For a normal shape the median feels 2/3 of it: the efficiency of the
/// sign test relative to the rank test, (2/pi) / (3/pi) (Lehmann, Nonparametrics, 1975, appendix).
pub(crate) fn of_median(inflation_of_ranks: f64) -> f64 {
    1.0 + 2.0 / 3.0 * (inflation_of_ranks - 1.0)
}

/// How much to add to the variance inflation of a median for a wobble that is too slow to be seen
/// in so many seconds. `density` is that of the logarithm of the duration at the median.
pub(crate) fn unseen(calls: f64, seconds: f64, density: f64) -> f64 {
    calls * density.powi(2) * variance_of_mean(seconds) / 0.25
}

/// The variance of the mean logarithm of a machine's pace over so many seconds.
///
/// No machine is steadier than this: its pace is taken to vary by 3 %, as an Ornstein-Uhlenbeck
/// process whose correlation falls by e in a minute.
pub(crate) fn variance_of_mean(seconds: f64) -> f64 {
    const SIZE: f64 = 0.03;
    const MINUTE: f64 = 60.0;
    let minutes = (seconds / MINUTE).max(0.01);
    SIZE.powi(2) * (2.0 / minutes - 2.0 / minutes.powi(2) * (1.0 - (-minutes).exp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wobble_is_averaged_out_in_time() {
        // Over no time it counts whole; over 100 minutes by 2 / 100 of its variance.
        assert!((variance_of_mean(1.0) / 0.03_f64.powi(2) - 1.0).abs() < 0.01);
        assert!((variance_of_mean(6_000.0) / (0.03_f64.powi(2) * 0.02) - 1.0).abs() < 0.02);
    }

    #[test]
    fn no_number_of_calls_makes_up_for_it() {
        let independent = |calls: f64| calls / (1.0 + unseen(calls, 60.0, 1.3));
        assert!((independent(1e7) / independent(1e6) - 1.0).abs() < 0.001);
        assert!(
            (independent(1e7) * variance_of_mean(60.0) * 1.3_f64.powi(2) / 0.25 - 1.0).abs()
                < 0.001
        );
    }

    #[test]
    fn a_median_feels_two_thirds_of_what_ranks_feel() {
        assert_eq!(of_median(1.0), 1.0);
        assert!((of_median(4.0) - 3.0).abs() < 1e-12);
    }
}
