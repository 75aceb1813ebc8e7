//! What is dropped, refused and counted when there is too much.

use super::*;
use crate::alert::{Caps, Change, Matcher, Silence, State, Why};
use crate::catalog::Quantity;

fn small() -> World {
    let caps = Caps {
        open_alerts: 3,
        closed_alerts: 2,
        incidents: 3,
        closed_incidents: 2,
        members_over: 2,
        history: 2,
        marks: 2,
        silences: 2,
    };
    let settings = Settings { caps, ..settings() };
    World::new(vec![rule("slower").build().unwrap()], settings)
}

fn open(world: &World) -> Vec<&str> {
    let mut names: Vec<_> =
        world.alerts.saved().open.values().map(|alert| alert.subject.name()).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_flood_is_refused_and_counted_while_known_alerts_go_on() {
    let mut world = small();
    let flood = ["a", "b", "c", "d", "e"].map(|name| ("slower", name, WARNING));
    world.round(0, &flood);
    assert_eq!(open(&world), ["a", "b", "c"]);
    assert_eq!(world.alerts.saved().counts.refused.full, 2);
    world.round(1, &flood.map(|(rule, name, _)| (rule, name, EMERGENCY)));
    assert!(world.alerts.saved().open.values().all(|a| a.severity == Severity::Emergency));
    assert_eq!(world.alerts.saved().counts.refused.full, 4);
}

#[test]
fn an_emergency_takes_the_place_of_the_mildest_that_nobody_was_told_of() {
    let mut world = small();
    let mut found = vec![("slower", "a", INFO), ("slower", "b", WARNING), ("slower", "c", INFO)];
    world.round(0, &found);
    found.push(("slower", "d", EMERGENCY));
    world.go_to(1);
    let steps = world.evaluate(&found);
    assert_eq!(open(&world), ["b", "c", "d"]);
    assert_eq!(steps[0].why, Why::MadeRoom);
    assert_eq!(world.alerts.saved().counts.dropped.made_room, 1);
    // An info pushes nobody out.
    world.round(2, &[("slower", "e", INFO)]);
    assert_eq!(open(&world), ["b", "c", "d"]);
}

#[test]
fn ends_that_wait_to_be_told_are_bounded_and_the_lost_ones_counted() {
    let mut world = small();
    for (second, name) in ["a", "b", "c", "d", "e"].into_iter().enumerate() {
        world.go_to(second as u64);
        world.evaluate(&[("slower", name, EMERGENCY)]);
        // That it fires arrives, and after that nothing does.
        let due = world.alerts.due(world.now);
        let first = due.iter().find(|due| due.reason == Reason::First).expect("one that fires");
        assert!(world.alerts.record(first, world.now));
        world.evaluate(&[("slower", name, CLEAR)]);
    }
    let saved = world.alerts.saved();
    assert_eq!((saved.incidents.len(), saved.counts.dropped.untold_ends), (3, 2));
    // What is left is still told.
    let due = world.alerts.due(world.now);
    assert!(due.iter().all(|due| due.reason == Reason::AllResolved));
    assert_eq!(due.len(), 3);
}

#[test]
fn lists_of_what_is_over_keep_the_latest() {
    let mut world = small();
    for (at, name) in ["a", "b", "c", "d"].into_iter().enumerate() {
        let second = at as u64 * 1_000;
        world.until(second + 500, &[("slower", name, CRITICAL)]);
        world.until(second + 1_000, &[("slower", name, CLEAR)]);
    }
    let saved = world.alerts.saved();
    let names: Vec<_> = saved.closed.iter().map(|alert| alert.subject.name()).collect();
    assert_eq!(names, ["c", "d"]);
    assert_eq!(saved.closed_incidents.len(), 2);
    assert_eq!((saved.counts.dropped.closed_alerts, saved.counts.dropped.closed_incidents), (2, 2));
}

#[test]
fn marks_and_silences_are_bounded() {
    let mut world = small();
    for text in ["v1", "v2", "v3"] {
        world.alerts.mark(Change::Deploy, text, world.now);
    }
    assert_eq!(world.alerts.saved().marks.len(), 2);
    assert_eq!(world.alerts.saved().counts.dropped.marks, 1);

    let silence = |world: &World, lasts| {
        let (start, end) = (world.now.unix, world.now.unix + secs(lasts));
        Silence::new(Matcher::everything(), start, end, "ada", "x").unwrap()
    };
    for lasts in [10, 100] {
        world.alerts.silence(silence(&world, lasts), world.now).unwrap();
    }
    assert_eq!(
        world.alerts.silence(silence(&world, 50), world.now).unwrap_err().to_string(),
        "`silences` is 2 already; accepted: at most 2; end one that is no longer needed"
    );
    // One is over by then, and makes room.
    world.go_to(10);
    world.alerts.silence(silence(&world, 50), world.now).unwrap();
    assert_eq!(world.alerts.saved().counts.dropped.silences, 1);
}

#[test]
fn every_evaluation_is_taken_or_counted_with_its_reason() {
    let mut world = small();
    world.round(
        0,
        &[
            ("slower", "a", WARNING),
            ("slower", "a", CRITICAL),
            ("nobody", "a", WARNING),
            ("slower", "b", Found::Number(Quantity::Count(3))),
            ("slower", "b", CLEAR),
        ],
    );
    let counts = world.alerts.saved().counts;
    assert_eq!(counts.evaluations, 5);
    assert_eq!(
        (counts.refused.duplicate, counts.refused.unknown_rule, counts.refused.mismatched),
        (1, 1, 1)
    );
    assert_eq!(counts.refused.total(), 3);
    // The first of two is the one that counts.
    let alert = world.alerts.alert(fingerprint("slower", "a")).unwrap();
    assert_eq!((alert.state, alert.severity), (State::Firing, Severity::Warning));
}

#[test]
fn two_rules_of_one_id_are_refused() {
    let twice = [rule("slower").build().unwrap(), rule("slower").build().unwrap()];
    let now = Now::default();
    assert_eq!(
        Alerts::new(twice, settings(), now).unwrap_err().to_string(),
        "rule `slower`: `id` is there twice; accepted: one rule an id"
    );
}
