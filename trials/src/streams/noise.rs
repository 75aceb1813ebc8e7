//! What the machine and the load do to durations: `Wobble`, `Clusters`, `Load`, `WarmUp`, `Wander`.

use std::f64::consts::TAU;

use super::Dice;

/// Seconds in a day.
const DAY: f64 = 86_400.0;

/// The machine's speed wanders: an Ornstein-Uhlenbeck process on the logarithm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wobble {
    /// Its standard deviation: 0.05 is about 5 %.
    pub sd: f64,
    /// Seconds after which the correlation has fallen to 1/e.
    pub correlation: f64,
}

#[derive(Clone, Debug)]
pub(super) struct WobbleState {
    wobble: Wobble,
    /// In standard deviations.
    x: f64,
    at: f64,
    factor: f64,
}

impl WobbleState {
    pub(super) fn new(wobble: Wobble, dice: &mut Dice) -> Self {
        let x = dice.normal();
        Self { wobble, x, at: 0.0, factor: (wobble.sd * x).exp() }
    }

    /// What durations are multiplied by at `t`. Moves in steps of a two-hundredth of the
    /// correlation time, exactly as the process does from step to step.
    #[inline]
    pub(super) fn factor(&mut self, t: f64, dice: &mut Dice) -> f64 {
        let elapsed = t - self.at;
        if elapsed > self.wobble.correlation / 200.0 {
            let rho = (-elapsed / self.wobble.correlation).exp();
            self.x = rho * self.x + (1.0 - rho * rho).sqrt() * dice.normal();
            self.at = t;
            self.factor = (self.wobble.sd * self.x).exp();
        }
        self.factor
    }
}

/// Garbage collection and its like: short stretches in which every call is slower.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clusters {
    /// Seconds between two of them, on average; exponential.
    pub gap: f64,
    /// The shortest and the longest of them, in seconds; uniform on the logarithm.
    pub length: (f64, f64),
    /// How much slower calls are, at least and at most; uniform.
    pub factor: (f64, f64),
}

#[derive(Clone, Debug)]
pub(super) struct ClusterState {
    clusters: Clusters,
    from: f64,
    until: f64,
    factor: f64,
}

impl ClusterState {
    pub(super) fn new(clusters: Clusters, dice: &mut Dice) -> Self {
        let mut state = Self { clusters, from: 0.0, until: 0.0, factor: 1.0 };
        state.next(dice);
        state
    }

    fn next(&mut self, dice: &mut Dice) {
        let Clusters { gap, length, factor } = self.clusters;
        self.from = self.until + gap * dice.exponential();
        self.until = self.from + dice.log_between(length.0, length.1);
        self.factor = dice.between(factor.0, factor.1);
    }

    /// What durations are multiplied by at `t`.
    #[inline]
    pub(super) fn factor(&mut self, t: f64, dice: &mut Dice) -> f64 {
        while t >= self.until {
            self.next(dice);
        }
        if t >= self.from { self.factor } else { 1.0 }
    }
}

/// The load of the day: durations and the rate of calls follow a sine of 24 hours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// How far durations go up and down: 0.25 is 25 %.
    pub slower: f64,
    /// How far the rate goes up and down, in step with the durations.
    pub busier: f64,
}

#[derive(Clone, Debug)]
pub(super) struct LoadState {
    load: Load,
    phase: f64,
    due: f64,
    slower: f64,
    busier: f64,
}

impl LoadState {
    pub(super) fn new(load: Load, dice: &mut Dice) -> Self {
        let phase = dice.uniform() * DAY;
        Self { load, phase, due: f64::NEG_INFINITY, slower: 1.0, busier: 1.0 }
    }

    /// What durations and the rate are multiplied by at `t`. Moves once a second.
    #[inline]
    pub(super) fn factors(&mut self, t: f64) -> (f64, f64) {
        if t >= self.due {
            let height = (TAU * (t + self.phase) / DAY).sin();
            self.slower = 1.0 + self.load.slower * height;
            self.busier = 1.0 + self.load.busier * height;
            self.due = t + 1.0;
        }
        (self.slower, self.busier)
    }
}

/// A cold start: durations begin higher and fall exponentially.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmUp {
    /// How much longer the first call takes, at least and at most: 1.0 is twice as long.
    pub extra: (f64, f64),
    /// The calls after which the excess has fallen to 1/e, at least and at most.
    pub calls: (f64, f64),
    /// The seconds that it takes at the least, however many calls there are.
    pub seconds: f64,
}

#[derive(Clone, Debug)]
pub(super) struct WarmUpState {
    extra: f64,
    seconds: f64,
}

impl WarmUpState {
    pub(super) fn new(warm_up: WarmUp, rate: f64, dice: &mut Dice) -> Self {
        let calls = dice.between(warm_up.calls.0, warm_up.calls.1);
        Self {
            extra: dice.between(warm_up.extra.0, warm_up.extra.1),
            seconds: (calls / rate).max(warm_up.seconds * dice.between(1.0, 2.0)),
        }
    }

    /// What durations are multiplied by at `t`.
    #[inline]
    pub(super) fn factor(&self, t: f64) -> f64 {
        // Beyond forty time constants the excess is below what a double can add to 1.
        let age = t / self.seconds;
        if age > 40.0 { 1.0 } else { 1.0 + self.extra * (-age).exp() }
    }
}

/// A cache whose share of misses wanders slowly: an Ornstein-Uhlenbeck process on its logit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wander {
    /// The share of misses around which it wanders, `0.0..1.0`.
    pub misses: f64,
    /// The standard deviation of the logit.
    pub sd: f64,
    /// Seconds after which the correlation has fallen to 1/e.
    pub correlation: f64,
}

#[derive(Clone, Debug)]
pub(super) struct WanderState {
    centre: f64,
    process: WobbleState,
}

impl WanderState {
    pub(super) fn new(wander: Wander, dice: &mut Dice) -> Self {
        let wobble = Wobble { sd: wander.sd, correlation: wander.correlation };
        let centre = wander.misses / (1.0 - wander.misses);
        Self { centre, process: WobbleState::new(wobble, dice) }
    }

    /// The share of misses at `t`.
    #[inline]
    pub(super) fn misses(&mut self, t: f64, dice: &mut Dice) -> f64 {
        let odds = self.centre * self.process.factor(t, dice);
        odds / (1.0 + odds)
    }
}
