//! `Latch`: what is raised stays raised more easily than it was raised.

use std::time::Duration;

/// What is raised is carried from one block of so many nanoseconds to the next.
const BLOCK_NS: u128 = 10_000_000_000;

/// Remembers a level for a judge that asks less of what is raised already.
///
/// It is judged at every tick. So that it does not matter how time is cut into ticks, what was
/// raised between two ends of blocks is forgotten at the next end, unless it would be raised
/// there as well. `T` is least where nothing is raised.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Latch<T> {
    block: u128,
    /// As of the end of the block before.
    kept: T,
    /// As of now, with regard to that alone.
    strict: T,
    /// As of now.
    shown: T,
}

impl<T: Copy + Ord> Latch<T> {
    /// The level at the end of a tick, where `judge` answers the level there is, given the one
    /// there was. Ends do not go back.
    pub(crate) fn level(&mut self, end: Duration, judge: impl Fn(T) -> T) -> T {
        let block = end.as_nanos().saturating_sub(1) / BLOCK_NS;
        if block != self.block {
            (self.block, self.kept) = (block, self.strict);
        }
        self.strict = judge(self.kept);
        let before = self.kept.max(self.shown);
        self.shown = if before == self.kept || end.as_nanos().is_multiple_of(BLOCK_NS) {
            self.strict
        } else {
            judge(before)
        };
        self.shown
    }

    /// The level that [`Self::level`] answered last.
    pub(crate) fn shown(&self) -> T {
        self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Raised from 10 on, and then down to 5.
    fn level(latch: &mut Latch<bool>, second: u64, value: u32) -> bool {
        latch.level(Duration::from_secs(second), |raised| value >= if raised { 5 } else { 10 })
    }

    #[test]
    fn what_is_raised_stays_down_to_the_lower_threshold() {
        let mut latch = Latch::default();
        let values = [4, 6, 9, 10, 6, 5, 4, 6];
        let raised: Vec<_> =
            (1..).zip(values).map(|(at, v)| level(&mut latch, 10 * at, v)).collect();
        assert_eq!(raised, [false, false, false, true, true, true, false, false]);
    }

    #[test]
    fn within_a_block_it_does_not_flap() {
        let mut latch = Latch::default();
        let raised = [10, 9, 10, 9].map(|value| level(&mut latch, 3, value));
        assert_eq!(raised, [true; 4]);
    }

    #[test]
    fn ends_of_blocks_do_not_remember_what_was_between_them() {
        let (mut fine, mut coarse) = (Latch::default(), Latch::default());
        let value = |second: u64| (second * second * 7 % 13) as u32;
        for second in 1..=1_000 {
            let at_end = level(&mut fine, second, value(second));
            if second % 10 == 0 {
                assert_eq!(at_end, level(&mut coarse, second, value(second)), "{second}");
            }
        }
    }
}
