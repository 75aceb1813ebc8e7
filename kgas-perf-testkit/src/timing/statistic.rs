//! `Statistic`: which number of a sample's timings is kept.

/// Which number of a sample's timings is compared.
///
/// A sample is a stretch of some milliseconds in which an operation is timed again and again; an
/// operation that lasts longer has samples of one call, of which every statistic is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Statistic {
    /// The typical call: half of the timings are no longer.
    #[default]
    Median,
    /// The mean of the middle four fifths: sees what a median does not, such as a cache that
    /// misses more often, and is still not moved by a few interruptions.
    TrimmedMean,
    /// The fastest: for operations of nanoseconds that always do the same.
    Min,
    /// 90 % of the timings are no longer.
    P90,
    /// 95 % of the timings are no longer.
    P95,
    /// 99 % of the timings are no longer.
    P99,
}

impl Statistic {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Median, Self::TrimmedMean, Self::Min, Self::P90, Self::P95, Self::P99];

    /// The name in files, tables and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Median => "median",
            Self::TrimmedMean => "trimmed_mean",
            Self::Min => "min",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
        }
    }

    /// The one of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|statistic| statistic.as_str() == name)
    }

    /// The fewest timings a sample must have for it to be told.
    pub(crate) const fn fewest_timings(self) -> usize {
        match self {
            Self::Median | Self::TrimmedMean | Self::Min => 1,
            Self::P90 => 10,
            Self::P95 => 20,
            Self::P99 => 100,
        }
    }

    /// Of these timings, which it sorts; `None` of none.
    pub(crate) fn of(self, timings: &mut [f64]) -> Option<f64> {
        timings.sort_unstable_by(f64::total_cmp);
        let last = timings.len().checked_sub(1)?;
        Some(match self {
            Self::Median => quantile(timings, 0.5)?,
            Self::Min => timings[0],
            Self::P90 => quantile(timings, 0.9)?,
            Self::P95 => quantile(timings, 0.95)?,
            Self::P99 => quantile(timings, 0.99)?,
            Self::TrimmedMean => {
                let cut = timings.len() / 10;
                let middle = &timings[cut..=last - cut];
                middle.iter().sum::<f64>() / middle.len() as f64
            }
        })
    }
}

/// The quantile of sorted numbers, between neighbours in a straight line: type 7 of Hyndman and
/// Fan (*The American Statistician* 50, 1996). `None` of none.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let place = share * sorted.len().checked_sub(1)? as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(low + (high - low) * place.fract())
}

/// The median of numbers in any order; `None` of none.
pub(crate) fn median(numbers: &[f64]) -> Option<f64> {
    Statistic::Median.of(&mut numbers.to_vec())
}

/// The mean of the middle half (interquartile mean); 0 of none. It is nearly as sure as the mean of
/// all, as robust as can be against interruptions, and lies between the ticks of a coarse clock.
pub(crate) fn midmean(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let cut = sorted.len() / 4;
    let half = &sorted[cut..sorted.len() - cut];
    half.iter().sum::<f64>() / half.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_the_number_it_says() {
        let timings = || (1..=21).rev().map(f64::from).collect::<Vec<_>>();
        let of = |statistic: Statistic| statistic.of(&mut timings()).unwrap();
        assert_eq!(of(Statistic::Median), 11.0);
        assert_eq!(of(Statistic::Min), 1.0);
        assert_eq!(of(Statistic::P90), 19.0);
        assert_eq!(of(Statistic::P95), 20.0);
        assert_eq!(of(Statistic::TrimmedMean), 11.0);
        // An interruption is not in it, a tenth of slow calls is.
        let mut with_an_outlier = timings();
        with_an_outlier[0] = 1e9;
        assert_eq!(Statistic::TrimmedMean.of(&mut with_an_outlier), Some(11.0));
        assert_eq!(Statistic::Median.of(&mut []), None);
        for statistic in Statistic::ALL {
            assert_eq!(Statistic::from_name(statistic.as_str()), Some(statistic));
            assert_eq!(statistic.of(&mut [7.0]), Some(7.0));
        }
    }

    #[test]
    fn of_the_middle_half_there_is_a_mean() {
        assert_eq!(midmean(&[9e9, 1.0, 3.0, 2.0, 5.0, 4.0, -9e9, 7.0]), 3.5);
        assert_eq!((midmean(&[]), midmean(&[7.0])), (0.0, 7.0));
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        // R: quantile(c(1, 2, 4, 8), c(.25, .5, .95), type = 7) is 1.75, 3.0 and 7.4.
        let sorted = [1.0, 2.0, 4.0, 8.0];
        assert_eq!(quantile(&sorted, 0.25), Some(1.75));
        assert_eq!(quantile(&sorted, 0.5), Some(3.0));
        assert!((quantile(&sorted, 0.95).unwrap() - 7.4).abs() < 1e-12);
    }
}
