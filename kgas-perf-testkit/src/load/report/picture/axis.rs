//! `Axis`: from values to places, and where there are lines.

/// An axis from values to places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    logarithmic: bool,
}

/// What lines stand at: these times a power of ten.
const STEPS: [f64; 3] = [1.0, 2.0, 5.0];
/// More lines than this are too many.
const MOST: usize = 8;

impl Axis {
    /// From 0 to a value above.
    pub(super) fn linear(high: f64, places: (f64, f64)) -> Self {
        let high = if high > 0.0 { high } else { 1.0 };
        Self { low: 0.0, high, from: places.0, to: places.1, logarithmic: false }
    }

    /// Between the round values around these, which are above 0.
    pub(super) fn logarithmic((low, high): (f64, f64), places: (f64, f64)) -> Self {
        let low = low.max(1e-9);
        let (below, mut above) = (round_below(low), round_above(high.max(low)));
        if below >= above {
            above = round_above(below * 1.5);
        }
        Self { low: below, high: above, from: places.0, to: places.1, logarithmic: true }
    }

    /// The place of a value, to a tenth.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = if self.logarithmic {
            (value.max(1e-9) / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        ((self.from + (self.to - self.from) * share.clamp(0.0, 1.0)) * 10.0).round() / 10.0
    }

    /// Where there are lines: each 1, 2 and 5 of a power of ten, fewer where that is too many.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let (low, high) = (self.low * 0.999, self.high * 1.001);
        if !self.logarithmic {
            let power = 10.0_f64.powf((high / 5.0).log10().floor());
            let step = STEPS.map(|step| step * power);
            let step = step.into_iter().find(|step| high / step <= 6.0).unwrap_or(10.0 * power);
            return (0..=(high / step).floor() as i64).map(|n| n as f64 * step).collect();
        }
        let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
        let of = |factors: &[f64], each: i32| -> Vec<f64> {
            let powers = powers.clone().filter(|power| power % each == 0);
            let all = powers.flat_map(|power| factors.iter().map(move |it| it * ten_to(power)));
            all.filter(|tick| (low..=high).contains(tick)).collect()
        };
        let fine = of(&STEPS, 1);
        let coarse = (1..).map(|each| of(&[1.0], each));
        if fine.len() <= MOST {
            return fine;
        }
        coarse.take(20).find(|ticks| ticks.len() <= MOST).unwrap_or_default()
    }
}

fn ten_to(power: i32) -> f64 {
    10.0_f64.powi(power)
}

/// The next 1, 2 or 5 of a power of ten at or below.
fn round_below(value: f64) -> f64 {
    let power = ten_to(value.log10().floor() as i32);
    let within = STEPS.iter().rev().map(|step| step * power);
    within.into_iter().find(|round| *round <= value * 1.001).unwrap_or(power)
}

/// The next 1, 2 or 5 of a power of ten at or above.
fn round_above(value: f64) -> f64 {
    let power = ten_to(value.log10().floor() as i32);
    let within = STEPS.iter().map(|step| step * power);
    within.into_iter().find(|round| *round >= value * 0.999).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(low: f64, high: f64) -> Vec<f64> {
        let ticks = Axis::logarithmic((low, high), (0.0, 100.0)).ticks();
        ticks.into_iter().map(|tick| (tick * 1e6).round() / 1e6).collect()
    }

    #[test]
    fn a_logarithmic_axis_has_two_lines_at_least_and_eight_at_most() {
        assert_eq!(ticks(27_600.0, 27_900.0), [20_000.0, 50_000.0]);
        assert_eq!(ticks(20.0, 20.0), [20.0, 50.0]);
        assert_eq!(ticks(3.0, 30.0), [2.0, 5.0, 10.0, 20.0, 50.0]);
        assert_eq!(ticks(1.0, 1e4), [1.0, 10.0, 100.0, 1e3, 1e4]);
        for decades in 1..18 {
            let many = ticks(1.0, 10.0_f64.powi(decades)).len();
            assert!((2..=MOST).contains(&many), "{decades}: {many}");
        }
    }

    #[test]
    fn every_value_has_its_place_and_those_beyond_are_at_the_ends() {
        let axis = Axis::logarithmic((1.0, 100.0), (0.0, 200.0));
        assert_eq!(
            [0.1, 1.0, 10.0, 100.0, 1e9].map(|it| axis.at(it)),
            [0.0, 0.0, 100.0, 200.0, 200.0]
        );
        let axis = Axis::linear(3.0, (10.0, 40.0));
        assert_eq!([0.0, 1.5, 3.0].map(|it| axis.at(it)), [10.0, 25.0, 40.0]);
        assert_eq!(axis.ticks(), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(Axis::linear(0.0, (0.0, 1.0)).ticks().len(), 6);
    }
}
