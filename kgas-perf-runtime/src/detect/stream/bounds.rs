//! `Bounds`: what evidence is held against.

use serde::{Deserialize, Serialize};

use crate::detect::stream::alternative::{
    ALTERNATIVES, FASTER, FIRST_FASTER, FIRST_TAIL, FIRST_TILT, SLOWER, TAILS, TILTS,
};
use crate::detect::stream::reference::Reference;
use crate::detect::stream::shape::WIDTH;

/// Seconds in which one false alarm is allowed, for each alternative alone. They share most of
/// their chances, and the reference is doubted besides, so that all together have fewer than one.
pub(super) const BUDGET: f64 = 7.0 * 86_400.0;

/// Added to the thresholds, in nats, for there being many alternatives: the fewer calls there are,
/// the fewer of these can be told apart within their time.
fn many(rate: f64) -> f64 {
    (1.9 + 0.4 * rate.ln()).clamp(1.5, 1.9)
}

/// Seconds, and calls, in which evidence has to come together: a location that is a trifle beside
/// what is known of it would reach any threshold in the end.
const PATIENCE: f64 = 1_500.0;
const TAIL_PATIENCE: f64 = 600.0;
const PATIENT_CALLS: f64 = 400.0;

/// Seconds over which packets of many calls go together at least, as far as bounds care.
const SHORTEST: f64 = 30.0;

/// Seconds of learning before anything below this change is told, in logarithms.
const YOUNG: f64 = 60.0;
const PLAIN: f64 = 0.65;

/// Seconds and calls of learning before a tail is judged.
const TAIL_AGE: f64 = 300.0;
const TAIL_CALLS: u64 = 500;

/// What evidence for one alternative is held against.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct Bound {
    /// How much less a call says than an independent one would.
    pub(super) inflation: f32,
    /// What is taken off the evidence of each call, or, once the wobble is taken off, of each packet.
    pub(super) price: f32,
    /// What makes an alarm, in nats; infinite for what cannot be told yet.
    pub(super) threshold: f32,
}

/// The bounds of all alternatives, and of the slowdowns once the wobble is taken off.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Bounds {
    pub(super) any: [Bound; ALTERNATIVES],
    pub(super) white: [Bound; SLOWER.len()],
}

/// What bounds follow from besides the reference.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances {
    /// Calls a second.
    pub(super) rate: f64,
    /// Calls in a packet.
    pub(super) packet: f64,
    /// Seconds since the reference began, and calls it has seen.
    pub(super) age: f64,
    pub(super) total: u64,
}

impl Bounds {
    /// Nothing can be told.
    pub(super) const OFF: Self = {
        let off = Bound { inflation: 1.0, price: 0.0, threshold: f32::INFINITY };
        Self { any: [off; ALTERNATIVES], white: [off; SLOWER.len()] }
    };

    /// The bounds that hold a stream to its budget of false alarms.
    pub(super) fn of(reference: &Reference, now: Circumstances) -> Self {
        let mut bounds = Self::OFF;
        for (which, bound) in bounds.any.iter_mut().enumerate() {
            *bound = any(reference, now, which);
        }
        for (which, bound) in bounds.white.iter_mut().enumerate() {
            *bound = white(reference, now, which);
        }
        bounds
    }
}

/// The threshold of a cumulative sum whose steps carry so much information on average, for one
/// false alarm in `steps` (Siegmund, *Sequential Analysis*, 1985, chapter 2, with the overshoot).
fn threshold(steps: f64, information: f64, rate: f64) -> f64 {
    let chances = (steps * information).max(20.0).ln();
    (chances - 1.166 * (2.0 * information).sqrt() + many(rate)).max(4.0)
}

/// Whether little is known yet of how far packets go together.
fn is_young(reference: &Reference, now: Circumstances) -> bool {
    now.age < YOUNG || (now.packet > 1.0 && reference.packets < 150)
}

fn any(reference: &Reference, now: Circumstances, which: usize) -> Bound {
    let is_tail = (FIRST_TAIL..FIRST_FASTER).contains(&which);
    let information = reference.alternatives.information[which];
    let mut inflation = 1.0;
    for _ in 0..2 {
        // As long as the alternative needs, and no longer than the minute it is to be found in.
        let shortest = if now.packet > 1.0 { SHORTEST * now.rate } else { 8.0 };
        let horizon = (10.0 * inflation / information).max(shortest).min(60.0 * now.rate.max(0.2));
        inflation =
            if is_tail { reference.tail_inflation(horizon) } else { reference.inflation(horizon) };
    }
    let per_call = information / inflation;
    let threshold = threshold(BUDGET * now.rate, per_call, now.rate);
    let shape = &reference.shape;
    let change = match which {
        0..FIRST_TILT => SLOWER[which] as f64 * WIDTH,
        FIRST_TILT..FIRST_TAIL => {
            f64::from(TILTS[which - FIRST_TILT]) * shape.rank_variance / shape.rank_slope
        }
        FIRST_TAIL..FIRST_FASTER => TAILS[which - FIRST_TAIL] as f64 * WIDTH,
        _ => FASTER[which - FIRST_FASTER] as f64 * WIDTH,
    };
    let off = if is_tail {
        let doubt = 1.3 * f64::from(reference.tail_doubt);
        now.total < TAIL_CALLS || now.age < TAIL_AGE || change.exp() < doubt
    } else {
        change < 1.5 * reference.doubt || (is_young(reference, now) && change < PLAIN)
    };
    let late = threshold / per_call / now.rate > 900.0;
    // A packet of many calls may lie far up more often than its calls alone would.
    let tilt = (2.0 * now.rate * information).sqrt() / inflation;
    let heavier = reference.rank_bursts.cumulant(tilt) - 0.5 * tilt * tilt * inflation;
    let heavier = if now.packet > 1.0 && !is_tail { heavier.max(0.0) } else { 0.0 };
    let patience = if is_tail { TAIL_PATIENCE } else { PATIENCE };
    let patience = patience.max(PATIENT_CALLS / now.rate);
    Bound {
        inflation: inflation as f32,
        price: ((heavier + 12.0 / patience) / now.rate) as f32,
        threshold: if off || late { f32::INFINITY } else { threshold as f32 },
    }
}

fn white(reference: &Reference, now: Circumstances, which: usize) -> Bound {
    let packets = BUDGET * now.rate / now.packet;
    let (varies, left) = reference.filter.outlook(&reference.wobble, now.packet);
    let horizon = if now.packet > 1.0 { 60.0 } else { 12.0 };
    let inflation = reference.innovations.variance(horizon).unwrap_or(2.0).max(1.0);
    let step = reference.alternatives.rise[which];
    let information = (0.5 * step * step / varies / inflation).min(3.0);
    let change = SLOWER[which] as f64 * WIDTH;
    let off = change < 1.5 * reference.doubt
        || reference.packets < 60
        || (is_young(reference, now) && change < PLAIN);
    let tilt = step * left / varies.sqrt();
    let heavier = reference.bursts.cumulant(tilt / inflation) - 0.5 * tilt * tilt / inflation;
    let heavier = if now.packet > 1.0 { heavier.max(0.0) } else { 0.0 };
    let patience = (PATIENCE * now.rate).max(PATIENT_CALLS) / now.packet;
    Bound {
        inflation: inflation as f32,
        price: (heavier + 12.0 / patience) as f32,
        threshold: if off {
            f32::INFINITY
        } else {
            threshold(packets, information, now.rate) as f32
        },
    }
}
