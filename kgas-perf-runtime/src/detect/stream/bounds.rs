//! `Bounds`: what evidence is held against.

use serde::{Deserialize, Serialize};

use crate::detect::stream::alternative::{
    ADDED, ALTERNATIVES, FASTER, FIRST_FASTER, FIRST_TAIL, FIRST_TILT, SLOWER, TAILS, TILTS,
};
use crate::detect::stream::block_sums::Variances;
use crate::detect::stream::bursts::Cumulants;
use crate::detect::stream::reference::Reference;
use crate::detect::stream::shape::WIDTH;

/// Seconds in which one false alarm is allowed, for each alternative alone. They share most of
/// their chances, and the reference is doubted besides, so that all together have fewer than one.
pub(super) const BUDGET: f64 = 7.0 * 86_400.0;

/// Added to the thresholds, in nats, for there being many alternatives: the fewer calls there are,
/// the fewer of these can be told apart within their time. Found by trial, as single calls have
/// wilder evidence than packets of many.
fn many(now: Circumstances) -> f64 {
    let (many, grown) = if now.packet > 1.0 {
        (1.2, GROWN_MANY)
    } else {
        ((2.4 + 0.56 * now.rate.ln()).clamp(1.5, 2.4), GROWN)
    };
    many + YOUTH * now.rate.min(1.0) * (1.0 - now.age / grown).clamp(0.0, 1.0)
}

/// Nats that are added besides where a reference has just begun, as little is known yet of what it
/// wanders by, and fewer where few calls give few chances to be wrong; and the seconds until none
/// are, where each call is a packet and where many are.
const YOUTH: f64 = 5.0;
const GROWN: f64 = 1_200.0;
const GROWN_MANY: f64 = 900.0;

/// Seconds, and calls, in which evidence has to come together: a location that is a trifle beside
/// what is known of it would reach any threshold in the end.
const PATIENCE: f64 = 1_500.0;
const TAIL_PATIENCE: f64 = 3_000.0;
const PATIENT_CALLS: f64 = 400.0;

/// Seconds over which packets of many calls go together at least, as far as bounds care.
const SHORTEST: f64 = 30.0;

/// Seconds of learning before anything below this change is told, in logarithms.
const YOUNG: f64 = 60.0;
const PLAIN: f64 = 0.65;

/// Seconds of learning before a tail is judged, and calls that its shape must be made of.
const TAIL_AGE: f64 = 600.0;
const TAIL_CALLS: f64 = 500.0;

/// What evidence for one alternative is held against.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Bound {
    /// How much less a call says than an independent one would.
    inflation: f32,
    /// What is taken off the evidence of each call, or, once the wobble is taken off, of each packet.
    price: f32,
    /// What makes an alarm, in nats; infinite for what cannot be told yet.
    threshold: f32,
}

/// The bounds of all that is added up, side by side: packets are held against all of them at once.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Vec<Bound>", into = "Vec<Bound>")]
pub(super) struct Bounds {
    pub(super) inflation: [f32; ADDED],
    /// One over it.
    weight: [f32; ADDED],
    price: [f32; ADDED],
    pub(super) threshold: [f32; ADDED],
}

impl From<Bounds> for Vec<Bound> {
    fn from(bounds: Bounds) -> Self {
        (0..ADDED)
            .map(|which| Bound {
                inflation: bounds.inflation[which],
                price: bounds.price[which],
                threshold: bounds.threshold[which],
            })
            .collect()
    }
}

impl TryFrom<Vec<Bound>> for Bounds {
    type Error = &'static str;

    fn try_from(bounds: Vec<Bound>) -> Result<Self, Self::Error> {
        let bounds: [Bound; ADDED] =
            bounds.try_into().map_err(|_| "bounds of other alternatives")?;
        Ok(Self::each(|which| bounds[which]))
    }
}

/// What bounds follow from besides the reference.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances {
    /// Calls a second.
    pub(super) rate: f64,
    /// Calls in a packet.
    pub(super) packet: f64,
    /// Seconds since the reference began.
    pub(super) age: f64,
}

impl Bounds {
    /// Nothing can be told.
    pub(super) const OFF: Self = Self {
        inflation: [1.0; ADDED],
        weight: [1.0; ADDED],
        price: [0.0; ADDED],
        threshold: [f32::INFINITY; ADDED],
    };

    /// The bounds that hold a stream to its budget of false alarms.
    pub(super) fn of(reference: &Reference, now: Circumstances) -> Self {
        let known = Known::of(reference, now);
        Self::each(|which| match which {
            ..ALTERNATIVES => any(reference, &known, now, which),
            _ => white(reference, &known, now, which - ALTERNATIVES),
        })
    }

    fn each(bound: impl Fn(usize) -> Bound) -> Self {
        let mut bounds = Self::OFF;
        for which in 0..ADDED {
            let Bound { inflation, price, threshold } = bound(which);
            bounds.inflation[which] = inflation;
            bounds.weight[which] = inflation.recip();
            bounds.price[which] = price;
            bounds.threshold[which] = threshold;
        }
        bounds
    }

    /// What is left of the evidence of a packet of so many calls, and of what it says once the
    /// wobble is taken off.
    pub(super) fn left(
        &self,
        ratio: &[f32; ALTERNATIVES],
        white: &[f32; SLOWER.len()],
        calls: f32,
    ) -> [f32; ADDED] {
        let mut left = [0.0; ADDED];
        for which in 0..ALTERNATIVES {
            left[which] = ratio[which] * self.weight[which] - self.price[which] * calls;
        }
        for (which, said) in (ALTERNATIVES..).zip(white) {
            left[which] = said * self.weight[which] - self.price[which];
        }
        left
    }
}

/// What the bounds of all alternatives have in common.
struct Known {
    /// How ranks, calls far up the tail and innovations go together.
    ranks: Variances,
    far: Variances,
    inflation: f64,
    /// How far up packets lie, and their innovations.
    rank_bursts: Cumulants,
    bursts: Cumulants,
    /// [`Filter::outlook`](crate::detect::stream::filter::Filter::outlook).
    varies: f64,
    left: f64,
    /// [`many`].
    many: f64,
}

impl Known {
    fn of(reference: &Reference, now: Circumstances) -> Self {
        let horizon = if now.packet > 1.0 { 60.0 } else { 12.0 };
        let (varies, left) = reference.filter.outlook(&reference.wobble, now.packet);
        Self {
            ranks: reference.ranks.variances(),
            far: reference.far.variances(),
            inflation: reference.innovations.variance(horizon).unwrap_or(2.0).max(1.0),
            rank_bursts: reference.rank_bursts.cumulants(),
            bursts: reference.bursts.cumulants(),
            varies,
            left,
            many: many(now),
        }
    }
}

/// The threshold of a cumulative sum whose steps carry so much information on average, for one
/// false alarm in `steps` (Siegmund, *Sequential Analysis*, 1985, chapter 2, with the overshoot).
fn threshold(steps: f64, information: f64, many: f64) -> f64 {
    let chances = (steps * information).max(20.0).ln();
    (chances - 1.166 * (2.0 * information).sqrt() + many).max(4.0)
}

/// The same for a sum that rises by a leap with each of a few calls, and falls slowly between them:
/// it overshoots by more, and is seldom near its threshold.
///
/// Both numbers were found by trial: no closed form holds for so few calls.
fn tail_threshold(steps: f64, information: f64, leap: f64) -> f64 {
    let chances = (steps * information).max(20.0).ln();
    (chances - 2.1 * leap.ln_1p() + 1.8).max(4.0)
}

/// Whether little is known yet of how far packets go together.
fn is_young(reference: &Reference, now: Circumstances) -> bool {
    now.age < YOUNG || (now.packet > 1.0 && reference.packets < 150)
}

fn any(reference: &Reference, known: &Known, now: Circumstances, which: usize) -> Bound {
    let is_tail = (FIRST_TAIL..FIRST_FASTER).contains(&which);
    let information = reference.alternatives.information[which];
    let mut inflation = 1.0;
    for _ in 0..2 {
        // As long as the alternative needs, and no longer than the minute it is to be found in.
        let shortest = if now.packet > 1.0 { SHORTEST * now.rate } else { 8.0 };
        let horizon = (10.0 * inflation / information).max(shortest).min(60.0 * now.rate.max(0.2));
        inflation = if is_tail {
            reference.tail_inflation(&known.far, horizon)
        } else {
            reference.inflation(&known.ranks, horizon)
        };
    }
    let per_call = information / inflation;
    let threshold = if is_tail {
        let leap = reference.alternatives.leap[which - FIRST_TAIL];
        tail_threshold(BUDGET * now.rate, per_call, leap / inflation)
    } else {
        threshold(BUDGET * now.rate, per_call, known.many)
    };
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
        shape.calls < TAIL_CALLS || now.age < TAIL_AGE
    } else {
        change < 1.5 * reference.doubt || (is_young(reference, now) && change < PLAIN)
    };
    let late = threshold / per_call / now.rate > 900.0;
    // A packet of many calls may lie far up more often than its calls alone would.
    let tilt = (2.0 * now.rate * information).sqrt() / inflation;
    let heavier = known.rank_bursts.of(tilt) - 0.5 * tilt * tilt * inflation;
    let heavier = if now.packet > 1.0 && !is_tail { heavier.max(0.0) } else { 0.0 };
    let patience = if is_tail { TAIL_PATIENCE } else { PATIENCE };
    let patience = patience.max(PATIENT_CALLS / now.rate);
    Bound {
        inflation: inflation as f32,
        price: ((heavier + 12.0 / patience) / now.rate) as f32,
        threshold: if off || late { f32::INFINITY } else { threshold as f32 },
    }
}

fn white(reference: &Reference, known: &Known, now: Circumstances, which: usize) -> Bound {
    let packets = BUDGET * now.rate / now.packet;
    let &Known { inflation, varies, left, .. } = known;
    let step = reference.alternatives.rise[which];
    let information = (0.5 * step * step / varies / inflation).min(3.0);
    let change = SLOWER[which] as f64 * WIDTH;
    let off = change < 1.5 * reference.doubt
        || reference.packets < 60
        || (is_young(reference, now) && change < PLAIN);
    let tilt = step * left / varies.sqrt();
    let heavier = known.bursts.of(tilt / inflation) - 0.5 * tilt * tilt / inflation;
    let heavier = if now.packet > 1.0 { heavier.max(0.0) } else { 0.0 };
    let patience = (PATIENCE * now.rate).max(PATIENT_CALLS) / now.packet;
    Bound {
        inflation: inflation as f32,
        price: (heavier + 12.0 / patience) as f32,
        threshold: if off {
            f32::INFINITY
        } else {
            threshold(packets, information, known.many) as f32
        },
    }
}
