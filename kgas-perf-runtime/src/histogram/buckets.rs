//! The bucket layout, pure arithmetic.
//!
//! Octave 0 holds the values 0 to 63, one a bucket. Octave `k >= 1` holds `64 << (k - 1)` up to
//! twice that in 64 buckets of equal width `1 << (k - 1)`.
//!
//! The model of what threads share has as few buckets as it can, since it goes through every order
//! in which they can be written and read: 2 an octave, for the values 0 to 7.

/// Buckets in one octave, as a power of two.
const BITS: u32 = if cfg!(loom) { 1 } else { 6 };

/// Buckets in one octave.
pub(crate) const PER_OCTAVE: usize = 1 << BITS;

/// Octaves that together cover every `u64`.
pub(crate) const OCTAVES: usize = if cfg!(loom) { 3 } else { 65 - BITS as usize };

/// Octave and position of a value; always below `OCTAVES` and `PER_OCTAVE`.
#[inline(always)]
pub(crate) const fn locate(value: u64) -> (usize, usize) {
    const FIRST: u64 = PER_OCTAVE as u64;
    // The highest set bit of `value | 64` is at least bit 6, so `shift` is 0 below 128.
    let shift = 63 - BITS - (value | FIRST).leading_zeros();
    let octave = shift + (value >= FIRST) as u32;
    (octave as usize, (value >> shift) as usize & (PER_OCTAVE - 1))
}

/// Smallest value of a bucket.
pub(crate) const fn lowest(octave: usize, position: usize) -> u64 {
    if octave == 0 { position as u64 } else { ((PER_OCTAVE + position) as u64) << (octave - 1) }
}

/// How many values a bucket holds.
pub(crate) const fn width(octave: usize) -> u64 {
    if octave == 0 { 1 } else { 1 << (octave - 1) }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn every_bucket_is_found_by_its_first_and_last_value_and_they_touch() {
        let mut next = 0_u64;
        for octave in 0..OCTAVES {
            for position in 0..PER_OCTAVE {
                let low = lowest(octave, position);
                assert_eq!(low, next, "no gap before {octave}/{position}");
                let high = low + (width(octave) - 1);
                assert_eq!(locate(low), (octave, position));
                assert_eq!(locate(high), (octave, position));
                next = high.wrapping_add(1);
            }
        }
        assert_eq!(next, 0, "the last bucket ends with u64::MAX");
    }

    #[test]
    fn the_middle_of_a_bucket_is_within_a_hundred_and_twenty_eighth() {
        for octave in 1..OCTAVES {
            let half = width(octave) as f64 / 2.0;
            assert!(half / lowest(octave, 0) as f64 <= 1.0 / 128.0);
        }
    }
}
