//! `Share`: how many of many are bad, and what share may be.

use crate::load::threshold::Standing;

/// How improbable what was seen must be, were the threshold kept, for a run to be ended by it.
///
/// A run is looked at some hundred times, so one in ten thousand runs is ended wrongly at most.
const SURE: f64 = 1e-6;

/// How many of many are bad, and what share may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub(super) bad: u64,
    pub(super) of: u64,
    pub(super) at_most: f64,
}

impl Share {
    pub(super) fn standing(self) -> Standing {
        // Half of the rounding of a product of counts below 2⁵³.
        let allowed = (self.at_most * self.of as f64 * (1.0 + 1e-12)).floor();
        if self.bad as f64 <= allowed { Standing::Met } else { Standing::Broken }
    }

    /// Whether so many bad ones are too improbable to be chance, were the share kept.
    pub(super) fn is_surely_above(self) -> bool {
        let Self { bad, of, at_most } = self;
        if of == 0 {
            return false;
        }
        let seen = bad as f64 / of as f64;
        if seen <= at_most {
            return false;
        }
        if at_most <= 0.0 {
            return true;
        }
        // Chernoff: the tail is at most e^(−n·D), D the divergence of what was seen from what
        // is allowed.
        let not =
            if seen < 1.0 { (1.0 - seen) * ((1.0 - seen) / (1.0 - at_most)).ln() } else { 0.0 };
        let divergence = seen * (seen / at_most).ln() + not;
        of as f64 * divergence > -SURE.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_surely_above_only_when_chance_would_do_it_once_in_a_million() {
        let sure = |bad, of, at_most| Share { bad, of, at_most }.is_surely_above();
        assert!(!sure(1, 1, 0.05), "one of one is chance");
        assert!(!sure(10, 100, 0.05));
        // P(X ≥ 30) of 100 at 5 % is 1e-15; P(X ≥ 18) is 4e-6.
        assert!(sure(30, 100, 0.05));
        assert!(!sure(18, 100, 0.05));
        assert!(sure(5, 5, 0.05) && sure(1, 10_000, 0.0));
        assert!(!sure(0, 0, 0.0) && !sure(100, 100, 1.0));
    }

    #[test]
    fn bounds_are_part_of_what_is_kept() {
        let standing = |bad, of, at_most| Share { bad, of, at_most }.standing();
        assert_eq!(standing(5, 100, 0.05), Standing::Met);
        assert_eq!(standing(6, 100, 0.05), Standing::Broken);
        assert_eq!(standing(0, 10, 0.0), Standing::Met);
        assert_eq!(standing(1, 100, 1.0 - 0.99), Standing::Met);
    }
}
