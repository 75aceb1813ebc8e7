//! The natural logarithm of a duration, and what a short time leaves of something that is forgotten,
//! in a fraction of the time that functions for all numbers take.

use std::sync::LazyLock;

/// The leading bits of a mantissa that choose a piece of it.
const BITS: u32 = 7;
const PIECES: usize = 1 << BITS;

/// For each piece, one over its middle and the logarithm of its middle.
static TABLE: LazyLock<[(f64, f64); PIECES]> = LazyLock::new(|| {
    std::array::from_fn(|piece| {
        let middle = 1.0 + (piece as f64 + 0.5) / PIECES as f64;
        (middle.recip(), middle.ln())
    })
});

/// The natural logarithm of a number of at least 1, off by less than 1e-10: by its exponent, a
/// table for the leading bits of its mantissa and a series for the rest (Tang, *Table-driven
/// implementation of the logarithm function in IEEE floating-point arithmetic*, ACM Transactions
/// on Mathematical Software 16, 1990).
#[inline]
pub(super) fn ln(number: f64) -> f64 {
    let bits = number.to_bits();
    let exponent = (bits >> 52) as i32 - 1_023;
    let piece = (bits >> (52 - BITS)) as usize % PIECES;
    let mantissa = f64::from_bits(bits & ((1 << 52) - 1) | 1_f64.to_bits());
    let (over_middle, of_middle) = TABLE[piece];
    // At most 1/256.
    let rest = mantissa * over_middle - 1.0;
    let series = rest * (1.0 - rest * (0.5 - rest * (1.0 / 3.0 - rest * 0.25)));
    f64::from(exponent) * std::f64::consts::LN_2 + of_middle + series
}

/// What is left of something after so many times as long as it is remembered: `exp(-times)`, off by
/// less than 3e-9.
#[inline]
pub(super) fn left_after(times: f64) -> f64 {
    if (0.0..1.0 / 64.0).contains(&times) {
        1.0 - times * (1.0 - times * (0.5 - times * (1.0 / 6.0)))
    } else {
        (-times).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_the_exponential() {
        for step in 0..100_000 {
            let times = f64::from(step) * 1e-6;
            assert!((left_after(times) - (-times).exp()).abs() < 3e-9, "{times}");
        }
        assert_eq!(left_after(0.0), 1.0);
        assert_eq!(left_after(f64::INFINITY), 0.0);
    }

    #[test]
    fn it_is_the_logarithm_from_a_nanosecond_to_the_longest_duration() {
        let mut number = 1.0_f64;
        while number < 1e29 {
            for near in [number, number * (1.0 + 1e-9), number.next_down().max(1.0)] {
                assert!((ln(near) - near.ln()).abs() < 1e-10, "{near}");
            }
            number *= 1.000_7;
        }
        assert!(ln(1.0).abs() < 1e-10);
        assert!(ln(2.0) > ln(2_f64.next_down()) - 1e-12);
    }
}
