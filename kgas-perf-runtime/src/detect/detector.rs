//! `Detector`: one stream of calls, watched.

use std::time::Duration;

use crate::detect::alternative::{
    ALTERNATIVES, Alternatives, Evidence, FASTER, FIRST_FASTER, FIRST_TAIL, FIRST_TILT, SLOWER,
    TAILS, TILTS, Tail,
};
use crate::detect::cusum::Cusums;
use crate::detect::dependence::{BlockSums, Bursts, Wobble};
use crate::detect::failures::Failures;
use crate::detect::location::Location;
use crate::detect::recent::{Packet, Recent};
use crate::detect::resolution::Resolution;
use crate::detect::shape::{BINS, Shape, WIDTH, bin};
use crate::detect::tune;
use crate::detect::verdict::{Kind, Verdict};
use crate::measure::Severity;

/// Calls that the first shape is made of.
const FIRST: u64 = 100;

/// Seconds in which one false alarm is allowed.
const BUDGET: f64 = 7.0 * 86_400.0;

const IMMEDIATE: f64 = 3.0;

#[derive(Clone, Debug)]
pub(super) struct Standing {
    kind: Kind,
    severity: Severity,
    since: f64,
    found: f64,
    effect: f64,
    /// The alternative that its end is judged by, and the evidence for that end.
    against: usize,
    over: f32,
}

/// What evidence is held against.
#[derive(Clone, Copy, Debug)]
struct Bound {
    /// How much less a call says than an independent one would.
    inflation: f32,
    /// What is taken off the evidence of each call (of each packet, for the whitened sums).
    price: f32,
    threshold: f32,
}

impl Bound {
    const OFF: Self = Self { inflation: 1.0, price: 0.0, threshold: f32::INFINITY };
}

/// What is known once the first shape is.
#[derive(Clone, Debug)]
struct Known {
    shape: Box<Shape>,
    alternatives: Alternatives,
    location: Location,
    /// The mean location of the first day, as far as it has passed, and that of the last.
    anchor: f64,
    day: f64,
    drifted: bool,
    ranks: BlockSums,
    tails: BlockSums,
    innovations: BlockSums,
    rank_bursts: Bursts,
    bursts: Bursts,
    wobble: Wobble,
    /// Expected score by the state of the wobble: as it was, and were calls slower by each shift.
    expected: f64,
    null_expected: f64,
    slower_expected: [f64; SLOWER.len()],
    uncertainty: f64,
    packets: u64,
    any: Cusums<ALTERNATIVES>,
    white: Cusums<{ SLOWER.len() }>,
    improved: Option<(f64, f64)>,
    /// How much higher the location may be than it is known to be.
    doubt: f64,
    tail_doubt: f32,
    level: f64,
    thresholds: [Bound; ALTERNATIVES],
    white_thresholds: [Bound; SLOWER.len()],
    built: f64,
}

/// Watches one stream of calls.
#[derive(Clone, Debug)]
pub(super) struct Detector {
    early: Vec<f64>,
    resolution: Resolution,
    counts: Box<[u32; BINS]>,
    total: u64,
    next_build: u64,
    known: Option<Known>,
    evidence: Evidence,
    failed: f64,
    began: f64,
    first: f64,
    rate: f64,
    rate_at: f64,
    recent: Recent,
    failures: Failures,
    standing: Option<Standing>,
    immediate: bool,
}

impl Detector {
    pub(super) fn new(at: f64) -> Self {
        Self {
            early: Vec::with_capacity(FIRST as usize),
            resolution: Resolution::default(),
            counts: Box::new([0; BINS]),
            total: 0,
            next_build: FIRST,
            known: None,
            evidence: Evidence::NONE,
            failed: 0.0,
            began: at,
            first: at,
            rate: 0.0,
            rate_at: at,
            recent: Recent::new(),
            failures: Failures::new(at),
            standing: None,
            immediate: true,
        }
    }

    /// Whether a packet should be closed with every call.
    pub(super) fn is_immediate(&self) -> bool {
        self.immediate
    }

    /// Adds one call, whose duration the timer of the stream showed.
    #[inline]
    pub(super) fn add(&mut self, duration_ns: f64) {
        let spread = self.resolution.spread(duration_ns);
        self.add_all(spread, 1);
    }

    /// Adds calls of the same duration, in nanoseconds, to the packet.
    #[inline]
    pub(super) fn add_all(&mut self, duration_ns: f64, calls: u32) {
        let Some(known) = &self.known else {
            self.early.extend((0..calls.min(FIRST as u32)).map(|_| duration_ns));
            self.total += u64::from(calls);
            self.evidence.calls += calls as f32;
            return;
        };
        let log = duration_ns.max(1.0).ln();
        let residual = log - known.level;
        let at = bin(residual);
        let bins = (at, bin(residual - known.doubt), bin(residual + known.doubt));
        known.alternatives.weigh(
            &known.shape,
            &mut self.evidence,
            bins,
            known.tail_doubt,
            calls as f32,
        );
        self.evidence.residual += residual * f64::from(calls);
        if self.standing.is_none() {
            self.counts[at] = self.counts[at].saturating_add(calls);
            self.total += u64::from(calls);
        }
    }

    pub(super) fn fail(&mut self, calls: u32) {
        self.failed += f64::from(calls);
    }

    /// When the packet that is being filled began, in seconds.
    pub(super) fn began(&self) -> f64 {
        self.began
    }

    /// Ends the packet at a time in seconds, and tells what was found.
    pub(super) fn close(&mut self, ended: f64, told: f64) -> Option<Verdict> {
        let evidence = std::mem::replace(&mut self.evidence, Evidence::NONE);
        let failed = std::mem::take(&mut self.failed);
        let began = std::mem::replace(&mut self.began, ended);
        let calls = f64::from(evidence.calls);
        self.follow_rate(calls + failed, ended);
        if self.known.is_none() {
            self.failures.learn(failed, calls + failed);
            if self.total >= FIRST {
                self.begin(ended);
            }
            return None;
        }
        let mut verdict = self.judge_failures(began, ended, failed, calls + failed, told);
        if calls > 0.0 {
            let found = self.judge_calls(&evidence, began, ended, told);
            verdict = verdict.or(found);
        }
        if self.total >= self.next_build && self.standing.is_none() {
            self.rebuild(ended);
        }
        verdict
    }

    fn follow_rate(&mut self, calls: f64, at: f64) {
        let age = at - self.first;
        let elapsed = at - self.rate_at;
        self.rate_at = at;
        let memory = (age / 2.0).clamp(30.0, 1_800.0);
        let kept = (-elapsed.max(0.0) / memory).exp();
        // `rate` is calls remembered; what it is divided by grows with age until it is full.
        self.rate = self.rate * kept + calls;
    }

    fn calls_per_second(&self, at: f64) -> f64 {
        let age = (at - self.first).max(1.0);
        let memory = (age / 2.0).clamp(30.0, 1_800.0);
        let filled = memory * (1.0 - (-age / memory).exp());
        (self.rate / filled.max(0.5)).max(1e-4)
    }

    fn begin(&mut self, at: f64) {
        let early = std::mem::take(&mut self.early);
        self.resolution = Resolution::of(&early);
        let mut logs: Vec<f64> =
            early.iter().map(|&duration| self.resolution.spread(duration).max(1.0).ln()).collect();
        logs.sort_by(f64::total_cmp);
        let Some(&level) = logs.get(logs.len() / 2) else { return };
        let mut counts = Box::new([0; BINS]);
        for log in &logs {
            counts[bin(log - level)] += 1;
        }
        let Some((shape, shift)) = Shape::of(&counts) else { return };
        let level = level + shift as f64 * WIDTH;
        let alternatives = Alternatives::of(&shape, mean_over(&counts, shift));
        let wobble = Wobble::assumed((0.04 * shape.score_slope).min(0.5));
        let rate = self.calls_per_second(at);
        self.immediate = rate < IMMEDIATE;
        self.known = Some(Known {
            alternatives,
            location: Location::new(level, at),
            anchor: level,
            day: level,
            drifted: false,
            ranks: BlockSums::default(),
            tails: BlockSums::default(),
            innovations: BlockSums::default(),
            rank_bursts: Bursts::default(),
            bursts: Bursts::default(),
            uncertainty: wobble.variance,
            wobble,
            expected: 0.0,
            null_expected: 0.0,
            slower_expected: [0.0; SLOWER.len()],
            packets: 0,
            any: Cusums::new(at),
            white: Cusums::new(at),
            improved: None,
            doubt: 0.1,
            tail_doubt: 2.0,
            level,
            thresholds: [Bound::OFF; ALTERNATIVES],
            white_thresholds: [Bound::OFF; SLOWER.len()],
            built: at,
            shape,
        });
        self.next_build = 2 * FIRST + 50;
        self.look_back(&early, level, at);
        self.refresh(at);
    }

    /// Learns how far the first calls went together.
    fn look_back(&mut self, early: &[f64], level: f64, at: f64) {
        let packet = if self.immediate { 1 } else { self.calls_per_second(at) as usize };
        let Some(known) = &mut self.known else { return };
        for calls in early.chunks_exact(packet.clamp(1, 25)) {
            let (mut rank, mut tail) = (0.0, 0.0);
            for &duration_ns in calls {
                let at = bin(self.resolution.spread(duration_ns).max(1.0).ln() - level);
                rank += known.shape.rank(at) - 0.5;
                tail += if at >= known.shape.tail() { 1.0 } else { 0.0 };
                tail -= known.shape.tail_share as f32;
            }
            known.ranks.add(rank, calls.len() as f32);
            known.tails.add(tail, calls.len() as f32);
        }
    }

    fn rebuild(&mut self, at: f64) {
        let Some(known) = &mut self.known else { return };
        if known.any_above(0.5) {
            return;
        }
        let Some((shape, shift)) = Shape::of(&self.counts) else { return };
        known.alternatives = Alternatives::of(&shape, mean_over(&self.counts, shift));
        let shift = shift as f64 * WIDTH;
        known.shape = shape;
        known.location.shift(shift);
        if std::env::var_os("DBG").is_some() {
            eprintln!(
                "REBUILD shift {shift:.3} at {at:.0} total {} level {:.4}->{:.4}",
                self.total,
                known.level,
                known.location.level(at)
            );
        }
        known.any.reset(at);
        known.white.reset(at);
        known.built = at;
        self.counts.fill(0);
        self.next_build = 2 * self.total + 50;
        self.refresh(at);
    }

    /// Works out, from what has been learned, what the next packet is judged by.
    fn refresh(&mut self, at: f64) {
        let rate = self.calls_per_second(at);
        let total = self.total;
        let Some(known) = &mut self.known else { return };
        let age = known.location.age(at);
        let shape = &known.shape;
        known.level = known.location.level(at);
        let behind = known.location.calls(at).max(20.0);
        let inflation = known.inflation(behind);
        let error = (shape.rank_variance * inflation / behind).sqrt() / shape.rank_slope;
        known.doubt = tune(2, 1.5) * error
            + tune(3, 0.003)
            + tune(7, 0.5) * known.location.unsettled() * (60.0 / 600.0_f64.min(age.max(60.0)))
            + tune(4, 0.06) * (30.0 / age.max(30.0));
        let budget = BUDGET * rate;
        let in_tail = (shape.calls * shape.tail_share / known.tail_inflation(shape.calls)).max(4.0);
        let tail_doubt = 1.0 + tune(12, 2.5) / in_tail.sqrt();
        known.tail_doubt = tail_doubt as f32;
        for which in 0..ALTERNATIVES {
            let information = known.alternatives.information[which];
            let mut inflation = 1.0;
            for _ in 0..2 {
                let horizon = (10.0 * inflation / information).min(60.0 * rate.max(0.2));
                inflation = if (FIRST_TAIL..FIRST_FASTER).contains(&which) {
                    known.tail_inflation(horizon)
                } else {
                    known.inflation(horizon)
                };
            }
            let per_call = information / inflation;
            let threshold =
                (budget * per_call).max(20.0).ln() - 1.166 * (2.0 * per_call).sqrt() + tune(5, 1.5);
            let on = match which {
                0..FIRST_TILT => SLOWER[which] as f64 * WIDTH,
                FIRST_TILT..FIRST_TAIL => {
                    f64::from(TILTS[which - FIRST_TILT]) * shape.rank_variance / shape.rank_slope
                }
                FIRST_TAIL..FIRST_FASTER => {
                    if total >= 500 && age >= 60.0 {
                        10.0
                    } else {
                        0.0
                    }
                }
                _ => FASTER[which - FIRST_FASTER] as f64 * WIDTH,
            };
            let young = age < 60.0 && on < 0.65;
            let late = threshold / per_call / rate > 900.0;
            let young = young || late;
            let threshold = if on < 1.5 * known.doubt || young { f64::INFINITY } else { threshold };
            // A packet may lie far up more often than its calls alone would.
            let tilt = (2.0 * rate * information).sqrt() / inflation;
            let heavier = known.rank_bursts.cumulant(tilt) - 0.5 * tilt * tilt * inflation;
            let heavier = if self.immediate || which >= FIRST_TAIL { 0.0 } else { heavier };
            let patience = if which < FIRST_TAIL { tune(10, 600.0) } else { tune(11, 240.0) };
            let patience = patience.max(tune(13, 400.0) / rate);
            let price = heavier.max(0.0) / rate + 12.0 / (patience * rate);
            known.thresholds[which] = Bound {
                inflation: inflation as f32,
                price: price as f32,
                threshold: threshold.max(4.0) as f32,
            };
        }
        let per_packet = if self.immediate { 1.0 } else { rate };
        let packets = BUDGET * rate / per_packet;
        let varies = known.uncertainty + known.wobble.noise / per_packet;
        let inflation = known
            .innovations
            .variance(if self.immediate { 12.0 } else { 60.0 })
            .unwrap_or(2.0)
            .max(1.0);
        // What remains of a step once the wobble has followed it.
        let kept = known.wobble.persistence;
        let gain = known.uncertainty / varies.max(1e-9);
        let remains = ((1.0 - kept) / (1.0 - kept * (1.0 - gain.min(1.0)))).clamp(0.0, 1.0);
        for which in 0..SLOWER.len() {
            let shift = SLOWER[which] as f64 * WIDTH;
            let step = known.alternatives.rise[which];
            let information = (0.5 * step * step / varies / inflation).min(3.0);
            let threshold = (packets * information).max(20.0).ln()
                - 1.166 * (2.0 * information).sqrt()
                + tune(6, 1.5);
            let off =
                shift < 1.5 * known.doubt || known.packets < 60 || (age < 60.0 && shift < 0.65);
            let threshold = if off { f64::INFINITY } else { threshold };
            let tilt = step * remains / varies.sqrt();
            let heavier = known.bursts.cumulant(tilt / inflation) - 0.5 * tilt * tilt / inflation;
            let heavier = if self.immediate { 0.0 } else { heavier };
            let price = heavier.max(0.0)
                + 12.0 * per_packet / (tune(10, 600.0) * rate).max(tune(13, 400.0));
            known.white_thresholds[which] = Bound {
                inflation: inflation as f32,
                price: price as f32,
                threshold: threshold.max(4.0) as f32,
            };
        }
    }

    fn judge_failures(
        &mut self,
        began: f64,
        ended: f64,
        failed: f64,
        calls: f64,
        told: f64,
    ) -> Option<Verdict> {
        let budget = BUDGET * self.calls_per_second(ended);
        if let Some(standing) = &mut self.standing
            && standing.kind == Kind::Errors
        {
            let usual = self.failures.usual();
            let worse = standing.effect.clamp(usual * 1.5, 0.9);
            let up = failed * (worse / usual).ln()
                + (calls - failed) * ((1.0 - worse) / (1.0 - usual)).ln();
            standing.over = (standing.over - up as f32).max(0.0);
            if standing.over > 6.0 && ended - standing.found > 10.0 {
                self.standing = None;
                self.failures.reset(ended);
            }
            return None;
        }
        let since = self.failures.add(began, ended, failed, calls, budget);
        if self.standing.is_some() {
            return None;
        }
        self.failures.learn(failed, calls);
        let since = since?;
        let share = self.failures.now();
        let severity = match self.failures.surely() {
            ..0.1 => Severity::Info,
            ..0.5 => Severity::Warning,
            _ => Severity::Critical,
        };
        self.failures.reset(ended);
        Some(self.stand(Kind::Errors, severity, since, share, 0, ended, told))
    }

    fn stand(
        &mut self,
        kind: Kind,
        severity: Severity,
        since: f64,
        effect: f64,
        against: usize,
        ended: f64,
        told: f64,
    ) -> Verdict {
        self.standing =
            Some(Standing { kind, severity, since, found: ended, effect, against, over: 0.0 });
        Verdict {
            at: Duration::from_secs_f64(told.max(0.0)),
            severity,
            kind,
            effect: Some(effect),
            since: Some(Duration::from_secs_f64(since.max(0.0))),
            score: 0.999,
        }
    }

    fn judge_calls(
        &mut self,
        evidence: &Evidence,
        began: f64,
        ended: f64,
        told: f64,
    ) -> Option<Verdict> {
        let rate = self.calls_per_second(ended);
        let immediate = self.immediate;
        let known = self.known.as_mut()?;
        let calls = f64::from(evidence.calls);
        let score = f64::from(evidence.score) / calls;
        let rank = f64::from(evidence.rank) / calls;
        known.packets += 1;
        // A day's mean: a load that comes and goes with the hours is no drift.
        let elapsed = ended - began;
        let age = known.location.age(ended);
        known.day += (known.level - known.day) * (elapsed / age.clamp(60.0, 86_400.0)).min(1.0);
        if age < 86_400.0 {
            known.anchor = known.day;
        }
        let standing = self.standing.is_some();

        // The wobble, filtered.
        let wobble = &known.wobble;
        let kept = wobble.persistence;
        let predicted = kept * kept * known.uncertainty + (1.0 - kept * kept) * wobble.variance;
        let varies = predicted + wobble.noise / calls;
        let gain = predicted / varies;
        let mut white = [0.0_f32; SLOWER.len()];
        let step = |expected: &mut f64, score: f64| {
            *expected *= kept;
            let miss = score - *expected;
            *expected += gain * miss;
            miss / varies.sqrt()
        };
        let miss = step(&mut known.expected, score);
        let null = step(&mut known.null_expected, f64::from(evidence.null_score) / calls);
        for which in 0..SLOWER.len() {
            let score = f64::from(evidence.null_score) / calls - known.alternatives.rise[which];
            let slower = step(&mut known.slower_expected[which], score);
            white[which] = (0.5 * (null * null - slower * slower)) as f32;
        }
        known.uncertainty = (1.0 - gain) * predicted;

        // Evidence added up.
        let thresholds = known.thresholds;
        known.any.add(began, ended, evidence.calls, |which| {
            let bound = thresholds[which];
            let ratio = evidence.ratio[which] / bound.inflation - bound.price * evidence.calls;
            (ratio, bound.threshold.min(30.0))
        });
        let white_thresholds = known.white_thresholds;
        known.white.add(began, ended, evidence.calls, |which| {
            let bound = white_thresholds[which];
            (white[which] / bound.inflation - bound.price, bound.threshold.min(30.0))
        });
        for which in 0..SLOWER.len() {
            if known.white.sum(which) <= 0.0 {
                known.slower_expected[which] = known.null_expected;
            }
        }

        // What the last packets were.
        let location = known.level + rank / known.shape.rank_slope;
        let recent = &mut self.recent;
        recent.push(Packet {
            ended,
            calls: evidence.calls,
            score: score as f32,
            residual: (evidence.residual / calls) as f32,
            rank: evidence.rank,
            tail: evidence.tail,
            miss: (miss as f32).clamp(-4.0, 4.0),
            location: location as f32,
        });
        if standing {
            recent.skip();
        } else {
            // What is learned lies a minute back, so that a change does not hide itself.
            while let Some((packet, back)) = recent.older(ended - 60.0) {
                let calls = f64::from(packet.calls);
                known.location.feed(f64::from(packet.location), calls, packet.ended, rate);
                known.ranks.add(packet.rank, packet.calls);
                known.tails.add(packet.tail, packet.calls);
                known.innovations.add(packet.miss, 1.0);
                if !immediate {
                    let deviation = (calls * known.shape.rank_variance).sqrt();
                    known.rank_bursts.add(f64::from(packet.rank) / deviation);
                    known.bursts.add(f64::from(packet.miss));
                }
                let before = |lag: usize| recent.back(back + lag).map(|p| f64::from(p.score));
                known.wobble.add(f64::from(packet.score), calls, before);
            }
        }
        if known.packets % 60 == 0 {
            known.wobble.fit();
        }

        let verdict = if standing {
            self.follow_standing(evidence, ended, told)
        } else {
            self.find(ended, told, immediate)
        };
        self.refresh(ended);
        verdict
    }

    fn find(&mut self, ended: f64, told: f64, immediate: bool) -> Option<Verdict> {
        let known = self.known.as_mut()?;
        let mut best: Option<(f32, usize, f64, f64)> = None;
        let still = self.recent.after(ended - 3.0).map(|p| p.score * p.calls).sum::<f32>() > 0.0;
        let mut consider = |ratio: f32, which: usize, (since, calls): (f64, f32)| {
            let long = ended - since >= 5.9 && calls >= 3.0;
            if ratio >= 1.0 && long && best.is_none_or(|(known, ..)| ratio > known) {
                best = Some((ratio, which, since, f64::from(calls)));
            }
        };
        for which in 0..FIRST_FASTER {
            let threshold = known.thresholds[which].threshold;
            if which >= FIRST_TAIL || immediate || still {
                consider(known.any.sum(which) / threshold, which, known.any.onset(which));
            }
        }
        for which in 0..SLOWER.len() {
            let threshold = known.white_thresholds[which].threshold;
            let onset = known.white.onset(which);
            if known.white.sum(which) >= threshold && (immediate || still) {
                // A return from faster calls to the usual ones is no slowdown.
                let (_, mean) = self.recent.mean_after(onset.0);
                if mean - known.shape.mean >= 0.4 * SLOWER[which] as f64 * WIDTH {
                    consider(known.white.sum(which) / threshold, which, onset);
                }
            }
        }
        if let Some((ratio, which, since, _)) = best {
            if std::env::var_os("DBG").is_some() {
                let Bound { inflation: t, threshold: v, .. } =
                    known.thresholds[which.min(ALTERNATIVES - 1)];
                let mean = self.recent.mean_after(since);
                eprintln!(
                    "ALARM t={ended:.0} since={:.0} which={which} ratio={ratio:.2} V/h={t:.1}/{v:.1} white: {:?} doubt={:.4} level={:.3} exp={:.2} wob={:.3}/{:.3}/{:.2} mean={mean:?} VB={:.2}",
                    ended - since,
                    (0..9)
                        .map(|w| format!(
                            "{:.1}/{:.1}",
                            known.white.sum(w),
                            known.white_thresholds[w].threshold
                        ))
                        .collect::<Vec<_>>()
                        .join(" "),
                    known.doubt,
                    known.level,
                    known.expected,
                    known.wobble.variance,
                    known.wobble.persistence,
                    known.wobble.noise,
                    known.white_thresholds[4].inflation
                );
            }
            let (effect, severity) = self.level(since, ended)?;
            let kind = if which >= FIRST_TAIL { Kind::Tail } else { Kind::Location };
            let severity = if kind == Kind::Tail { Severity::Info } else { severity };
            return Some(self.stand(kind, severity, since, effect, which, ended, told));
        }
        let known = self.known.as_mut()?;
        if let Some((since, effect)) = known.improved {
            let (calls, mean) = self.recent.mean_after(ended - 60.0);
            if calls >= 5.0 && mean > 0.5 * effect {
                known.improved = None;
            } else if ended - since > 600.0 {
                known.improved = None;
                known.location.shift(mean);
                if std::env::var_os("DBG").is_some() {
                    eprintln!("IMPROVED shift {mean} at {ended}");
                }
            }
            return None;
        }
        for which in FIRST_FASTER..ALTERNATIVES {
            let threshold = known.thresholds[which].threshold;
            let (since, calls) = known.any.onset(which);
            if known.any.sum(which) >= threshold && ended - since >= 6.0 && calls >= 3.0 {
                let (_, mean) = self.recent.mean_after(since);
                known.improved = Some((ended, mean));
                known.any.reset(ended);
                return Some(Verdict {
                    at: Duration::from_secs_f64(told.max(0.0)),
                    severity: Severity::Info,
                    kind: Kind::Improvement,
                    effect: Some(mean.exp_m1()),
                    since: Some(Duration::from_secs_f64(since.max(0.0))),
                    score: 0.999,
                });
            }
        }
        let known = self.known.as_mut()?;
        let drift = known.day - known.anchor;
        if drift > 1.6_f64.ln() && !known.drifted {
            known.drifted = true;
            return Some(Verdict {
                at: Duration::from_secs_f64(told.max(0.0)),
                severity: Severity::Info,
                kind: Kind::Drift,
                effect: Some(drift.exp_m1()),
                since: None,
                score: 0.999,
            });
        }
        if drift < 1.4_f64.ln() {
            known.drifted = false;
        }
        None
    }

    /// The relative change since a time, and how bad that is.
    fn level(&self, since: f64, now: f64) -> Option<(f64, Severity)> {
        let known = self.known.as_ref()?;
        let (calls, mean) = self.recent.mean_after(since);
        let (late_calls, late) = self.recent.mean_after(now - 3.0);
        let usual = known.shape.mean;
        let error = known.shape.spread * (known.inflation(calls) / calls.max(1.0)).sqrt();
        let mut change = mean - usual;
        let mut low = change - tune(9, 2.0) * error;
        if late_calls >= 10.0 {
            let late_error = known.shape.spread / late_calls.sqrt();
            low = low.min(late - usual + 0.5 * late_error);
        }
        change = change.max(0.0);
        Some((change.exp_m1(), severity(low)))
    }

    fn follow_standing(&mut self, evidence: &Evidence, ended: f64, told: f64) -> Option<Verdict> {
        let standing = self.standing.as_ref()?;
        let (kind, since, found, against) =
            (standing.kind, standing.since, standing.found, standing.against);
        if kind == Kind::Errors {
            return None;
        }
        let known = self.known.as_ref()?;
        let inflation = known.thresholds[against].inflation;
        let ratio = evidence.ratio[against] / inflation;
        let usual = known.shape.mean;
        let standing = self.standing.as_mut()?;
        standing.over = (standing.over - ratio).max(0.0);
        let over = standing.over > 7.0 && ended - found > 10.0;
        let severity = standing.severity;
        let accepted = severity == Severity::Info && ended - found > 3_600.0;
        if over || accepted {
            self.standing = None;
            let (_, mean) = self.recent.mean_after(ended - 60.0);
            let known = self.known.as_mut()?;
            known.any.reset(ended);
            known.white.reset(ended);
            known.null_expected = known.expected;
            known.slower_expected = [known.expected; SLOWER.len()];
            if accepted && kind == Kind::Location {
                known.location.shift(mean - usual);
            }
            return None;
        }
        if kind == Kind::Location && severity < Severity::Emergency {
            // Only as long as the packets that are remembered reach.
            let from = since.max(ended - 30.0);
            let (effect, found) = self.level(from, ended)?;
            let (calls, _) = self.recent.mean_after(from);
            if found > severity && calls >= 5.0 {
                let standing = self.standing.as_mut()?;
                standing.severity = found;
                standing.effect = effect;
                return Some(Verdict {
                    at: Duration::from_secs_f64(told.max(0.0)),
                    severity: found,
                    kind,
                    effect: Some(effect),
                    since: Some(Duration::from_secs_f64(since.max(0.0))),
                    score: 0.999,
                });
            }
        }
        None
    }
}

impl Known {
    fn inflation(&self, calls: f64) -> f64 {
        let known = self.ranks.variance(calls);
        known.map_or(2.0, |variance| variance / self.shape.rank_variance).max(1.0)
    }

    fn tail_inflation(&self, calls: f64) -> f64 {
        let share = self.shape.tail_share.clamp(0.01, 0.5);
        let known = self.tails.variance(calls);
        known.map_or(2.0, |variance| variance / (share * (1.0 - share))).max(1.0)
    }

    fn any_above(&self, share: f32) -> bool {
        (0..FIRST_FASTER)
            .any(|which| self.any.sum(which) > share * self.thresholds[which].threshold)
            || (0..SLOWER.len())
                .any(|which| self.white.sum(which) > share * self.white_thresholds[which].threshold)
    }
}

/// The mean of a function over counted calls, whose bins move down by `shift`.
fn mean_over(counts: &[u32; BINS], shift: i64) -> impl Fn(&dyn Fn(usize) -> f32) -> f64 {
    move |value| {
        let (mut sum, mut calls) = (0.0, 0.0);
        for (bin, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let bin = (bin as i64 - shift).clamp(0, BINS as i64 - 1) as usize;
            sum += f64::from(count) * f64::from(value(bin));
            calls += f64::from(count);
        }
        if calls > 0.0 { sum / calls } else { 0.0 }
    }
}

fn severity(log_change: f64) -> Severity {
    match log_change {
        change if change >= 10.0_f64.ln() - 0.05 => Severity::Emergency,
        change if change >= 5.0_f64.ln() - 0.045 => Severity::Critical,
        change if change >= 2.0_f64.ln() - 0.04 => Severity::Warning,
        _ => Severity::Info,
    }
}

const _: () = assert!(TAILS.len() == FIRST_FASTER - FIRST_TAIL && BINS.is_power_of_two());
