//! `cliff`: a class with one jump, which can look like the next class above it.
//!
//! Over three decades `n log n` becomes 2.5 times as dear an element as at the start. So does `n`
//! on a machine whose cache ends halfway. The two differ in where that happens: all along, or at
//! one place.

use crate::scaling::complexity::Complexity;
use crate::scaling::fit::Target;

/// Jumps that are tried, from 1.15 to 4.2 times as dear.
const JUMPS: i32 = 16;
const FIRST: f64 = 1.15;
const RATIO: f64 = 1.09;

/// The class that, with a jump, is taken for this one: that which lacks its logarithm.
pub(crate) fn class_below(class: Complexity) -> Option<Complexity> {
    match class {
        Complexity::LogN => Some(Complexity::Constant),
        Complexity::NLogN => Some(Complexity::N),
        _ => None,
    }
}

/// The least misfit of `a + b·g(n)` whose growing part jumps once, between any two sizes with two
/// at least on either side.
pub(crate) fn misfit(target: &Target, class: Complexity) -> f64 {
    let smooth: Vec<f64> = target.sizes.iter().map(|n| class.growth(*n)).collect();
    let mut least = f64::INFINITY;
    for place in 2..=smooth.len() - 2 {
        for jump in (0..JUMPS).map(|index| FIRST * RATIO.powi(index)) {
            let dearer = |(index, g): (usize, &f64)| if index < place { *g } else { *g * jump };
            let growth: Vec<f64> = smooth.iter().enumerate().map(dearer).collect();
            least = least.min(target.fit(&growth).misfit);
        }
    }
    least
}
