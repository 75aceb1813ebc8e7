//! What keeps an alert quiet, and that it is told when that ends.

use super::*;
use crate::alert::{AlertError, Because, Matcher, Muted, Silence};
use Reason::{AllResolved, DeEscalated, Escalated, First, PartlyResolved, Repeat};

impl World {
    /// Silences alerts of a rule from now on for so long.
    fn silence(&mut self, rule: &str, lasts: u64) -> u64 {
        let (start, end) = (self.now.unix, self.now.unix + secs(lasts));
        let silence = Silence::new(Matcher::rule(rule), start, end, "ada", "rebuilding the index");
        self.alerts.silence(silence.unwrap(), self.now).unwrap()
    }

    fn because(&self, rule: &str) -> Vec<Because> {
        self.alerts.explain(fingerprint(rule, "store"), self.now).because
    }

    fn explained(&self, rule: &str) -> String {
        self.alerts.explain(fingerprint(rule, "store"), self.now).to_string()
    }
}

fn two_rules() -> World {
    let rules = ["slower", "errors"].map(|id| rule(id).build().unwrap());
    World::new(rules.to_vec(), settings())
}

#[test]
fn what_is_silenced_is_told_when_the_silence_ends() {
    let mut world = World::of(rule("slower"));
    let id = world.silence("slower", 300);
    world.until(295, &[("slower", "store", EMERGENCY)]);
    assert_eq!(world.timeline(), []);
    let silenced = world.alerts.silenced(world.now);
    assert_eq!((silenced[0].id, silenced[0].remaining), (id, secs(5)));
    assert_eq!(silenced[0].alerts, [fingerprint("slower", "store")]);
    assert!(
        world.explained("slower").ends_with(
            "is firing, emergency; nobody was told. Silence 1 of ada (rebuilding the index) lasts \
             5 s more."
        ),
        "{}",
        world.explained("slower")
    );
    world.until(400, &[("slower", "store", EMERGENCY)]);
    assert_eq!(world.timeline(), [(300, First)]);
    assert!(world.alerts.silenced(world.now).is_empty());
    assert_eq!(world.alerts.saved().counts.suppressed.silence, 1);
}

#[test]
fn an_end_under_a_silence_is_told_when_the_silence_ends() {
    let mut world = World::of(rule("slower"));
    world.until(100, &[("slower", "store", EMERGENCY)]);
    world.silence("slower", 1_000);
    world.until(200, &[("slower", "store", EMERGENCY)]);
    world.until(2_000, &[("slower", "store", CLEAR)]);
    assert_eq!(world.timeline(), [(5, First), (1_100, AllResolved)]);
    assert_eq!(world.because("slower"), [Because::Over]);
}

#[test]
fn what_begins_and_ends_under_a_silence_is_never_told() {
    let mut world = World::of(rule("slower"));
    world.silence("slower", 1_000);
    world.until(500, &[("slower", "store", EMERGENCY)]);
    world.until(2_000, &[("slower", "store", CLEAR)]);
    assert_eq!(world.timeline(), []);
    assert_eq!(world.because("slower"), [Because::OverUntold]);
}

#[test]
fn a_silence_can_be_ended_before_its_time_once() {
    let mut world = World::of(rule("slower"));
    let id = world.silence("slower", 1_000);
    world.until(100, &[("slower", "store", EMERGENCY)]);
    world.alerts.end_silence(id, "grace", world.now).unwrap();
    assert_eq!(world.deliver().len(), 1);
    assert_eq!(
        world.alerts.end_silence(id, "grace", world.now),
        Err(AlertError::NoSuchSilence { silence: id })
    );
    assert_eq!(world.alerts.saved().silences[&id].ended_by.as_deref(), Some("grace"));
}

#[test]
fn a_silence_for_the_past_is_refused() {
    let mut world = World::of(rule("slower"));
    let end = world.now.unix;
    let past = Silence::new(Matcher::everything(), end - secs(60), end, "ada", "x").unwrap();
    assert_eq!(
        world.alerts.silence(past, world.now).unwrap_err().to_string(),
        "silence: `end` is 0ns ago; accepted: a time to come"
    );
}

#[test]
fn the_worse_alert_on_a_subject_is_told_even_if_it_comes_in_the_same_round() {
    let mut world = two_rules();
    let found = [("slower", "store", WARNING), ("errors", "store", CRITICAL)];
    world.until(300, &found);
    let [critical, warning] = ["errors", "slower"].map(|rule| fingerprint(rule, "store"));
    assert_eq!(world.timeline(), [(15, First)]);
    assert_eq!(world.because("slower"), [Because::Inhibited { by: critical, inhibition: None }]);
    // The critical one goes: its end is told, and the warning speaks for itself again.
    world.round(300, &[("slower", "store", WARNING), ("errors", "store", CLEAR)]);
    world.until(500, &[("slower", "store", WARNING), ("errors", "store", CLEAR)]);
    assert_eq!(world.timeline()[1..], [(310, Reason::New)]);
    let told = world.alerts.saved().incidents.values().next().unwrap().told.clone().unwrap();
    assert_eq!(told.firing.into_keys().collect::<Vec<_>>(), [warning]);
    assert_eq!(world.alerts.saved().counts.suppressed.inhibit, 1);
}

#[test]
fn a_told_warning_under_a_worse_alert_ends_properly() {
    let mut world = two_rules();
    world.until(200, &[("slower", "store", WARNING), ("errors", "store", CLEAR)]);
    world.until(300, &[("slower", "store", WARNING), ("errors", "store", CRITICAL)]);
    world.until(450, &[("slower", "store", CLEAR), ("errors", "store", CRITICAL)]);
    world.until(500, &[("slower", "store", CLEAR), ("errors", "store", CLEAR)]);
    assert_eq!(
        world.timeline(),
        [(105, First), (215, Reason::New), (405, PartlyResolved), (465, AllResolved)]
    );
}

#[test]
fn who_is_on_it_hears_no_repeat_until_it_gets_worse() {
    let mut world = World::of(rule("slower"));
    world.until(50, &[("slower", "store", CRITICAL)]);
    let (_, id, _) = world.told[0];
    world.alerts.acknowledge(id, "ada", world.now).unwrap();
    world.until(3_000, &[("slower", "store", CRITICAL)]);
    assert_eq!(world.timeline(), [(15, First)]);
    assert_eq!(world.because("slower"), [Because::Acknowledged("ada".to_owned())]);
    world.until(3_400, &[("slower", "store", EMERGENCY)]);
    assert_eq!(world.timeline()[1..], [(3_005, Escalated), (3_305, Repeat)]);
    world.until(5_000, &[("slower", "store", CRITICAL)]);
    world.until(5_500, &[("slower", "store", CLEAR)]);
    assert_eq!(world.timeline()[3..], [(3_405, DeEscalated), (5_015, AllResolved)]);
    assert_eq!(
        world.alerts.acknowledge(id, "ada", world.now).unwrap_err().to_string(),
        format!("no open incident has the number {id}")
    );
}

#[test]
fn an_immature_baseline_never_pages() {
    let mut world = World::of(rule("slower"));
    for second in 0..1_000 {
        world.go_to(second);
        let mut immature = evaluation("slower", "store", EMERGENCY);
        immature.mature = false;
        world.alerts.evaluate(world.now, vec![immature]);
        world.deliver();
    }
    assert_eq!(world.timeline(), []);
    assert_eq!(world.because("slower"), [Because::Immature(Severity::Emergency)]);
    let alert = world.alerts.alert(fingerprint("slower", "store")).unwrap();
    assert_eq!((alert.severity, alert.muted), (Severity::Info, Some(Muted::Immature)));
    assert_eq!(world.alerts.saved().counts.suppressed.immature, 1);
    // It is established: what it says counts from then on.
    world.round(1_000, &[("slower", "store", EMERGENCY)]);
    assert_eq!(world.timeline(), [(1_000, First)]);
}

#[test]
fn an_info_is_told_nobody() {
    let mut world = World::of(rule("slower"));
    world.until(10_000, &[("slower", "store", INFO)]);
    assert_eq!(world.timeline(), []);
    assert_eq!(world.because("slower"), [Because::Info]);
    world.until(20_000, &[("slower", "store", CLEAR)]);
    assert_eq!(world.timeline(), []);
}

#[test]
fn each_stage_of_an_alert_is_explained() {
    let mut world = World::of(rule("slower").hold_for(secs(60)));
    let key = fingerprint("slower", "store");
    assert_eq!(
        world.explained("slower"),
        format!("Alert {key}: its condition was not seen, or it is over and no longer kept.")
    );
    world.round(0, &[("slower", "store", CRITICAL)]);
    world.go_to(20);
    assert_eq!(
        world.explained("slower"),
        format!(
            "Alert {key} is pending, critical; nobody was told. Its condition must hold 40 s more."
        )
    );
    world.round(60, &[("slower", "store", CRITICAL)]);
    world.go_to(63);
    assert_eq!(
        world.explained("slower"),
        format!(
            "Alert {key} is firing, critical; nobody was told. It will be told in 7 s (first)."
        )
    );
    world.go_to(70);
    assert_eq!(world.because("slower"), [Because::Due(First)]);
    world.deliver();
    world.go_to(370);
    assert_eq!(
        world.explained("slower"),
        format!(
            "Alert {key} is firing, critical; last told 5 min ago (first). It will be told in 11 \
             min (repeat)."
        )
    );
    world.until(500, &[("slower", "store", CLEAR)]);
    assert_eq!(
        world.explained("slower"),
        format!(
            "Alert {key} is resolved, critical; last told 1 min ago (all_resolved). Whoever was \
             told knows that it is over."
        )
    );
    world.round(600, &[("slower", "store", CRITICAL)]);
    world.round(610, &[("slower", "store", CLEAR)]);
    assert_eq!(world.because("slower"), [Because::Lapsed]);
}
