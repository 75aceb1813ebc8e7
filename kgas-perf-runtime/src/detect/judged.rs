//! `Judged`: one objective, its numbers so far, and whether they meet it.

use std::time::Duration;

use crate::catalog::{Objective, SizeClass};
use crate::detect::burn_rate::BurnRate;
use crate::detect::estimate::Estimate;
use crate::detect::evidence::Evidence;
use crate::detect::latch::Latch;
use crate::detect::mark::{Mark, Side, is_share, marks};
use crate::detect::ruling::Ruling;
use crate::detect::source::{Form, Source, source, why_not};
use crate::detect::standing::{Standing, Unknown};
use crate::detect::stretch::Stretches;
use crate::detect::verdict::{Kind, Verdict};
use crate::histogram::Distribution;
use crate::measure::{Outcome, Severity};
use crate::registry::Window;

/// Nothing is said of fewer calls or readings in a day.
pub(crate) const FEWEST: u64 = 10;

/// Why a lower bound on throughput or concurrency is not judged most of the time.
const CAPACITY: &str = "a lower bound says what must be possible, and no more was asked for";

/// One objective. It holds 20 KiB when it is a quantile and calls have come for a day.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) objective: Objective,
    source: Source,
    form: Form,
    marks: Vec<Mark>,
    /// A value of 1 on the scale of the bins: the bound.
    unit: f64,
    stretches: Stretches,
    pub(crate) budget: Option<BurnRate>,
    started: Option<Duration>,
    now: Duration,
    /// Somebody told numbers that no window holds.
    told: bool,
    /// The largest growth of memory so far, by size class.
    largest: Vec<(SizeClass, i64)>,
    /// Another call ran during the one whose growth was largest.
    overlapped: bool,
    /// The severity of the mark that is passed.
    passed: Latch<Option<Severity>>,
    budget_level: Option<Severity>,
    since: Option<Duration>,
    pub(crate) standing: Standing,
    pub(crate) estimate: Option<Estimate>,
}

impl Judged {
    pub(crate) fn new(objective: &Objective) -> Self {
        let (source, form) = source(objective.metric, objective.statistic);
        let marks = marks(objective);
        let bound = marks.iter().find(|mark| mark.severity == Severity::Warning).or(marks.first());
        let unit = bound.map_or(1.0, |mark| mark.value);
        let warning = marks.iter().find(|mark| mark.severity == Severity::Warning);
        let budget = warning.and_then(|mark| match form {
            Form::Share => BurnRate::new(mark.allowed_share()),
            Form::Quantile(_) => BurnRate::new(form.allowed(mark)),
            _ => None,
        });
        Self {
            objective: objective.clone(),
            source,
            form,
            marks,
            unit: if unit > 0.0 { unit } else { 1.0 },
            stretches: Stretches::new(),
            budget,
            started: None,
            now: Duration::ZERO,
            told: false,
            largest: Vec::new(),
            overlapped: false,
            passed: Latch::default(),
            budget_level: None,
            since: None,
            standing: Standing::Unknown(Unknown::TooFew { found: 0, needed: FEWEST }),
            estimate: None,
        }
    }

    /// Adds what the windows of a tick hold. The windows are those of the operation; there is
    /// none where nothing happened.
    pub(crate) fn observe(&mut self, start: Duration, end: Duration, windows: &[&Window]) {
        let mut evidence = Evidence::default();
        let class = self.objective.size_class;
        let meant = windows
            .iter()
            .filter(|window| class.is_none_or(|class| class == window.series.size_class));
        let mut in_flight = 0;
        for window in meant {
            in_flight += window.series.in_flight.calls;
            self.take(window, &mut evidence);
        }
        match self.source {
            Source::InFlight => {
                evidence.note(in_flight as f64, 1, &self.marks, self.unit);
            }
            Source::Calls => {
                // How many wait shows whether more was asked for than was done.
                evidence.sum = 1.0;
                (evidence.low, evidence.high) = (in_flight as f64, in_flight as f64);
            }
            _ => {}
        }
        self.add(start, end, &evidence);
    }

    /// Adds numbers that no window holds: a share, or values. Answers `false` where windows hold
    /// them, and where they are the other of the two.
    pub(crate) fn tell(
        &mut self,
        at: Duration,
        share: bool,
        add: impl FnOnce(&mut Evidence, &[Mark], f64),
    ) -> bool {
        let by_windows = match self.source {
            Source::Told => false,
            // Who reads memory knows more of it than windows do.
            Source::MemoryGrowth | Source::LargestGrowth => false,
            _ => true,
        };
        if by_windows || share != is_share(self.objective.metric) {
            return false;
        }
        if !self.told {
            (self.told, self.source) = (true, Source::Told);
            if self.form == Form::MeanOfSums {
                self.form = Form::Mean;
            }
            self.stretches = Stretches::new();
        }
        let mut evidence = Evidence::default();
        add(&mut evidence, &self.marks, self.unit);
        self.add(at, at, &evidence);
        true
    }

    fn take(&mut self, window: &Window, evidence: &mut Evidence) {
        let series = &window.series;
        match self.source {
            Source::OkDurations => self.note_durations(series.outcome(Outcome::Ok), evidence),
            Source::AllDurations => {
                for outcome in Outcome::ALL {
                    self.note_durations(series.outcome(outcome), evidence);
                }
            }
            Source::Errors => {
                let count = |outcome| series.outcome(outcome).count();
                let bad = count(Outcome::Error) + count(Outcome::Panicked);
                evidence.note_share(bad, count(Outcome::Ok) + bad, &self.marks);
            }
            Source::Calls => {
                let calls = u32::try_from(series.calls()).unwrap_or(u32::MAX / 8);
                evidence.count = evidence.count.saturating_add(calls).min(u32::MAX / 8);
                // Bursts are told by what lies beyond a mark.
                evidence.beyond[0] = evidence.count;
            }
            Source::MemoryGrowth => {
                if let Some(memory) = &series.memory {
                    evidence.count += u32::try_from(memory.read).unwrap_or(u32::MAX / 8);
                    evidence.sum += memory.sum_bytes as f64;
                }
            }
            Source::LargestGrowth => {
                let Some(memory) = &series.memory else { return };
                // A window's extremes are those of all calls so far: only what is larger than
                // before has happened in it.
                let class = series.size_class;
                let known = self.largest.iter().position(|(known, _)| *known == class);
                let at = known.unwrap_or_else(|| {
                    self.largest.push((class, i64::MIN));
                    self.largest.len() - 1
                });
                if memory.max_bytes > self.largest[at].1 {
                    self.largest[at].1 = memory.max_bytes;
                    self.overlapped = memory.overlapped > 0;
                    evidence.note(memory.max_bytes as f64, 1, &self.marks, self.unit);
                }
            }
            Source::InFlight | Source::Told => {}
        }
    }

    /// Notes durations by the ends of their buckets that are nearer to the objective, so that a
    /// call is beyond a mark only if all of its bucket is.
    fn note_durations(&self, durations: &Distribution, evidence: &mut Evidence) {
        let from_below = self.marks.iter().all(|mark| mark.side == Side::Below);
        for bucket in durations.buckets() {
            let nearer = if from_below { bucket.high_ns } else { bucket.low_ns };
            evidence.note(nearer, bucket.count, &self.marks, self.unit);
        }
    }

    fn add(&mut self, start: Duration, end: Duration, evidence: &Evidence) {
        self.started.get_or_insert(start);
        self.now = self.now.max(end);
        self.stretches.add(self.now, evidence);
        let warning = self.marks.iter().position(|mark| mark.severity == Severity::Warning);
        if let (Some(budget), Some(mark)) = (&mut self.budget, warning) {
            let beyond = u64::from(evidence.beyond[mark]);
            budget.observe(start, end, u64::from(evidence.count), beyond);
        }
    }

    /// Judges what has been added. Answers whether it is worse than before.
    pub(crate) fn judge(&mut self) -> bool {
        let ruling = Ruling::new(self.form, &self.marks, &self.stretches, self.seen(), self.now);
        let level = |raised| {
            let passed = ruling.passed(raised, |mark| self.may_be_broken(mark));
            passed.map(|passed| self.marks[passed.mark].severity)
        };
        let mut latch = self.passed;
        let level = latch.level(self.now, level);
        let passed = level.and_then(|_| ruling.passed(level, |mark| self.may_be_broken(mark)));
        self.estimate = ruling.estimate(passed.as_ref().map(|passed| passed.stretch), self.unit);
        let before = self.standing.level();
        let budget_before = self.budget_level;
        self.standing = match passed {
            Some(passed) => {
                let mark = self.marks[passed.mark];
                if self.since.is_none() {
                    self.since = Some(ruling.since(&passed));
                }
                // Whose growth it was is not known.
                let doubtful = self.source == Source::LargestGrowth && self.overlapped;
                let severity = if doubtful { Severity::Info } else { mark.severity };
                let value = self.estimate.as_ref().map(|estimate| estimate.value);
                Standing::Raised(Verdict {
                    at: self.now,
                    severity,
                    kind: Kind::Objective,
                    effect: value.filter(|_| mark.bound != 0.0).map(|v| v / mark.bound - 1.0),
                    since: self.since,
                    score: 1.0 - passed.chance,
                })
            }
            None => {
                self.since = None;
                self.unknown(&ruling).map_or(Standing::Clear, Standing::Unknown)
            }
        };
        self.passed = latch;
        self.budget_level = self.budget.as_ref().and_then(|budget| budget.standing().level());
        self.standing.level() > before || self.budget_level > budget_before
    }

    /// Why nothing can be said where no mark is passed.
    fn unknown(&self, ruling: &Ruling<'_>) -> Option<Unknown> {
        if self.source == Source::Told && !self.told {
            return Some(Unknown::NotJudged(why_not(self.objective.metric)));
        }
        let needed = match self.form {
            Form::Largest => 1,
            Form::Rate => 0,
            _ => FEWEST,
        };
        let found = ruling.calls();
        if found < needed {
            return Some(Unknown::TooFew { found, needed });
        }
        let asked_for = self
            .marks
            .iter()
            .find(|mark| mark.side == Side::Below && mark.severity == Severity::Warning)
            .filter(|_| matches!(self.source, Source::Calls | Source::InFlight));
        let reached = |mark: &Mark| match self.form {
            Form::Rate => self.estimate.is_some_and(|estimate| !mark.is_beyond(estimate.value)),
            _ => !mark.is_beyond(ruling.highest()),
        };
        asked_for.filter(|mark| !reached(mark)).map(|_| Unknown::NotJudged(CAPACITY))
    }

    /// Whether numbers can show that a mark is passed: low concurrency is a lack of demand.
    fn may_be_broken(&self, mark: &Mark) -> bool {
        !(self.source == Source::InFlight && mark.side == Side::Below)
    }

    fn seen(&self) -> Duration {
        self.now.saturating_sub(self.started.unwrap_or(self.now))
    }
}
