//! `Alerts::evaluate`: one whole round, from evaluations to alerts to incidents.

use std::collections::BTreeSet;

use crate::alert::alerts::Alerts;
use crate::alert::evaluation::Evaluation;
use crate::alert::fingerprint::Fingerprint;
use crate::alert::life::Alert;
use crate::alert::mark;
use crate::alert::moment::{Moment, Now};
use crate::alert::next_step::next_step;
use crate::alert::state::{State, Transition, Why};
use crate::alert::step::{Seen, see};
use crate::measure::Severity;

impl Alerts {
    /// Takes all evaluations of one round, and answers what they changed.
    ///
    /// What a rule did not look at in this round was not evaluated: that makes an alert stale in
    /// the end. Which alerts speak for which, and what is news, is worked out when all are in.
    ///
    /// # Cost
    /// An evaluation that is clear and has no alert costs a hash and two look-ups. The rest grows
    /// with the alerts that are open, times silences and inhibitions (`benches/alerts.rs`).
    pub fn evaluate(&mut self, now: Now, round: Vec<Evaluation>) -> Vec<Transition> {
        let before = self.changes;
        let at = self.advance(now);
        let mut transitions = Vec::new();
        let mut evaluated = BTreeSet::new();
        for evaluation in round {
            self.saved.counts.evaluations += 1;
            self.take(evaluation, at, &mut evaluated, &mut transitions);
        }
        self.look_after(at, &evaluated, &mut transitions);
        self.settle(at);
        if transitions.is_empty() {
            self.changes = before;
        }
        transitions
    }

    /// Takes one evaluation, or counts why not.
    fn take(
        &mut self,
        evaluation: Evaluation,
        at: Moment,
        evaluated: &mut BTreeSet<Fingerprint>,
        transitions: &mut Vec<Transition>,
    ) {
        let refused = &mut self.saved.counts.refused;
        let Some(rule) = self.rules.get(&evaluation.rule) else {
            refused.unknown_rule += 1;
            return;
        };
        let fingerprint = Fingerprint::of(rule.id(), &evaluation.subject);
        let open = self.saved.open.get_mut(&fingerprint);
        let condition = open.as_ref().and_then(|alert| alert.condition);
        let Some(seen) = see(rule, evaluation.found, condition) else {
            refused.mismatched += 1;
            return;
        };
        if !evaluated.insert(fingerprint) {
            refused.duplicate += 1;
            return;
        }
        let Some(alert) = open else {
            self.open(fingerprint, seen, evaluation, at, transitions);
            return;
        };
        if alert.rule != evaluation.rule || alert.subject != evaluation.subject {
            refused.collision += 1;
            return;
        }
        let stepped = alert.step(rule, seen, evaluation, at);
        self.saved.counts.suppressed.flap += u64::from(stepped.flapped);
        if let Some(transition) = stepped.transition {
            self.follow(transition, transitions);
        }
    }

    /// Opens an alert if there is reason to, and room.
    fn open(
        &mut self,
        fingerprint: Fingerprint,
        seen: Seen,
        evaluation: Evaluation,
        at: Moment,
        transitions: &mut Vec<Transition>,
    ) {
        let id = self.saved.last_id + 1;
        let Some(rule) = self.rules.get(&evaluation.rule) else { return };
        let Some((alert, stepped)) = Alert::open(id, rule, seen, evaluation, at) else { return };
        if self.saved.open.len() >= self.settings.caps.open_alerts
            && !self.make_room(alert.severity, at, transitions)
        {
            self.saved.counts.refused.full += 1;
            return;
        }
        self.saved.last_id = id;
        self.saved.counts.opened += 1;
        self.saved.open.insert(fingerprint, alert);
        if let Some(transition) = stepped.transition {
            self.follow(transition, transitions);
        }
    }

    /// Ends the mildest alert that nobody was told of, if it is milder than `than`.
    fn make_room(&mut self, than: Severity, at: Moment, transitions: &mut Vec<Transition>) -> bool {
        let untold = |alert: &&mut Alert| !alert.is_told() && alert.severity < than;
        let candidates = self.saved.open.values_mut().filter(untold);
        let mildest = candidates.min_by_key(|a| (a.severity, a.state != State::Pending, a.id));
        let Some(transition) = mildest.and_then(|alert| alert.end(Why::MadeRoom, at)) else {
            return false;
        };
        self.saved.counts.dropped.made_room += 1;
        self.follow(transition, transitions);
        true
    }

    /// Looks after the alerts that nobody evaluated, and those that wait for data in vain.
    fn look_after(
        &mut self,
        at: Moment,
        evaluated: &BTreeSet<Fingerprint>,
        transitions: &mut Vec<Transition>,
    ) {
        let mut found = Vec::new();
        for (fingerprint, alert) in &mut self.saved.open {
            found.extend(match self.rules.get(&alert.rule) {
                None => alert.end(Why::RuleRemoved, at),
                Some(rule) if evaluated.contains(fingerprint) => alert.give_up(rule, at),
                Some(rule) => alert.pass_over(rule, at),
            });
        }
        for transition in found {
            self.follow(transition, transitions);
        }
    }

    /// Does what follows from a step: notes it, says what to do, buries what is over.
    pub(crate) fn follow(&mut self, transition: Transition, transitions: &mut Vec<Transition>) {
        let saved = &mut self.saved;
        let fingerprint = transition.fingerprint;
        let Some(alert) = saved.open.get_mut(&fingerprint) else { return };
        let fired_now = alert.fired == Some(transition.at);
        if fired_now && transition.to.counts_as_firing() {
            let onset = *alert.onset.get_or_insert(alert.opened);
            let window = self.settings.marks_window;
            alert.marks = mark::between(&saved.marks, onset, window, transition.at);
        }
        let of_rule = self.rules.get(&alert.rule).and_then(|rule| rule.next_step());
        alert.next_step = next_step(alert, of_rule);
        alert.remember(transition.clone(), self.settings.caps.history);
        if transition.to.is_over()
            && let Some(alert) = saved.open.remove(&fingerprint)
        {
            let counts = &mut saved.counts;
            match alert.state {
                State::Lapsed => counts.lapsed += 1,
                _ => counts.resolved += 1,
            }
            // One that a person ends, or that makes room, was not too short.
            if matches!(transition.why, Why::Cleared | Why::NoData | Why::NotEvaluated)
                && alert.state == State::Lapsed
            {
                counts.suppressed.hold += 1;
            }
            saved.closed.push_back(alert);
            while saved.closed.len() > self.settings.caps.closed_alerts {
                saved.closed.pop_front();
                saved.counts.dropped.closed_alerts += 1;
            }
        }
        transitions.push(transition);
    }
}
