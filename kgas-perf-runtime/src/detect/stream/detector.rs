//! `Detector`: one stream of calls, watched.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::baseline::sound;
use crate::detect::stream::alternative::Evidence;
use crate::detect::stream::bounds::{BUDGET, Circumstances};
use crate::detect::stream::counts;
use crate::detect::stream::failures::Failures;
use crate::detect::stream::logarithm::ln;
use crate::detect::stream::rate::Rate;
use crate::detect::stream::recent::{Packet, Recent};
use crate::detect::stream::reference::Reference;
use crate::detect::stream::regression::{Course, Regression};
use crate::detect::stream::resolution::Resolution;
use crate::detect::stream::search::{Search, change};
use crate::detect::stream::shape::{BINS, bin};
use crate::detect::verdict::{Kind, Verdict};
use crate::measure::Severity;

/// Calls that the first shape is made of.
const FIRST: u64 = 100;

/// Below so many calls a second, each is a packet of its own.
const MANY: f64 = 3.0;

/// Watches one stream of calls. Times are seconds of the stream's clock.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub(in crate::detect) struct Detector {
    /// Durations of the first calls, in nanoseconds.
    early: Vec<f64>,
    resolution: Resolution,
    /// Calls of the block that the next shape is made of, by bin of their residual; calls in all,
    /// and at how many the block is full.
    #[serde(with = "counts")]
    counts: Box<[u32; BINS]>,
    total: u64,
    block_ends: u64,
    reference: Option<Box<Reference>>,
    search: Search,
    /// The packet that is being filled, and when it began.
    evidence: Evidence,
    failed: f64,
    began: f64,
    rate: Rate,
    /// Whether a packet holds many calls.
    many: bool,
    recent: Recent,
    failures: Failures,
    /// What was found of durations and is not over, and of failing calls.
    slower: Option<Regression>,
    failing: Option<Regression>,
}

sound!(Detector);

impl Detector {
    pub(in crate::detect) fn new(at: f64) -> Self {
        Self {
            early: Vec::with_capacity(FIRST as usize),
            resolution: Resolution::default(),
            counts: Box::new([0; BINS]),
            total: 0,
            block_ends: 2 * FIRST + 50,
            reference: None,
            search: Search::new(at),
            evidence: Evidence::NONE,
            failed: 0.0,
            began: at,
            rate: Rate::new(at),
            many: false,
            recent: Recent::new(),
            failures: Failures::new(at),
            slower: None,
            failing: None,
        }
    }

    /// Whether a packet should be closed only once a second.
    pub(in crate::detect) fn takes_many(&self) -> bool {
        self.many
    }

    /// When the packet that is being filled began.
    pub(in crate::detect) fn began(&self) -> f64 {
        self.began
    }

    /// Whether a verdict of this kind was told that is not over.
    pub(in crate::detect) fn stands(&self, kind: Kind) -> bool {
        [&self.slower, &self.failing].into_iter().flatten().any(|found| found.kind == kind)
    }

    /// The memory it takes beside its own size, in bytes.
    pub(in crate::detect) fn heap_bytes(&self) -> usize {
        let reference = self
            .reference
            .as_ref()
            .map_or(0, |reference| size_of::<Reference>() + reference.heap_bytes());
        size_of::<[u32; BINS]>() + self.early.capacity() * size_of::<f64>() + reference
    }

    /// Whether what was read back can have been written by a detector.
    fn is_sound(&self) -> bool {
        /// No stream has so many calls.
        const MOST: u64 = 1 << 60;
        let packets = self.reference.as_ref().map_or(0, |reference| reference.packets);
        self.early.len() <= FIRST as usize
            && self.total.max(self.block_ends).max(packets) <= MOST
            && [&self.slower, &self.failing]
                .into_iter()
                .flatten()
                .all(|found| found.against < self.evidence.ratio.len())
    }

    /// Adds one call, whose duration in nanoseconds the timer of the stream showed.
    #[inline]
    pub(in crate::detect) fn add(&mut self, duration_ns: f64) {
        let spread = self.resolution.spread(duration_ns);
        self.add_all(spread, 1);
    }

    /// Adds calls of the same duration, in nanoseconds, to the packet.
    #[inline]
    pub(in crate::detect) fn add_all(&mut self, duration_ns: f64, calls: u32) {
        let Some(reference) = &self.reference else {
            let room = (FIRST as usize).saturating_sub(self.early.len());
            self.early.extend(std::iter::repeat_n(duration_ns, room.min(calls as usize)));
            self.total += u64::from(calls);
            self.evidence.calls += calls as f32;
            return;
        };
        let log = ln(duration_ns.max(1.0));
        let at = reference.weigh(&mut self.evidence, log, calls as f32);
        if self.slower.is_none() && self.failing.is_none() && !self.search.is_faster() {
            self.counts[at] = self.counts[at].saturating_add(calls);
            self.total += u64::from(calls);
        }
    }

    /// Whether the first calls are still being gathered.
    pub(in crate::detect) fn is_gathering(&self) -> bool {
        self.reference.is_none()
    }

    /// Adds the first calls of a stream that is told in batches, by duration in nanoseconds,
    /// ascending. If there are more than it takes, they are picked evenly; and they are taken in
    /// another order than that of size, which would look as if calls went together.
    pub(in crate::detect) fn gather(&mut self, ascending: &[(f64, u32)]) {
        let all: u64 = ascending.iter().map(|(_, calls)| u64::from(*calls)).sum();
        let taken = (FIRST as usize).saturating_sub(self.early.len()).min(all as usize);
        let (mut picked, mut below) = (Vec::with_capacity(taken), 0);
        for (duration, calls) in ascending {
            below += u64::from(*calls);
            while picked.len() < taken
                && (2 * picked.len() as u64 + 1) * all < 2 * taken as u64 * below
            {
                picked.push(*duration);
            }
        }
        let taken = picked.len();
        // A prime visits every place once, unless it divides how many there are.
        let stride = if taken.is_multiple_of(61) { 1 } else { 61 };
        self.early.extend((0..taken).map(|at| picked[at * stride % taken]));
        self.total += all;
        self.evidence.calls += all as f32;
    }

    /// Adds calls that did not end well.
    pub(in crate::detect) fn fail(&mut self, calls: u32) {
        self.failed += f64::from(calls);
    }

    /// Ends the packet at a time, and tells what was found, as of `at`.
    pub(in crate::detect) fn close(&mut self, ended: f64, at: Duration) -> Option<Verdict> {
        let evidence = std::mem::replace(&mut self.evidence, Evidence::NONE);
        let failed = std::mem::take(&mut self.failed);
        let span = (std::mem::replace(&mut self.began, ended), ended);
        let calls = f64::from(evidence.calls) + failed;
        self.rate.add(calls, ended);
        if self.reference.is_none() {
            self.failures.learn(failed, calls);
            if self.total >= FIRST {
                self.begin(ended);
            }
            return None;
        }
        let failing = self.judge_failures(span, failed, calls, at);
        // One verdict a packet: what was found besides is found again with the next one.
        let may_tell = failing.is_none();
        let slower =
            (evidence.calls > 0.0).then(|| self.judge_calls(span, &evidence, at, may_tell));
        if self.total >= self.block_ends && self.slower.is_none() {
            self.take_block(ended);
        }
        failing.or(slower.flatten())
    }

    /// Makes the first reference.
    fn begin(&mut self, at: f64) {
        let early = std::mem::take(&mut self.early);
        self.resolution = Resolution::of(&early);
        let logs: Vec<f64> =
            early.iter().map(|&ns| self.resolution.spread(ns).max(1.0).ln()).collect();
        let mut sorted = logs.clone();
        sorted.sort_by(f64::total_cmp);
        let Some(&median) = sorted.get(sorted.len() / 2) else { return };
        let mut counts = [0; BINS];
        for log in &logs {
            counts[bin(log - median)] += 1;
        }
        let rate = self.rate.per_second();
        self.many = rate >= MANY;
        self.reference = Reference::new(&counts, median, &self.resolution, at).map(Box::new);
        let packet = if self.many { rate as usize } else { 1 };
        if let Some(reference) = &mut self.reference {
            reference.look_back(&logs, packet);
        }
        self.search.restart(at);
        self.review(at);
    }

    /// Takes the shape of the block that is full, unless something is suspected. Blocks double: the
    /// newest is as long as all before it, so that a warm-up is forgotten.
    fn take_block(&mut self, at: f64) {
        let Some(reference) = &mut self.reference else { return };
        if self.search.suspects(reference, 0.3) {
            return;
        }
        reference.reshape(&self.counts, &self.resolution);
        reference.packets = reference.packets.next_multiple_of(32);
        self.search.restart(at);
        self.counts.fill(0);
        self.block_ends = 2 * self.total + 50;
        self.review(at);
    }

    fn review(&mut self, at: f64) {
        let rate = self.rate.per_second();
        let Some(reference) = &mut self.reference else { return };
        let packet = if self.many { rate } else { 1.0 };
        let age = reference.location.age(at);
        reference.review(at, Circumstances { rate, packet, age });
    }

    fn judge_failures(
        &mut self,
        span: (f64, f64),
        failed: f64,
        calls: f64,
        at: Duration,
    ) -> Option<Verdict> {
        let now = span.1;
        if let Some(failing) = &mut self.failing {
            let ratio = self.failures.ratio(failed, calls, failing.effect);
            if failing.take(ratio as f32, now) == Course::Over {
                self.failing = None;
                self.failures.reset(now);
            }
            return None;
        }
        let budget = BUDGET * self.rate.per_second();
        let since = self.failures.add(span, failed, calls, budget);
        self.failures.learn(failed, calls);
        let since = since?;
        let severity = match self.failures.surely() {
            ..0.1 => Severity::Info,
            ..0.5 => Severity::Warning,
            _ => Severity::Critical,
        };
        let mut found = Regression::new(Kind::Errors, severity, self.failures.now());
        found.since = since;
        found.found = now;
        self.failures.reset(now);
        let told = verdict(found.kind, severity, found.effect, Some(since), at);
        self.failing = Some(found);
        Some(told)
    }

    fn judge_calls(
        &mut self,
        span: (f64, f64),
        evidence: &Evidence,
        at: Duration,
        may_tell: bool,
    ) -> Option<Verdict> {
        let now = span.1;
        let rate = self.rate.per_second();
        let reference = self.reference.as_mut()?;
        let calls = f64::from(evidence.calls);
        let mean = |sum: f32| f64::from(sum) / calls;
        let scores = (mean(evidence.score), mean(evidence.null_score));
        let rise = &reference.alternatives.rise;
        let innovation = reference.filter.take(&reference.wobble, scores, rise, calls);
        self.search.add(reference, span, evidence, &innovation, self.many);
        self.recent.push(Packet {
            ended: now,
            calls: evidence.calls,
            score: scores.0 as f32,
            residual: (evidence.residual / calls) as f32,
            rank: evidence.rank,
            far: evidence.far,
            miss: innovation.miss.clamp(-4.0, 4.0) as f32,
            location: reference.location_by(mean(evidence.rank)) as f32,
        });
        reference.packets += 1;
        let age = reference.location.age(now);
        reference.day.add(reference.level, now - span.0, age);
        if self.slower.is_some() || self.failing.is_some() || self.search.is_faster() {
            self.recent.skip();
        } else {
            reference.learn(&mut self.recent, now, self.many, rate);
        }
        let verdict = match may_tell {
            false => None,
            true if self.slower.is_some() => self.follow(evidence, now, at),
            true => self.look(now, at),
        };
        self.review(now);
        verdict
    }

    /// Whether the evidence is enough to tell something new.
    fn look(&mut self, now: f64, at: Duration) -> Option<Verdict> {
        let reference = self.reference.as_mut()?;
        if let Some(found) = self.search.slower(reference, &self.recent, now, self.many) {
            let told = verdict(found.kind, found.severity, found.effect, Some(found.since), at);
            self.slower = Some(found);
            return Some(told);
        }
        if let Some((since, effect)) = self.search.faster(reference, &self.recent, now) {
            return Some(verdict(Kind::Improvement, Severity::Info, effect, Some(since), at));
        }
        let drift = reference.day.drift()?;
        Some(verdict(Kind::Drift, Severity::Info, drift, None, at))
    }

    /// Follows what was found: it may be over, or worse than it seemed.
    fn follow(&mut self, evidence: &Evidence, now: f64, at: Duration) -> Option<Verdict> {
        let reference = self.reference.as_mut()?;
        let regression = self.slower.as_mut()?;
        let against = regression.against;
        let ratio = evidence.ratio[against] / reference.bounds.inflation[against];
        let course = regression.take(ratio, now);
        // What has just grown worse shows in the last seconds, what is twice as slow and no more
        // only in a longer look, as far as the packets reach that are remembered.
        let late = change(reference, &self.recent, regression.from.max(now - 30.0), now);
        let change = change(reference, &self.recent, regression.from.max(now - 300.0), now);
        if course != Course::On {
            if course == Course::Accepted && regression.kind == Kind::Location {
                reference.location.shift(change.about);
            }
            self.slower = None;
            self.search.restart(now);
            reference.filter.restart_all();
            return None;
        }
        let change = if late.severity > change.severity { late } else { change };
        let worse = change.severity;
        if regression.kind != Kind::Location || worse <= regression.severity || change.calls < 5.0 {
            return None;
        }
        regression.severity = worse;
        regression.effect = change.effect();
        Some(verdict(regression.kind, worse, regression.effect, Some(regression.since), at))
    }
}

fn verdict(
    kind: Kind,
    severity: Severity,
    effect: f64,
    since: Option<f64>,
    at: Duration,
) -> Verdict {
    let since = since.and_then(|since| Duration::try_from_secs_f64(since).ok());
    Verdict { at, severity, kind, effect: Some(effect), since, score: SCORE }
}

/// One false alarm in four weeks, the most that the trials show of a steady stream, against the
/// minute a verdict takes.
const SCORE: f64 = 1.0 - 60.0 / (4.0 * BUDGET);
