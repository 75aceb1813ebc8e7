//! Who is told what, and when.

use super::*;
use crate::alert::{Change, State, Why};
use Reason::{AllResolved, DeEscalated, Escalated, First, New, PartlyResolved, Repeat};

#[test]
fn an_emergency_is_told_at_once_and_a_warning_after_its_window() {
    let mut world = World::of(rule("slower"));
    world.until(150, &[("slower", "store", WARNING), ("slower", "pager", EMERGENCY)]);
    assert_eq!(world.timeline(), [(5, First), (105, First)]);
    assert_ne!(world.told[0].1, world.told[1].1);
}

#[test]
fn twenty_minutes_are_twenty_minutes() {
    let mut settings = settings();
    settings.tiers.warning = Tier { window: secs(15 * 60), repeat: Some(secs(20 * 60)) };
    let mut world = World::new(vec![rule("slower").build().unwrap()], settings);
    world.until(5_000, &[("slower", "store", WARNING)]);
    // Not the next multiple of the window, 30 minutes.
    assert_eq!(world.timeline(), [(905, First), (2_105, Repeat), (3_305, Repeat), (4_505, Repeat)]);
}

#[test]
fn what_breaks_together_is_told_together() {
    let by_rule = |id: &str| rule(id).build().unwrap();
    let mut world = World::new(vec![by_rule("slower"), by_rule("errors")], settings());
    world.round(0, &[("slower", "store", CRITICAL)]);
    world.round(9, &[("slower", "store", CRITICAL), ("errors", "store", CRITICAL)]);
    let due = world.round(10, &[("slower", "store", CRITICAL), ("errors", "store", CRITICAL)]);
    assert_eq!(due.len(), 1);
    assert_eq!((due[0].reason, due[0].news.len(), due[0].parts.len()), (First, 2, 2));
    world.until(500, &[("slower", "store", CRITICAL), ("errors", "store", CRITICAL)]);
    assert_eq!(world.timeline(), [(10, First)]);
}

#[test]
fn one_alert_gets_worse_and_milder_and_each_is_told_once() {
    let mut world = World::of(rule("slower"));
    let levels = [(150, WARNING), (400, CRITICAL), (700, EMERGENCY), (900, WARNING), (1_100, INFO)];
    let mut severities = Vec::new();
    for (until, level) in levels {
        world.until(until, &[("slower", "store", level)]);
        severities.push(world.alerts.alert(fingerprint("slower", "store")).unwrap().severity);
    }
    world.until(1_500, &[("slower", "store", CLEAR)]);
    assert_eq!(
        world.timeline(),
        [
            (105, First),
            (165, Escalated),     // To critical: after 10 s.
            (405, Escalated),     // To an emergency: at once.
            (705, DeEscalated),   // It was known as an emergency, so at once.
            (1_005, DeEscalated), // To an info, which only those hear who were told.
            (1_205, AllResolved)
        ]
    );
    let alert = world.alerts.alert(fingerprint("slower", "store")).unwrap();
    assert_eq!((alert.state, alert.peak), (State::Resolved, Severity::Emergency));
    assert!(world.alerts.saved().incidents.is_empty());
    assert_eq!(world.alerts.saved().counts.opened, 1);
}

#[test]
fn what_comes_and_goes_within_its_window_is_not_told_and_counted() {
    let mut world = World::of(rule("slower"));
    world.round(0, &[("slower", "store", WARNING)]);
    world.round(99, &[("slower", "store", CLEAR)]);
    world.until(3_000, &[("slower", "store", CLEAR)]);
    assert_eq!(world.timeline(), []);
    assert_eq!(world.alerts.saved().counts.suppressed.window, 1);
    assert_eq!(world.alerts.saved().counts.incidents_closed, 1);
}

#[test]
fn each_end_is_told_and_the_last_one_as_such() {
    let by_rule = |id: &str| rule(id).build().unwrap();
    let mut world = World::new(vec![by_rule("slower"), by_rule("errors")], settings());
    world.until(50, &[("slower", "store", CRITICAL), ("errors", "store", CRITICAL)]);
    world.until(100, &[("slower", "store", CLEAR), ("errors", "store", CRITICAL)]);
    world.until(200, &[("slower", "store", CLEAR), ("errors", "store", CLEAR)]);
    assert_eq!(world.timeline(), [(15, First), (65, PartlyResolved), (115, AllResolved)]);
}

#[test]
fn an_alert_that_comes_again_before_its_end_is_told_is_the_same_event() {
    let mut world = World::of(rule("slower"));
    world.round(0, &[("slower", "store", CRITICAL)]);
    world.until(50, &[("slower", "store", CRITICAL)]);
    world.round(51, &[("slower", "store", CLEAR)]);
    world.round(60, &[("slower", "store", CRITICAL)]);
    world.until(1_000, &[("slower", "store", CRITICAL)]);
    assert_eq!(world.timeline(), [(10, First)]);
    assert_eq!(world.alerts.saved().counts.suppressed.dedup, 1);
    let incident = world.alerts.saved().incidents.values().next().unwrap();
    assert_eq!(incident.members.values().map(|member| member.times).collect::<Vec<_>>(), [2]);
}

#[test]
fn an_alert_that_comes_again_after_its_end_is_another_event() {
    let mut world = World::of(rule("slower"));
    world.until(50, &[("slower", "store", CRITICAL)]);
    world.until(100, &[("slower", "store", CLEAR)]);
    world.until(150, &[("slower", "store", CRITICAL)]);
    assert_eq!(world.timeline(), [(15, First), (65, AllResolved), (115, First)]);
    let [one, _, other] = [0, 1, 2].map(|at| world.told[at].1);
    let key = |id| world.alerts.incident(id).unwrap().dedup_key.clone();
    assert_ne!(key(one), key(other));
}

#[test]
fn an_alert_that_comes_again_long_after_an_end_that_could_not_be_told_is_another_event() {
    let mut world = World::of(rule("slower"));
    world.until(50, &[("slower", "store", CRITICAL)]);
    // Nobody can be reached: its window is over at 65, and the alert is back at 70.
    world.go_to(55);
    world.evaluate(&[("slower", "store", CLEAR)]);
    world.go_to(70);
    world.evaluate(&[("slower", "store", CRITICAL)]);
    world.until(100, &[("slower", "store", CRITICAL)]);
    assert_eq!(world.timeline(), [(15, First), (75, AllResolved), (80, First)]);
    assert_eq!(world.told[0].1, world.told[1].1);
    assert_ne!(world.told[1].1, world.told[2].1);
}

#[test]
fn what_flaps_is_told_less_and_less_often() {
    let flapping = |damping| {
        let mut world = World::of(rule("slower").keep_firing(secs(60)).damping(damping));
        // 40 s bad, 80 s good, for two hours.
        for start in (0..7_200).step_by(120) {
            world.until(start + 40, &[("slower", "store", CRITICAL)]);
            world.until(start + 120, &[("slower", "store", CLEAR)]);
        }
        world.told.iter().filter(|(_, _, reason)| *reason != Repeat).count()
    };
    // Each of the 60 comes and goes is told twice without keeping it longer; 60 s are shorter
    // than 80 s, so damping never begins.
    assert_eq!(flapping(Damping::NONE), 120);
    let mut world = World::of(
        rule("slower").keep_firing(secs(60)).damping(Damping { multiplier: 2.0, max: secs(600) }),
    );
    // 40 s bad, 40 s good: the alert is kept each time, and longer each time.
    for start in (0..7_200).step_by(80) {
        world.until(start + 40, &[("slower", "store", CRITICAL)]);
        world.until(start + 80, &[("slower", "store", CLEAR)]);
    }
    assert_eq!(world.told.iter().filter(|(_, _, reason)| *reason != Repeat).count(), 1);
    assert_eq!(world.alerts.saved().counts.suppressed.flap, 89);
    assert_eq!(world.alerts.alert(fingerprint("slower", "store")).unwrap().hold.keep, secs(600));
}

#[test]
fn a_stepped_wall_clock_holds_nothing_up() {
    let told = |steps: [i64; 3]| {
        let mut world = World::of(rule("slower").hold_for(secs(60)).keep_firing(secs(60)));
        for (part, step) in steps.into_iter().enumerate() {
            let part = part as u64 * 100;
            world.until(part + 50, &[("slower", "store", CRITICAL)]);
            world.now.unix = secs(world.now.unix.as_secs().saturating_add_signed(step));
            world.until(part + 100, &[("slower", "store", CRITICAL)]);
        }
        world.now.unix = secs(3);
        world.until(1_500, &[("slower", "store", CRITICAL)]);
        world.until(1_800, &[("slower", "store", CLEAR)]);
        world.timeline()
    };
    let steady = told([0, 0, 0]);
    assert_eq!(steady, [(75, First), (1_075, Repeat), (1_575, AllResolved)]);
    assert_eq!(told([-3_600, 86_400 * 365, -500_000]), steady);
}

#[test]
fn ends_that_are_not_sent_do_not_swallow_the_next_firing() {
    let mut settings = settings();
    settings.send_resolved = false;
    let by_rule = |id: &str| rule(id).build().unwrap();
    let mut world = World::new(vec![by_rule("slower"), by_rule("errors")], settings);
    let mut both = |until, slower, errors| {
        world.until(until, &[("slower", "store", slower), ("errors", "store", errors)]);
    };
    both(50, CRITICAL, CRITICAL);
    both(100, CLEAR, CRITICAL); // Recorded at 65.
    both(200, CRITICAL, CRITICAL); // New at 105, told at 115.
    both(300, CLEAR, CLEAR);
    both(400, CRITICAL, CLEAR);
    assert_eq!(world.timeline(), [(15, First), (115, New), (315, First)]);
}

#[test]
fn a_message_that_did_not_arrive_is_due_again() {
    let mut world = World::of(rule("slower"));
    world.go_to(0);
    world.evaluate(&[("slower", "store", EMERGENCY)]);
    let first = world.alerts.due(world.now);
    world.go_to(30);
    let again = world.alerts.due(world.now);
    assert_eq!(first[0].dedup_key, again[0].dedup_key);
    assert_eq!((first[0].reason, again[0].reason), (First, First));
    assert!(world.alerts.record(&again[0], world.now));
    assert!(!world.alerts.record(&first[0], world.now));
    assert_eq!(world.alerts.saved().counts.told[First as usize], 1);
    assert!(world.alerts.due(world.now).is_empty());
}

#[test]
fn what_changes_while_a_message_is_under_way_is_told_next() {
    let mut world = World::of(rule("slower"));
    world.round(0, &[("slower", "store", CRITICAL)]);
    world.go_to(10);
    let under_way = world.alerts.due(world.now);
    world.go_to(12);
    world.evaluate(&[("slower", "store", EMERGENCY)]);
    world.alerts.record(&under_way[0], world.now);
    assert_eq!(world.deliver().iter().map(|due| due.reason).collect::<Vec<_>>(), [Escalated]);
    world.go_to(13);
    world.evaluate(&[("slower", "store", CLEAR)]);
    let end = world.alerts.due(world.now);
    // It comes back before the message of its end has arrived.
    world.go_to(14);
    world.evaluate(&[("slower", "store", EMERGENCY)]);
    world.alerts.record(&end[0], world.now);
    assert_eq!(world.deliver().iter().map(|due| due.reason).collect::<Vec<_>>(), [First]);
}

#[test]
fn who_resolves_by_hand_and_why_is_kept_and_told() {
    let mut world = World::of(rule("slower").hold_for(secs(60)));
    world.until(100, &[("slower", "store", EMERGENCY)]);
    let key = fingerprint("slower", "store");
    let step = world.alerts.resolve(key, "ada", "false alarm", world.now).unwrap();
    assert_eq!(step.why, Why::ByHand { who: "ada".into(), why: "false alarm".into() });
    world.deliver();
    assert_eq!(world.timeline(), [(65, First), (100, AllResolved)]);
    // The condition is still there: it is held anew.
    world.until(200, &[("slower", "store", EMERGENCY)]);
    assert_eq!(world.timeline()[2..], [(165, First)]);
    let error = world.alerts.resolve(fingerprint("slower", "pager"), "ada", "x", world.now);
    assert_eq!(
        error.unwrap_err().to_string(),
        format!("no open alert has the fingerprint {}", fingerprint("slower", "pager"))
    );
    assert!(world.alerts.resolve(key, "", "x", world.now).is_err());
}

#[test]
fn an_alert_knows_what_changed_before_it_began() {
    let mut world = World::of(rule("slower").hold_for(secs(30)));
    assert!(world.alerts.mark(Change::Deploy, "v1", world.now));
    world.go_to(3_000);
    assert!(world.alerts.mark(Change::Deploy, "v2", world.now));
    assert!(!world.alerts.mark(Change::Deploy, "v2", world.now));
    world.until(3_200, &[("slower", "store", CLEAR)]);
    world.until(3_300, &[("slower", "store", CRITICAL)]);
    let alert = world.alerts.alert(fingerprint("slower", "store")).unwrap();
    assert_eq!(alert.marks.iter().map(|mark| mark.text.as_str()).collect::<Vec<_>>(), ["v2"]);
    let step = &alert.next_step;
    assert!(step.starts_with("It began 3 min after a deploy (v2)."), "{step}");
}

#[test]
fn the_end_of_a_rule_ends_its_alerts_and_is_told() {
    let mut world = World::of(rule("slower"));
    world.until(50, &[("slower", "store", CRITICAL)]);
    world.rules = vec![rule("errors").build().unwrap()];
    world.restart(secs(5));
    let steps = world.evaluate(&[]);
    assert_eq!(steps[0].why, Why::RuleRemoved);
    world.until(100, &[]);
    assert_eq!(world.timeline()[1].1, AllResolved);
}
