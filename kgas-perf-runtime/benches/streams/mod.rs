//! Streams of durations whose true quantiles are known, and what goes wrong in them.
//!
//! The benchmark of baselines runs hundreds of each, the unit tests a few.

// Each user uses a part of this.
#![allow(
    dead_code,
    reason = "compiled into a benchmark and into tests, and neither uses all of it"
)]

use statrs::function::erf::{erfc, erfc_inv};
use statrs::function::gamma::gamma_lr;

/// Where durations come from. All are about 10 ms, but for those of a coarse timer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Source {
    /// Independent, log-normal with this standard deviation of the logarithm.
    Lognormal(f64),
    /// Independent, of so many exponential steps.
    Gamma(u32),
    /// Nine of ten hit a cache; a miss takes 12 times as long. Log-normal .3 either way.
    HitMiss,
    /// Log-normal .4, and 5 % with a tail that falls as the duration to the power -1.5.
    Pareto,
    /// Log-normal, each call correlated with the one before.
    Autoregressive { correlation: f64, sigma: f64 },
    /// Log-normal, on a machine whose pace varies with a correlation that falls by e in `seconds`.
    Wobble { size: f64, seconds: f64, sigma: f64 },
    /// Log-normal .3, at first slower by a share `more`, which falls by e in so many calls.
    WarmUp { more: f64, calls: f64 },
    /// Log-normal, told in whole milliseconds, rounded down.
    Timer { median_ms: f64, sigma: f64 },
    /// Log-normal .3, and five times as long during pauses of half a second, one in 20 s.
    Collections,
}

/// What goes wrong while a baseline is learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Trouble {
    None,
    /// Calls take ten times as long for a while, in seconds.
    Episode {
        from: f64,
        to: f64,
    },
    /// The first call after each of these times takes 300 times as long.
    Freaks([f64; 3]),
}

/// Pseudo-random numbers: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    /// Above 0 and below 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        ((mixed >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    pub(crate) fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }
}

/// A stream of calls that come at random, at a mean rate.
pub(crate) struct Stream {
    source: Source,
    rate: f64,
    trouble: Trouble,
    random: Random,
    at: f64,
    calls: u64,
    /// What the next call is correlated with: standard normal.
    state: f64,
    freaks: usize,
    /// When the running or last pause ends, and when the next begins.
    pause_ends: f64,
    pause_begins: f64,
}

const PAUSE: f64 = 0.5;
const BETWEEN_PAUSES: f64 = 20.0;
const MILLISECOND: f64 = 1e6;
const UNIT: f64 = 10.0 * MILLISECOND;

impl Stream {
    pub(crate) fn new(source: Source, rate: f64, trouble: Trouble, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let state = random.normal();
        let pause_begins = random.exponential() * BETWEEN_PAUSES;
        Self {
            source,
            rate,
            trouble,
            random,
            at: 0.0,
            calls: 0,
            state,
            freaks: 0,
            pause_ends: -1.0,
            pause_begins,
        }
    }

    /// The next call: when it ends, in seconds, and how long it lasted, in nanoseconds.
    pub(crate) fn call(&mut self) -> (f64, f64) {
        let wait = self.random.exponential() / self.rate;
        self.at += wait;
        let mut duration = UNIT * self.in_units(wait);
        match self.trouble {
            Trouble::Episode { from, to } if (from..to).contains(&self.at) => duration *= 10.0,
            Trouble::Freaks(at) if at.get(self.freaks).is_some_and(|at| self.at >= *at) => {
                duration *= 300.0;
                self.freaks += 1;
            }
            _ => {}
        }
        self.calls += 1;
        (self.at, duration)
    }

    fn in_units(&mut self, wait: f64) -> f64 {
        match self.source {
            Source::Lognormal(sigma) => self.lognormal(sigma),
            Source::Gamma(steps) => {
                (0..steps).map(|_| self.random.exponential()).sum::<f64>() / f64::from(steps)
            }
            Source::HitMiss => {
                (if self.random.uniform() < 0.1 { 12.0 } else { 1.0 }) * self.lognormal(0.3)
            }
            Source::Pareto if self.random.uniform() < 0.05 => {
                2.5 * self.random.uniform().powf(-1.0 / 1.5)
            }
            Source::Pareto => self.lognormal(0.4),
            Source::Autoregressive { correlation, sigma } => {
                (sigma * self.next_state(correlation)).exp()
            }
            Source::Wobble { size, seconds, sigma } => {
                (size * self.next_state((-wait / seconds).exp())).exp() * self.lognormal(sigma)
            }
            Source::WarmUp { more, calls } => {
                (1.0 + more * (-(self.calls as f64) / calls).exp()) * self.lognormal(0.3)
            }
            Source::Timer { median_ms, sigma } => {
                (median_ms * self.lognormal(sigma)).floor() / 10.0
            }
            Source::Collections => {
                while self.at > self.pause_begins {
                    self.pause_ends = self.pause_begins + PAUSE;
                    self.pause_begins =
                        self.pause_ends + BETWEEN_PAUSES * self.random.exponential();
                }
                (if self.at < self.pause_ends { 5.0 } else { 1.0 }) * self.lognormal(0.3)
            }
        }
    }

    fn lognormal(&mut self, sigma: f64) -> f64 {
        (sigma * self.random.normal()).exp()
    }

    fn next_state(&mut self, correlation: f64) -> f64 {
        let fresh = (1.0 - correlation * correlation).sqrt();
        self.state = correlation * self.state + fresh * self.random.normal();
        self.state
    }
}

impl Source {
    /// The true quantile in the long run, without trouble, in nanoseconds.
    pub(crate) fn quantile(self, quantile: f64) -> f64 {
        if let Self::Timer { median_ms, sigma } = self {
            let normal = -std::f64::consts::SQRT_2 * erfc_inv(2.0 * quantile);
            return MILLISECOND * (median_ms * (sigma * normal).exp()).floor();
        }
        let (mut low, mut high) = (-20.0_f64, 20.0_f64);
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            if self.below(middle.exp()) < quantile { low = middle } else { high = middle }
        }
        UNIT * low.exp()
    }

    /// The probability of a duration below so many units, in the long run.
    fn below(self, units: f64) -> f64 {
        let lognormal =
            |sigma: f64, units: f64| 0.5 * erfc(-units.ln() / sigma / std::f64::consts::SQRT_2);
        match self {
            Self::Lognormal(sigma) | Self::Autoregressive { sigma, .. } => lognormal(sigma, units),
            Self::WarmUp { .. } => lognormal(0.3, units),
            Self::Wobble { size, sigma, .. } => lognormal(size.hypot(sigma), units),
            Self::Gamma(steps) => gamma_lr(f64::from(steps), f64::from(steps) * units),
            Self::HitMiss => 0.9 * lognormal(0.3, units) + 0.1 * lognormal(0.3, units / 12.0),
            Self::Pareto => {
                let tail = if units > 2.5 { 1.0 - (units / 2.5).powf(-1.5) } else { 0.0 };
                0.95 * lognormal(0.4, units) + 0.05 * tail
            }
            Self::Collections => {
                let paused = PAUSE / (PAUSE + BETWEEN_PAUSES);
                (1.0 - paused) * lognormal(0.3, units) + paused * lognormal(0.3, units / 5.0)
            }
            Self::Timer { .. } => f64::NAN,
        }
    }
}
