//! Who speaks for whom.

use super::*;
use crate::alert::Subject;
use crate::alert::life::tests::alert;
use crate::alert::state::State;
use Severity::{Critical, Emergency, Info, Warning};

/// An alert of a rule on a component, by its number.
fn of(id: u64, rule: &str, component: &str, severity: Severity) -> Alert {
    let mut alert = alert(Subject::component(component));
    alert.id = id;
    alert.rule = rule.to_owned();
    alert.fingerprint = Fingerprint(id);
    alert.severity = severity;
    alert
}

/// For each alert, the number of the one that speaks for it, or 0.
fn speakers(alerts: &[Alert], inhibitions: &[Inhibition]) -> Vec<u64> {
    let alerts: Vec<&Alert> = alerts.iter().collect();
    let found = inhibited(&alerts, inhibitions);
    found.into_iter().map(|by| by.map_or(0, |by| by.by.0)).collect()
}

fn rules(source: &str, target: &str) -> Inhibition {
    let name = format!("{source} for {target}");
    Inhibition::new(&name, Matcher::rule(source), Matcher::rule(target), &["component"]).unwrap()
}

#[test]
fn on_one_subject_the_worse_speaks_for_the_milder() {
    for (source, target) in Severity::ALL.into_iter().flat_map(|s| Severity::ALL.map(|t| (s, t))) {
        let alerts = [of(1, "a", "store", source), of(2, "b", "store", target)];
        let is_told = |severity| severity > Info;
        let expected = match source.cmp(&target) {
            _ if !is_told(source) || !is_told(target) => [0, 0],
            std::cmp::Ordering::Greater => [0, 1],
            std::cmp::Ordering::Less => [2, 0],
            std::cmp::Ordering::Equal => [0, 0],
        };
        assert_eq!(speakers(&alerts, &[]), expected, "{source:?} and {target:?}");
    }
}

#[test]
fn the_worst_speaks_for_all_on_its_subject_and_for_no_other_subject() {
    let alerts = [
        of(1, "a", "store", Warning),
        of(2, "b", "store", Critical),
        of(3, "c", "store", Emergency),
        of(4, "a", "collector", Warning),
    ];
    assert_eq!(speakers(&alerts, &[]), [3, 3, 0, 0]);
}

#[test]
fn only_what_fires_speaks_and_is_spoken_for() {
    for (state, fires) in [
        (State::Pending, false),
        (State::Firing, true),
        (State::Keeping, true),
        (State::NoData, true),
        (State::Stale, true),
        (State::Resolved, false),
        (State::Lapsed, false),
    ] {
        let mut alerts = [of(1, "a", "store", Critical), of(2, "b", "store", Warning)];
        alerts[0].state = state;
        assert_eq!(speakers(&alerts, &[])[1] == 1, fires, "source {state:?}");
        alerts[0].state = State::Firing;
        alerts[1].state = state;
        assert_eq!(speakers(&alerts, &[])[1] == 1, fires, "target {state:?}");
    }
}

#[test]
fn a_declared_source_speaks_for_its_targets_with_equal_labels() {
    let mut alerts = [
        of(1, "down", "store", Critical),
        of(2, "slow", "store", Critical),
        of(3, "slow", "collector", Critical),
        of(4, "other", "store", Critical),
    ];
    let down = [rules("down", "slow")];
    assert_eq!(speakers(&alerts, &down), [0, 1, 0, 0]);
    alerts[0].severity = Emergency;
    assert_eq!(speakers(&alerts, &down), [0, 1, 0, 1]);
    // A milder source that another alert speaks for speaks for its targets all the same.
    alerts[0].severity = Warning;
    assert_eq!(speakers(&alerts, &down), [4, 1, 0, 0]);
}

#[test]
fn without_equal_labels_a_source_speaks_for_all_targets() {
    let stalled = Matcher::is("component", "collector");
    let rest = Matcher::everything();
    let inhibition = [Inhibition::new("stalled", stalled, rest, &[]).unwrap()];
    let alerts = [
        of(1, "a", "collector", Warning),
        of(2, "a", "store", Emergency),
        of(3, "b", "pager", Warning),
    ];
    assert_eq!(speakers(&alerts, &inhibition), [0, 1, 1]);
}

#[test]
fn a_label_that_is_missing_is_not_equal() {
    let by_zone = Inhibition::new("z", Matcher::rule("a"), Matcher::rule("b"), &["zone"]).unwrap();
    let alerts = [of(1, "a", "store", Warning), of(2, "b", "pager", Warning)];
    assert_eq!(speakers(&alerts, &[by_zone]), [0, 0]);
}

#[test]
fn who_is_source_and_target_is_not_inhibited_by_another_such() {
    let all = Inhibition::new("all", Matcher::everything(), Matcher::everything(), &[]).unwrap();
    let alerts = [of(1, "a", "store", Warning), of(2, "b", "pager", Warning)];
    assert_eq!(speakers(&alerts, &[all]), [0, 0]);
    // A source that is no target speaks for them.
    let rule_a = Inhibition::new(
        "a",
        Matcher::everything(),
        Matcher::everything().and(crate::alert::Term::IsNot("rule".into(), "a".into())),
        &[],
    );
    assert_eq!(speakers(&alerts, &[rule_a.unwrap()]), [0, 1]);
}

#[test]
fn in_a_ring_the_worst_is_told_and_the_oldest_among_equals() {
    let ring = [rules("a", "b"), rules("b", "c"), rules("c", "a")];
    let equals =
        [of(3, "a", "store", Warning), of(2, "b", "store", Warning), of(1, "c", "store", Warning)];
    assert_eq!(speakers(&equals, &ring), [1, 3, 0]);
    let worse =
        [of(3, "a", "store", Critical), of(2, "b", "store", Warning), of(1, "c", "store", Warning)];
    assert_eq!(speakers(&worse, &ring), [0, 3, 3]);
}

#[test]
fn what_is_never_told_speaks_for_nobody() {
    let alerts = [of(1, "down", "store", Info), of(2, "slow", "store", Warning)];
    assert_eq!(speakers(&alerts, &[rules("down", "slow")]), [0, 0]);
}

/// Against all pairs, by the definition: whoever is told is no target of a told one unless they
/// stand in a ring, and whoever is not told can be reached from one who is.
#[test]
fn nobody_is_silent_without_somebody_who_speaks() {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut draw = |below: u64| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random % below
    };
    let names = ["a", "b", "c", "d"];
    for _ in 0..500 {
        let inhibitions: Vec<_> =
            (0..draw(4)).map(|_| rules(names[draw(4) as usize], names[draw(4) as usize])).collect();
        let alerts: Vec<_> = (1..=draw(8) + 1)
            .map(|id| {
                let component = ["store", "pager"][draw(2) as usize];
                of(id, names[draw(4) as usize], component, Severity::ALL[draw(4) as usize])
            })
            .collect();
        let edge = |source: &Alert, target: &Alert| {
            let both = |i: &Inhibition, a: &Alert| i.source.matches(a) && i.target.matches(a);
            let by_rule = |i: &Inhibition| {
                i.source.matches(source)
                    && i.target.matches(target)
                    && !(both(i, source) && both(i, target))
            };
            source.is_told()
                && target.is_told()
                && source.subject == target.subject
                && (source.severity > target.severity || inhibitions.iter().any(by_rule))
        };
        let speakers = speakers(&alerts, &inhibitions);
        for (target, speaker) in alerts.iter().zip(&speakers) {
            let told = |alert: &Alert| alert.is_told() && speakers[alert.id as usize - 1] == 0;
            if *speaker == 0 {
                let sources: Vec<_> = alerts.iter().filter(|s| edge(s, target)).collect();
                // Told although somebody could speak for it: then it speaks for itself in a ring.
                assert!(sources.is_empty() || reaches(&alerts, target, target, &edge));
                continue;
            }
            assert!(target.is_told());
            let told: Vec<_> = alerts.iter().filter(|alert| told(alert)).collect();
            assert!(told.iter().any(|source| reaches(&alerts, source, target, &edge)));
        }
    }
}

fn reaches(
    alerts: &[Alert],
    from: &Alert,
    to: &Alert,
    edge: &impl Fn(&Alert, &Alert) -> bool,
) -> bool {
    let mut reached = vec![from.id];
    let mut next = 0;
    while let Some(id) = reached.get(next).copied() {
        next += 1;
        let source = &alerts[id as usize - 1];
        for target in alerts.iter().filter(|target| edge(source, target)) {
            if target.id == to.id {
                return true;
            }
            if !reached.contains(&target.id) {
                reached.push(target.id);
            }
        }
    }
    false
}
