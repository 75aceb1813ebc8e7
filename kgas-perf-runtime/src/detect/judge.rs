//! `Judge`: one operation and size class, judged call by call or tick by tick.
//!
//! - `state`: what it knows, written down and read back; `clock`: the time of its stream.

mod clock;
mod state;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::baseline::{Baseline, Learner, Learning, Pause};
use crate::catalog::SizeClass;
use crate::detect::stream::Detector;
use crate::detect::verdict::{Kind, Verdict};
use crate::histogram::Distribution;
use crate::stats::LogBin;

use clock::StreamClock;

pub use state::JudgeError;

/// Learns what is normal for the calls of one operation and size class, and tells when they no
/// longer are.
///
/// It is fed call by call ([`Judge::call`]), as a recorded log is, or tick by tick
/// ([`Judge::tick`]), as a running program is; both go the same way. Nothing is told before the
/// 100th call that ended well.
///
/// - The typical call is slower ([`Kind::Location`]), by a likelihood ratio for each of nine
///   slowdowns against the learned distribution, added up as Page's cumulative sums; a tail that is
///   slower ([`Kind::Tail`]); more failing calls ([`Kind::Errors`]); a creep against the first day
///   ([`Kind::Drift`]); a typical call that is faster ([`Kind::Improvement`]).
/// - How far calls go together is learned too: a machine that wobbles, bursts, a load that follows
///   the hours. Evidence counts for as much less.
/// - Nothing that lasts five seconds or less is told.
/// - How often that is wrong, and how soon it finds what, `cargo xtask trials` measures.
///
/// Its answers are a function of what it was told, and no later call changes an earlier answer.
///
/// # Cost
/// Some tens of nanoseconds a call, or a bucket of a tick's distribution, and some microseconds a
/// second. Below three calls a second each call is judged by itself, which takes some hundreds of
/// nanoseconds (`benches/judge.rs`). [`Judge::bytes`] is at most 16 KiB once the baseline is established.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::detect::{Judge, Kind};
///
/// let mut judge = Judge::new();
/// let mut found = None;
/// // Ten calls a second of about 10 ms, and from the 600th second on of about 25 ms.
/// for call in 0..6_600_u64 {
///     let millis = if call < 6_000 { 10 } else { 25 };
///     let duration = Duration::from_millis(millis) + Duration::from_micros(call * 739 % 997);
///     found = found.or(judge.call(Duration::from_millis(call * 100), duration, true));
/// }
/// let verdict = found.unwrap();
/// assert_eq!(verdict.kind, Kind::Location);
/// assert!((600..610).contains(&verdict.at.as_secs()));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Judge {
    clock: StreamClock,
    detector: Option<Detector>,
    baseline: Reported,
    /// What was told of durations and still stands, and of failing calls.
    standing: [Option<Verdict>; 2],
}

/// The baseline that is reported: on its way, or as it was established.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Reported {
    Learning { learner: Box<Learner>, looked_at: u64 },
    Established { confidence: f64, baseline: Box<Baseline> },
}

impl Default for Reported {
    fn default() -> Self {
        Self::Learning { learner: Box::default(), looked_at: 0 }
    }
}

impl Judge {
    /// A judge that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A judge that knows nothing but a baseline, which it reports and no longer learns: it goes
    /// on where a process left only that behind.
    ///
    /// What it judges by is learned anew, from the first calls it is told.
    pub fn beside(baseline: Baseline) -> Self {
        let confidence = baseline.confidence.unwrap_or(1.0);
        let baseline = Reported::Established { confidence, baseline: Box::new(baseline) };
        Self { baseline, ..Self::default() }
    }

    /// Takes one finished call: when it ended, by a clock that never goes back, how long it took,
    /// and whether it ended well. Tells what that shows, as of `at`.
    pub fn call(&mut self, at: Duration, duration: Duration, ok: bool) -> Option<Verdict> {
        let stream = self.clock.stream(at);
        let now = stream.as_secs_f64();
        let detector = self.detector.get_or_insert_with(|| Detector::new(now));
        let mut verdict = None;
        if detector.takes_many() && now >= detector.began() + 1.0 {
            verdict = detector.close(now.floor().max(detector.began()), at);
        }
        if ok {
            detector.add(nanoseconds(duration));
        } else {
            detector.fail(1);
        }
        if !detector.takes_many() {
            verdict = detector.close(now, at).or(verdict);
        }
        if self.baseline.is_learning() {
            let bins = [(LogBin::of(duration), 1)];
            self.baseline.observe(stream, if ok { &bins } else { &[] }, u32::from(!ok));
        }
        self.note(verdict)
    }

    /// Takes the calls that ended since the tick before: those that ended well, and how many did
    /// not. `at` is the end of the tick, by a clock that never goes back.
    pub fn tick(&mut self, at: Duration, ok: &Distribution, failed: u64) -> Option<Verdict> {
        let stream = self.clock.stream(at);
        let now = stream.as_secs_f64();
        let detector = self.detector.get_or_insert_with(|| Detector::new(now));
        let (mut bins, mut first) = (Vec::new(), Vec::new());
        let is_gathering = detector.is_gathering();
        for bucket in ok.buckets() {
            let middle = f64::midpoint(bucket.low_ns, bucket.high_ns);
            let calls = u32::try_from(bucket.count).unwrap_or(u32::MAX);
            if is_gathering {
                first.push((middle, calls));
            } else {
                detector.add_all(middle, calls);
            }
            if self.baseline.is_learning() {
                bins.push((LogBin::of_ns(middle), calls));
            }
        }
        if is_gathering {
            detector.gather(&first);
        }
        let failed = u32::try_from(failed).unwrap_or(u32::MAX);
        detector.fail(failed);
        let verdict = detector.close(now, at);
        self.baseline.observe(stream, &bins, failed);
        self.baseline.settle(stream);
        self.note(verdict)
    }

    fn note(&mut self, mut verdict: Option<Verdict>) -> Option<Verdict> {
        if verdict.is_none() && self.standing().next().is_none() {
            return None;
        }
        if let Some(since) = verdict.as_mut().and_then(|verdict| verdict.since.as_mut()) {
            *since = self.clock.process(*since);
        }
        if let Some(verdict) = &verdict {
            match verdict.kind {
                Kind::Drift => self.baseline = Reported::default(),
                Kind::Improvement => {}
                _ => self.baseline.pause(true),
            }
        }
        if let (Some(told), Some(detector)) = (&verdict, &self.detector)
            && detector.stands(told.kind)
        {
            self.standing[usize::from(told.kind == Kind::Errors)] = Some(told.clone());
        }
        let stood = self.standing().next().is_some();
        for standing in &mut self.standing {
            standing.take_if(|told| {
                !self.detector.as_ref().is_some_and(|detector| detector.stands(told.kind))
            });
        }
        if stood && self.standing().next().is_none() {
            self.baseline.pause(false);
        }
        verdict
    }

    /// What was told and still stands, as it was told last: it has not been seen to be over. There
    /// may be one of durations and one of failing calls. Drifts and improvements are told once and
    /// do not stand.
    pub fn standing(&self) -> impl Iterator<Item = &Verdict> {
        self.standing.iter().flatten()
    }

    /// How far the baseline has come that is reported.
    pub fn learning(&self) -> Learning {
        match &self.baseline {
            Reported::Learning { learner, .. } => learner.learning(),
            Reported::Established { confidence, .. } => {
                Learning::Established { confidence: *confidence }
            }
        }
    }

    /// What is normal; `None` before there were enough calls. `now` is the time since 1970-01-01
    /// 00:00 UTC, which a baseline that is not established yet is stamped with.
    pub fn baseline(
        &self,
        operation: &str,
        size_class: SizeClass,
        now: Duration,
    ) -> Option<Baseline> {
        match &self.baseline {
            Reported::Learning { learner, .. } => learner.baseline(operation, size_class, now),
            Reported::Established { baseline, .. } => {
                let mut baseline = (**baseline).clone();
                baseline.operation = operation.to_owned();
                baseline.size_class = size_class;
                Some(baseline)
            }
        }
    }

    /// The baseline as of a look that was not taken here before; `None` if there was none since.
    pub fn take_learned(
        &mut self,
        operation: &str,
        size_class: SizeClass,
        now: Duration,
    ) -> Option<Baseline> {
        let Reported::Learning { learner, looked_at } = &mut self.baseline else { return None };
        let baseline = learner.baseline(operation, size_class, now)?;
        if baseline.count == *looked_at {
            return None;
        }
        *looked_at = baseline.count;
        if let Learning::Established { confidence } = learner.learning() {
            let baseline = Box::new(baseline.clone());
            self.baseline = Reported::Established { confidence, baseline };
        }
        Some(baseline)
    }

    /// Learns nothing for the reported baseline until [`Judge::resume`] is called for the same
    /// reason.
    pub fn pause(&mut self, reason: Pause) {
        if let Reported::Learning { learner, .. } = &mut self.baseline {
            learner.pause(reason);
        }
    }

    /// Takes back a reason not to learn.
    pub fn resume(&mut self, reason: Pause) {
        if let Reported::Learning { learner, .. } = &mut self.baseline {
            learner.resume(reason);
        }
    }

    /// The memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        let baseline = match &self.baseline {
            Reported::Learning { learner, .. } => learner.bytes(),
            Reported::Established { .. } => size_of::<Baseline>(),
        };
        size_of::<Self>() + baseline + self.detector.as_ref().map_or(0, Detector::heap_bytes)
    }
}

/// A duration in nanoseconds, without a whole number of 128 bits on the way.
fn nanoseconds(duration: Duration) -> f64 {
    duration.as_secs() as f64 * 1e9 + f64::from(duration.subsec_nanos())
}

impl Reported {
    fn is_learning(&self) -> bool {
        matches!(self, Self::Learning { .. })
    }

    fn observe(&mut self, at: Duration, ok: &[(LogBin, u32)], failed: u32) {
        if let Self::Learning { learner, .. } = self {
            learner.observe(at, ok, failed);
        }
    }

    fn settle(&mut self, at: Duration) {
        if let Self::Learning { learner, .. } = self {
            learner.settle(at);
        }
    }

    fn pause(&mut self, paused: bool) {
        if let Self::Learning { learner, .. } = self {
            if paused { learner.pause(Pause::Alert) } else { learner.resume(Pause::Alert) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::dice::Dice;
    use crate::measure::Severity;

    /// Log-normal calls of sigma 0.3 around 10 ms, evenly spaced.
    struct Stream {
        dice: Dice,
        rate: f64,
        at: f64,
    }

    impl Stream {
        fn new(seed: u64, rate: f64) -> Self {
            Self { dice: Dice::new(seed), rate, at: 1_000.0 }
        }

        /// The next call, so many times as slow.
        fn call(&mut self, times: f64) -> (Duration, Duration) {
            self.at += 1.0 / self.rate;
            let duration = 0.010 * times * (0.3 * self.dice.normal()).exp();
            (Duration::from_secs_f64(self.at), Duration::from_secs_f64(duration))
        }

        /// Tells a judge the calls of so many seconds, and collects what it says.
        fn run(&mut self, judge: &mut Judge, seconds: f64, times: f64) -> Vec<Verdict> {
            (0..(seconds * self.rate) as u64)
                .filter_map(|_| {
                    let (at, duration) = self.call(times);
                    judge.call(at, duration, true)
                })
                .collect()
        }
    }

    fn kinds(verdicts: &[Verdict]) -> Vec<(Kind, Severity)> {
        verdicts.iter().map(|verdict| (verdict.kind, verdict.severity)).collect()
    }

    #[test]
    fn a_slowdown_is_told_within_a_minute_and_is_over_when_it_is() {
        for (seed, rate) in [(1, 1.0), (2, 10.0), (3, 100.0)] {
            let mut stream = Stream::new(seed, rate);
            let mut judge = Judge::new();
            assert_eq!(stream.run(&mut judge, 1_200.0, 1.0), [], "{rate}/s");
            let changed = stream.at;
            let found = stream.run(&mut judge, 90.0, 3.0);
            let first = &found[0];
            assert_eq!(first.kind, Kind::Location);
            assert!(first.at.as_secs_f64() - changed <= 60.0, "{rate}/s: {first:?}");
            assert!(first.since.unwrap() <= first.at);
            assert_eq!(found.last().unwrap().severity, Severity::Warning, "{rate}/s: {found:?}");
            assert!((1.5..2.6).contains(&found.last().unwrap().effect.unwrap()), "{found:?}");
            assert!(judge.standing().map(|it| it.kind).eq([Kind::Location]));
            stream.run(&mut judge, 60.0, 1.0);
            assert_eq!(judge.standing().next(), None, "{rate}/s");
        }
    }

    #[test]
    fn a_regression_that_grows_is_told_again_with_its_new_severity() {
        let mut stream = Stream::new(4, 20.0);
        let mut judge = Judge::new();
        stream.run(&mut judge, 900.0, 1.0);
        let found: Vec<_> = [2.5, 6.0, 15.0]
            .into_iter()
            .flat_map(|times| stream.run(&mut judge, 60.0, times))
            .collect();
        let told = kinds(&found);
        let worst = |severity| told.contains(&(Kind::Location, severity));
        assert!(worst(Severity::Warning) && worst(Severity::Critical), "{told:?}");
        assert_eq!(told.last(), Some(&(Kind::Location, Severity::Emergency)), "{told:?}");
        assert!(told.is_sorted_by_key(|(_, severity)| *severity), "{told:?}");
    }

    #[test]
    fn five_seconds_of_any_slowness_are_not_told() {
        for (seed, rate) in [(5, 0.5), (6, 2.0), (7, 50.0)] {
            let mut stream = Stream::new(seed, rate);
            let mut judge = Judge::new();
            let mut told = stream.run(&mut judge, 1_800.0, 1.0);
            for times in [3.0, 10.0, 100.0] {
                told.extend(stream.run(&mut judge, 5.0, times));
                told.extend(stream.run(&mut judge, 300.0, 1.0));
            }
            assert_eq!(told, [], "{rate}/s");
        }
    }

    #[test]
    fn pauses_that_slow_some_calls_at_once_are_not_told_where_two_come_together() {
        for seed in [21, 22, 23, 24, 25, 26] {
            let mut stream = Stream::new(seed, 1.0);
            let mut judge = Judge::new();
            let mut told = Vec::new();
            // Mostly a pause meets one call.
            for _ in 0..120 {
                told.extend(stream.run(&mut judge, 1.0, 4.0));
                told.extend(stream.run(&mut judge, 40.0, 1.0));
            }
            for _ in 0..2 {
                stream.rate = 10.0;
                told.extend(stream.run(&mut judge, 0.5, 4.0));
                stream.rate = 1.0;
                stream.at += 3.0;
                told.extend(stream.run(&mut judge, 2.0, 1.0));
            }
            told.extend(stream.run(&mut judge, 60.0, 1.0));
            assert_eq!(told, [], "{seed}");
        }
    }

    #[test]
    fn a_change_just_after_the_first_calls_is_told_and_not_learned() {
        for seed in [24, 25, 26] {
            let mut stream = Stream::new(seed, 1_000.0);
            let mut judge = Judge::new();
            stream.run(&mut judge, 0.12, 1.0);
            let found = stream.run(&mut judge, 60.0, 2.0);
            assert!(found.iter().any(|told| told.kind == Kind::Location), "{seed}: {found:?}");
        }
    }

    #[test]
    fn faster_calls_are_an_improvement_and_nothing_worse() {
        let mut stream = Stream::new(8, 10.0);
        let mut judge = Judge::new();
        stream.run(&mut judge, 900.0, 1.0);
        let found = stream.run(&mut judge, 1_800.0, 0.5);
        assert_eq!(kinds(&found), [(Kind::Improvement, Severity::Info)], "{found:?}");
        assert!((found[0].effect.unwrap() + 0.5).abs() < 0.1, "{found:?}");
        assert_eq!(judge.standing().next(), None);
    }

    #[test]
    fn a_slower_tail_is_not_taken_for_a_slower_call() {
        let mut stream = Stream::new(9, 50.0);
        let mut judge = Judge::new();
        stream.run(&mut judge, 900.0, 1.0);
        let mut found = Vec::new();
        for _ in 0..3_000 {
            let (at, duration) = stream.call(1.0);
            // The slowest twentieth takes three times as long.
            let slow = duration > Duration::from_secs_f64(0.010 * (0.3 * 1.645_f64).exp());
            found.extend(judge.call(at, if slow { duration * 3 } else { duration }, true));
        }
        assert_eq!(kinds(&found), [(Kind::Tail, Severity::Info)]);
    }

    #[test]
    fn failing_calls_are_told_and_their_durations_are_not() {
        let mut stream = Stream::new(10, 10.0);
        let mut judge = Judge::new();
        let mut dice = Dice::new(11);
        let mut found = Vec::new();
        for call in 0..15_000 {
            let (at, duration) = stream.call(1.0);
            let failing = if call < 9_000 { 0.002 } else { 0.2 };
            let ok = dice.unit() >= failing;
            // What fails, fails at once.
            let duration = if ok { duration } else { duration / 100 };
            found.extend(judge.call(at, duration, ok));
        }
        assert_eq!(found[0].kind, Kind::Errors);
        assert!(found.iter().all(|verdict| verdict.kind == Kind::Errors), "{found:?}");
        assert!((1_900.0..1_920.0).contains(&found[0].at.as_secs_f64()), "{found:?}");
    }

    #[test]
    fn failing_calls_hide_no_slowdown_and_a_slowdown_no_failing_calls() {
        for slower_first in [true, false] {
            let mut stream = Stream::new(15, 20.0);
            let mut judge = Judge::new();
            let mut dice = Dice::new(16);
            let mut found = Vec::new();
            for call in 0..24_000 {
                let (first, second) = (call >= 18_000, call >= 20_400);
                let (slow, fails) = if slower_first { (first, second) } else { (second, first) };
                let (at, duration) = stream.call(if slow { 1.5 } else { 1.0 });
                let ok = dice.unit() >= if fails { 0.2 } else { 0.001 };
                found.extend(judge.call(at, duration, ok));
            }
            let kinds: Vec<Kind> = found.iter().map(|verdict| verdict.kind).collect();
            let mut expected = [Kind::Location, Kind::Errors];
            if !slower_first {
                expected.reverse();
            }
            assert_eq!(kinds, expected, "{found:?}");
            assert!(judge.standing().map(|it| it.kind).eq([Kind::Location, Kind::Errors]));
            for _ in 0..2_400 {
                let (at, duration) = stream.call(1.0);
                assert_eq!(judge.call(at, duration, true), None);
            }
            assert_eq!(judge.standing().next(), None);
        }
    }

    #[test]
    fn nothing_is_told_before_the_hundredth_call() {
        let mut stream = Stream::new(12, 10.0);
        let mut judge = Judge::new();
        for call in 0..99 {
            let (at, duration) = stream.call(if call < 50 { 1.0 } else { 1e3 });
            assert_eq!(judge.call(at, duration, call % 3 > 0), None);
        }
        assert!(judge.learning().to_string().starts_with("learning ("));
    }

    #[test]
    fn ticks_of_a_distribution_find_what_calls_find() {
        let mut stream = Stream::new(13, 40.0);
        let (mut by_call, mut by_tick) = (Judge::new(), Judge::new());
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for tick in 0..1_320_u64 {
            let calls: Vec<_> =
                (0..40).map(|_| stream.call(if tick < 1_200 { 1.0 } else { 2.5 })).collect();
            for &(at, duration) in &calls {
                first.extend(by_call.call(at, duration, true));
            }
            let ok: Distribution = calls.iter().map(|&(_, duration)| duration).collect();
            second.extend(by_tick.tick(Duration::from_secs(1_001 + tick), &ok, 0));
        }
        assert_eq!(kinds(&first), kinds(&second));
        assert_eq!(kinds(&first), [(Kind::Location, Severity::Warning)]);
        let apart = first[0].at.as_secs_f64() - second[0].at.as_secs_f64();
        assert!(apart.abs() <= 2.0, "{first:?} {second:?}");
    }

    #[test]
    fn it_takes_sixteen_kibibytes_once_the_baseline_is_established() {
        let mut stream = Stream::new(14, 10.0);
        let mut judge = Judge::new();
        let mut looks = 0;
        for _ in 0..12_000 {
            let (at, duration) = stream.call(1.0);
            judge.call(at, duration, true);
            let class = SizeClass::Unsized;
            looks += u32::from(judge.take_learned("import", class, at).is_some());
        }
        assert!(matches!(judge.learning(), Learning::Established { .. }));
        assert!(looks > 3, "{looks}");
        assert!(judge.bytes() <= 16 * 1_024, "{}", judge.bytes());
        let known = judge.baseline("import", SizeClass::Small, Duration::ZERO).unwrap();
        assert_eq!(known.size_class, SizeClass::Small);
        assert!((known.p50.as_secs_f64() / 0.010 - 1.0).abs() < 0.05);
        assert!((known.p99.as_secs_f64() / (0.010 * (0.3 * 2.326_f64).exp()) - 1.0).abs() < 0.2);
    }

    #[test]
    fn times_that_stand_still_and_odd_durations_do_no_harm() {
        let mut judge = Judge::new();
        let long = [Duration::ZERO, Duration::MAX, Duration::from_nanos(1)];
        for call in 0..2_000_usize {
            judge.call(Duration::from_secs(5), long[call % 3], true);
        }
        for call in 0..2_000_usize {
            judge.call(
                Duration::from_secs(6 + call as u64 * 1_000_000),
                long[call % 3],
                call % 2 == 0,
            );
        }
        assert!(judge.bytes() < 64 * 1_024);
    }
}
