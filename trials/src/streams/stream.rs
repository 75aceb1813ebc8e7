//! `Stream`: one operation's calls, one after the other.

use super::noise::{ClusterState, LoadState, WanderState, WarmUpState, WobbleState};
use super::shape::Sampler;
use super::{Call, Change, Dice, Regime};

/// Change planted between two times.
#[derive(Clone, Copy, Debug)]
struct Planted {
    change: Change,
    from: f64,
    until: f64,
}

/// What the planted changes come to at present.
#[derive(Clone, Copy, Debug)]
struct InForce {
    factor: f64,
    /// Draws above it are of the tail.
    tail_from: f64,
    tail_factor: f64,
    errors: f64,
}

/// The calls of one operation: a function of regime, rate, seed and what is planted.
///
/// Calls arrive as a Poisson process. Each stream has a median, an error rate, and where its regime
/// leaves room a noise of its own, all drawn from its seed. It never ends.
///
/// # Cost
///
/// Some tens of nanoseconds a call in a release build: a few variates and one exponential.
#[derive(Clone, Debug)]
pub struct Stream {
    dice: Dice,
    rate: f64,
    /// When the last call finished, and when the next one does.
    t: f64,
    due: f64,
    index: u64,
    median: f64,
    tick: Option<f64>,
    errors: f64,
    /// What a failed call's duration is multiplied by.
    failed_factor: f64,
    sampler: Sampler,
    wobble: Option<WobbleState>,
    clusters: Option<ClusterState>,
    load: Option<LoadState>,
    warm_up: Option<WarmUpState>,
    wander: Option<WanderState>,
    planted: Vec<Planted>,
    /// Multiplied into the calls of these numbers.
    freaks: Vec<(u64, f64)>,
    /// When `in_force` has to be worked out again.
    edge: f64,
    in_force: InForce,
}

impl Stream {
    /// The stream of a regime at `rate` calls a second that `seed` stands for.
    pub fn new(regime: Regime, rate: f64, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let mut median = dice.log_between(2e-4, 0.3);
        let mut tick = None;
        if regime.coarse {
            let length = if dice.chance(0.5) { 0.001 } else { 0.015_625 };
            median = length * dice.log_between(0.7, 6.0);
            tick = Some(length);
        }
        let errors = if dice.chance(0.5) { 0.0 } else { regime.errors * dice.uniform() };
        let failed_factor = if dice.chance(0.5) { 1.0 } else { 0.2 };
        let sampler = Sampler::new(regime.shape, &mut dice);
        let wobble = regime.wobble.map(|it| WobbleState::new(it, &mut dice));
        let clusters = regime.clusters.map(|it| ClusterState::new(it, &mut dice));
        let load = regime.load.map(|it| LoadState::new(it, &mut dice));
        let warm_up = regime.warm_up.map(|it| WarmUpState::new(it, rate, &mut dice));
        let wander = regime.wander.map(|it| WanderState::new(it, &mut dice));
        let in_force = InForce { factor: 1.0, tail_from: f64::INFINITY, tail_factor: 1.0, errors };
        let mut stream = Self {
            dice,
            rate,
            t: 0.0,
            due: 0.0,
            index: 0,
            median,
            tick,
            errors,
            failed_factor,
            sampler,
            wobble,
            clusters,
            load,
            warm_up,
            wander,
            planted: Vec::new(),
            freaks: Vec::new(),
            edge: f64::INFINITY,
            in_force,
        };
        stream.arrive();
        stream
    }

    /// Plants a change that lasts from `at` (seconds) on.
    pub fn plant(&mut self, change: Change, at: f64) {
        self.plant_between(change, at, f64::INFINITY);
    }

    /// Plants a change that lasts from `from` until `until` (seconds).
    pub fn plant_between(&mut self, change: Change, from: f64, until: f64) {
        self.planted.push(Planted { change, from, until });
        self.edge = self.t;
    }

    /// Makes call number `index`, counted from 0, `factor` times as long.
    pub fn plant_freak(&mut self, index: u64, factor: f64) {
        self.freaks.push((index, factor));
    }

    /// When the next call finishes, in seconds since the stream began.
    pub fn due(&self) -> f64 {
        self.due
    }

    /// The next call.
    #[inline]
    pub fn next_call(&mut self) -> Call {
        self.t = self.due;
        let t = self.t;
        let slower = self.arrive();
        if t >= self.edge {
            self.turn_the_edge();
        }
        let mut d = self.ratio();
        if d > self.in_force.tail_from {
            d *= self.in_force.tail_factor;
        }
        d *= self.median * slower * self.in_force.factor;
        if let Some(wobble) = &mut self.wobble {
            d *= wobble.factor(t, &mut self.dice);
        }
        if let Some(warm_up) = &self.warm_up {
            d *= warm_up.factor(t);
        }
        let ok = !self.dice.chance(self.in_force.errors);
        if !ok {
            d *= self.failed_factor;
        }
        if !self.freaks.is_empty() {
            d *= self.freak();
        }
        if let Some(tick) = self.tick {
            // Both ends of the call are rounded down, and its begin lies anywhere in a tick.
            d = (d / tick + self.dice.uniform()).floor() * tick;
        }
        self.index += 1;
        Call { t, d, ok }
    }

    /// The true quantiles of the successful calls to come, in seconds, ascending `quantiles`.
    ///
    /// They are looked up on a copy of the stream, over some days: what wanders is averaged, and
    /// what is planted for good is in them. Exact to about 1 % at p99.
    ///
    /// # Panics
    ///
    /// When a quantile is not in `0.0..1.0`.
    ///
    /// # Cost
    ///
    /// 200,000 calls and their memory.
    pub fn quantiles<const N: usize>(&self, quantiles: [f64; N]) -> [f64; N] {
        const CALLS: usize = 200_000;
        let mut copy = self.clone();
        // Seconds apart, so that no wobble is seen from one side alone.
        copy.rate = copy.rate.min(1.0);
        let mut durations: Vec<f64> = std::iter::repeat_with(|| copy.next_call())
            .filter(|call| call.ok)
            .map(|call| call.d)
            .take(CALLS)
            .collect();
        durations.sort_unstable_by(f64::total_cmp);
        quantiles.map(|q| durations[(q * CALLS as f64) as usize])
    }

    /// Draws when the next call finishes. What the load does to durations now comes with it.
    #[inline]
    fn arrive(&mut self) -> f64 {
        let (slower, busier) = match &mut self.load {
            Some(load) => load.factors(self.t),
            None => (1.0, 1.0),
        };
        self.due = self.t + self.dice.exponential() / (self.rate * busier);
        slower
    }

    /// A draw in units of the median, before whatever moves all calls together.
    #[inline]
    fn ratio(&mut self) -> f64 {
        let misses = self.wander.as_mut().map(|it| it.misses(self.t, &mut self.dice));
        let mut ratio = self.sampler.draw(&mut self.dice, misses);
        if let Some(clusters) = &mut self.clusters {
            ratio *= clusters.factor(self.t, &mut self.dice);
        }
        ratio
    }

    fn freak(&mut self) -> f64 {
        let index = self.index;
        self.freaks.iter().filter(|(at, _)| *at == index).map(|(_, factor)| factor).product()
    }

    /// Works out what is in force now, and until when.
    #[cold]
    fn turn_the_edge(&mut self) {
        let t = self.t;
        let mut in_force = InForce {
            factor: 1.0,
            tail_from: f64::INFINITY,
            tail_factor: 1.0,
            errors: self.errors,
        };
        let mut edge = f64::INFINITY;
        for planted in self.planted.clone() {
            if t < planted.from {
                edge = edge.min(planted.from);
            } else if t < planted.until {
                edge = edge.min(planted.until);
                match planted.change {
                    Change::Slower(_) => in_force.factor *= planted.change.factor(),
                    Change::Errors(rate) => in_force.errors = in_force.errors.max(rate),
                    Change::Tail { share, factor } => {
                        in_force.tail_from = self.tail_from(share);
                        in_force.tail_factor = factor;
                    }
                }
            }
        }
        self.edge = edge;
        self.in_force = in_force;
    }

    /// The ratio that the slowest `share` of the calls to come exceed.
    ///
    /// It is looked up on a copy of the stream, which no call of this one depends on.
    fn tail_from(&self, share: f64) -> f64 {
        let mut copy = self.clone();
        let step = 1.0 / copy.rate;
        let calls = (120.0 * copy.rate).clamp(4_000.0, 60_000.0) as usize;
        let mut ratios: Vec<f64> = (0..calls)
            .map(|_| {
                copy.t += step;
                copy.ratio()
            })
            .collect();
        let rank = ((1.0 - share) * calls as f64) as usize;
        let (_, at, _) = ratios.select_nth_unstable_by(rank.min(calls - 1), f64::total_cmp);
        *at
    }
}
