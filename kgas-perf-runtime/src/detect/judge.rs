//! `Judge`: one operation and size class, judged call by call or tick by tick.

use std::time::Duration;

use crate::baseline::{Baseline, Learner, Learning, Pause};
use crate::catalog::SizeClass;
use crate::detect::stream::Detector;
use crate::detect::verdict::{Kind, Verdict};
use crate::histogram::Distribution;
use crate::stats::LogBin;

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
/// - One false alarm in ten weeks of an operation is the aim; `cargo xtask trials` measures it.
///
/// Its answers are a function of what it was told, and no later call changes an earlier answer.
///
/// # Cost
/// Some tens of nanoseconds a call, or a bucket of a tick's distribution, and some microseconds a
/// second. [`Judge::bytes`] is at most 16 KiB once the baseline is established.
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
    detector: Option<Detector>,
    baseline: Reported,
    standing: Option<Verdict>,
}

/// The baseline that is reported: on its way, or as it was established.
#[derive(Clone, Debug)]
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

    /// Takes one finished call: when it ended, by a clock that never goes back, how long it took,
    /// and whether it ended well. Tells what that shows, as of `at`.
    pub fn call(&mut self, at: Duration, duration: Duration, ok: bool) -> Option<Verdict> {
        let now = at.as_secs_f64();
        let detector = self.detector.get_or_insert_with(|| Detector::new(now));
        let mut verdict = None;
        if detector.takes_many() && now >= detector.began() + 1.0 {
            verdict = detector.close(now.floor().max(detector.began()), at);
        }
        if ok {
            detector.add(duration.as_nanos() as f64);
        } else {
            detector.fail(1);
        }
        if !detector.takes_many() {
            verdict = detector.close(now, at).or(verdict);
        }
        let bins = [(LogBin::of(duration), 1)];
        self.baseline.observe(at, if ok { &bins } else { &[] }, u32::from(!ok));
        self.note(verdict)
    }

    /// Takes the calls that ended since the tick before: those that ended well, and how many did
    /// not. `at` is the end of the tick, by a clock that never goes back.
    pub fn tick(&mut self, at: Duration, ok: &Distribution, failed: u64) -> Option<Verdict> {
        let now = at.as_secs_f64();
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
        self.baseline.observe(at, &bins, failed);
        self.baseline.settle(at);
        self.note(verdict)
    }

    fn note(&mut self, verdict: Option<Verdict>) -> Option<Verdict> {
        if let Some(verdict) = &verdict {
            match verdict.kind {
                Kind::Drift => self.baseline = Reported::default(),
                Kind::Improvement => {}
                _ => self.baseline.pause(true),
            }
        }
        let standing = self.detector.as_ref().is_some_and(Detector::is_standing);
        match &verdict {
            Some(verdict) if standing => self.standing = Some(verdict.clone()),
            _ if !standing && self.standing.take().is_some() => self.baseline.pause(false),
            _ => {}
        }
        verdict
    }

    /// What was told last and still stands: it has not been seen to be over. Drifts and
    /// improvements are told once and do not stand.
    pub fn standing(&self) -> Option<&Verdict> {
        self.standing.as_ref()
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
