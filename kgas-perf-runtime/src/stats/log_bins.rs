//! `LogBin`: durations on a logarithmic grid.

use std::time::Duration;

/// A place on a grid of durations whose steps are all the same 2 % (0.02 in the natural
/// logarithm), from a nanosecond to 584 years.
///
/// Streams of durations are learned and judged on this grid: a slowdown by a factor is a shift by
/// so many bins, whatever the duration was.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::stats::LogBin;
///
/// let before = LogBin::of(Duration::from_millis(10));
/// let after = LogBin::of(Duration::from_millis(20));
/// let bins = f64::from(after.index() - before.index());
/// assert!((bins * LogBin::WIDTH - 2.0_f64.ln()).abs() <= LogBin::WIDTH);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogBin(u16);

impl LogBin {
    /// The width of a bin, in natural logarithms of a duration.
    pub const WIDTH: f64 = 0.02;

    /// How many bins there are; every index is below it.
    pub const COUNT: usize = 2_220;

    /// The bin of a duration. What is shorter than a nanosecond counts as one.
    pub fn of(duration: Duration) -> Self {
        Self::of_ns(duration.as_nanos() as f64)
    }

    /// The bin of a duration in nanoseconds. What is no number or below 1 counts as 1.
    pub fn of_ns(duration_ns: f64) -> Self {
        // `max` answers 1 for what is no number, and the cast saturates.
        let index = (duration_ns.max(1.0).ln() / Self::WIDTH) as u16;
        Self(index.min(Self::COUNT as u16 - 1))
    }

    /// The bin at an index; the last one for an index beyond the grid.
    pub fn at(index: u16) -> Self {
        Self(index.min(Self::COUNT as u16 - 1))
    }

    /// Its place on the grid.
    pub fn index(self) -> u16 {
        self.0
    }

    /// The duration, in nanoseconds, at which it begins.
    pub fn lowest_ns(self) -> f64 {
        (f64::from(self.0) * Self::WIDTH).exp()
    }

    /// The duration, in nanoseconds, in its middle by the logarithm.
    pub fn middle_ns(self) -> f64 {
        ((f64::from(self.0) + 0.5) * Self::WIDTH).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_lies_between_the_beginnings_of_its_bin_and_the_next() {
        for ns in [1.0, 2.0, 999.0, 1e6, 3.7e9, 1e15] {
            let bin = LogBin::of_ns(ns);
            assert!(bin.lowest_ns() <= ns * (1.0 + 1e-12), "{ns}");
            assert!(ns < LogBin::at(bin.index() + 1).lowest_ns() * (1.0 + 1e-12), "{ns}");
            assert_eq!(LogBin::of_ns(bin.middle_ns()), bin);
        }
    }

    #[test]
    fn every_duration_has_a_bin() {
        assert_eq!(LogBin::of(Duration::ZERO).index(), 0);
        assert_eq!(LogBin::of_ns(f64::NAN).index(), 0);
        assert_eq!(LogBin::of_ns(f64::INFINITY).index() as usize, LogBin::COUNT - 1);
        assert!((LogBin::of(Duration::from_nanos(u64::MAX)).index() as usize) < LogBin::COUNT);
    }
}
