//! `Shape`: the distribution function of what was kept, read between the edges of the bins.

use crate::baseline::learner::counts::BinCounts;
use crate::stats::LogBin;

/// Where a duration lies on the grid, in bins and parts of a bin.
pub(crate) type Place = f64;

/// The place of a duration in nanoseconds.
#[cfg(test)]
pub(crate) fn place(duration_ns: f64) -> Place {
    duration_ns.max(1.0).ln() / LogBin::WIDTH
}

/// The duration at a place, in nanoseconds.
pub(crate) fn duration_ns(place: Place) -> f64 {
    (place * LogBin::WIDTH).exp()
}

/// An empirical distribution function over [`LogBin`]s.
///
/// Inside a bin that looks like its neighbours calls are taken to be spread evenly. A bin that
/// towers above them holds *atoms*: values that a coarse timer repeats. Where inside the bin an
/// atom lies is not known, so what is asked inside such a bin is answered for the worse place.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    steps: Vec<Step>,
    total: f64,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    bin: u16,
    count: f64,
    /// Calls in the bins before.
    before: f64,
    atom: bool,
}

impl Shape {
    pub(crate) fn of(calls: &BinCounts) -> Self {
        let mut before = 0.0;
        let mut steps: Vec<Step> = Vec::new();
        for (bin, count) in calls.iter() {
            let count = f64::from(count);
            steps.push(Step { bin, count, before, atom: false });
            before += count;
        }
        for at in 0..steps.len() {
            let beside = |other: Option<&Step>, bin: u16| match other {
                Some(step) if step.bin == bin => step.count,
                _ => 0.0,
            };
            let Step { bin, count, .. } = steps[at];
            let left = at.checked_sub(1).and_then(|left| steps.get(left));
            let neighbours = beside(left, bin.wrapping_sub(1)) + beside(steps.get(at + 1), bin + 1);
            steps[at].atom = is_atom(count, neighbours);
        }
        Self { steps, total: before }
    }

    /// How many calls there are.
    pub(crate) fn total(&self) -> f64 {
        self.total
    }

    /// Where the call of rank `ceil(quantile * total)` lies (Hyndman and Fan's first definition);
    /// 0 without calls.
    pub(crate) fn quantile(&self, quantile: f64) -> Place {
        let rank = (quantile * self.total * (1.0 - 2.0 * f64::EPSILON)).ceil().max(1.0);
        let at = self.steps.partition_point(|step| step.before + step.count < rank);
        let Some(step) = self.steps.get(at).or(self.steps.last()) else { return 0.0 };
        let inside =
            if step.atom { 0.5 } else { ((rank - step.before - 0.5) / step.count).clamp(0.0, 1.0) };
        f64::from(step.bin) + inside
    }

    /// The share of calls that lasted less than the duration at a place; the upper bound of it
    /// where atoms leave a choice.
    pub(crate) fn below(&self, place: Place) -> f64 {
        self.share(place, 1.0)
    }

    /// The share of calls that lasted no longer than the duration at a place; the lower bound of
    /// it where atoms leave a choice.
    pub(crate) fn up_to(&self, place: Place) -> f64 {
        self.share(place, 0.0)
    }

    fn share(&self, place: Place, of_an_atom: f64) -> f64 {
        let at = self.steps.partition_point(|step| f64::from(step.bin) + 1.0 <= place);
        let calls = match self.steps.get(at) {
            None => self.total,
            Some(step) if f64::from(step.bin) >= place => step.before,
            Some(step) if step.atom => step.before + of_an_atom * step.count,
            Some(step) => step.before + (place - f64::from(step.bin)) * step.count,
        };
        if self.total > 0.0 { calls / self.total } else { 0.0 }
    }

    /// Mean and standard deviation in nanoseconds, with durations longer than `cap_ns` taken as
    /// that long.
    pub(crate) fn moments(&self, cap_ns: f64) -> (f64, f64) {
        let values = self.steps.iter().map(|step| {
            let middle = duration_ns(f64::from(step.bin) + 0.5).min(cap_ns);
            (middle, step.count)
        });
        let mean = values.clone().map(|(value, count)| value * count).sum::<f64>() / self.total;
        let squares: f64 = values.map(|(value, count)| (value - mean).powi(2) * count).sum();
        (mean, (squares / (self.total - 1.0).max(1.0)).sqrt())
    }
}

/// Whether a bin of `count` calls, with so many in the two bins beside it, holds a value that is
/// repeated.
fn is_atom(count: f64, neighbours: f64) -> bool {
    // Four times the mean of the neighbours, and more than chance makes of few calls. Buckets of
    // a histogram of 1.6 % that fall on bins of 2 % make a bin at most twice as high.
    const FEWEST: f64 = 8.0;
    count >= FEWEST && count > 2.0 * neighbours
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_a_smooth_shape_are_exact_between_bins() {
        // Evenly over 200 bins: quantile q lies at 1,000 + 200 q.
        let shape = Shape::of(&(1_000..1_200).map(|bin| (bin, 50)).collect());
        assert_eq!(shape.total(), 10_000.0);
        for quantile in [0.001, 0.25, 0.5, 0.95, 0.99] {
            let found = shape.quantile(quantile);
            assert!((found - 1_000.0 - 200.0 * quantile).abs() <= 0.011, "{quantile}: {found}");
            assert!((shape.up_to(found) - quantile).abs() <= 1e-4);
            assert_eq!(shape.below(found), shape.up_to(found));
        }
        assert_eq!([shape.below(999.0), shape.below(1_300.0)], [0.0, 1.0]);
    }

    #[test]
    fn inside_a_bin_with_an_atom_the_worse_place_is_taken() {
        // A timer of a millisecond at 5, 6 and 7 ms.
        let bins = [5e6, 6e6, 7e6].map(|ns| (place(ns) as u16, 100));
        let shape = Shape::of(&bins.into_iter().collect());
        for (at, (bin, _)) in bins.into_iter().enumerate() {
            let inside = f64::from(bin) + 0.3;
            assert_eq!(shape.below(inside), (at + 1) as f64 / 3.0, "all of the atom may be below");
            assert_eq!(shape.up_to(inside), at as f64 / 3.0, "none of it may be");
        }
        assert_eq!(shape.quantile(0.5), f64::from(bins[1].0) + 0.5);
    }

    #[test]
    fn few_calls_and_uneven_neighbours_are_no_atoms() {
        for (count, neighbours, atom) in [
            (7.0, 0.0, false),
            (8.0, 0.0, true),
            (20.0, 20.0, false),
            (20.0, 10.0, false),
            (21.0, 10.0, true),
        ] {
            assert_eq!(is_atom(count, neighbours), atom, "{count} beside {neighbours}");
        }
    }

    #[test]
    fn moments_are_those_of_the_calls_and_freaks_are_capped() {
        let bin = |ns: f64| LogBin::of_ns(ns).index();
        let plain = Shape::of(&[(bin(1e6), 50), (bin(3e6), 50)].into_iter().collect());
        let (mean, std_dev) = plain.moments(f64::INFINITY);
        assert!((mean / 2e6 - 1.0).abs() < 0.01, "{mean}");
        assert!((std_dev / 1e6 / (100.0_f64 / 99.0).sqrt() - 1.0).abs() < 0.02, "{std_dev}");
        let freak = Shape::of(&[(bin(1e6), 99), (bin(1e9), 1)].into_iter().collect());
        assert!(freak.moments(f64::INFINITY).0 > 1e7);
        assert!((freak.moments(5e6).0 / 1.04e6 - 1.0).abs() < 0.01);
    }
}
