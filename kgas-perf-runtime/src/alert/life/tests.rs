//! One alert, evaluation by evaluation.
//!
//! - `missing`: when there is nothing to see, or nobody looks.

mod missing;

use super::*;
use crate::alert::rule::{NoData, RuleBuilder};
use crate::alert::state::Why;
use crate::alert::step::{Seen, see};
use crate::alert::{Found, Thresholds};
use crate::catalog::Quantity::Ratio;
use crate::detect::Kind;
use Severity::{Critical, Info, Warning};
use State::{Firing, Keeping, Lapsed, Pending, Resolved};

/// An alert that fires, for the tests of other files.
pub(crate) fn alert(subject: Subject) -> Alert {
    let rule = Rule::verdicts("rule", &[Kind::Location]).build().expect("a rule");
    let mut alert = Alert::unborn(1, &rule, &Evaluation::no_data(&rule, subject), at(0));
    alert.state = Firing;
    alert
}

fn at(secs: u64) -> Moment {
    Moment { lived: Duration::from_secs(secs), unix: Duration::from_secs(1_000_000 + secs) }
}

fn rule(build: impl FnOnce(RuleBuilder) -> RuleBuilder) -> Rule {
    let plain = Rule::verdicts("rule", &[Kind::Location]).keep_firing(Duration::ZERO);
    build(plain).build().expect("a rule")
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

const NONE: Found = Found::Severity(None);
const NO_DATA: Found = Found::NoData;

fn level(severity: Severity) -> Found {
    Found::Severity(Some(severity))
}

/// What an alert becomes, evaluation by evaluation; `None` while there is none.
fn lives<const N: usize>(rule: &Rule, found: [(u64, Found); N]) -> [Option<(State, Severity)>; N] {
    let mut alert: Option<Alert> = None;
    found.map(|(when, found)| {
        let evaluation = evaluation(rule, found);
        let last = alert.as_ref().and_then(|alert| alert.condition);
        let seen = see(rule, found, last).expect("what the rule looks at");
        match &mut alert {
            Some(alert) => {
                alert.step(rule, seen, evaluation, at(when));
                alert.give_up(rule, at(when));
            }
            None => alert = Alert::open(1, rule, seen, evaluation, at(when)).map(|(a, _)| a),
        }
        let now = alert.as_ref().map(|alert| (alert.state, alert.severity));
        alert.take_if(|alert| alert.state.is_over());
        now
    })
}

fn evaluation(rule: &Rule, found: Found) -> Evaluation {
    Evaluation { found, ..Evaluation::no_data(rule, Subject::component("store")) }
}

#[test]
fn a_condition_fires_after_its_hold_time() {
    let rule = rule(|rule| rule.hold_for(secs(60)));
    assert_eq!(
        lives(&rule, [(0, NONE), (10, level(Warning)), (69, level(Warning)), (70, level(Warning))]),
        [None, Some((Pending, Warning)), Some((Pending, Warning)), Some((Firing, Warning))]
    );
}

#[test]
fn a_condition_that_goes_before_its_hold_time_lapses_and_begins_anew() {
    let rule = rule(|rule| rule.hold_for(secs(60)));
    let found = [(0, level(Warning)), (59, NONE), (60, level(Warning)), (119, level(Warning))];
    assert_eq!(
        lives(&rule, found),
        [
            Some((Pending, Warning)),
            Some((Lapsed, Warning)),
            Some((Pending, Warning)),
            Some((Pending, Warning))
        ]
    );
}

#[test]
fn a_pending_alert_is_as_severe_as_its_condition() {
    let rule = rule(|rule| rule.hold_for(secs(60)));
    let found = [(0, level(Critical)), (30, level(Warning)), (60, level(Critical))];
    // It was at least a warning for 60 s, and critical for none.
    assert_eq!(
        lives(&rule, found),
        [Some((Pending, Critical)), Some((Pending, Warning)), Some((Firing, Warning))]
    );
}

#[test]
fn without_patience_it_fires_and_resolves_at_once() {
    assert_eq!(
        lives(&rule(|rule| rule), [(0, level(Info)), (1, level(Critical)), (2, NONE)]),
        [Some((Firing, Info)), Some((Firing, Critical)), Some((Resolved, Critical))]
    );
}

#[test]
fn what_is_kept_resolves_after_it_has_been_gone_long_enough() {
    let rule = rule(|rule| rule.keep_firing(secs(100)));
    let found = [(0, level(Warning)), (10, NONE), (109, NONE), (110, NONE)];
    assert_eq!(
        lives(&rule, found),
        [
            Some((Firing, Warning)),
            Some((Keeping, Warning)),
            Some((Keeping, Warning)),
            Some((Resolved, Warning))
        ]
    );
}

#[test]
fn a_number_keeps_its_severity_between_its_two_bounds() {
    let thresholds = Thresholds::above().step(Warning, Ratio(0.85), Ratio(0.75));
    let rule = Rule::number("cpu", "cpu", thresholds).keep_firing(Duration::ZERO).build().unwrap();
    let numbers = [0.8, 0.9, 0.8, 0.7, 0.8, f64::NAN].map(Ratio);
    let mut when = 0;
    let found = numbers.map(|number| {
        when += 1;
        (when, Found::Number(number))
    });
    assert_eq!(
        lives(&rule, found),
        [
            None,
            Some((Firing, Warning)),
            Some((Firing, Warning)),
            Some((Resolved, Warning)),
            None,
            None
        ]
    );
}

#[test]
fn a_rule_does_not_look_at_what_it_does_not_watch() {
    let thresholds = Thresholds::above().step(Warning, Ratio(0.85), Ratio(0.75));
    let number = Rule::number("cpu", "cpu", thresholds).build().unwrap();
    assert_eq!(see(&number, level(Warning), None), None);
    assert_eq!(see(&number, Found::Number(crate::catalog::Quantity::Count(1)), None), None);
    assert_eq!(see(&number, Found::Number(Ratio(f64::NAN)), None), Some(Seen::Missing));
    assert_eq!(see(&rule(|rule| rule), Found::Number(Ratio(1.0)), None), None);
}

#[test]
fn an_immature_baseline_makes_an_info_of_it() {
    let rule = rule(|rule| rule);
    let immature = |found| Evaluation { mature: false, ..evaluation(&rule, found) };
    let critical = Seen::Severity(Some(Critical));
    let opened = Alert::open(1, &rule, critical, immature(level(Critical)), at(0));
    let (mut alert, _) = opened.expect("an alert");
    assert_eq!((alert.state, alert.severity), (Firing, Info));
    assert_eq!(alert.but_immature, Some(Critical));
    assert!(!alert.is_told());
    alert.step(&rule, critical, evaluation(&rule, level(Critical)), at(1));
    assert_eq!((alert.severity, alert.but_immature), (Critical, None));
    assert!(alert.is_told());
}

#[test]
fn evidence_stays_that_of_the_condition_and_the_latest_value_goes_on() {
    let rule = rule(|rule| rule.keep_firing(secs(100)));
    let with = |found, value| {
        let mut evaluation = evaluation(&rule, found);
        evaluation.evidence.value = Some(Ratio(value));
        evaluation.began_ago = Some(secs(7));
        evaluation
    };
    let bad = Seen::Severity(Some(Warning));
    let opened = Alert::open(1, &rule, bad, with(level(Warning), 0.9), at(20));
    let (mut alert, _) = opened.expect("an alert");
    assert_eq!(alert.onset.map(|onset| onset.lived), Some(secs(13)));
    alert.step(&rule, Seen::Severity(None), with(NONE, 0.1), at(30));
    assert_eq!(alert.evidence.value, Some(Ratio(0.9)));
    assert_eq!(alert.latest, Some(Ratio(0.1)));
    assert_eq!(alert.lasted(at(33)), secs(20));
    // No data is no zero.
    alert.step(&rule, Seen::Missing, with(NO_DATA, 0.0), at(31));
    assert_eq!(alert.latest, None);
}

#[test]
fn its_history_keeps_the_latest_steps_and_counts_the_rest() {
    let rule = rule(|rule| rule);
    let mut alert = open(&rule, level(Info));
    let mut when = 0;
    for severity in [Warning, Critical, Warning, Info, Warning] {
        when += 1;
        let seen = Seen::Severity(Some(severity));
        let stepped = alert.step(&rule, seen, evaluation(&rule, level(severity)), at(when));
        alert.remember(stepped.transition.expect("a step"), 3);
    }
    let kept: Vec<_> = alert.history.iter().map(|step| (step.severity, step.why.clone())).collect();
    assert_eq!(kept, [(Warning, Why::Better), (Info, Why::Better), (Warning, Why::Worse)]);
    assert_eq!(alert.history_dropped, 2);
    assert_eq!(alert.peak, Critical);
}

fn open(rule: &Rule, found: Found) -> Alert {
    let seen = see(rule, found, None).expect("what the rule looks at");
    let (alert, _) = Alert::open(1, rule, seen, evaluation(rule, found), at(0)).expect("an alert");
    alert
}
