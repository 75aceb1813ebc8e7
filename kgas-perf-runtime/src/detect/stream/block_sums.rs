//! `BlockSums`: how far calls that follow each other tell the same thing.

use serde::{Deserialize, Serialize};

/// Block lengths, in packets: 1, 2, 4, … 512.
const LEVELS: usize = 10;

/// When this many blocks have been seen at a level, older ones begin to count less.
const REMEMBERED: f32 = 2_048.0;

/// How much is added to a variance for how few blocks it was seen in, in standard errors.
const MARGIN: f64 = 0.25;

/// The level by which it is told whether the newest packets are calmer, blocks of 16 packets; how
/// many blocks are asked for, and by how much they must be.
const TOLD_BY: usize = 4;
const ENOUGH: f32 = 12.0;
const CALMER: f32 = 6.0;

/// Sums over ever longer blocks of consecutive packets, which show how much more their sum varies
/// than that of independent calls would.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct BlockSums {
    levels: [Level; LEVELS],
    /// Sum over the packets that the first level remembers, newer and older.
    sums: [f32; 2],
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Level {
    /// The first half of the block that is being filled.
    half: Option<(f32, f32)>,
    /// Blocks since the last [`BlockSums::turn`], and before.
    newer: Blocks,
    older: Blocks,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Blocks {
    /// Sum of squared block sums.
    squares: f32,
    /// Calls in the blocks.
    weight: f32,
    /// Blocks.
    blocks: f32,
}

impl Blocks {
    fn and(self, other: Self) -> Self {
        Self {
            squares: self.squares + other.squares,
            weight: self.weight + other.weight,
            blocks: self.blocks + other.blocks,
        }
    }

    fn times(self, kept: f32) -> Self {
        Self {
            squares: self.squares * kept,
            weight: self.weight * kept,
            blocks: self.blocks * kept,
        }
    }

    /// The variance of a sum, a call.
    fn variance(self) -> f32 {
        self.squares / self.weight.max(f32::MIN_POSITIVE)
    }
}

impl Level {
    fn all(&self) -> Blocks {
        self.newer.and(self.older)
    }
}

impl BlockSums {
    /// Adds a packet: the sum of a centred value over its calls, and their number.
    pub(super) fn add(&mut self, sum: f32, calls: f32) {
        let (mut sum, mut calls) = (sum, calls);
        self.sums[0] += sum;
        if self.levels[0].all().blocks + 1.0 >= REMEMBERED {
            self.sums = self.sums.map(|sum| sum / 2.0);
        }
        for level in &mut self.levels {
            level.newer.squares += sum * sum;
            level.newer.weight += calls;
            level.newer.blocks += 1.0;
            if level.newer.blocks + level.older.blocks >= REMEMBERED {
                level.newer = level.newer.times(0.5);
                level.older = level.older.times(0.5);
            }
            match level.half.take() {
                None => {
                    level.half = Some((sum, calls));
                    return;
                }
                Some((first, first_calls)) => {
                    sum += first;
                    calls += first_calls;
                }
            }
        }
    }

    /// Whether packets have become much calmer since the last turn: what moved before has settled.
    pub(super) fn is_calmer(&self) -> bool {
        let Level { newer, older, .. } = self.levels[TOLD_BY];
        newer.blocks >= ENOUGH && older.blocks > 0.0 && older.variance() > CALMER * newer.variance()
    }

    /// Lets everything seen so far count for less; and what was seen before the last turn for
    /// nothing, if `settled`.
    pub(super) fn turn(&mut self, kept: f64, settled: bool) {
        let kept = kept as f32;
        let before = if settled { 0.0 } else { 1.0 };
        self.sums = [0.0, kept * (self.sums[0] + before * self.sums[1])];
        for level in &mut self.levels {
            level.older = level.newer.and(level.older.times(before)).times(kept);
            level.newer = Blocks::default();
        }
    }

    /// The mean of the value, a call; 0 before any.
    pub(super) fn mean(&self) -> f64 {
        let (sum, weight) = (self.sums[0] + self.sums[1], self.levels[0].all().weight);
        if weight > 0.0 { f64::from(sum / weight) } else { 0.0 }
    }

    /// The variance of a sum over at most `calls` calls: see [`Variances::of`].
    pub(super) fn variance(&self, calls: f64) -> Option<f64> {
        self.variances().of(calls)
    }

    /// The variances of sums, to be asked for many lengths.
    pub(super) fn variances(&self) -> Variances {
        let mut known = Variances { levels: [(0.0, 0.0); LEVELS], known: 0 };
        let mut greatest = f64::NEG_INFINITY;
        for (level, place) in self.levels.iter().zip(&mut known.levels) {
            let all = level.all();
            if all.blocks < 4.0 || all.weight <= 0.0 {
                break;
            }
            let margin = 1.0 + MARGIN * (2.0 / f64::from(all.blocks)).sqrt();
            greatest = greatest.max(f64::from(all.variance()) * margin);
            *place = (f64::from(all.weight / all.blocks), greatest);
            known.known += 1;
        }
        known
    }
}

/// The variance of a sum, a call, by how many calls it is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variances {
    /// Calls in a block, and the greatest variance of blocks up to that length.
    levels: [(f64, f64); LEVELS],
    /// Levels that are known.
    known: usize,
}

impl Variances {
    /// The variance of a sum over at most `calls` calls, a call, with a margin for how few blocks
    /// it was seen in. `None` before there were four packets.
    ///
    /// It is the greatest over the block lengths up to that one: a block variance that was seen
    /// once can come again.
    pub(super) fn of(&self, calls: f64) -> Option<f64> {
        let known = &self.levels[..self.known];
        let found = known.iter().find(|(block, _)| *block >= calls).or(known.last());
        found.map(|(_, variance)| *variance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::dice::Dice;

    #[test]
    fn independent_calls_have_the_variance_of_one() {
        let (mut sums, mut dice) = (BlockSums::default(), Dice::new(1));
        for _ in 0..20_000 {
            let calls = 1 + dice.poisson(3.0);
            let sum: f64 = (0..calls).map(|_| dice.normal()).sum();
            sums.add(sum as f32, calls as f32);
        }
        for calls in [1.0, 10.0, 100.0] {
            let found = sums.variance(calls).unwrap();
            assert!((0.95..1.15).contains(&found), "{calls}: {found}");
        }
    }

    #[test]
    fn the_mean_is_that_of_the_calls_it_remembers() {
        let mut sums = BlockSums::default();
        assert_eq!(sums.mean(), 0.0);
        for packet in 0..10_000 {
            sums.add(if packet % 4 == 0 { 2.0 } else { 0.0 }, 2.0);
        }
        assert!((sums.mean() - 0.25).abs() < 1e-3, "{}", sums.mean());
        sums.turn(0.1, false);
        assert!((sums.mean() - 0.25).abs() < 1e-3, "{}", sums.mean());
    }

    #[test]
    fn what_has_settled_is_forgotten_and_what_goes_on_is_not() {
        // Packets of ten calls around a mean that falls to zero, or that wobbles on.
        let add =
            |sums: &mut BlockSums, dice: &mut Dice, packets: u32, mean: &dyn Fn(f64) -> f64| {
                for packet in 0..packets {
                    let calls: f64 = (0..10).map(|_| dice.normal()).sum();
                    sums.add((calls + 10.0 * mean(f64::from(packet))) as f32, 10.0);
                }
            };
        let (settles, wobbles) = (|at: f64| 3.0 * (-at / 60.0).exp(), |at: f64| (0.1 * at).sin());
        let still = |_: f64| 0.0;
        for (before, after, calmer) in [
            (&settles as &dyn Fn(f64) -> f64, &still as &dyn Fn(f64) -> f64, true),
            (&wobbles, &wobbles, false),
            (&still, &wobbles, false),
            (&still, &still, false),
        ] {
            let (mut sums, mut dice) = (BlockSums::default(), Dice::new(5));
            add(&mut sums, &mut dice, 250, before);
            sums.turn(0.5, false);
            add(&mut sums, &mut dice, 100, after);
            assert!(!sums.is_calmer(), "of so few blocks nothing is said");
            add(&mut sums, &mut dice, 150, after);
            assert_eq!(sums.is_calmer(), calmer);
            let with_all = sums.variance(300.0).unwrap();
            sums.turn(0.5, calmer);
            let with_what_goes_on = sums.variance(300.0).unwrap();
            if calmer {
                assert!(with_all > 10.0 && with_what_goes_on < 2.0);
            } else {
                assert!((with_what_goes_on / with_all - 1.0).abs() < 0.2);
            }
        }
    }

    #[test]
    fn an_autoregression_has_the_variance_of_its_closed_form() {
        // Long sums of x' = 0.8 x + e have (1 + 0.8) / (1 - 0.8) = 9 times the variance of x.
        let (mut sums, mut dice, mut x) = (BlockSums::default(), Dice::new(2), 0.0);
        for _ in 0..40_000 {
            x = 0.8 * x + 0.6 * dice.normal();
            sums.add(x as f32, 1.0);
        }
        let long = sums.variance(256.0).unwrap();
        assert!((7.0..11.0).contains(&long), "{long}");
        // A sum of two: 1 + 0.8.
        let short = sums.variance(2.0).unwrap();
        assert!((1.5..2.1).contains(&short), "{short}");
    }

    #[test]
    fn fewer_blocks_have_a_greater_margin_and_three_have_no_variance() {
        let alternating = |packets: u32| {
            let mut sums = BlockSums::default();
            for packet in 0..packets {
                sums.add(if packet % 2 == 0 { 1.0 } else { -1.0 }, 1.0);
            }
            sums.variance(1.0)
        };
        assert_eq!(alternating(3), None);
        assert!(alternating(4) > alternating(40));
        assert!(alternating(40).is_some_and(|variance| variance > 1.0));
    }
}
