//! `Stretches`: the recent past in blocks, so that it can be asked about the last minute and the
//! last day.

use std::collections::VecDeque;
use std::time::Duration;

use crate::detect::border::MOST_BORDERS;
use crate::detect::gathered::Gathered;

/// The blocks of each stretch: how long one is, in seconds, and how many are kept.
const RUNGS: [(u64, u64); 5] = [(10, 6), (30, 10), (300, 6), (3_600, 6), (10_800, 8)];

/// How many stretches there are: the last minute, 5 minutes, half an hour, 6 hours, a day.
pub(crate) const STRETCHES: usize = RUNGS.len();

/// The stretch by which single events are judged: 5 minutes.
pub(crate) const EVENTS: usize = 1;

/// The recent past of one objective. At most 36 blocks, whatever the number of calls.
///
/// A window belongs to the block in which it ended, whole: ten windows of a second and the one
/// of ten seconds that they add up to leave the same blocks behind.
#[derive(Clone, Debug)]
pub(crate) struct Stretches {
    rungs: [VecDeque<Block>; STRETCHES],
    /// The sums of all blocks before the newest, so that a tick reads two and not all.
    before: [Stretch; STRETCHES],
}

#[derive(Clone, Debug)]
struct Block {
    index: u64,
    gathered: Gathered,
    worst: Worst,
}

/// The worst 10 to 20 seconds of a stretch, by each border, and by the sum.
///
/// What goes on for 5 seconds touches at most two neighbouring blocks of 10 seconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Worst {
    /// Values beyond each border, and values in all.
    pub(crate) beyond: [(u32, u32); MOST_BORDERS],
    /// Sum, squares and number of values where the sum is largest.
    pub(crate) sum: (f64, f64, u32),
}

impl Worst {
    fn of(pair: &Gathered) -> Self {
        Self {
            beyond: pair.beyond.map(|beyond| (beyond, pair.count)),
            sum: (pair.sum, pair.squares, pair.count),
        }
    }

    fn merge(&mut self, other: &Self) {
        for (worst, other) in self.beyond.iter_mut().zip(other.beyond) {
            if other.0 >= worst.0 {
                *worst = other;
            }
        }
        if other.sum.0 >= self.sum.0 {
            self.sum = other.sum;
        }
    }
}

/// One stretch, added up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stretch {
    pub(crate) gathered: Gathered,
    pub(crate) worst: Worst,
}

impl Stretches {
    pub(crate) fn new() -> Self {
        Self { rungs: Default::default(), before: Default::default() }
    }

    /// Adds what a window that ended at `end` holds.
    pub(crate) fn add(&mut self, end: Duration, gathered: &Gathered) {
        let mut pair = Gathered::default();
        for (rung, blocks) in self.rungs.iter_mut().enumerate() {
            let index = index(end, rung);
            while blocks.front().is_some_and(|block| block.index + RUNGS[rung].1 <= index) {
                blocks.pop_front();
            }
            // Time that goes back stays in the newest block.
            if blocks.back().is_none_or(|block| block.index < index) {
                self.before[rung] = sum_of(blocks.iter());
                blocks.push_back(Block {
                    index,
                    gathered: Gathered::default(),
                    worst: Worst::default(),
                });
            }
            let length = blocks.len();
            if let Some(newest) = blocks.back_mut() {
                newest.gathered.merge(gathered);
            }
            if rung == 0 {
                let newest = blocks.back().map_or(index, |block| block.index);
                for block in blocks.iter().skip(length.saturating_sub(2)) {
                    if block.index + 1 >= newest {
                        pair.merge_sums(&block.gathered);
                    }
                }
            }
            if let Some(newest) = blocks.back_mut() {
                newest.worst.merge(&Worst::of(&pair));
            }
        }
    }

    /// The counts and sums of a stretch up to `now`, without its values.
    pub(crate) fn stretch(&self, stretch: usize, now: Duration) -> Stretch {
        let newest = self.rungs[stretch].back();
        let Some(newest) = newest.filter(|block| block.index == index(now, stretch)) else {
            return sum_of(self.blocks(stretch, now));
        };
        let mut sum = self.before[stretch].clone();
        sum.add(newest);
        sum
    }

    /// A stretch up to `now` with its values.
    pub(crate) fn values(&self, stretch: usize, now: Duration) -> Gathered {
        let mut sum = Gathered::default();
        for block in self.blocks(stretch, now) {
            sum.merge(&block.gathered);
        }
        sum
    }

    /// How far back a stretch reaches: its newest block is rarely full.
    pub(crate) fn reach(&self, stretch: usize, now: Duration) -> Duration {
        let (length, kept) = RUNGS[stretch];
        let oldest = (index(now, stretch) + 1).saturating_sub(kept);
        now.saturating_sub(Duration::from_secs(oldest.saturating_mul(length)))
    }

    /// What each block of a stretch holds, oldest first; blocks without a value are not there.
    pub(crate) fn by_block(&self, stretch: usize, now: Duration) -> Vec<&Gathered> {
        self.blocks(stretch, now).map(|block| &block.gathered).collect()
    }

    /// Whether every block of a stretch holds something.
    pub(crate) fn is_whole(&self, stretch: usize, now: Duration) -> bool {
        let held = self.blocks(stretch, now).filter(|block| block.gathered.count > 0);
        held.count() as u64 == RUNGS[stretch].1
    }

    /// When the oldest of the newest blocks of which all are `bad` began. Blocks without a value
    /// say nothing.
    pub(crate) fn since(
        &self,
        stretch: usize,
        now: Duration,
        bad: impl Fn(&Gathered) -> bool,
    ) -> Option<Duration> {
        let blocks: Vec<_> =
            self.blocks(stretch, now).filter(|block| block.gathered.count > 0).collect();
        let first = blocks.iter().rev().take_while(|block| bad(&block.gathered)).last()?;
        Some(Duration::from_secs(first.index * RUNGS[stretch].0))
    }

    fn blocks(&self, stretch: usize, now: Duration) -> impl Iterator<Item = &Block> {
        let newest = index(now, stretch);
        self.rungs[stretch].iter().filter(move |block| block.index + RUNGS[stretch].1 > newest)
    }
}

impl Stretch {
    fn add(&mut self, block: &Block) {
        self.gathered.merge_sums(&block.gathered);
        self.worst.merge(&block.worst);
    }
}

fn sum_of<'a>(blocks: impl Iterator<Item = &'a Block>) -> Stretch {
    let mut sum = Stretch::default();
    blocks.for_each(|block| sum.add(block));
    sum
}

/// The block that a window belongs to, by when it ended. An end belongs to the block it ends.
fn index(end: Duration, rung: usize) -> u64 {
    let length = u128::from(RUNGS[rung].0) * 1_000_000_000;
    u64::try_from(end.as_nanos().saturating_sub(1) / length).unwrap_or(u64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::gathered::BINS;

    fn calls(beyond: u32, count: u32) -> Gathered {
        let mut gathered = Gathered::default();
        (gathered.count, gathered.beyond[0]) = (count, beyond);
        gathered
    }

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn each_stretch_forgets_what_is_older_than_it() {
        let mut stretches = Stretches::new();
        stretches.add(at(10), &calls(1, 1));
        let counts = |stretches: &Stretches, now| {
            std::array::from_fn(|rung| stretches.stretch(rung, at(now)).gathered.count)
        };
        assert_eq!(counts(&stretches, 10), [1, 1, 1, 1, 1]);
        assert_eq!(counts(&stretches, 60), [1, 1, 1, 1, 1]);
        assert_eq!(counts(&stretches, 61), [0, 1, 1, 1, 1]);
        assert_eq!(counts(&stretches, 301), [0, 0, 1, 1, 1]);
        assert_eq!(counts(&stretches, 1_801), [0, 0, 0, 1, 1]);
        assert_eq!(counts(&stretches, 21_601), [0, 0, 0, 0, 1]);
        assert_eq!(counts(&stretches, 86_401), [0, 0, 0, 0, 0]);
    }

    #[test]
    fn memory_does_not_grow_with_time() {
        let mut stretches = Stretches::new();
        for second in 1..=100_000 {
            stretches.add(at(second), &calls(0, 1));
        }
        let blocks: usize = stretches.rungs.iter().map(VecDeque::len).sum();
        assert_eq!(blocks, 36);
        let capacity: usize = stretches.rungs.iter().map(VecDeque::capacity).sum();
        let bytes = capacity * size_of::<Block>() + blocks * size_of::<[u32; BINS]>();
        assert!(bytes <= 15 * 1_024, "{bytes} bytes");
        assert_eq!(stretches.stretch(0, at(100_000)).gathered.count, 60);
    }

    #[test]
    fn ten_seconds_at_once_leave_the_blocks_that_ten_single_seconds_leave() {
        let (mut at_once, mut in_turn) = (Stretches::new(), Stretches::new());
        for second in 1..=300_u64 {
            in_turn.add(at(second), &calls((second % 3) as u32, 7));
            if second % 10 == 0 {
                let bad = (second - 9..=second).map(|second| (second % 3) as u32).sum();
                at_once.add(at(second), &calls(bad, 70));
                for stretch in 0..STRETCHES {
                    let [one, other] =
                        [&at_once, &in_turn].map(|all| all.stretch(stretch, at(second)));
                    assert_eq!(one.gathered.beyond, other.gathered.beyond);
                    assert_eq!(one.worst.beyond[0], other.worst.beyond[0]);
                }
            }
        }
    }

    #[test]
    fn a_spike_of_five_seconds_lies_within_the_worst_of_every_stretch() {
        for start in 100..110 {
            let mut stretches = Stretches::new();
            for second in 1..=200 {
                let spike = (start..start + 5).contains(&second);
                stretches.add(at(second), &calls(if spike { 9 } else { 0 }, 9));
            }
            for stretch in EVENTS..STRETCHES {
                let all = stretches.stretch(stretch, at(200));
                assert_eq!((all.gathered.beyond[0], all.worst.beyond[0].0), (45, 45), "{start}");
            }
        }
    }

    #[test]
    fn it_began_where_the_newest_bad_blocks_begin() {
        let mut stretches = Stretches::new();
        for second in 1..=60 {
            stretches.add(at(second), &calls(u32::from(second > 30), 1));
        }
        let bad = |gathered: &Gathered| gathered.beyond[0] > 0;
        assert_eq!(stretches.since(0, at(60), bad), Some(at(30)));
        assert_eq!(stretches.since(0, at(60), |_| false), None);
    }
}
