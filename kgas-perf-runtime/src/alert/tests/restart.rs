//! Another process goes on where one left off.

use super::*;
use crate::alert::State;
use Reason::{AllResolved, First, Repeat};

#[test]
fn what_was_told_is_not_told_again() {
    let mut world = World::of(rule("slower"));
    world.until(100, &[("slower", "store", CRITICAL)]);
    for _ in 0..5 {
        world.restart(secs(20));
        world.until(world.clock + 20, &[("slower", "store", CRITICAL)]);
    }
    assert_eq!(world.timeline(), [(15, First)]);
}

#[test]
fn a_repeat_comes_when_it_would_have_come() {
    let mut world = World::of(rule("slower"));
    world.until(100, &[("slower", "store", CRITICAL)]);
    world.restart(secs(500));
    world.until(1_100, &[("slower", "store", CRITICAL)]);
    assert_eq!(world.timeline(), [(15, First), (1_015, Repeat)]);
}

#[test]
fn a_resolve_that_was_not_told_yet_is_told() {
    let mut world = World::of(rule("slower"));
    world.until(100, &[("slower", "store", CRITICAL)]);
    // It is over, and its window is not.
    world.round(105, &[("slower", "store", CLEAR)]);
    world.restart(secs(60));
    world.round(166, &[]);
    assert_eq!(world.timeline(), [(15, First), (166, AllResolved)]);
}

#[test]
fn what_resolves_while_no_process_runs_is_told() {
    let mut world = World::of(rule("slower"));
    world.until(100, &[("slower", "store", CRITICAL)]);
    world.restart(secs(60));
    world.until(300, &[("slower", "store", CLEAR)]);
    assert_eq!(world.timeline(), [(15, First), (175, AllResolved)]);
}

#[test]
fn a_message_that_was_sent_and_not_recorded_is_sent_again_under_the_same_key() {
    let mut world = World::of(rule("slower"));
    world.go_to(0);
    world.evaluate(&[("slower", "store", EMERGENCY)]);
    let sent = world.alerts.due(world.now);
    world.restart(secs(3));
    let again = world.alerts.due(world.now);
    assert_eq!(again[0].dedup_key, sent[0].dedup_key);
    assert_eq!(again[0].reason, sent[0].reason);
}

#[test]
fn the_end_of_what_may_have_been_told_is_told() {
    let mut world = World::of(rule("slower"));
    world.go_to(0);
    world.evaluate(&[("slower", "store", EMERGENCY)]);
    let sent = world.alerts.due(world.now);
    assert!(world.alerts.begin_sending(&sent[0], world.now));
    // It arrives, and the process dies before it can record that. Then everything is over.
    world.restart(secs(3));
    let due = world.round(4, &[("slower", "store", CLEAR)]);
    assert_eq!((due[0].reason, &due[0].dedup_key), (AllResolved, &sent[0].dedup_key));
    assert!(world.alerts.saved().incidents.is_empty());
}

#[test]
fn the_end_of_what_was_certainly_not_told_is_not_told() {
    let mut world = World::of(rule("slower"));
    world.go_to(0);
    world.evaluate(&[("slower", "store", EMERGENCY)]);
    let refused = world.alerts.due(world.now);
    world.alerts.begin_sending(&refused[0], world.now);
    world.alerts.withdraw(&refused[0], world.now);
    world.restart(secs(3));
    assert_eq!(world.round(4, &[("slower", "store", CLEAR)]), []);
    assert!(world.alerts.saved().incidents.is_empty());
}

#[test]
fn silences_and_acknowledgements_survive() {
    let mut world = World::of(rule("slower"));
    world.until(50, &[("slower", "store", CRITICAL)]);
    let id = world.told[0].1;
    world.alerts.acknowledge(id, "ada", world.now).unwrap();
    world.restart(secs(10));
    world.until(3_000, &[("slower", "store", CRITICAL)]);
    assert_eq!(world.timeline(), [(15, First)]);
    assert_eq!(world.alerts.incident(id).unwrap().acknowledged.as_ref().unwrap().who, "ada");
}

#[test]
fn time_without_a_process_does_not_hold_and_does_not_clear() {
    let mut world =
        World::of(rule("slower").hold_for(secs(60)).keep_firing(secs(60)).stale_after(secs(30)));
    world.round(0, &[("slower", "store", CRITICAL)]);
    world.restart(secs(600));
    world.round(601, &[("slower", "store", CRITICAL)]);
    let state = |world: &World| world.alerts.alert(fingerprint("slower", "store")).unwrap().state;
    assert_eq!(state(&world), State::Pending);
    world.until(661, &[("slower", "store", CRITICAL)]);
    assert_eq!(state(&world), State::Firing);
    world.round(665, &[("slower", "store", CLEAR)]);
    world.restart(secs(600));
    world.round(1_270, &[("slower", "store", CLEAR)]);
    assert_eq!(state(&world), State::Keeping);
}

#[test]
fn the_wall_clock_set_back_between_processes_loses_nothing() {
    let mut world = World::of(rule("slower"));
    world.until(100, &[("slower", "store", CRITICAL)]);
    world.now.unix = secs(5);
    world.restart(Duration::ZERO);
    world.until(200, &[("slower", "store", CLEAR)]);
    assert_eq!(world.timeline(), [(15, First), (115, AllResolved)]);
}

#[test]
fn numbers_are_never_given_twice() {
    let mut world = World::of(rule("slower"));
    world.until(50, &[("slower", "store", CRITICAL)]);
    let before = world.alerts.saved().last_id;
    world.restart(secs(1));
    world.until(100, &[("slower", "store", CRITICAL), ("slower", "pager", CRITICAL)]);
    let alert = world.alerts.alert(fingerprint("slower", "pager")).unwrap();
    assert!(alert.id > before);
    assert_eq!(world.alerts.alert_by_id(alert.id), Some(alert));
}
