//! `Blocks`: what was learned, in stretches of time of equal length, packed.
//!
//! The length doubles and neighbours merge when there are too many; the bins get coarser when they
//! take too much memory. So memory is bounded however long is learned, and there are always
//! enough blocks to see an episode or the pace of a wobble in.

use serde::{Deserialize, Serialize};

use crate::baseline::learner::counts::BinCounts;
use crate::baseline::sound;
use crate::stats::LogBin;

/// There are at most so many blocks; between half of it and all of it once there have been many.
pub(crate) const MOST: usize = 64;
/// Bytes that the packed blocks take at most, short of a few for the last one.
const ROOM: usize = 3_072;
/// The coarsest bins have this many of the finest: `1 << COARSEST` of them, 32 % wide.
const COARSEST: u8 = 4;

/// One block, unpacked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block {
    /// Coarse bin and calls in it, in order.
    pub(crate) bins: Vec<(u16, u32)>,
    /// Calls that ended well.
    pub(crate) calls: u64,
    /// Calls that failed.
    pub(crate) errors: u32,
}

impl Block {
    /// A block of these calls, with bins `1 << coarser` times as wide.
    pub(crate) fn of(calls: impl Iterator<Item = (u16, u32)>, errors: u32, coarser: u8) -> Self {
        let mut block = Self { errors, ..Self::default() };
        for (bin, count) in calls {
            block.append(bin >> coarser, count);
        }
        block
    }

    /// Adds calls to the last bin or one behind it.
    fn append(&mut self, bin: u16, count: u32) {
        self.calls += u64::from(count);
        match self.bins.last_mut() {
            Some((last, sum)) if *last == bin => *sum = sum.saturating_add(count),
            _ => self.bins.push((bin, count)),
        }
    }

    /// This and the next one as one.
    fn and(&self, next: &Self) -> Self {
        let mut merged =
            Self { errors: self.errors.saturating_add(next.errors), ..Self::default() };
        let (mut here, mut there) = (self.bins.as_slice(), next.bins.as_slice());
        while let Some((from, rest)) = match (here.first(), there.first()) {
            (Some(one), Some(other)) if other.0 < one.0 => Some((*other, &mut there)),
            (Some(one), _) => Some((*one, &mut here)),
            (None, Some(other)) => Some((*other, &mut there)),
            (None, None) => None,
        } {
            *rest = &rest[1..];
            merged.append(from.0, from.1);
        }
        merged
    }
}

/// Blocks of equal length, oldest first.
///
/// Packed, a block is its errors, the number of its bins, and for each of them the distance to the
/// one before and its count, all as little-endian numbers of seven bits a byte.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub(crate) struct Blocks {
    packed: Vec<u8>,
    len: usize,
    /// Seconds of each block: a power of two.
    seconds: u64,
    /// Its bins are this many halvings coarser than those of the grid.
    coarser: u8,
}

sound!(Blocks);

impl Blocks {
    pub(crate) fn new() -> Self {
        Self { packed: Vec::new(), len: 0, seconds: 1, coarser: 0 }
    }

    /// Seconds of each block.
    pub(crate) fn seconds(&self) -> u64 {
        self.seconds
    }

    /// How many of the grid's bins make one of a block's.
    pub(crate) fn bin_width(&self) -> u16 {
        1 << self.coarser
    }

    /// Whether another block needs [`Blocks::shorten`] or [`Blocks::double`] first.
    pub(crate) fn is_full(&self) -> bool {
        self.len >= MOST
    }

    /// These calls, by bin of the grid, as a block would hold them.
    pub(crate) fn block(&self, calls: &BinCounts, errors: u32) -> Block {
        Block::of(calls.iter(), errors, self.coarser)
    }

    /// Appends a block, its calls by bin of the grid.
    pub(crate) fn push(&mut self, calls: &BinCounts, errors: u32) {
        pack(&mut self.packed, &Block::of(calls.iter(), errors, self.coarser));
        self.len += 1;
        while self.packed.len() > ROOM {
            if self.coarser < COARSEST {
                self.coarser += 1;
                let blocks =
                    self.iter().map(|block| Block::of(block.bins.iter().copied(), block.errors, 1));
                self.replace(blocks.collect());
            } else if self.len.is_multiple_of(2) {
                self.double();
            } else {
                break;
            }
        }
    }

    /// Makes each block twice as long, of two neighbours each. There must be an even number.
    pub(crate) fn double(&mut self) {
        let blocks: Vec<Block> = self.iter().collect();
        let pairs = blocks.chunks(2).map(|pair| match pair {
            [one, next] => one.and(next),
            odd => odd.first().cloned().unwrap_or_default(),
        });
        self.replace(pairs.collect());
        self.seconds *= 2;
    }

    /// Forgets the oldest blocks.
    pub(crate) fn shorten(&mut self, oldest: usize) {
        self.replace(self.iter().skip(oldest).collect());
    }

    fn replace(&mut self, blocks: Vec<Block>) {
        self.packed.clear();
        self.len = blocks.len();
        blocks.iter().for_each(|block| pack(&mut self.packed, block));
        self.packed.shrink_to(ROOM);
    }

    /// The blocks, oldest first, unpacked.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Block> {
        let mut rest = self.packed.as_slice();
        (0..self.len).map_while(move |_| unpack(&mut rest))
    }

    /// Whether it is as blocks are packed here.
    fn is_sound(&self) -> bool {
        /// More would be longer than the world is old.
        const LONGEST: u64 = 1 << 40;
        let lengths = self.seconds.is_power_of_two() && self.seconds <= LONGEST;
        let mut rest = self.packed.as_slice();
        lengths
            && self.coarser <= COARSEST
            && self.len <= MOST
            && (0..self.len).all(|_| self.passes(&mut rest).is_some())
            && rest.is_empty()
    }

    /// Passes over one packed block; `None` if it is none.
    fn passes(&self, rest: &mut &[u8]) -> Option<()> {
        let (_, bins) = (read(rest)?, read(rest)?);
        let mut bin = 0_u32;
        for _ in 0..bins {
            bin = bin.checked_add(read(rest)?)?;
            read(rest)?;
            if bin > (LogBin::COUNT as u32) >> self.coarser {
                return None;
            }
        }
        Some(())
    }

    /// The memory it has taken, in bytes, beside its own fields.
    pub(crate) fn heap_bytes(&self) -> usize {
        self.packed.capacity()
    }
}

fn pack(packed: &mut Vec<u8>, block: &Block) {
    number(packed, block.errors);
    number(packed, block.bins.len() as u32);
    let mut before = 0;
    for (bin, count) in &block.bins {
        number(packed, u32::from(bin - before));
        number(packed, *count);
        before = *bin;
    }
}

fn unpack(rest: &mut &[u8]) -> Option<Block> {
    let errors = read(rest)?;
    let bins = read(rest)? as usize;
    let mut block = Block { bins: Vec::with_capacity(bins), calls: 0, errors };
    let mut bin = 0_u16;
    for _ in 0..bins {
        bin += read(rest)? as u16;
        block.append(bin, read(rest)?);
    }
    Some(block)
}

fn number(packed: &mut Vec<u8>, mut value: u32) {
    // Doubling would waste what the learner has little of.
    const MORE: usize = 256;
    const LONGEST: usize = 5;
    if packed.capacity() - packed.len() < LONGEST {
        packed.reserve_exact(MORE);
    }
    while value >= 0x80 {
        packed.push(value as u8 | 0x80);
        value >>= 7;
    }
    packed.push(value as u8);
}

fn read(rest: &mut &[u8]) -> Option<u32> {
    let (mut value, mut shift) = (0_u32, 0);
    loop {
        let (first, others) = rest.split_first()?;
        *rest = others;
        value |= u32::from(first & 0x7f).checked_shl(shift)?;
        shift += 7;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many calls, spread evenly over bins.
    fn calls(bins: std::ops::Range<u16>, each: u32) -> BinCounts {
        bins.map(|bin| (bin, each)).collect()
    }

    fn total(blocks: &Blocks) -> u64 {
        blocks.iter().map(|block| block.calls).sum()
    }

    #[test]
    fn what_is_packed_comes_out_as_it_was() {
        let mut blocks = Blocks::new();
        let some = [(0, 1), (7, 127), (8, 128), (300, 70_000), (2_219, u32::MAX)];
        blocks.push(&some.into_iter().collect(), 3);
        blocks.push(&BinCounts::default(), 0);
        let found: Vec<Block> = blocks.iter().collect();
        assert_eq!(found[0], Block::of(some.into_iter(), 3, 0));
        assert_eq!(found[0].calls, 1 + 127 + 128 + 70_000 + u64::from(u32::MAX));
        assert_eq!(found[1], Block::default());
    }

    #[test]
    fn neighbours_merge_into_blocks_twice_as_long() {
        let mut blocks = Blocks::new();
        for second in 0..64_u16 {
            assert!(!blocks.is_full());
            blocks.push(&[(second, 1), (100, 2)].into_iter().collect(), 1);
        }
        assert!(blocks.is_full());
        blocks.double();
        assert_eq!((blocks.iter().count(), blocks.seconds()), (32, 2));
        let third = blocks.iter().nth(2);
        let expected = Block::of([(4, 1), (5, 1), (100, 4)].into_iter(), 2, 0);
        assert_eq!(third, Some(expected));
    }

    #[test]
    fn bins_get_coarser_before_blocks_get_longer() {
        let mut blocks = Blocks::new();
        for _ in 0..64 {
            blocks.push(&calls(700..900, 5), 0);
        }
        assert_eq!(blocks.seconds(), 1);
        assert!(blocks.bin_width() > 1);
        assert_eq!(total(&blocks), 64 * 1_000);
        let width = blocks.bin_width();
        for block in blocks.iter() {
            for (bin, count) in block.bins {
                assert!((700 / width..=899 / width).contains(&bin) && count > 0);
            }
        }
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let mut blocks = Blocks::new();
        for seconds in 1..=60_u32 {
            if blocks.is_full() {
                blocks.double();
            }
            blocks.push(&calls(0..2_220, seconds), seconds);
            assert!(blocks.heap_bytes() < 2 * ROOM, "{seconds}: {}", blocks.heap_bytes());
        }
        assert!(blocks.iter().count() > 1);
    }

    #[test]
    fn the_oldest_go_first() {
        let mut blocks = Blocks::new();
        for second in 0..10_u16 {
            blocks.push(&[(second, 1)].into_iter().collect(), 0);
        }
        blocks.shorten(7);
        let left: Vec<u16> = blocks.iter().map(|block| block.bins[0].0).collect();
        assert_eq!(left, [7, 8, 9]);
    }
}
