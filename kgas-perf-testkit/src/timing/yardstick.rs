//! `Yardstick`: a fixed piece of work, which tells how fast the machine is just now.

use std::hint::black_box;

/// Which work it is. Durations in yardsticks are comparable within one version only.
pub(crate) const VERSION: i64 = 1;

/// Numbers hashed, numbers sorted, and steps from one place in memory to the next.
const HASHED: usize = 1_500;
const SORTED: usize = 300;
const STEPS: usize = 1_500;
/// Places: 128 KiB, more than a first-level cache holds and less than most second-level ones.
const PLACES: usize = 32 << 10;

/// A fixed piece of work of about 20 µs: arithmetic that depends on itself, branches that nobody
/// can predict, memory that is not near, and the allocator.
///
/// The machine's clock rate, a busy neighbour and a hot summer day do to it what they do to the
/// operation next to it, or nearly so. A duration in yardsticks is therefore about the same
/// today and tomorrow, here and on the next machine.
#[derive(Debug)]
pub(crate) struct Yardstick {
    places: Vec<u32>,
    numbers: Vec<u32>,
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
        let numbers = (0..SORTED).map(|_| next(&mut state) as u32).collect();
        Self { places, numbers }
    }

    /// Does the work once.
    pub(crate) fn run(&self) -> u64 {
        let mut state = black_box(7);
        let mut sum = 0_u64;
        for _ in 0..HASHED {
            sum = sum.wrapping_add(next(&mut state));
            state ^= sum;
        }
        let mut sorted = black_box(self.numbers.clone());
        sorted.sort_unstable();
        let mut place = (sum % PLACES as u64) as u32;
        for _ in 0..STEPS {
            place = self.places[place as usize];
        }
        sum ^ u64::from(place) ^ u64::from(sorted[SORTED / 2])
    }
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
    fn it_is_the_same_work_each_time_and_goes_to_every_place() {
        let yardstick = Yardstick::new();
        assert_eq!(yardstick.run(), yardstick.run());
        assert_eq!(yardstick.run(), Yardstick::new().run());
        let mut place = 0;
        let mut steps = 0;
        while steps == 0 || place != 0 {
            place = yardstick.places[place as usize];
            steps += 1;
        }
        assert_eq!(steps, PLACES);
    }
}
