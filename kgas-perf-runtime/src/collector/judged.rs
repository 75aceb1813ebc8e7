//! `Judged`: one operation and size class, and all that is known and thought of it.

use std::sync::Arc;
use std::time::Duration;

use crate::alert::{Band, BaselineUsed, Evidence, Subject};
use crate::baseline::{Baseline, Environment, History, HistoryError, Learning, Pause};
use crate::catalog::{Quantity, SizeClass};
use crate::collector::round::Round;
use crate::detect::{Judge, Kind, MemoryGrowth, Norm, Settling, Standing, Verdict};
use crate::measure::Outcome;
use crate::registry::{Series, SlowCall, Snapshot, Window};

/// The kinds of verdicts that a [`Judge`] tells.
const JUDGED: [Kind; 5] =
    [Kind::Location, Kind::Tail, Kind::Errors, Kind::Drift, Kind::Improvement];

/// After so long without a call, the next one ends a quiet time: it has not lasted since.
const QUIET: Duration = Duration::from_secs(5);

/// A number of so many calls says more than that of the last tick alone.
const FEW: u64 = 5;

/// One operation and size class, and all that is known and thought of it.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) subject: Subject,
    pub(super) judge: Judge,
    /// What is learned here is true of it.
    pub(super) environment: Arc<Environment>,
    /// Its first calls, where it goes on from another process.
    pub(super) settling: Option<Box<Settling>>,
    /// Whether the judge was told anything since it was written down.
    pub(super) told: bool,
    /// Whether it is to be written down soon, since what it says has changed.
    pub(super) urgent: bool,
    growth: Option<Box<MemoryGrowth>>,
    /// The baselines that were established or accepted.
    pub(super) history: History,
    /// The one that is being learned, as of the last look; it has no version.
    learning: Option<Baseline>,
    /// The first look, and what had been recorded by then.
    pub(super) first: Option<(Baseline, Series)>,
    /// Until when it was judged.
    until: Option<Duration>,
    /// What had been recorded when what stands was found.
    raised_from: Option<Box<Series>>,
}

impl Judged {
    pub(super) fn new(
        operation: &str,
        class: SizeClass,
        environment: Arc<Environment>,
        pauses: impl IntoIterator<Item = Pause>,
    ) -> Self {
        let mut judge = Judge::new();
        pauses.into_iter().for_each(|reason| judge.pause(reason));
        Self {
            subject: Subject::operation(operation, class),
            judge,
            environment,
            settling: None,
            told: false,
            urgent: false,
            growth: None,
            history: History::new(operation, class),
            learning: None,
            first: None,
            until: None,
            raised_from: None,
        }
    }

    /// The baseline that calls are held against: the last that was established or accepted, else
    /// what was learned so far.
    pub(super) fn baseline(&self) -> Option<&Baseline> {
        self.history.current(Some(&self.environment)).or(self.learning.as_ref())
    }

    /// The versions, newest first.
    pub(super) fn versions(&self) -> impl Iterator<Item = &Baseline> {
        self.history.versions(Some(&self.environment))
    }

    pub(super) fn learning(&self) -> Learning {
        self.judge.learning()
    }

    fn is_mature(&self) -> bool {
        self.baseline().is_some_and(Baseline::is_mature)
    }

    pub(super) fn norm(&self) -> Norm<'_> {
        Norm { baseline: self.baseline(), mature: self.is_mature(), objectives: &[] }
    }

    /// Judges the calls of a window, and learns from them; none of it if the process was
    /// suspended within it. Answers the baseline of a look, if there was one.
    pub(super) fn tick(
        &mut self,
        window: &Window,
        snapshot: &Snapshot,
        suspended: bool,
        round: &mut Round<'_>,
    ) -> Option<Baseline> {
        let verdict = if suspended { self.skip(window) } else { self.take(window) };
        let total = total(snapshot, window);
        let learned = total.and_then(|total| self.learn(total, snapshot.unix));
        self.urgent |= verdict.is_some() || learned.is_some();
        if let Some(verdict) = &verdict {
            round.found(&self.subject, verdict, self.is_mature());
        }
        if suspended {
            return learned;
        }
        let mut standing: Vec<&Verdict> = self.judge.standing().collect();
        if standing.is_empty() {
            self.urgent |= self.raised_from.is_some();
            self.raised_from = None;
        } else if self.raised_from.is_none() {
            self.raised_from = total.map(|series| Box::new(series.clone()));
        }
        // A verdict that does not stand holds for the tick that found it.
        standing.extend(
            verdict.as_ref().filter(|found| matches!(found.kind, Kind::Drift | Kind::Improvement)),
        );
        let evidence = |kind| self.evidence(kind, window, snapshot);
        round.judge(&self.subject, &JUDGED, &standing, self.is_mature(), evidence);
        self.grow(window, round);
        learned
    }

    fn take(&mut self, window: &Window) -> Option<Verdict> {
        if !self.has_settled(window) {
            return None;
        }
        self.told = true;
        if self.until.is_none_or(|until| window.start >= until + QUIET) {
            self.judge.tick(window.start, &Default::default(), 0);
        }
        self.until = Some(window.end);
        let failed = [Outcome::Error, Outcome::Panicked].map(|o| window.series.outcome(o).count());
        self.judge.tick(window.end, window.series.outcome(Outcome::Ok), failed.iter().sum())
    }

    /// Whether a window is to be judged: neither the first calls after a restart are, nor the
    /// window that shows that they are over.
    fn has_settled(&mut self, window: &Window) -> bool {
        let Some(mut settling) = self.settling.take() else { return true };
        let span = (window.start, window.end);
        let ok = window.series.outcome(Outcome::Ok);
        let settled = self.baseline().is_none_or(|known| settling.take(span, ok, known));
        self.settling = (!settled).then_some(settling);
        false
    }

    fn skip(&mut self, window: &Window) -> Option<Verdict> {
        self.judge.pause(Pause::Suspend);
        let verdict = self.judge.tick(window.end, &Default::default(), 0);
        self.judge.resume(Pause::Suspend);
        self.until = Some(window.end);
        verdict
    }

    /// The first baseline is that of all calls there were: it is there from the 100th call that
    /// ended well on, at whatever moment of a second. From then on it is as of the last look.
    pub(super) fn learn(&mut self, total: &Series, unix: Duration) -> Option<Baseline> {
        let (operation, class) = (self.history.operation(), self.history.size_class());
        let mut look = self.judge.take_learned(operation, class, unix);
        if self.baseline().is_none() && look.as_ref().is_none_or(|look| !look.is_mature()) {
            let ok = total.outcome(Outcome::Ok);
            let mut first = Baseline::learn(operation, class, ok, unix)?;
            first.confidence = look.and_then(|look| look.confidence);
            look = Some(first);
        }
        let mut learned = look?.in_environment(Arc::clone(&self.environment));
        if learned.is_mature() {
            // It is of this operation and size class, so it is taken.
            learned.version = self.history.add(learned.clone()).unwrap_or_default();
            self.learning = None;
        } else {
            self.learning = Some(learned.clone());
        }
        if self.first.is_none() {
            self.first = Some((learned.clone(), total.clone()));
        }
        Some(learned)
    }

    fn grow(&mut self, window: &Window, round: &mut Round<'_>) {
        if window.series.memory.is_none() && window.series.allocations.is_none() {
            return;
        }
        let growth = self.growth.get_or_insert_default();
        let is_worse = growth.observe(window);
        let standing = growth.standing();
        if let (true, Standing::Raised(verdict)) = (is_worse, &standing) {
            round.found(&self.subject, verdict, true);
        }
        let found = growth.allocated().or(growth.resident());
        let evidence = |_| Evidence {
            what: found.map(|_| "memory a call beyond its normal".to_owned()),
            value: found.map(|found| Quantity::Bytes(found.value.max(0.0) as u64)),
            ..Evidence::default()
        };
        round.stands(&self.subject, &[Kind::Memory], &standing, evidence);
    }

    /// What speaks for a verdict: the number it is about, of the calls since it was found or, if
    /// they are few, of the tick.
    fn evidence(&self, kind: Kind, window: &Window, snapshot: &Snapshot) -> Evidence {
        let since = self.raised_from.as_deref().zip(total(snapshot, window));
        let since = since.map(|(from, now)| now.since(from));
        let calls = since.as_ref().filter(|found| found.calls() >= FEW).unwrap_or(&window.series);
        let baseline = self.baseline();
        let time = |time: Duration| {
            Quantity::DurationNs(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
        };
        let ok = calls.outcome(Outcome::Ok);
        let (what, value, band) = match kind {
            Kind::Errors => {
                let failed: u64 = [Outcome::Error, Outcome::Panicked]
                    .map(|outcome| calls.outcome(outcome).count())
                    .iter()
                    .sum();
                let all = failed + ok.count();
                let rate = (all > 0).then(|| Quantity::Ratio(failed as f64 / all as f64));
                let normal = baseline.and_then(|known| known.error_rate).map(Quantity::Ratio);
                ("error rate", rate, normal.map(|high| (Quantity::Ratio(0.0), high)))
            }
            Kind::Tail => {
                let band = baseline.map(|known| (time(known.p95), time(known.p99)));
                ("p95 duration", ok.quantile(0.95).map(time), band)
            }
            _ => {
                let band = baseline.map(|known| (time(known.p50), time(known.p95)));
                ("p50 duration", ok.quantile(0.5).map(time), band)
            }
        };
        Evidence {
            what: Some(what.to_owned()),
            value,
            band: band.map(|(low, high)| Band { low, high }),
            baseline: baseline.map(|known| BaselineUsed {
                version: u64::from(known.version),
                mature: known.is_mature(),
                confidence: known.confidence,
            }),
            slowest: slowest(snapshot, &window.operation, window.series.size_class),
            ..Evidence::default()
        }
    }

    /// What has been recorded since what stands was found; without that, since the baseline was
    /// learned first, or ever.
    pub(super) fn present(&self, total: &Series) -> Series {
        let first = || self.first.as_ref().map(|(_, from)| from);
        match self.raised_from.as_deref().or_else(first) {
            Some(from) => total.since(from),
            None => total.clone(),
        }
    }

    /// Makes a baseline the one that calls are held against, and begins to judge anew.
    pub(super) fn accept(
        &mut self,
        baseline: Baseline,
        (by, why): (&str, &str),
        total: &Series,
        pauses: impl IntoIterator<Item = Pause>,
    ) -> Result<Option<Baseline>, HistoryError> {
        self.history.accept(baseline, by, why)?;
        self.judge = Judge::new();
        pauses.into_iter().for_each(|reason| self.judge.pause(reason));
        (self.learning, self.raised_from, self.until) = (None, None, None);
        (self.settling, self.told, self.urgent) = (None, true, true);
        if let Some(growth) = &mut self.growth {
            growth.accept();
        }
        let accepted = self.baseline().cloned();
        self.first = accepted.clone().map(|accepted| (accepted, total.clone()));
        Ok(accepted)
    }
}

/// All that was ever recorded of a window's operation and size class.
fn total<'a>(snapshot: &'a Snapshot, window: &Window) -> Option<&'a Series> {
    snapshot.operation(&window.operation)?.class(window.series.size_class)
}

/// The slow calls of a series that are remembered.
pub(super) fn slowest(
    snapshot: &Snapshot,
    operation: &str,
    class: SizeClass,
) -> Option<Vec<SlowCall>> {
    let of_it = |call: &&SlowCall| call.operation == operation && call.size_class == class;
    let calls: Vec<SlowCall> = snapshot.slow_calls().iter().filter(of_it).cloned().collect();
    (!calls.is_empty()).then_some(calls)
}
