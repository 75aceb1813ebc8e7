//! `Settling`: the first calls of an operation in a process that goes on where another left off.

use std::time::Duration;

use crate::baseline::Baseline;
use crate::histogram::Distribution;

/// Seconds that are looked at least, before it can be seen that calls are as they were; and
/// before it can be seen that they are not, and stay so.
const AS_BEFORE: Duration = Duration::from_secs(30);
const ANOTHER: Duration = Duration::from_secs(60);

/// After so long it is over, whatever the calls look like.
const LONGEST: Duration = Duration::from_secs(1_800);

/// Calls of the newest quarter that say that calls are as they were: no fewer, and of them no
/// larger share above the baseline's p50.
const FEW: f64 = 16.0;
const SHARE: f64 = 0.55;

/// It is seen that calls do not get faster when a quarter is surely not faster than the one before
/// by so much, in logarithms; surely is by so many standard errors.
const FASTER: f64 = 0.05;
const ERRORS: f64 = 2.5;

/// Stretches that are remembered; they get twice as long when there are more.
const STRETCHES: usize = 64;

/// A call counts as no further than this from the baseline's p50, in logarithms.
const FARTHEST: f64 = 3.0;

/// The first calls of an operation and size class in a process that goes on where another left
/// off. Caches are cold, so they are slower than they will be: they are neither judged nor
/// learned, until it is seen that
///
/// - they are as they were: of the newest quarter of the time since the first call, half lie below
///   the baseline's p50; or
/// - they do not get faster any more: the newest quarter is surely not faster than the quarter
///   before it by 5 %. Then they are slower for another reason, and it is for the judge to say so;
///   or
/// - half an hour has passed.
///
/// It is the halving test that a baseline's own warm-up is found by, on the newer half.
///
/// At 20 calls a second that spread by 0.3 the first takes half a minute, and the second one to
/// three; at one call a second one to two minutes, and up to the half hour.
///
/// What stood when the other process ended, stands meanwhile; calls that do not return are told,
/// and objectives hold, as ever.
#[derive(Clone, Debug, Default)]
pub struct Settling {
    began: Option<Duration>,
    stretches: Vec<Stretch>,
    /// A stretch is one second, doubled so often.
    doublings: u32,
}

/// The calls of a stretch of time, by the logarithm of their duration less that of p50.
#[derive(Clone, Copy, Debug, Default)]
struct Stretch {
    ended: Duration,
    calls: f64,
    sum: f64,
    squares: f64,
    /// Calls above p50.
    above: f64,
}

impl Settling {
    /// No call was seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the calls of a tick that ended well, and answers whether the operation has settled:
    /// then the next calls are to be judged.
    pub fn take(
        &mut self,
        (start, end): (Duration, Duration),
        ok: &Distribution,
        baseline: &Baseline,
    ) -> bool {
        let began = *self.began.get_or_insert(start);
        let mut stretch = Stretch { ended: end, ..Stretch::default() };
        let usual = baseline.p50.as_nanos().max(1) as f64;
        for bucket in ok.buckets() {
            let middle = f64::midpoint(bucket.low_ns, bucket.high_ns).max(1.0);
            let log = (middle / usual).ln().clamp(-FARTHEST, FARTHEST);
            let calls = bucket.count as f64;
            stretch.calls += calls;
            stretch.sum += calls * log;
            stretch.squares += calls * log * log;
            // What lies in the bucket of p50 lies on either side of it.
            let share = (bucket.high_ns - usual) / (bucket.high_ns - bucket.low_ns).max(1.0);
            stretch.above += calls * share.clamp(0.0, 1.0);
        }
        self.remember(stretch, began);
        self.has_settled(began, end)
    }

    /// Adds a tick to the stretch that it belongs to. All are of the same length, so that quarters
    /// are parted where they are.
    fn remember(&mut self, tick: Stretch, began: Duration) {
        let each = Duration::from_secs(1 << self.doublings);
        let ended = |stretch: &Stretch| stretch.ended.saturating_sub(began).as_nanos();
        let place = |stretch: &Stretch| ended(stretch).saturating_sub(1) / each.as_nanos();
        match self.stretches.last_mut().filter(|last| place(last) == place(&tick)) {
            Some(last) => *last = Stretch::of(&[*last, tick]),
            None => self.stretches.push(tick),
        }
        if self.stretches.len() > STRETCHES {
            self.doublings += 1;
            let ticks = std::mem::take(&mut self.stretches);
            ticks.into_iter().for_each(|tick| self.remember(tick, began));
        }
    }

    fn has_settled(&self, began: Duration, now: Duration) -> bool {
        let age = now.saturating_sub(began);
        if age >= LONGEST {
            return true;
        }
        let quarter = age / 4;
        let between = |from: Duration, to: Duration| {
            let inside = |it: &&Stretch| it.ended > from && it.ended <= to;
            let inside: Vec<Stretch> = self.stretches.iter().filter(inside).copied().collect();
            Stretch::of(&inside)
        };
        let newest = between(now - quarter, now);
        let as_before = newest.calls >= FEW && newest.above <= SHARE * newest.calls;
        if age >= AS_BEFORE && as_before {
            return true;
        }
        let before = between(now - quarter * 2, now - quarter);
        if age < ANOTHER || newest.calls.min(before.calls) < FEW {
            return false;
        }
        let error = (newest.variance_of_mean() + before.variance_of_mean()).sqrt();
        before.mean() - newest.mean() + ERRORS * error <= FASTER
    }
}

impl Stretch {
    fn of(stretches: &[Self]) -> Self {
        stretches.iter().fold(Self::default(), |sum, next| Self {
            ended: sum.ended.max(next.ended),
            calls: sum.calls + next.calls,
            sum: sum.sum + next.sum,
            squares: sum.squares + next.squares,
            above: sum.above + next.above,
        })
    }

    fn mean(&self) -> f64 {
        self.sum / self.calls.max(1.0)
    }

    fn variance_of_mean(&self) -> f64 {
        let calls = self.calls.max(1.0);
        (self.squares / calls - self.mean().powi(2)).max(0.0) / calls
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::SizeClass;
    use crate::detect::dice::Dice;

    /// When calls at this rate settle that are slower by a factor of time; and how much slower
    /// they are then.
    fn settled(rate: f64, seed: u64, factor: impl Fn(f64) -> f64) -> (f64, f64) {
        let mut dice = Dice::new(seed);
        let usual = (0..1_000).map(|_| 0.010 * (0.3 * dice.normal()).exp());
        let usual: Distribution = usual.map(Duration::from_secs_f64).collect();
        let baseline =
            Baseline::learn("import", SizeClass::Unsized, &usual, Duration::ZERO).unwrap();
        let mut settling = Settling::new();
        let mut owed = 0.0;
        for second in 0..3_600_u32 {
            let at = f64::from(second);
            owed += rate;
            let calls = owed as u32;
            owed -= f64::from(calls);
            let call = |_| 0.010 * factor(at) * (0.3 * dice.normal()).exp();
            let ok: Distribution = (0..calls).map(call).map(Duration::from_secs_f64).collect();
            let (start, end) =
                (Duration::from_secs(second.into()), Duration::from_secs((second + 1).into()));
            if settling.take((start, end), &ok, &baseline) {
                return (at + 1.0, factor(at));
            }
            assert!(settling.stretches.len() <= STRETCHES);
        }
        (f64::INFINITY, factor(3_600.0))
    }

    #[test]
    fn calls_that_are_as_they_were_settle_soon() {
        for seed in 0..20 {
            assert!(settled(10.0, seed, |_| 1.0).0 <= 45.0);
            assert!(settled(1.0, seed, |_| 1.0).0 <= 120.0);
            assert!(settled(0.05, seed, |_| 1.0).0 <= 1_800.0);
        }
    }

    #[test]
    fn a_cold_start_is_waited_out() {
        for (rate, memory) in [(10.0, 60.0), (10.0, 120.0), (50.0, 90.0), (2.0, 250.0)] {
            for extra in [1.0, 2.0] {
                let cold = |at: f64| 1.0 + extra * (-at / memory).exp();
                let left: Vec<f64> = (0..20).map(|seed| settled(rate, seed, cold).1).collect();
                let early = left.iter().filter(|left| **left >= 1.25).count();
                assert!(early <= 1, "{rate}/s, {memory} s, {extra}: {left:?}");
            }
        }
    }

    #[test]
    fn what_is_slower_and_stays_so_is_left_to_the_judge() {
        for seed in 0..20 {
            assert!(settled(20.0, seed, |_| 2.0).0 <= 180.0);
            assert!(settled(100.0, seed, |_| 2.0).0 <= 90.0);
            let with_it = |at: f64| 2.0 + 2.0 * (-at / 60.0).exp();
            let (at, left) = settled(20.0, seed, with_it);
            assert!((60.0..480.0).contains(&at) && left < 2.6, "{left} at {at}");
        }
    }
}
