//! The alerts beside the truth about them.

use std::collections::BTreeMap;

use super::step::Condition;
use super::truth::Life;
use super::{ERRORS_OF_STORE, PAIRS, RULES, rules, settings};
use crate::alert::tests::{evaluation, fingerprint, secs};
use crate::alert::{Alerts, Fingerprint, Found, Now, State, Transition};
use crate::measure::Severity;

/// A silence: of which rule, up to which severity, from when to when by the wall clock.
pub(super) struct Quiet {
    pub(super) id: u64,
    pub(super) rule: Option<usize>,
    pub(super) at_most: Option<Severity>,
    pub(super) start: u64,
    pub(super) end: u64,
}

/// The alerts, the truth about them, and somebody who reads what they tell.
pub(super) struct Case {
    pub(super) alerts: Alerts,
    pub(super) now: Now,
    /// Seconds lived, by the model's own count.
    pub(super) lived: u64,
    pub(super) lives: Vec<Life>,
    pub(super) conditions: Vec<Condition>,
    pub(super) silences: Vec<Quiet>,
    pub(super) acknowledged: BTreeMap<u64, Severity>,
    /// Since when each alert may be told, and how severe it has been since then.
    pub(super) tellable: Vec<Option<(u64, Severity)>>,
    /// When a message was last recorded later than it was due.
    pub(super) slow_record: u64,
    pub(super) states: BTreeMap<Fingerprint, State>,
    pub(super) evaluations: u64,
    pub(super) recorded: u64,
}

impl Case {
    pub(super) fn new() -> Self {
        let now = Now { monotonic: secs(10), unix: secs(1_000_000) };
        let patience = |(rule, _): &(&str, &str)| {
            RULES.iter().find(|(id, _)| id == rule).expect("a rule of the model").1
        };
        Self {
            alerts: Alerts::new(rules(), settings(), now).expect("good settings"),
            now,
            lived: 0,
            lives: PAIRS.iter().map(patience).map(Life::new).collect(),
            conditions: vec![Condition::Level(None, true); PAIRS.len()],
            silences: Vec::new(),
            acknowledged: BTreeMap::new(),
            tellable: vec![None; PAIRS.len()],
            slow_record: 0,
            states: BTreeMap::new(),
            evaluations: 0,
            recorded: 0,
        }
    }

    pub(super) fn wall(&self) -> u64 {
        self.now.unix.as_secs()
    }

    pub(super) fn is_silenced(&self, pair: usize, severity: Severity) -> bool {
        self.silences.iter().any(|quiet| {
            (quiet.start..quiet.end).contains(&self.wall())
                && quiet.rule.is_none_or(|rule| RULES[rule].0 == PAIRS[pair].0)
                && quiet.at_most.is_none_or(|most| severity <= most)
        })
    }

    /// How severe an alert is that fires and is no info, by an established baseline.
    pub(super) fn loud(&self, pair: usize) -> Option<Severity> {
        let life = &self.lives[pair];
        life.severity().filter(|severity| *severity > Severity::Info && life.mature)
    }

    pub(super) fn is_inhibited(&self, pair: usize) -> bool {
        let Some(severity) = self.loud(pair) else { return false };
        let component = PAIRS[pair].1;
        let is_worse = |other: usize| {
            PAIRS[other].1 == component && self.loud(other).is_some_and(|s| s > severity)
        };
        let by_errors = component == "pager"
            && severity <= Severity::Critical
            && self.loud(ERRORS_OF_STORE).is_some();
        by_errors || (0..PAIRS.len()).any(is_worse)
    }

    pub(super) fn may_be_told(&self, pair: usize) -> bool {
        let silenced = |severity| self.is_silenced(pair, severity);
        self.loud(pair).is_some_and(|s| !silenced(s)) && !self.is_inhibited(pair)
    }

    pub(super) fn note_tellable(&mut self) {
        for pair in 0..PAIRS.len() {
            let now = self.loud(pair).filter(|_| self.may_be_told(pair));
            self.tellable[pair] = match (now, self.tellable[pair]) {
                (Some(severity), Some((since, before))) if before == severity => {
                    Some((since, severity))
                }
                (now, _) => now.map(|severity| (self.lived, severity)),
            };
        }
    }

    pub(super) fn round(&mut self, after: u64) {
        self.now.monotonic += secs(after);
        self.now.unix += secs(after);
        self.lived += after;
        let mut round = Vec::new();
        for (pair, condition) in self.conditions.iter().enumerate() {
            let (rule, component) = PAIRS[pair];
            let (found, mature) = match *condition {
                Condition::Absent => continue,
                Condition::NoData => (Found::NoData, true),
                Condition::Level(level, mature) => (Found::Severity(level), mature),
            };
            let mut evaluation = evaluation(rule, component, found);
            evaluation.mature = mature;
            round.push(evaluation);
        }
        self.evaluations += round.len() as u64;
        let transitions = self.alerts.evaluate(self.now, round);
        self.follow(transitions);
        for (life, condition) in self.lives.iter_mut().zip(&self.conditions) {
            life.round(*condition, self.lived);
        }
        self.compare();
    }

    /// Every step follows an arrow of the drawing, from where the last one led.
    pub(super) fn follow(&mut self, transitions: Vec<Transition>) {
        use State::{Firing, Keeping, Lapsed, NoData, Pending, Resolved, Stale};
        for step in transitions {
            assert_eq!(step.from, self.states.get(&step.fingerprint).copied());
            let arrows: &[State] = match step.from {
                None => &[Pending, Firing, NoData],
                Some(Pending) => &[Firing, NoData, Lapsed],
                Some(Firing | Keeping | NoData) => &[Firing, Keeping, NoData, Stale, Resolved],
                Some(Stale) => &[Firing, Keeping, NoData, Resolved],
                Some(Resolved | Lapsed) => &[],
            };
            assert!(arrows.contains(&step.to), "{step:?}");
            let changes = step.from != Some(step.to) || step.severity_before != Some(step.severity);
            assert!(changes, "{step:?}");
            if step.to.is_over() {
                self.states.remove(&step.fingerprint);
            } else {
                self.states.insert(step.fingerprint, step.to);
            }
        }
    }

    /// The alerts are what they ought to be, and everything adds up.
    pub(super) fn compare(&mut self) {
        let saved = self.alerts.saved();
        for (pair, life) in self.lives.iter().enumerate() {
            let (rule, component) = PAIRS[pair];
            let alert = saved.open.get(&fingerprint(rule, component));
            let fires = alert.filter(|alert| alert.state.counts_as_firing());
            assert_eq!(fires.map(|alert| alert.severity), life.severity(), "{rule} {component}");
            let pends = alert.is_some_and(|alert| alert.state == State::Pending);
            assert_eq!(pends, life.is_pending(), "{rule} {component}");
            let inhibited = alert.is_some_and(|alert| alert.inhibited.is_some());
            assert_eq!(inhibited, self.is_inhibited(pair), "{rule} {component}");
        }
        let counts = &saved.counts;
        assert_eq!(counts.opened, counts.lapsed + counts.resolved + saved.open.len() as u64);
        let incidents = saved.incidents.len() as u64;
        assert_eq!(counts.incidents_opened, counts.incidents_closed + incidents);
        assert_eq!(counts.evaluations, self.evaluations);
        assert_eq!(counts.told.iter().sum::<u64>(), self.recorded);
        assert_eq!(counts.refused.total() + counts.dropped.untold_ends, 0);
        self.note_tellable();
    }
}
