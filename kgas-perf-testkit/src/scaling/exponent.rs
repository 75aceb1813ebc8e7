//! `Exponent`: the power of the size that the growing part follows, and how well it is known.

use serde::Serialize;

use crate::scaling::fit::Target;

/// The highest exponent that is told apart from higher ones.
pub(crate) const HIGHEST: f64 = 5.0;
/// Exponents that are looked at before the best and the ends of the interval are refined.
const GRID: usize = 41;

/// The exponent `p` of `a + b·n^p`, `a` and `b` of 0 or more, with its interval.
///
/// Because of the overhead `a` it is that of the growing part: an overhead that covers the small
/// sizes widens the interval and does not pull the exponent down.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Exponent {
    /// The best exponent.
    pub estimate: f64,
    /// The lower end of the interval; 0 where no growth is established.
    pub lower: f64,
    /// The upper end of the interval, and 5 where it lies there or beyond.
    pub upper: f64,
    /// The probability with which such intervals hold the truth.
    pub confidence: f64,
}

/// Misfits of `a + b·n^p` over `p`, `a` and `b` being the best for each.
pub(crate) struct Profile<'a> {
    target: &'a Target,
    grid: Vec<(f64, f64)>,
    pub(crate) estimate: f64,
    pub(crate) misfit: f64,
}

impl<'a> Profile<'a> {
    pub(crate) fn of(target: &'a Target) -> Self {
        // p = 0 is the constant, which every overhead holds already.
        let misfit = |p: f64| misfit(target, p);
        let step = HIGHEST / (GRID - 1) as f64;
        let exponents = (0..GRID).map(|index| step * index as f64);
        let grid: Vec<(f64, f64)> = exponents.map(|p| (p, misfit(p))).collect();
        let best = grid.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0.0, 0.0));
        let (mut low, mut high) = ((best.0 - step).max(0.0), (best.0 + step).min(HIGHEST));
        while high - low > 1e-4 {
            let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
            if misfit(left) <= misfit(right) { high = right } else { low = left }
        }
        let centre = f64::midpoint(low, high);
        let refined = (centre, misfit(centre));
        let (estimate, misfit) = if refined.1 <= best.1 { refined } else { best };
        Self { target, grid, estimate, misfit }
    }

    /// The outermost exponents whose misfit is at most `bound`.
    pub(crate) fn interval(&self, bound: f64) -> (f64, f64) {
        let within = |point: &&(f64, f64)| point.1 <= bound;
        let (first, last) = (self.grid.iter().find(within), self.grid.iter().rev().find(within));
        let (inner_low, inner_high) = (
            first.map_or(self.estimate, |point| point.0.min(self.estimate)),
            last.map_or(self.estimate, |point| point.0.max(self.estimate)),
        );
        let outside_low = self.grid.iter().rev().find(|point| point.0 < inner_low);
        let outside_high = self.grid.iter().find(|point| point.0 > inner_high);
        let border = |mut inside: f64, mut outside: f64| {
            for _ in 0..14 {
                let middle = f64::midpoint(inside, outside);
                if misfit(self.target, middle) <= bound {
                    inside = middle
                } else {
                    outside = middle
                }
            }
            inside
        };
        (
            outside_low.map_or(0.0, |outside| border(inner_low, outside.0)),
            outside_high.map_or(HIGHEST, |outside| border(inner_high, outside.0)),
        )
    }
}

fn misfit(target: &Target, exponent: f64) -> f64 {
    if exponent <= 0.0 {
        return target.constant().misfit;
    }
    let largest = target.range().1;
    let growth: Vec<f64> = target.sizes.iter().map(|n| (n / largest).powf(exponent)).collect();
    target.fit(&growth).misfit
}
