//! What a detector that was written down must share with the one that reads it.

use crate::detect::stream::alternative::{FASTER, SLOWER, TAILS, TILTS};
use crate::detect::stream::shape::{BINS, LOWEST, WIDTH};
use crate::stats::LogBin;

/// A number that differs where the grid or the alternatives do: all that numbers stand for whose
/// place alone says what they are.
pub(in crate::detect) fn parameters() -> u64 {
    let places = SLOWER.iter().chain(&FASTER).chain(&TAILS).map(|bins| *bins as u64);
    let tilts = TILTS.iter().map(|tilt| u64::from(tilt.to_bits()));
    let grids = [LOWEST.to_bits(), WIDTH.to_bits(), LogBin::WIDTH.to_bits()];
    let sizes = [BINS as u64, LogBin::COUNT as u64, SLOWER.len() as u64, FASTER.len() as u64];
    let numbers = places.chain(tilts).chain(grids).chain(sizes);
    // The multiplier of Knuth's linear congruential generator MMIX.
    numbers.fold(0, |sum: u64, number| {
        (sum.rotate_left(5) ^ number).wrapping_mul(6_364_136_223_846_793_005)
    })
}
