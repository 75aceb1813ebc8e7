//! `Course`: the order of things: warming up, the operation and the yardstick in turns.

use std::time::Duration;

use super::plan::{Effort, Plan};
use super::session::Session;
use super::yardstick::{PARTS, Parts};

/// How often a piece of the yardstick's work is done in a timing at least: the first finds cold
/// caches.
const FEWEST_YARDSTICKS: u64 = 4;
/// Timings of each piece beside a sample; of those that last longer than this, one.
const YARDSTICK_TIMINGS: usize = 5;
const LONG: Duration = Duration::from_millis(1);
/// A call so much of the budget is no call to throw away: it is a sample.
const PRECIOUS: u32 = 10;
/// So many times as long as the second a first call is slow.
const SLOW: u32 = 3;

/// With fewer samples than this a session is the only one.
const FEW: u32 = 12;

/// What is to be done next, and then told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Call the operation so often, and tell how long that took.
    Operation(u64),
    /// Do a piece of the yardstick's work so often, and tell how long that took.
    Yardstick(usize, u64),
}

/// One session in progress. It reads no clock: it says what is to be timed and is told the time.
#[derive(Debug)]
pub(crate) struct Course {
    effort: Effort,
    allowed: Duration,
    spent: Duration,
    stage: Stage,
    session: Session,
    /// Of the sample in progress.
    timings: Vec<f64>,
    yardsticks: [Vec<f64>; PARTS],
    /// How often each piece of its work is done in a timing.
    yardsticks_a_timing: [u64; PARTS],
    /// How long the first call lasted, if it was taken for a sample.
    precious: Option<Duration>,
    /// A sample whose yardstick comes after it.
    value: Option<f64>,
}

#[derive(Debug)]
enum Stage {
    /// So many calls next; the fastest so far lasted so long, in seconds.
    WarmingUp {
        calls: u64,
        fastest: f64,
    },
    Timing {
        plan: Plan,
    },
    Done,
}

impl Stage {
    const COLD: Self = Self::WarmingUp { calls: 1, fastest: f64::INFINITY };
}

impl Course {
    /// A session that begins no call after it lasted as long as is allowed.
    pub(crate) fn new(effort: Effort, allowed: Duration) -> Self {
        Self {
            effort,
            allowed,
            spent: Duration::ZERO,
            stage: Stage::COLD,
            session: Session::default(),
            timings: Vec::new(),
            yardsticks: Default::default(),
            yardsticks_a_timing: [FEWEST_YARDSTICKS; PARTS],
            precious: None,
            value: None,
        }
    }

    /// A session that follows one of the same operation: it is warm, and its plan is made.
    pub(crate) fn again(effort: Effort, before: &Session, allowed: Duration) -> Self {
        let call = Duration::from_secs_f64(before.typical_ns() * 1e-9);
        let plan = Plan::new(&effort, call, allowed);
        Self { stage: Stage::Timing { plan }, ..Self::new(effort, allowed) }
    }

    /// What is to be done next; `None` when the session is over.
    pub(crate) fn next(&self) -> Option<Next> {
        match self.stage {
            Stage::Done => None,
            Stage::WarmingUp { calls, .. } => Some(Next::Operation(calls)),
            // The yardstick's timings are spread over those of the operation, so that the pace is
            // that of the sample.
            Stage::Timing { plan } => Some(if self.operation_is_next(plan) {
                Next::Operation(plan.calls)
            } else {
                let part = self.yardsticks_done() % PARTS;
                Next::Yardstick(part, self.yardsticks_a_timing[part])
            }),
        }
    }

    /// Timings of all pieces that belong to a sample, and those that were taken.
    fn yardstick_timings(&self) -> usize {
        if self.effort.shortest_timing() > LONG { PARTS } else { PARTS * YARDSTICK_TIMINGS }
    }

    fn yardsticks_done(&self) -> usize {
        self.yardsticks.iter().map(Vec::len).sum()
    }

    fn operation_is_next(&self, plan: Plan) -> bool {
        let (done, wanted) = (self.timings.len(), plan.timings);
        let (yardsticks, all) = (self.yardsticks_done(), self.yardstick_timings());
        // One long timing lies in the middle of the yardstick's.
        done < wanted && (2 * done + 1) * all <= (2 * yardsticks + 1) * wanted || yardsticks >= all
    }

    /// Tells how long took what was next.
    pub(crate) fn took(&mut self, elapsed: Duration) {
        let next = self.next();
        self.spent += elapsed;
        match (next, &self.stage) {
            (Some(Next::Operation(calls)), &Stage::WarmingUp { fastest, .. }) => {
                self.warmed(calls, elapsed, fastest);
            }
            (Some(Next::Operation(calls)), _) => self.timed(calls, elapsed),
            (Some(Next::Yardstick(part, times)), _) => self.measured(part, times, elapsed),
            (None, _) => {}
        }
        if let Stage::Timing { plan } = self.stage {
            self.close_sample(plan);
        }
    }

    /// The batch grows until it is long enough for the clock, then warms until it is warm.
    fn warmed(&mut self, calls: u64, elapsed: Duration, fastest: f64) {
        let precious = elapsed > self.allowed / PRECIOUS && elapsed == self.spent;
        if !precious && elapsed < self.effort.shortest_timing() {
            self.stage = Stage::WarmingUp { calls: calls.saturating_mul(2), fastest };
            return;
        }
        // An interruption just before the plan is made must not make it one of few samples.
        let fastest = fastest.min(elapsed.as_secs_f64() / calls as f64);
        if !precious && self.spent < self.effort.warm_up {
            self.stage = Stage::WarmingUp { calls, fastest };
            return;
        }
        if precious && elapsed > self.allowed / FEW {
            // So few samples would fit that none is left for another session: this one gets all.
            self.allowed = self.allowed.max(self.effort.budget);
        }
        let left = self.allowed.saturating_sub(if precious { Duration::ZERO } else { self.spent });
        let plan = Plan::new(&self.effort, Duration::from_secs_f64(fastest), left);
        self.session.calls_a_timing = plan.calls;
        self.stage = Stage::Timing { plan };
        if precious {
            self.timed(1, elapsed);
            self.precious = Some(elapsed);
        }
    }

    fn timed(&mut self, calls: u64, elapsed: Duration) {
        let first = self.precious.take().filter(|_| self.session.calls == 1);
        if first.is_some_and(|first| first > elapsed * SLOW) {
            // It was the warm-up, or was interrupted, and says nothing about what a call costs.
            self.session = Session::default();
            self.timings.clear();
            self.yardsticks = Default::default();
            self.stage = Stage::COLD;
            return;
        }
        let ns = elapsed.as_secs_f64() * 1e9 / calls as f64;
        self.session.calls += calls;
        self.session.timed += elapsed;
        self.session.calls_a_timing = calls;
        self.session.keep_timing(ns);
        self.timings.push(ns);
    }

    /// The yardstick's batch grows until it is long enough for the clock, too.
    fn measured(&mut self, part: usize, times: u64, elapsed: Duration) {
        self.session.timed += elapsed;
        let first = self.session.samples() == 0 && self.yardsticks[part].is_empty();
        // Where the clock is coarse, all pieces together are as long as a timing.
        let shortest = self.effort.shortest_timing();
        let shortest = if shortest > LONG { shortest / PARTS as u32 } else { shortest };
        if first && elapsed < shortest {
            self.yardsticks_a_timing[part] = times.saturating_mul(2);
        } else {
            self.yardsticks[part].push(elapsed.as_secs_f64() * 1e9 / times as f64);
        }
    }

    fn close_sample(&mut self, plan: Plan) {
        if self.timings.len() >= plan.timings {
            self.value = self.value.or_else(|| self.effort.statistic.of(&mut self.timings));
        }
        if self.yardsticks_done() < self.yardstick_timings() {
            return;
        }
        let Some(value) = self.value else { return };
        let middle = |timings: &Vec<f64>| super::statistic::median(timings).unwrap_or(1.0);
        let yardsticks: Parts = std::array::from_fn(|part| middle(&self.yardsticks[part]));
        self.session.add(value, yardsticks);
        self.value = None;
        self.timings.clear();
        self.yardsticks.iter_mut().for_each(Vec::clear);
        if self.session.samples() >= plan.samples || self.spent >= self.allowed {
            self.stage = Stage::Done;
        }
    }

    /// What was taken, and how long its thread had to wait meanwhile.
    pub(crate) fn finish(mut self, waited: Option<Duration>) -> Session {
        self.session.lasted = self.spent;
        self.session.waited = waited;
        self.session
    }

    /// How long everything took so far, the warm-up too.
    #[cfg(test)]
    pub(crate) fn spent(&self) -> Duration {
        self.spent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Carries a course out against an operation and a yardstick that last exactly so long.
    fn session(call: Duration, effort: Effort, allowed: Duration) -> (Session, Duration) {
        let mut course = Course::new(effort, allowed);
        while let Some(next) = course.next() {
            course.took(match next {
                Next::Operation(calls) => call * calls as u32,
                Next::Yardstick(_, times) => Duration::from_micros(5) * times as u32,
            });
        }
        let spent = course.spent();
        (course.finish(None), spent)
    }

    #[test]
    fn calls_of_any_length_are_timed_to_the_nanosecond_and_within_the_time_allowed() {
        let allowed = Duration::from_millis(1_600);
        for nanos in [1_u64, 20, 999, 30_000, 1_000_000, 40_000_000, 500_000_000, 2_000_000_000] {
            let call = Duration::from_nanos(nanos);
            let (session, spent) = session(call, Effort::default(), allowed);
            assert!(session.samples() >= 1, "{nanos}");
            for sample in &session.operation_ns {
                assert!((sample / nanos as f64 - 1.0).abs() < 1e-9, "{nanos}: {sample}");
            }
            let most = if nanos > 133_000_000 { Effort::default().budget } else { allowed };
            assert!(spent <= most + call + Duration::from_millis(1), "{nanos}: {spent:?}");
            assert!(session.yardstick_ns.iter().all(|parts| *parts == [5_000.0; PARTS]), "{nanos}");
            if nanos <= 1_000_000 {
                assert_eq!(session.samples(), 50, "{nanos}");
            }
        }
    }

    #[test]
    fn of_a_call_of_two_seconds_none_is_thrown_away() {
        let allowed = Duration::from_secs(5);
        let (session, spent) = session(Duration::from_secs(2), Effort::default(), allowed);
        assert_eq!(session.samples(), 2);
        assert!(spent < Duration::from_secs(5), "{spent:?}");
    }

    #[test]
    fn a_first_call_that_was_slow_is_no_sample() {
        let mut course = Course::new(Effort::default(), Duration::from_millis(1_600));
        let mut first = true;
        while let Some(next) = course.next() {
            course.took(match next {
                Next::Operation(1) if std::mem::take(&mut first) => Duration::from_millis(400),
                Next::Operation(calls) => Duration::from_millis(1) * calls as u32,
                Next::Yardstick(_, times) => Duration::from_micros(5) * times as u32,
            });
        }
        let session = course.finish(None);
        assert_eq!(session.operation_ns, [1e6; 50]);
    }

    #[test]
    fn a_coarse_clock_gets_longer_batches() {
        let effort = Effort { clock_step: Duration::from_millis(1), ..Effort::default() };
        let allowed = Duration::from_millis(1_600);
        let (session, spent) = session(Duration::from_micros(3), effort, allowed);
        assert!(session.calls_a_timing >= 6_666, "{}", session.calls_a_timing);
        // The yardstick's batches are as long, and not much longer.
        assert!(session.samples() >= 25, "{} in {spent:?}", session.samples());
    }

    #[test]
    fn a_second_session_needs_no_warm_up() {
        let first = Session { operation_ns: vec![1e6; 9], ..Session::default() };
        let course = Course::again(Effort::default(), &first, Duration::from_secs(1));
        assert_eq!(course.next(), Some(Next::Yardstick(0, FEWEST_YARDSTICKS)));
        assert!(matches!(course.stage, Stage::Timing { plan } if plan.timings == 10));
    }
}
