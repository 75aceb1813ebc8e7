//! Which counter of an HdrHistogram a value belongs to: the layout of Gil Tene's HdrHistogram for
//! the lowest discernible value 1 and three significant digits, pure arithmetic.
//!
//! The values 0 to 2,047 have a counter each; every further octave, a factor of two, has 1,024 of
//! equal width.

use std::ops::RangeInclusive;

/// Significant decimal digits.
pub(super) const DIGITS: u8 = 3;

/// The first octave has twice as many counters as the others, as a power of two.
const FIRST_BITS: u32 = 11;
const HALF: u64 = 1 << (FIRST_BITS - 1);

/// Counters that together cover every `u64`.
pub(super) const COUNTERS: usize = (64 - FIRST_BITS as usize + 2) * HALF as usize;

/// The counter of a value.
pub(super) const fn index(value: u64) -> u16 {
    let octave = 64 - FIRST_BITS - (value | (2 * HALF - 1)).leading_zeros();
    // At most 53 octaves beyond the first: 55 times 1,024, which is below 2^16.
    (octave as u64 * HALF + (value >> octave)) as u16
}

/// The octave of a counter, 0 for the first, and the lowest value that it counts.
const fn place(index: u16) -> (u32, u64) {
    let index = index as u64;
    if index < 2 * HALF {
        return (0, index);
    }
    let octave = (index / HALF - 1) as u32;
    (octave, (index % HALF + HALF) << octave)
}

/// What a counter counts, both ends included.
pub(super) const fn range(index: u16) -> RangeInclusive<u64> {
    let (octave, low) = place(index);
    low..=low + ((1 << octave) - 1)
}

/// The middle of what a counter counts, rounded up.
pub(super) const fn middle(index: u16) -> u64 {
    let (octave, low) = place(index);
    low + ((1 << octave) >> 1)
}

/// The last value of the octave of a counter.
pub(super) const fn end_of_octave(index: u16) -> u64 {
    let (octave, _) = place(index);
    ((2 * HALF - 1) << octave) + ((1 << octave) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_touch_and_are_found_by_their_ends() {
        let mut next = 0_u64;
        for counter in 0..COUNTERS as u16 {
            let (low, high) = range(counter).into_inner();
            assert_eq!(low, next);
            assert_eq!([low, high, middle(counter)].map(index), [counter; 3]);
            next = high.wrapping_add(1);
        }
        assert_eq!(next, 0, "the last counter ends with u64::MAX");
        assert_eq!(end_of_octave(COUNTERS as u16 - 1), u64::MAX);
    }

    #[test]
    fn it_is_the_layout_of_the_crate() {
        let hdr = hdrhistogram::Histogram::<u64>::new_with_bounds(1, u64::MAX, DIGITS).unwrap();
        assert_eq!(hdr.distinct_values(), COUNTERS);
        for value in (0..64).flat_map(|bit| [1_u64 << bit, (1 << bit) - 1, 3 << bit >> 1]) {
            let counted = hdr.lowest_equivalent(value)..=hdr.highest_equivalent(value);
            assert_eq!(range(index(value)), counted, "{value}");
        }
    }

    #[test]
    fn the_middle_is_within_a_twentieth_of_a_percent() {
        for counter in 0..COUNTERS as u16 {
            let (low, high) = range(counter).into_inner();
            let off = (middle(counter) - low).max(high - middle(counter));
            assert!(off as f64 <= low as f64 * 0.000_5, "{counter}");
        }
    }
}
