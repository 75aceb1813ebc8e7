//! `BurnRate`: how fast the share of bad calls that an objective allows is being used up.

use std::collections::VecDeque;
use std::time::Duration;

use crate::detect::chance::binomial_at_least;
use crate::detect::latch::Latch;
use crate::detect::standing::{Standing, Unknown};
use crate::detect::verdict::{Kind, Verdict};
use crate::measure::Severity;

/// Buckets of a pair's long window; the short one is a tenth or a twelfth of it and has ten.
const BUCKETS: u32 = 120;

/// Fewer bad calls than this in the long window say nothing.
pub const FEWEST_BAD: u64 = 5;

/// What is raised is clear again below this share of the threshold, so that a burn rate near the
/// threshold does not flap.
pub const CLEAR: f64 = 0.8;

/// The bad calls must be this improbable where the objective is just met.
const DOUBT: f64 = 1e-3;

/// Two windows that must both burn: the long one shows that it matters, the short one that it
/// still goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// From this burn rate on. At a rate of 1 exactly what is allowed is used up.
    pub burn: f64,
    /// The long window.
    pub long: Duration,
    /// The short window. It ends what was raised soon after the burning has ended.
    pub short: Duration,
    /// What it is raised as.
    pub severity: Severity,
}

impl Pair {
    /// The three pairs of "The Site Reliability Workbook" (Beyer et al., 2018), table 5-8: with a
    /// budget for 30 days they are raised when 2 %, 5 % and 10 % of it are used up.
    pub const ALL: [Self; 3] = [
        Self::new(14.4, 60 * 60, 5 * 60, Severity::Critical),
        Self::new(6.0, 6 * 60 * 60, 30 * 60, Severity::Warning),
        Self::new(1.0, 72 * 60 * 60, 6 * 60 * 60, Severity::Info),
    ];

    const fn new(burn: f64, long: u64, short: u64, severity: Severity) -> Self {
        let (long, short) = (Duration::from_secs(long), Duration::from_secs(short));
        Self { burn, long, short, severity }
    }

    /// Whether a share of bad calls can burn so fast: not where it would be more than all calls.
    /// A median can be missed by twice the allowed half at most, so only the last pair is in
    /// reach of one.
    pub fn is_reachable(&self, allowed: f64) -> bool {
        self.burn * allowed < 1.0
    }
}

/// Judges the share of bad calls against the allowed one, in three pairs of windows.
///
/// The past that was not seen counts as good, at the rate of calls that was seen since: a pair is
/// raised as late in the first hour as in any other, and a minute of bad luck after the start is
/// no hour of it. Memory is bounded by 363 buckets, 5 KiB.
///
/// It is silent and slow by design, and no detector of regressions: what uses up a month's
/// budget in two days is told after an hour of it.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::detect::BurnRate;
/// use kgas_perf_runtime::measure::Severity;
///
/// // 1 % of errors is allowed; half of all calls fail.
/// let mut burn_rate = BurnRate::new(0.01).unwrap();
/// let second = Duration::from_secs(1);
/// let raised = (0..3_600)
///     .find(|at| {
///         burn_rate.observe(second * *at, second * (at + 1), 100, 50);
///         burn_rate.standing().level() == Some(Severity::Critical)
///     })
///     .unwrap();
/// // 14.4 × 1 h / 50 = 1,036.8 s.
/// assert!((1_030..=1_045).contains(&raised));
/// ```
#[derive(Clone, Debug)]
pub struct BurnRate {
    allowed: f64,
    started: Option<Duration>,
    now: Duration,
    pairs: Vec<Burning>,
}

/// One pair and its calls.
#[derive(Clone, Debug)]
struct Burning {
    pair: Pair,
    buckets: VecDeque<Bucket>,
    raised: Latch<bool>,
    /// When what is raised began, as estimated when it was raised.
    since: Duration,
    long: Burn,
    short: Burn,
}

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    index: u32,
    /// 32 bits hold 2 million calls a second in the longest bucket of the workbook's pairs.
    calls: u32,
    bad: u32,
}

/// What a window of a pair holds.
#[derive(Clone, Copy, Debug, Default)]
struct Burn {
    /// Calls and bad ones among them, the oldest bucket in part.
    calls: f64,
    bad: f64,
    /// How many times the allowed share.
    rate: f64,
}

impl BurnRate {
    /// Judges by the pairs of the workbook; `None` unless `0.0 < allowed < 1.0`.
    pub fn new(allowed: f64) -> Option<Self> {
        Self::by(allowed, &Pair::ALL)
    }

    /// Judges by these pairs; `None` unless `0.0 < allowed < 1.0`.
    pub fn by(allowed: f64, pairs: &[Pair]) -> Option<Self> {
        let pairs = pairs.iter().map(|pair| Burning::new(*pair)).collect();
        let is_share = allowed > 0.0 && allowed < 1.0;
        is_share.then_some(Self { allowed, started: None, now: Duration::ZERO, pairs })
    }

    /// Adds the calls of a window, `bad` of them.
    ///
    /// A window counts when it ended, whole. One that ends before the one before it did is taken
    /// to have ended with it.
    pub fn observe(&mut self, start: Duration, end: Duration, calls: u64, bad: u64) {
        self.now = self.now.max(end);
        if calls == 0 && self.started.is_none() {
            // What is not called yet has no past either.
            return;
        }
        let started = *self.started.get_or_insert(start);
        let seen = self.now.saturating_sub(started);
        for burning in &mut self.pairs {
            burning.add(self.now, calls, bad.min(calls));
            burning.judge(self.now, seen, self.allowed);
        }
    }

    /// The burn rates in the long and the short window of each pair, as of the last window.
    pub fn rates(&self) -> impl Iterator<Item = (Pair, f64, f64)> {
        self.pairs.iter().map(|burning| (burning.pair, burning.long.rate, burning.short.rate))
    }

    /// How it stands after the last window: the worst pair that is raised.
    ///
    /// The effect of the verdict is the burn rate less 1: by how much the share of bad calls in
    /// the long window is above the allowed one.
    pub fn standing(&self) -> Standing {
        if self.started.is_none() {
            return Standing::Unknown(Unknown::TooFew { found: 0, needed: 1 });
        }
        let raised = self.pairs.iter().filter(|burning| burning.raised.shown());
        let Some(worst) = raised.max_by_key(|burning| burning.pair.severity) else {
            return Standing::Clear;
        };
        Standing::Raised(Verdict {
            at: self.now,
            severity: worst.pair.severity,
            kind: Kind::Objective,
            effect: Some(worst.long.rate - 1.0),
            since: Some(worst.since),
            score: 1.0 - worst.long.doubt(self.allowed),
        })
    }
}

impl Burning {
    fn new(pair: Pair) -> Self {
        Self {
            pair,
            buckets: VecDeque::new(),
            raised: Latch::default(),
            since: Duration::ZERO,
            long: Burn::default(),
            short: Burn::default(),
        }
    }

    fn bucket_ns(&self) -> u64 {
        (self.pair.long.as_nanos() as u64 / u64::from(BUCKETS)).max(1)
    }

    fn add(&mut self, end: Duration, calls: u64, bad: u64) {
        let index = ((end.as_nanos() as u64).saturating_sub(1) / self.bucket_ns()) as u32;
        let [calls, bad] = [calls, bad].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        // One more than the long window has: the oldest is part of it until the newest is full.
        while self.buckets.front().is_some_and(|bucket| bucket.index + BUCKETS < index) {
            self.buckets.pop_front();
        }
        match self.buckets.back_mut() {
            Some(newest) if newest.index >= index => {
                newest.calls = newest.calls.saturating_add(calls);
                newest.bad = newest.bad.saturating_add(bad);
            }
            _ if calls > 0 => self.buckets.push_back(Bucket { index, calls, bad }),
            _ => {}
        }
    }

    fn judge(&mut self, now: Duration, seen: Duration, allowed: f64) {
        self.long = self.burn(self.pair.long, now, seen, allowed);
        self.short = self.burn(self.pair.short, now, seen, allowed);
        let (long, short, burn) = (self.long, self.short, self.pair.burn);
        let enough = long.bad >= FEWEST_BAD as f64;
        let before = self.raised.shown();
        let raised = self.raised.level(now, |raised| {
            let threshold = burn * if raised { CLEAR } else { 1.0 };
            let burns = long.rate >= threshold && short.rate >= threshold;
            burns && (raised || enough && long.doubt(allowed) <= DOUBT)
        });
        if raised && !before {
            // Had it burned all the time as it does now, it would have taken so long.
            let share = (long.rate / short.rate).min(1.0);
            self.since = now.saturating_sub(self.pair.long.mul_f64(share));
        }
    }

    /// The burn rate in a window up to now, where `seen` is how long anything has been seen.
    fn burn(&self, window: Duration, now: Duration, seen: Duration, allowed: f64) -> Burn {
        let bucket_ns = self.bucket_ns();
        let now_ns = now.as_nanos() as u64;
        let newest = now_ns.saturating_sub(1) / bucket_ns;
        let filled = (now_ns - newest * bucket_ns) as f64 / bucket_ns as f64;
        let whole = (window.as_nanos() as u64 / bucket_ns).max(1);
        let mut burn = Burn::default();
        for bucket in self.buckets.iter().rev() {
            let age = newest.saturating_sub(u64::from(bucket.index));
            let part = if age < whole { 1.0 } else { 1.0 - filled };
            if age > whole {
                break;
            }
            burn.calls += f64::from(bucket.calls) * part;
            burn.bad += f64::from(bucket.bad) * part;
        }
        let filling = window.as_secs_f64() / seen.min(window).as_secs_f64().max(1e-9);
        if burn.calls > 0.0 {
            burn.rate = burn.bad / (burn.calls * filling) / allowed;
        }
        burn
    }
}

impl Burn {
    /// The probability of so many bad calls where the objective is just met.
    fn doubt(&self, allowed: f64) -> f64 {
        binomial_at_least(self.bad as u64, self.calls.ceil() as u64, allowed)
    }
}

#[cfg(test)]
mod tests;
