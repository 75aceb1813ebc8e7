//! `Round`: the evaluations of one tick, on their way to the alerts.

use std::time::Duration;

use crate::alert::{Alerts, Evaluation, Evidence, Fingerprint, Found, Rule, Subject, Watch};
use crate::catalog::Quantity;
use crate::collector::finding::Finding;
use crate::detect::{Kind, Standing, Verdict};

/// The evaluations of one tick, and what it found. Only what is raised, or has an open alert, is
/// handed on: to evaluate what is clear and has no alert changes nothing.
#[derive(Debug)]
pub(super) struct Round<'a> {
    alerts: &'a Alerts,
    now: Duration,
    pub(super) evaluations: Vec<Evaluation>,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Round<'a> {
    /// `now` is the end of the tick, by the clock of the verdicts.
    pub(super) fn new(alerts: &'a Alerts, now: Duration) -> Self {
        Self { alerts, now, evaluations: Vec::new(), findings: Vec::new() }
    }

    /// Whether any alert is open.
    pub(super) fn any_open(&self) -> bool {
        !self.alerts.saved().open.is_empty()
    }

    /// Notes what was found in this tick.
    pub(super) fn found(&mut self, subject: &Subject, verdict: &Verdict, mature: bool) {
        let (subject, verdict) = (subject.clone(), verdict.clone());
        self.findings.push(Finding { subject, verdict, mature });
    }

    /// Evaluates every rule on one of these kinds by the verdicts that stand; `evidence` answers
    /// what else speaks for one.
    pub(super) fn judge(
        &mut self,
        subject: &Subject,
        kinds: &[Kind],
        verdicts: &[&Verdict],
        mature: bool,
        evidence: impl Fn(Kind) -> Evidence,
    ) {
        let alerts = self.alerts;
        for rule in alerts.rules().filter(|rule| watches(rule, kinds)) {
            let raised = verdicts.iter().any(|verdict| watches(rule, &[verdict.kind]));
            if !raised && !self.is_open(rule, subject) {
                continue;
            }
            let standing = verdicts.iter().copied();
            let mut evaluation =
                Evaluation::verdicts(rule, subject.clone(), standing, mature, self.now);
            if let Some(kind) = evaluation.evidence.kind {
                let Evidence { ratio, score, .. } = evaluation.evidence;
                evaluation.evidence = Evidence { kind: Some(kind), ratio, score, ..evidence(kind) };
            }
            self.evaluations.push(evaluation);
        }
    }

    /// Evaluates by how something stands: what is unknown is no data, and not clear.
    pub(super) fn stands(
        &mut self,
        subject: &Subject,
        kinds: &[Kind],
        standing: &Standing,
        evidence: impl Fn(Kind) -> Evidence,
    ) {
        let from = self.evaluations.len();
        let verdicts: Vec<&Verdict> = standing.verdict().into_iter().collect();
        self.judge(subject, kinds, &verdicts, true, evidence);
        if matches!(standing, Standing::Unknown(_)) {
            for evaluation in &mut self.evaluations[from..] {
                evaluation.found = Found::NoData;
            }
        }
    }

    /// Evaluates a rule on a number by that number, where it is bad or its alert is open; `None`
    /// is no data.
    pub(super) fn number(&mut self, rule: &str, subject: &Subject, value: Option<Quantity>) {
        let alerts = self.alerts;
        let Some(rule) = alerts.rules().find(|known| known.id() == rule) else { return };
        let Watch::Number { thresholds, .. } = rule.watch() else { return };
        let bad = value.is_some_and(|value| thresholds.severity(value, None).flatten().is_some());
        if bad || self.is_open(rule, subject) {
            self.evaluations.push(match value {
                Some(value) => Evaluation::number(rule, subject.clone(), value),
                None => Evaluation::no_data(rule, subject.clone()),
            });
        }
    }

    fn is_open(&self, rule: &Rule, subject: &Subject) -> bool {
        self.any_open()
            && self.alerts.saved().open.contains_key(&Fingerprint::of(rule.id(), subject))
    }
}

fn watches(rule: &Rule, kinds: &[Kind]) -> bool {
    match rule.watch() {
        Watch::Verdicts(watched) => kinds.iter().any(|kind| watched.contains(kind)),
        Watch::Number { .. } => false,
    }
}
