//! How an evaluation, or the lack of one, moves an alert from one state to the next.

use crate::alert::evaluation::{Evaluation, Found};
use crate::alert::life::Alert;
use crate::alert::moment::Moment;
use crate::alert::rule::{NoData, Rule, Watch};
use crate::alert::state::{State, Transition, Why};
use crate::measure::Severity;

/// What one evaluation did to an alert.
#[derive(Debug, Default)]
pub(crate) struct Stepped {
    pub(crate) transition: Option<Transition>,
    /// It came back while it was kept, so that no resolve and no new alert was told.
    pub(crate) flapped: bool,
}

/// What there is to see, by the rule's eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Severity(Option<Severity>),
    Missing,
}

/// What the rule sees in what was found, after `last` before; `None` if the rule does not look at
/// such things at all.
pub(crate) fn see(rule: &Rule, found: Found, last: Option<Severity>) -> Option<Seen> {
    match (rule.watch(), found) {
        (_, Found::NoData) => Some(Seen::Missing),
        (Watch::Verdicts(_), Found::Severity(condition)) => Some(Seen::Severity(condition)),
        (Watch::Number { thresholds, .. }, Found::Number(value)) => (thresholds.dimension()
            == Some(value.dimension()))
        .then(|| thresholds.severity(value, last).map_or(Seen::Missing, Seen::Severity)),
        _ => None,
    }
}

impl Alert {
    /// The alert that an evaluation opens; `None` if there is no reason to.
    pub(crate) fn open(
        id: u64,
        rule: &Rule,
        seen: Seen,
        evaluation: Evaluation,
        at: Moment,
    ) -> Option<(Self, Stepped)> {
        let opens = match seen {
            Seen::Severity(condition) => condition.is_some(),
            Seen::Missing => matches!(rule.no_data(), NoData::Alert(_)),
        };
        if !opens {
            return None;
        }
        let mut alert = Self::unborn(id, rule, &evaluation, at);
        let stepped = alert.advance(rule, seen, evaluation, at, None);
        Some((alert, stepped))
    }

    /// Takes an evaluation.
    pub(crate) fn step(
        &mut self,
        rule: &Rule,
        seen: Seen,
        evaluation: Evaluation,
        at: Moment,
    ) -> Stepped {
        // Nobody looked in between: what was before holds no longer, and is not gone either.
        if at.since(self.evaluated) > rule.stale_after() {
            self.hold.miss(None, at.lived);
        }
        self.advance(rule, seen, evaluation, at, Some(self.state))
    }

    /// What it is after an evaluation, from what it was before.
    fn advance(
        &mut self,
        rule: &Rule,
        seen: Seen,
        evaluation: Evaluation,
        at: Moment,
        before: Option<State>,
    ) -> Stepped {
        let mut stepped = Stepped::default();
        let fired = self.fired.is_some().then_some(self.severity);
        self.evaluated = at;
        let missing = seen == Seen::Missing && rule.no_data() != NoData::Resolve;
        match (seen, rule.no_data()) {
            (Seen::Missing, NoData::Keep) => self.hold.miss(None, at.lived),
            (Seen::Missing, NoData::Alert(floor)) => {
                self.mature = evaluation.mature;
                self.hold.miss(Some(floor), at.lived);
            }
            (Seen::Missing, NoData::Resolve) => {
                self.see_condition(rule, None, fired, at, &mut stepped)
            }
            (Seen::Severity(condition), _) => {
                let (condition, cut) = cut(condition, evaluation.mature);
                self.but_immature = cut;
                self.mature = evaluation.mature;
                self.see_condition(rule, condition, fired, at, &mut stepped);
            }
        }
        self.note(seen, missing, evaluation, at);
        let severity = self.hold.severity(at.lived, rule.hold_for(), fired);
        let (state, severity) = match severity {
            Some(severity) if missing => (State::NoData, severity),
            Some(severity) if self.hold.worst_there().is_some() => (State::Firing, severity),
            Some(severity) => (State::Keeping, severity),
            None if fired.is_some() => (State::Resolved, self.severity),
            None => match self.hold.worst_there() {
                Some(pending) => (State::Pending, pending),
                None => (State::Lapsed, self.severity),
            },
        };
        if !missing {
            self.hold.below = self.hold.worst_there() < Some(severity);
        }
        let why = match (before, state) {
            (None, State::Firing | State::Pending) => Why::Began,
            (_, State::NoData) => Why::NoData,
            (Some(State::Pending), State::Firing) => Why::Held,
            (_, State::Keeping | State::Resolved | State::Lapsed) if seen == Seen::Missing => {
                Why::NoData
            }
            (Some(State::Keeping), State::Firing) => Why::CameBack,
            (Some(State::NoData | State::Stale), State::Firing) => Why::DataReturned,
            (Some(State::Firing), State::Firing) | (Some(State::Keeping), State::Keeping) => {
                if severity > self.severity {
                    Why::Worse
                } else {
                    Why::Better
                }
            }
            _ => Why::Cleared,
        };
        stepped.transition = self.enter(state, severity, before, why, at);
        stepped
    }

    fn see_condition(
        &mut self,
        rule: &Rule,
        condition: Option<Severity>,
        fired: Option<Severity>,
        at: Moment,
        stepped: &mut Stepped,
    ) {
        self.hold.see(condition, at.lived);
        if fired.is_some() {
            let below = condition < fired;
            stepped.flapped = self.hold.turn(below, at.lived, rule.keep_firing(), rule.damping());
        }
    }

    /// Keeps what an evaluation says.
    fn note(&mut self, seen: Seen, missing: bool, evaluation: Evaluation, at: Moment) {
        self.latest = evaluation.evidence.value;
        if missing {
            self.missing_since.get_or_insert(at);
            self.latest = None;
        } else {
            self.missing_since = None;
        }
        if let Seen::Severity(condition) = seen {
            self.condition = condition;
            if condition.is_some() {
                self.evidence = evaluation.evidence.bounded();
                if let Some(ago) = evaluation.began_ago {
                    self.onset = Some(at.before(ago));
                }
            }
        }
    }

    /// Changes state and severity, and answers the step if it is one.
    fn enter(
        &mut self,
        state: State,
        severity: Severity,
        before: Option<State>,
        why: Why,
        at: Moment,
    ) -> Option<Transition> {
        let severity_before = before.map(|_| self.severity);
        // A pending alert's severity is nothing yet, so its changes are no steps.
        let same_severity = severity_before == Some(severity) || state == State::Pending;
        self.severity = severity;
        self.state = state;
        if state.counts_as_firing() {
            self.peak = self.peak.max(severity);
            self.fired.get_or_insert(at);
        }
        if before == Some(state) && same_severity {
            return None;
        }
        if state.is_over() {
            self.ended = Some(at);
            self.inhibited = None;
        }
        Some(Transition {
            fingerprint: self.fingerprint,
            alert: self.id,
            at,
            from: before,
            to: state,
            severity_before,
            severity,
            why,
        })
    }

    /// Nobody evaluated it in this round. Answers the step if that changes anything.
    pub(crate) fn pass_over(&mut self, rule: &Rule, at: Moment) -> Option<Transition> {
        let before = Some(self.state);
        if self.state != State::Stale {
            if at.since(self.evaluated) < rule.stale_after() {
                return None;
            }
            self.hold.miss(None, at.lived);
            if matches!(rule.no_data(), NoData::Alert(_)) {
                // What was missing until now was what the alert is about.
                self.missing_since = None;
            }
            self.missing_since.get_or_insert(at);
            let state = if self.fired.is_none() { State::Lapsed } else { State::Stale };
            return self.enter(state, self.severity, before, Why::NotEvaluated, at);
        }
        self.give_up(rule, at)
    }

    /// Resolves it if it has been without data, or stale, for as long as the rule waits.
    pub(crate) fn give_up(&mut self, rule: &Rule, at: Moment) -> Option<Transition> {
        let why = match (self.state, rule.no_data()) {
            // There, missing data is what the alert is about.
            (State::NoData, NoData::Alert(_)) => return None,
            (State::NoData, _) => Why::NoData,
            (State::Stale, _) => Why::NotEvaluated,
            _ => return None,
        };
        if at.since(self.missing_since?) < rule.give_up_after() {
            return None;
        }
        self.end(why, at)
    }

    /// Ends it, whatever its condition.
    pub(crate) fn end(&mut self, why: Why, at: Moment) -> Option<Transition> {
        let over = if self.fired.is_none() { State::Lapsed } else { State::Resolved };
        self.enter(over, self.severity, Some(self.state), why, at)
    }
}

/// A severity that an immature baseline may raise, and what it was cut from.
fn cut(condition: Option<Severity>, mature: bool) -> (Option<Severity>, Option<Severity>) {
    match condition {
        Some(severity) if !mature && severity > Severity::Info => {
            (Some(Severity::Info), Some(severity))
        }
        _ => (condition, None),
    }
}
