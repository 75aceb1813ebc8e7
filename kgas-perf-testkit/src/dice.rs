//! `Dice`: random numbers that a seed decides, the same on every machine and in every run.

/// Vigna's SplitMix64: one seed, one sequence.
#[derive(Clone, Debug)]
pub struct Dice(u64);

/// What the state moves by: 2⁶⁴ over the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Dice {
    /// A sequence that `seed` decides.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The sequence of one call: it depends on the run's seed and the call's number alone, so it
    /// is the same whatever the number of workers, and whoever makes the call.
    pub(crate) fn of_call(seed: u64, number: u64) -> Self {
        // Mixed, or the sequences of neighbours would be one sequence, a step apart.
        Self(mix(seed ^ mix(number.wrapping_add(STEP))))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// Evenly in `0.0..1.0`, never 0.
    pub fn unit(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Evenly in `0..end`, by Lemire's multiplication; 0 where `end` is 0.
    ///
    /// Off by at most `end` / 2⁶⁴ from even.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(end)) >> 64) as u64
    }

    /// Puts `things` into an order of which every one is equally likely (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last as u64 + 1) as usize);
        }
    }

    /// Exponential with mean 1.
    pub fn exponential(&mut self) -> f64 {
        -self.unit().ln()
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one() {
        // The first values of SplitMix64 from seed 1234567, as published with its reference code.
        let mut dice = Dice::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| dice.bits()).collect();
        assert_eq!(first, [6457827717110365317, 3203168211198807973, 9817491932198370423]);
    }

    #[test]
    fn units_are_even_and_exponentials_have_mean_and_deviation_one() {
        let mut dice = Dice::new(1);
        let draws = 100_000;
        let (mut sum, mut squares, mut units) = (0.0, 0.0, 0.0);
        for _ in 0..draws {
            units += dice.unit();
            let gap = dice.exponential();
            sum += gap;
            squares += gap * gap;
        }
        let n = f64::from(draws);
        assert!((units / n - 0.5).abs() < 4.0 * (1.0 / 12.0 / n).sqrt());
        assert!((sum / n - 1.0).abs() < 4.0 / n.sqrt());
        // The square of an exponential has mean 2 and variance 20.
        assert!((squares / n - 2.0).abs() < 4.0 * (20.0 / n).sqrt());
    }

    #[test]
    fn a_number_below_a_bound_stays_below_it() {
        let mut dice = Dice::new(7);
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.below(1), 0);
        let mut seen = [0_u32; 6];
        for _ in 0..6_000 {
            seen[dice.below(6) as usize] += 1;
        }
        // Four standard deviations of a count whose mean is 1,000.
        assert!(seen.iter().all(|count| count.abs_diff(1_000) < 116), "{seen:?}");
    }

    #[test]
    fn calls_of_one_run_have_different_sequences() {
        let mut first: Vec<u64> = (0..1_000).map(|n| Dice::of_call(3, n).bits()).collect();
        first.sort_unstable();
        first.dedup();
        assert_eq!(first.len(), 1_000);
        assert_eq!(Dice::of_call(3, 5).bits(), Dice::of_call(3, 5).bits());
        assert_ne!(Dice::of_call(3, 5).bits(), Dice::of_call(4, 5).bits());
    }
}
