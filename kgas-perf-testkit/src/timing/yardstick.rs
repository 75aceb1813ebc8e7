//! `Yardstick`: fixed pieces of work, which tell how fast the machine is just now.

use std::fmt::Write;
use std::hint::black_box;

/// Which work it is. Durations in yardsticks are comparable within one version only.
pub(crate) const VERSION: i64 = 2;

/// How many pieces of work there are.
pub(crate) const PARTS: usize = 4;

/// A number for each piece of work.
pub(crate) type Parts = [f64; PARTS];

/// What of a change of each piece is found in a typical operation.
pub(crate) const TYPICAL: Parts = [0.35, 0.2, 0.4, 0.05];

/// Steps of the arithmetic that depends on itself, and of that which does not.
const CHAINED: usize = 1_000;
const WIDE: u64 = 1_500;
/// Numbers written as text.
const WRITTEN: u32 = 120;
/// Steps from one place in memory to the next, and places: 128 KiB, more than a first-level cache
/// holds and less than most second-level ones.
const STEPS: usize = 600;
const PLACES: usize = 32 << 10;

/// Fixed pieces of work of some microseconds each: what one kind of instruction is slowed by,
/// another is not.
///
/// A clock rate or a hot summer day slows them all alike. A neighbour on the same core takes units
/// of execution from code that could use many at once and leaves what waits for itself as it was;
/// one that fills the caches slows what goes from place to place. An operation is slowed as some
/// mixture of them is.
#[derive(Debug)]
pub(crate) struct Yardstick {
    places: Vec<u32>,
    text: String,
}

impl Yardstick {
    pub(crate) fn new() -> Self {
        // One cycle through all places, each far from the one before: Sattolo's shuffle.
        let mut state = 1;
        let mut places: Vec<u32> = (0..PLACES as u32).collect();
        for last in (1..PLACES).rev() {
            let other = next(&mut state) as usize % last;
            places.swap(last, other);
        }
        Self { places, text: String::with_capacity(16) }
    }

    /// Does one piece of work once.
    pub(crate) fn run(&mut self, part: usize) -> u64 {
        match part {
            0 => chained(),
            1 => wide(),
            2 => self.written(),
            _ => self.walked(),
        }
    }

    /// Formatted text: calls, branches and stores, as most code has.
    fn written(&mut self) -> u64 {
        let mut letters = 0;
        for number in 0..WRITTEN {
            self.text.clear();
            let _ = write!(self.text, "node {}", black_box(number));
            letters += self.text.len() as u64;
        }
        letters
    }

    /// Steps in memory, each to where the one before says.
    fn walked(&self) -> u64 {
        let mut place = black_box(0_u32);
        for _ in 0..STEPS {
            place = self.places[place as usize];
        }
        u64::from(place)
    }
}

/// Arithmetic each step of which waits for the one before.
fn chained() -> u64 {
    let mut state = black_box(7);
    let mut sum = 0_u64;
    for _ in 0..CHAINED {
        sum = sum.wrapping_add(next(&mut state));
        state ^= sum;
    }
    sum
}

/// Arithmetic on eight numbers, none of which waits for another.
fn wide() -> u64 {
    let mut numbers = [black_box(1_u64), 2, 3, 4, 5, 6, 7, 8];
    for step in 0..WIDE {
        for number in &mut numbers {
            *number = (*number ^ step).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(7);
        }
    }
    numbers.iter().fold(0, |sum, number| sum ^ number)
}

/// The logarithms of durations.
pub(crate) fn logs(parts: &Parts) -> Parts {
    parts.map(|part| part.max(f64::MIN_POSITIVE).ln())
}

/// How long a typical operation's yardstick lasts whose pieces last so long.
pub(crate) fn typical(parts: &Parts) -> f64 {
    let shares = TYPICAL.iter().zip(logs(parts));
    shares.map(|(share, part)| share * part).sum::<f64>().exp()
}

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_is_the_same_work_each_time_and_the_walk_goes_to_every_place() {
        let mut yardstick = Yardstick::new();
        for part in 0..PARTS {
            let once = yardstick.run(part);
            assert_eq!(once, yardstick.run(part));
            assert_eq!(once, Yardstick::new().run(part));
        }
        let mut place = 0;
        let mut steps = 0;
        while steps == 0 || place != 0 {
            place = yardstick.places[place as usize];
            steps += 1;
        }
        assert_eq!(steps, PLACES);
    }
}
