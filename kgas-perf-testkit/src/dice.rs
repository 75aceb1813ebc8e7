//! `Dice`: a seeded source of chance that throws the same on every machine.

/// The generator `SplitMix64` of Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
/// Generators" (2014).
///
/// Its throws are integer arithmetic alone, so that what is generated from a seed is the same on
/// every machine and with every version of the compiler.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    /// Dice that throw what `seed` says.
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Uniform over all 64-bit numbers.
    #[inline]
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `0..bound`, and 0 for a bound of 0.
    ///
    /// The upper half of a product (Lemire, "Fast Random Integer Generation in an Interval",
    /// 2019) without its rejection step: a number is preferred by at most `bound / 2^64`.
    #[inline]
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// Puts `things` into an order of which every one is equally likely (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}
