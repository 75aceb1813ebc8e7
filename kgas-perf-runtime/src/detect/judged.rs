//! `Judged`: one objective, its numbers so far, and whether they meet it.

mod intake;

use std::time::Duration;

use crate::catalog::{Objective, SizeClass};
use crate::detect::border::{Border, Side, borders};
use crate::detect::burn_rate::BurnRate;
use crate::detect::estimate::Estimate;
use crate::detect::latch::Latch;
use crate::detect::ruling::Ruling;
use crate::detect::source::{Form, Source, source, why_not};
use crate::detect::standing::{Standing, Unknown};
use crate::detect::stretch::Stretches;
use crate::detect::verdict::{Kind, Verdict};
use crate::measure::Severity;

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
    borders: Vec<Border>,
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
    /// The severity of the border that is passed.
    passed: Latch<Option<Severity>>,
    budget_level: Option<Severity>,
    since: Option<Duration>,
    pub(crate) standing: Standing,
    /// The stretch in which a border is passed.
    decided: Option<usize>,
}

impl Judged {
    pub(crate) fn new(objective: &Objective) -> Self {
        let (source, form) = source(objective.metric, objective.statistic);
        let borders = borders(objective);
        let bound =
            borders.iter().find(|border| border.severity == Severity::Warning).or(borders.first());
        let unit = bound.map_or(1.0, |border| border.value);
        let warning = borders.iter().find(|border| border.severity == Severity::Warning);
        let budget = warning.and_then(|border| match form {
            Form::Share => BurnRate::new(border.allowed_share()),
            Form::Quantile(_) => BurnRate::new(form.allowed(border)),
            _ => None,
        });
        Self {
            objective: objective.clone(),
            source,
            form,
            borders,
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
            decided: None,
        }
    }

    /// Judges what has been added. Answers whether it is worse than before.
    pub(crate) fn judge(&mut self) -> bool {
        let ruling = self.ruling();
        let level = |raised| {
            let passed = ruling.passed(raised, |border| self.may_be_broken(border));
            passed.map(|passed| self.borders[passed.border].severity)
        };
        let mut latch = self.passed;
        let level = latch.level(self.now, level);
        let passed = level.and_then(|_| ruling.passed(level, |border| self.may_be_broken(border)));
        let standing = match &passed {
            Some(passed) => {
                let border = self.borders[passed.border];
                // Whose growth it was is not known.
                let doubtful = self.source == Source::LargestGrowth && self.overlapped;
                let severity = if doubtful { Severity::Info } else { border.severity };
                let value = ruling.value(ruling.shown(Some(passed.stretch)), self.unit);
                Standing::Raised(Verdict {
                    at: self.now,
                    severity,
                    kind: Kind::Objective,
                    effect: value.filter(|_| border.bound != 0.0).map(|v| v / border.bound - 1.0),
                    since: Some(self.since.unwrap_or_else(|| ruling.since(passed))),
                    score: 1.0 - passed.chance,
                })
            }
            None => self.unknown(&ruling).map_or(Standing::Clear, Standing::Unknown),
        };
        self.passed = latch;
        self.since = standing.verdict().and_then(|verdict| verdict.since);
        self.decided = passed.map(|passed| passed.stretch);
        let before = std::mem::replace(&mut self.standing, standing);
        let budget = self.budget.as_ref().and_then(|budget| budget.standing().level());
        let budget_before = std::mem::replace(&mut self.budget_level, budget);
        self.standing.level() > before.level() || budget > budget_before
    }

    /// The number that is bounded, with its interval.
    pub(crate) fn estimate(&self) -> Option<Estimate> {
        let ruling = self.ruling();
        ruling.estimate(ruling.shown(self.decided), self.unit)
    }

    fn ruling(&self) -> Ruling<'_> {
        Ruling::new(self.form, &self.borders, &self.stretches, self.seen(), self.now)
    }

    /// Why nothing can be said where no border is passed.
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
            .borders
            .iter()
            .find(|border| border.side == Side::Below && border.severity == Severity::Warning)
            .filter(|_| matches!(self.source, Source::Calls | Source::InFlight));
        let reached = |border: &Border| match self.form {
            Form::Rate => ruling
                .value(ruling.shown(None), self.unit)
                .is_some_and(|value| !border.is_beyond(value)),
            _ => !border.is_beyond(ruling.highest()),
        };
        asked_for.filter(|border| !reached(border)).map(|_| Unknown::NotJudged(CAPACITY))
    }

    /// Whether numbers can show that a border is passed: low concurrency is a lack of demand.
    fn may_be_broken(&self, border: &Border) -> bool {
        !(self.source == Source::InFlight && border.side == Side::Below)
    }

    fn seen(&self) -> Duration {
        self.now.saturating_sub(self.started.unwrap_or(self.now))
    }
}
