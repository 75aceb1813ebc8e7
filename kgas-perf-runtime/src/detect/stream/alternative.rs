//! `Alternatives`: the ways in which calls may have changed, and how much one call says for each.

use serde::{Deserialize, Serialize};

use crate::detect::stream::shape::{BINS, CLIP, Shape};

/// Slowdowns of every call, in bins of 2 %: by 4, 11, 20, 35, 60, 100, 200, 400 and 800 %.
pub(super) const SLOWER: [usize; 9] = [2, 5, 9, 15, 24, 35, 55, 80, 110];

/// Speed-ups of every call, in bins of 2 %: to 85, 67 and 40 %.
pub(super) const FASTER: [usize; 3] = [8, 20, 46];

/// How strongly long calls become more frequent: changes of a mixture, or of what a coarse timer
/// shows.
pub(super) const TILTS: [f32; 4] = [0.3, 0.7, 1.5, 3.0];

/// Changes of the tail alone: half of its calls are slower by so many bins, which is twice, three
/// and six times.
pub(super) const TAILS: [usize; 3] = [35, 55, 90];

/// A log-likelihood ratio of one call of the tail stays within this: two calls alone may be enough.
const TAIL_CLIP: f32 = 9.0;

/// Where the groups of alternatives begin.
pub(super) const FIRST_TILT: usize = SLOWER.len();
pub(super) const FIRST_TAIL: usize = FIRST_TILT + TILTS.len();
pub(super) const FIRST_FASTER: usize = FIRST_TAIL + TAILS.len();
pub(super) const ALTERNATIVES: usize = FIRST_FASTER + FASTER.len();

/// What is added up: each alternative, and each of [`SLOWER`] once the wobble is taken off.
pub(super) const ADDED: usize = ALTERNATIVES + SLOWER.len();

/// The alternative that one of what is added up speaks for.
pub(super) fn alternative(added: usize) -> usize {
    if added < ALTERNATIVES { added } else { added - ALTERNATIVES }
}

/// What a packet of calls says, before anything about their dependence is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Evidence {
    /// Log-likelihood ratio of each alternative.
    pub(super) ratio: [f32; ALTERNATIVES],
    /// Sum of normal scores, were the location as high as it may be without a change.
    pub(super) null_score: f32,
    /// Sum of normal scores.
    pub(super) score: f32,
    /// Sum of ranks less one half.
    pub(super) rank: f32,
    /// Calls far up the tail, less those expected.
    pub(super) far: f32,
    /// Sum of residuals.
    pub(super) residual: f64,
    /// Calls.
    pub(super) calls: f32,
}

impl Evidence {
    pub(super) const NONE: Self = Self {
        ratio: [0.0; ALTERNATIVES],
        null_score: 0.0,
        score: 0.0,
        rank: 0.0,
        far: 0.0,
        residual: 0.0,
        calls: 0.0,
    };
}

/// The alternatives, normalised for one [`Shape`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Alternatives {
    /// Makes the expectation of the likelihood ratio 1 at most where nothing has changed.
    norm: [f32; ALTERNATIVES],
    /// What a call says for an alternative when it is true, in nats.
    pub(super) information: [f64; ALTERNATIVES],
    /// What one of the calls that are slower says for each of [`TAILS`], on average, in nats.
    pub(super) leap: [f64; TAILS.len()],
    /// By how much the mean score rises when calls are slower by each of [`SLOWER`].
    pub(super) rise: [f64; SLOWER.len()],
}

impl Alternatives {
    /// Normalises them for a shape.
    ///
    /// `seen` is the mean of a function over the calls that the shape was made of: where the
    /// smoothed density and the calls differ, a ratio is normalised for the worse of both.
    pub(super) fn of(shape: &Shape, seen: impl Fn(&dyn Fn(usize) -> f32) -> f64) -> Self {
        let mut alternatives = Self {
            norm: [0.0; ALTERNATIVES],
            information: [0.0; ALTERNATIVES],
            leap: [0.0; TAILS.len()],
            rise: [0.0; SLOWER.len()],
        };
        let masses = shape.masses();
        let expect = |value: &dyn Fn(usize) -> f32| -> f64 {
            masses.iter().enumerate().map(|(bin, mass)| mass * f64::from(value(bin))).sum()
        };
        for (rise, bins) in alternatives.rise.iter_mut().zip(SLOWER) {
            let moved = |bin: usize| shape.score((bin + bins).min(BINS - 1)) - shape.score(bin);
            *rise = expect(&moved).max(1e-3);
        }
        for which in 0..ALTERNATIVES {
            let ratios: [f32; BINS] = std::array::from_fn(|bin| ratio(shape, which, bin, bin));
            let likelihoods = ratios.map(f32::exp);
            let likelihood = |bin: usize| likelihoods[bin];
            let mean = expect(&likelihood).max(seen(&likelihood));
            let norm = mean.max(1.0).ln() as f32;
            let over_norm = (-norm).exp();
            alternatives.norm[which] = norm;
            let informs = |bin: usize| likelihoods[bin] * over_norm * (ratios[bin] - norm);
            alternatives.information[which] = expect(&informs).max(1e-9);
        }
        for (which, leap) in (FIRST_TAIL..).zip(&mut alternatives.leap) {
            let (norm, bins) = (alternatives.norm[which], TAILS[which - FIRST_TAIL]);
            let says = |from: usize| tail_ratio(shape, which, (from + bins).min(BINS - 1)) - norm;
            let in_tail = |from: usize| if from < shape.tail() { 0.0 } else { 1.0 };
            let calls = expect(&in_tail).max(1e-9);
            let said = |from: usize| if from < shape.tail() { 0.0 } else { says(from) };
            *leap = (expect(&said) / calls).max(0.0);
        }
        alternatives
    }

    /// Adds calls of one residual to the evidence. `bin` is where they fall, `null` where they
    /// would if the location were as high as it may be without a change, `low` where they would
    /// if it were as low.
    ///
    /// # Cost
    /// About 30 table reads, whatever the number of calls.
    #[inline]
    pub(super) fn weigh(
        &self,
        shape: &Shape,
        evidence: &mut Evidence,
        (bin, null, low): (usize, usize, usize),
        calls: f32,
    ) {
        let mut ratio = [0.0; ALTERNATIVES];
        let density = shape.log_density(null);
        for (ratio, bins) in ratio.iter_mut().zip(SLOWER) {
            let from = bin.saturating_sub(bins);
            *ratio = (shape.log_density(from) - density).clamp(-CLIP, CLIP);
        }
        let rank = shape.rank(null) - 0.5;
        for (ratio, tilt) in ratio[FIRST_TILT..].iter_mut().zip(TILTS) {
            *ratio = tilt * rank;
        }
        if null >= shape.tail() {
            for (ratio, which) in ratio[FIRST_TAIL..].iter_mut().zip(FIRST_TAIL..FIRST_FASTER) {
                *ratio = tail_ratio(shape, which, null);
            }
        }
        let density = shape.log_density(low);
        for (ratio, bins) in ratio[FIRST_FASTER..].iter_mut().zip(FASTER) {
            let from = (bin + bins).min(BINS - 1);
            *ratio = (shape.log_density(from) - density).clamp(-CLIP, CLIP);
        }
        for ((sum, ratio), norm) in evidence.ratio.iter_mut().zip(ratio).zip(self.norm) {
            *sum += calls * (ratio - norm);
        }
        evidence.null_score += calls * shape.score(null);
        evidence.score += calls * shape.score(bin);
        evidence.rank += calls * (shape.rank(bin) - 0.5);
        let far = if bin >= shape.far() { 1.0 } else { 0.0 };
        evidence.far += calls * (far - shape.far_share as f32);
        evidence.calls += calls;
    }
}

/// The log-likelihood ratio of one alternative, not normalised.
fn ratio(shape: &Shape, which: usize, bin: usize, null: usize) -> f32 {
    let shifted =
        |from: usize| (shape.log_density(from) - shape.log_density(null)).clamp(-CLIP, CLIP);
    match which {
        0..FIRST_TILT => shifted(bin.saturating_sub(SLOWER[which])),
        FIRST_TILT..FIRST_TAIL => TILTS[which - FIRST_TILT] * (shape.rank(null) - 0.5),
        FIRST_TAIL..FIRST_FASTER => tail_ratio(shape, which, null),
        _ => shifted((bin + FASTER[which - FIRST_FASTER]).min(BINS - 1)),
    }
}

/// What a call says for a change of the tail.
#[inline(always)]
fn tail_ratio(shape: &Shape, which: usize, bin: usize) -> f32 {
    let tail = shape.tail();
    let bins = TAILS[which - FIRST_TAIL];
    match bin {
        _ if bin < tail => 0.0,
        _ if bin < tail + bins => -std::f32::consts::LN_2,
        _ => {
            let ratio = shape.log_density(bin - bins) - shape.log_density(bin);
            (0.5 + 0.5 * ratio.min(TAIL_CLIP).exp()).ln()
        }
    }
}
