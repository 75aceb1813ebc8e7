//! `Reference`: what is normal for a stream, as it is judged by.

use serde::{Deserialize, Serialize};

use crate::detect::stream::alternative::{Alternatives, Evidence};
use crate::detect::stream::block_sums::{BlockSums, Variances};
use crate::detect::stream::bounds::{Bounds, Circumstances};
use crate::detect::stream::bursts::Bursts;
use crate::detect::stream::day::Day;
use crate::detect::stream::filter::Filter;
use crate::detect::stream::location::Location;
use crate::detect::stream::recent::{Packet, Recent};
use crate::detect::stream::resolution::Resolution;
use crate::detect::stream::shape::{BINS, Shape, WIDTH, bin, bin_at, place};
use crate::detect::stream::wobble::Wobble;

/// A machine wobbles by 4 % until more is known.
const ASSUMED_WOBBLE: f64 = 0.04;

/// Packets after which the wobble is fitted again.
const FIT: u64 = 60;

/// Packets after which the bounds are worked out again: more of them where each is a single call,
/// once there were enough.
const fn review_after(packets: u64, many: bool) -> u64 {
    if many || packets < 512 { 8 } else { 32 }
}

/// What is normal for a stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Reference {
    pub(super) shape: Box<Shape>,
    pub(super) alternatives: Alternatives,
    pub(super) location: Location,
    pub(super) day: Day,
    /// Sums of ranks, of calls far up the tail, and of innovations, over blocks of time.
    pub(super) ranks: BlockSums,
    pub(super) far: BlockSums,
    pub(super) innovations: BlockSums,
    pub(super) rank_bursts: Bursts,
    pub(super) bursts: Bursts,
    pub(super) wobble: Wobble,
    pub(super) filter: Filter,
    /// Packets it has seen.
    pub(super) packets: u64,
    /// The step of the timer, as a share of the median when the shape was made, and where the
    /// location was then: shown in whole steps, calls have another shape elsewhere.
    grain: f64,
    shaped: f64,
    /// Where the location is now, and how much higher it may be than is known.
    pub(super) level: f64,
    pub(super) doubt: f64,
    pub(super) bounds: Bounds,
}

impl Reference {
    /// What is normal by a block of calls, counted by bin of their residual from `level`; `None`
    /// for an empty block.
    pub(super) fn new(
        counts: &[u32; BINS],
        level: f64,
        resolution: &Resolution,
        at: f64,
    ) -> Option<Self> {
        let (shape, shift) = Shape::of(counts)?;
        let level = level + shift as f64 * WIDTH;
        let wobble = Wobble::assumed((ASSUMED_WOBBLE * shape.score_slope).min(0.5));
        Some(Self {
            alternatives: Alternatives::of(&shape, mean_over(counts, shift)),
            shape,
            location: Location::new(level, at),
            day: Day::new(level),
            ranks: BlockSums::default(),
            far: BlockSums::default(),
            innovations: BlockSums::default(),
            rank_bursts: Bursts::default(),
            bursts: Bursts::default(),
            filter: Filter::new(&wobble),
            wobble,
            packets: 0,
            grain: resolution.grain(level),
            shaped: level,
            level,
            doubt: 0.1,
            bounds: Bounds::OFF,
        })
    }

    /// The memory it takes beside its own size, in bytes.
    pub(super) fn heap_bytes(&self) -> usize {
        size_of_val(self.shape.as_ref()) + self.shape.heap_bytes()
    }

    /// Takes the shape of a newer block of calls.
    pub(super) fn reshape(&mut self, counts: &[u32; BINS], resolution: &Resolution) {
        let Some((shape, shift)) = Shape::of(counts) else { return };
        self.alternatives = Alternatives::of(&shape, mean_over(counts, shift));
        self.shape = shape;
        let shift = shift as f64 * WIDTH;
        self.location.shift(shift);
        self.shaped = self.level + shift;
        self.grain = resolution.grain(self.shaped);
        // What went together while the operation was warming up says little of what it is now.
        let (moved, settled) = (shift.abs() > self.doubt.max(0.03), self.ranks.is_calmer());
        let kept = if moved { 0.02 } else { 0.5 };
        for sums in [&mut self.ranks, &mut self.far, &mut self.innovations] {
            sums.turn(kept, settled);
        }
        let kept = if settled { 0.02 } else { kept };
        self.rank_bursts.fade(kept);
        self.bursts.fade(kept);
        self.wobble.fade(kept);
    }

    /// Learns how far the first calls went together, packet by packet.
    pub(super) fn look_back(&mut self, logs: &[f64], calls_per_packet: usize) {
        for calls in logs.chunks_exact(calls_per_packet.clamp(1, 25)) {
            let (mut rank, mut far) = (0.0, 0.0);
            for log in calls {
                let at = bin(log - self.level);
                rank += self.shape.rank(at) - 0.5;
                far += if at >= self.shape.far() { 1.0 } else { 0.0 };
                far -= self.shape.far_share as f32;
            }
            self.ranks.add(rank, calls.len() as f32);
            self.far.add(far, calls.len() as f32);
        }
    }

    /// Adds calls of one duration, by its logarithm, to the evidence, and tells their bin.
    #[inline]
    pub(super) fn weigh(&self, evidence: &mut Evidence, log: f64, calls: f32) -> usize {
        let residual = log - self.level;
        let (place, doubt) = (place(residual), self.doubt * (1.0 / WIDTH));
        let at = bin_at(place);
        let bins = (at, bin_at(place - doubt), bin_at(place + doubt));
        self.alternatives.weigh(&self.shape, evidence, bins, calls);
        evidence.residual += residual * f64::from(calls);
        at
    }

    /// Where the location would be by these calls alone.
    pub(super) fn location_by(&self, mean_rank: f64) -> f64 {
        self.level + mean_rank / self.shape.rank_slope
    }

    /// Learns from packets that lie a minute back, so that a change does not hide itself.
    pub(super) fn learn(&mut self, recent: &mut Recent, now: f64, many: bool, rate: f64) {
        while let Some((packet, back)) = recent.older(now - 60.0) {
            let Packet { calls, rank, miss, score, .. } = packet;
            let count = f64::from(calls);
            self.location.feed(f64::from(packet.location), count, packet.ended, rate);
            self.ranks.add(rank, calls);
            self.far.add(packet.far, calls);
            self.innovations.add(miss, 1.0);
            if many {
                let deviation = (count * self.shape.rank_variance).sqrt();
                self.rank_bursts.add(f64::from(rank) / deviation);
                self.bursts.add(f64::from(miss));
            }
            let before = |lag: usize| recent.back(back + lag).map(|p| f64::from(p.score));
            self.wobble.add(f64::from(score), count, before);
        }
    }

    /// Works out what the next packet is judged by.
    pub(super) fn review(&mut self, at: f64, now: Circumstances) {
        self.level = self.location.level(at);
        if self.packets % FIT == FIT - 1 {
            self.wobble.fit();
        }
        if !self.packets.is_multiple_of(review_after(self.packets, now.packet > 1.0)) {
            return;
        }
        let behind = self.location.calls(at).max(20.0);
        let variance = self.shape.rank_variance * self.inflation(&self.ranks.variances(), behind);
        let error = (variance / behind).sqrt() / self.shape.rank_slope;
        let trend = 0.5 * self.location.unsettled() * 60.0 / now.age.clamp(60.0, 600.0);
        let elsewhere = self.grain * (self.level - self.shaped).abs();
        self.doubt = error + 0.003 + trend + 0.06 * 30.0 / now.age.max(30.0) + elsewhere;
        self.bounds = Bounds::of(self, now);
    }

    /// How much more a sum over so many calls varies than one of independent calls; at least 1.
    /// `ranks` are the variances of [`Reference::ranks`].
    pub(super) fn inflation(&self, ranks: &Variances, calls: f64) -> f64 {
        let seen = ranks.of(calls);
        seen.map_or(2.0, |variance| variance / self.shape.rank_variance).max(1.0)
    }

    /// The same for the number of calls far up the tail.
    pub(super) fn tail_inflation(&self, far: &Variances, calls: f64) -> f64 {
        // One block tells little of so small a share; the calls since then tell it better.
        let share = (self.shape.far_share + self.far.mean()).clamp(0.002, 0.5);
        let seen = far.of(calls);
        seen.map_or(2.0, |variance| variance / (share * (1.0 - share))).max(1.0)
    }
}

/// The mean of a function over counted calls, whose bins move down by `shift`.
fn mean_over(counts: &[u32; BINS], shift: i64) -> impl Fn(&dyn Fn(usize) -> f32) -> f64 {
    move |value| {
        let (mut sum, mut calls) = (0.0, 0.0);
        for (bin, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let bin = (bin as i64 - shift).clamp(0, BINS as i64 - 1) as usize;
            sum += f64::from(count) * f64::from(value(bin));
            calls += f64::from(count);
        }
        if calls > 0.0 { sum / calls } else { 0.0 }
    }
}
