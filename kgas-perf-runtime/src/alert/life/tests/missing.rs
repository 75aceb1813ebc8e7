//! Missing data, and nobody who looks.

use super::*;
use crate::alert::state::Why;
use State::{NoData as Missing, Stale};

#[test]
fn missing_data_neither_resolves_nor_holds() {
    let rule = rule(|rule| rule.keep_firing(secs(100)).hold_for(secs(10)));
    let found = [
        (0, level(Warning)),
        (9, NO_DATA), // Not proven: it begins anew.
        (10, level(Warning)),
        (20, level(Warning)),
        (30, NONE),
        (120, NO_DATA),
        (200, NO_DATA),
        (300, NONE), // Gone since now.
        (399, NONE),
        (400, NONE),
    ];
    assert_eq!(
        lives(&rule, found).map(|life| life.map(|(state, _)| state)),
        [Pending, Lapsed, Pending, Firing, Keeping, Missing, Missing, Keeping, Keeping, Resolved]
            .map(Some)
    );
}

#[test]
fn missing_data_can_be_the_alert() {
    let rule = rule(|rule| rule.no_data(NoData::Alert(Critical)).hold_for(secs(60)));
    let found = [(0, NO_DATA), (60, NO_DATA), (100_000, NO_DATA), (100_001, NONE)];
    assert_eq!(
        lives(&rule, found),
        [
            Some((Pending, Critical)),
            Some((Missing, Critical)),
            Some((Missing, Critical)), // It never gives up: this is what it is about.
            Some((Resolved, Critical))
        ]
    );
}

#[test]
fn missing_data_never_makes_a_worse_alert_milder() {
    let rule = rule(|rule| rule.no_data(NoData::Alert(Warning)));
    assert_eq!(
        lives(&rule, [(0, level(Critical)), (10, NO_DATA), (20, level(Warning))]),
        [Some((Firing, Critical)), Some((Missing, Critical)), Some((Firing, Warning))]
    );
}

#[test]
fn missing_data_can_be_as_good_as_clear() {
    let rule = rule(|rule| rule.no_data(NoData::Resolve).keep_firing(secs(10)));
    assert_eq!(
        lives(&rule, [(0, level(Warning)), (5, NO_DATA), (15, NO_DATA)]),
        [Some((Firing, Warning)), Some((Keeping, Warning)), Some((Resolved, Warning))]
    );
}

#[test]
fn without_data_for_too_long_it_gives_up() {
    let rule = rule(|rule| rule.give_up_after(secs(600)));
    assert_eq!(
        lives(&rule, [(0, level(Warning)), (10, NO_DATA), (609, NO_DATA), (610, NO_DATA)]),
        [
            Some((Firing, Warning)),
            Some((Missing, Warning)),
            Some((Missing, Warning)),
            Some((Resolved, Warning))
        ]
    );
}

#[test]
fn nobody_looking_makes_it_stale_and_in_the_end_resolved() {
    let rule = rule(|rule| rule.stale_after(secs(60)).give_up_after(secs(600)));
    let mut alert = open(&rule, level(Warning));
    let steps: Vec<_> = [59, 60, 61, 659, 660]
        .into_iter()
        .map(|when| alert.pass_over(&rule, at(when)).map(|step| (step.to, step.why)))
        .collect();
    assert_eq!(
        steps,
        [None, Some((Stale, Why::NotEvaluated)), None, None, Some((Resolved, Why::NotEvaluated))]
    );
}

#[test]
fn a_pending_alert_that_nobody_looks_at_lapses() {
    let rule = rule(|rule| rule.stale_after(secs(60)).hold_for(secs(600)));
    let mut alert = open(&rule, level(Warning));
    assert_eq!(alert.pass_over(&rule, at(60)).map(|step| step.to), Some(Lapsed));
}

#[test]
fn a_gap_proves_neither_that_it_held_nor_that_it_was_gone() {
    let held = rule(|rule| rule.stale_after(secs(60)).hold_for(secs(100)));
    let mut pending = open(&held, level(Warning));
    let step = |alert: &mut Alert, rule: &Rule, when, found| {
        let Found::Severity(level) = found else { panic!("a level") };
        alert.step(rule, Seen::Severity(level), evaluation(rule, found), at(when));
        alert.state
    };
    assert_eq!(step(&mut pending, &held, 60, level(Warning)), Pending);
    // 61 s without a look: the hold begins anew.
    assert_eq!(step(&mut pending, &held, 121, level(Warning)), Pending);
    assert_eq!(step(&mut pending, &held, 180, level(Warning)), Pending);
    assert_eq!(step(&mut pending, &held, 221, level(Warning)), Firing);

    let kept = rule(|rule| rule.stale_after(secs(60)).keep_firing(secs(100)));
    let mut firing = open(&kept, level(Warning));
    assert_eq!(step(&mut firing, &kept, 10, NONE), Keeping);
    assert_eq!(step(&mut firing, &kept, 200, NONE), Keeping);
    assert_eq!(step(&mut firing, &kept, 250, NONE), Keeping);
    assert_eq!(step(&mut firing, &kept, 300, NONE), Resolved);
}
