//! The decision, row by row.

use super::*;
use crate::alert::tiers::Tier;
use Decision::{Acknowledged, NeverRepeats, NothingToSay, Tell, Wait};
use Part::{Ended, Muted, MutedEnd, Quiet, Speaks};
use Reason::{AllResolved, DeEscalated, Escalated, First, New, PartlyResolved, Repeat};
use Severity::{Critical, Emergency, Info, Warning};

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

/// Repeats: emergency after 300 s, critical after 600 s, warning never.
fn tiers() -> Tiers {
    Tiers {
        warning: Tier { window: secs(100), repeat: None },
        critical: Tier { window: secs(10), repeat: Some(secs(600)) },
        emergency: Tier { window: secs(0), repeat: Some(secs(300)) },
    }
}

/// What was told at 0 s: alerts by number and severity.
fn told(firing: &[(u64, Severity)]) -> Option<Told> {
    let firing: BTreeMap<_, _> = firing.iter().map(|(key, s)| (Fingerprint(*key), *s)).collect();
    let peak = firing.values().copied().max().unwrap_or(Warning);
    Some(Told { at: Moment::default(), reason: First, firing, peak, times: 1 })
}

fn decide(
    told: &Option<Told>,
    parts: &[(u64, Part)],
    since: Option<u64>,
    acknowledged: Option<Severity>,
    now: u64,
    send_resolved: bool,
) -> Decision {
    let parts = parts.iter().map(|(key, part)| (Fingerprint(*key), *part)).collect();
    let case = Case {
        told: told.as_ref(),
        under_way: None,
        parts: &parts,
        news_since: since.map(secs),
        acknowledged,
        now: secs(now),
    };
    case.decide(&tiers(), send_resolved)
}

fn tell(reason: Reason) -> Decision {
    Tell { reason, send: true }
}

fn wait(reason: Reason, until: u64) -> Decision {
    Wait { reason, until: secs(until) }
}

/// A name, what was told, what there is to say, and what is decided.
type Row<'a> = (&'a str, &'a Option<Told>, &'a [(u64, Part)], Decision);

/// News of so long ago that no window is open, and long before any repeat.
#[test]
fn every_row_of_the_table() {
    let nothing = None;
    let none_firing = told(&[]);
    let one = told(&[(1, Warning)]);
    let two = told(&[(1, Warning), (2, Critical)]);
    let rows: &[Row<'_>] = &[
        ("never told, nothing there", &nothing, &[], NothingToSay),
        ("never told, one fires", &nothing, &[(1, Speaks(Warning))], tell(First)),
        ("never told, one is over", &nothing, &[(1, Ended)], NothingToSay),
        ("never told, one is muted", &nothing, &[(1, Muted)], NothingToSay),
        ("never told, an info", &nothing, &[(1, Quiet(Info))], NothingToSay),
        ("told of none, one fires", &none_firing, &[(1, Speaks(Warning))], tell(First)),
        ("told of none, another is over", &none_firing, &[(2, Ended)], NothingToSay),
        ("another fires", &one, &[(1, Speaks(Warning)), (2, Speaks(Warning))], tell(New)),
        ("one is over, another fires", &one, &[(1, Ended), (2, Speaks(Warning))], tell(New)),
        ("it is worse", &one, &[(1, Speaks(Critical))], tell(Escalated)),
        (
            "it is worse and another fires",
            &one,
            &[(1, Speaks(Critical)), (2, Speaks(Emergency))],
            tell(Escalated),
        ),
        ("it is over", &one, &[(1, Ended)], tell(AllResolved)),
        ("it is not there any more", &one, &[], tell(AllResolved)),
        ("both are over", &two, &[(1, Ended), (2, Ended)], tell(AllResolved)),
        ("one of two is over", &two, &[(1, Ended), (2, Speaks(Critical))], tell(PartlyResolved)),
        ("one is milder", &two, &[(1, Speaks(Warning)), (2, Speaks(Warning))], tell(DeEscalated)),
        ("one is an info now", &one, &[(1, Quiet(Info))], tell(DeEscalated)),
        (
            "one is milder and one is over",
            &two,
            &[(1, Ended), (2, Speaks(Warning))],
            tell(DeEscalated),
        ),
        ("nothing has changed", &one, &[(1, Speaks(Warning))], NeverRepeats),
        ("one is muted", &one, &[(1, Muted)], NothingToSay),
        ("one is over and muted", &one, &[(1, MutedEnd)], NothingToSay),
        ("one is over, one is muted", &two, &[(1, Ended), (2, Muted)], tell(PartlyResolved)),
        (
            "one is over, one muted and over",
            &two,
            &[(1, Ended), (2, MutedEnd)],
            tell(PartlyResolved),
        ),
        ("over beside an info", &one, &[(1, Ended), (2, Quiet(Info))], tell(AllResolved)),
    ];
    for (name, told, parts, expected) in rows {
        assert_eq!(decide(told, parts, Some(0), None, 200, true), *expected, "{name}");
    }
}

/// The cases of Alertmanager's `TestDedupStageNeedsUpdate`, with `repeat` 600 s. All of ours are
/// critical, and a group without firing alerts has no window.
#[test]
fn alertmanagers_own_cases_are_decided_as_there() {
    let critical = |keys: &[u64]| -> Vec<(u64, Part)> {
        keys.iter().map(|key| (*key, Speaks(Critical))).collect()
    };
    let over = |keys: &[u64]| -> Vec<(u64, Part)> { keys.iter().map(|k| (*k, Ended)).collect() };
    let knows = |keys: &[u64]| told(&keys.iter().map(|k| (*k, Critical)).collect::<Vec<_>>());
    let needs_update = |told, firing: &[u64], resolved: &[u64], now, resolve| {
        let parts = [critical(firing), over(resolved)].concat();
        matches!(decide(&told, &parts, Some(0), None, now, resolve), Tell { .. })
    };
    assert!(needs_update(None, &[2, 3, 4], &[], 540, true));
    assert!(!needs_update(None, &[], &[2, 3, 4], 540, true));
    assert!(needs_update(knows(&[1, 2, 3]), &[2, 3, 4], &[], 540, true));
    assert!(!needs_update(knows(&[1, 2, 3]), &[1, 2, 3], &[], 540, true));
    assert!(needs_update(knows(&[1, 2, 3]), &[1, 2, 3], &[], 660, true));
    assert!(!needs_update(knows(&[]), &[], &[3, 4, 5], 660, true));
    assert!(needs_update(knows(&[1, 2]), &[1], &[2, 3], 540, true));
    assert!(needs_update(knows(&[1, 2]), &[], &[1, 2, 3], 540, false));
    assert!(needs_update(knows(&[1, 2]), &[], &[1, 2, 3], 540, true));
}

#[test]
fn ends_that_are_not_sent_are_recorded_and_nothing_else_hides_behind_them() {
    let two = told(&[(1, Warning), (2, Critical)]);
    let unsent = |parts: &[(u64, Part)]| decide(&two, parts, Some(0), None, 200, false);
    let recorded = |reason| Tell { reason, send: false };
    assert_eq!(unsent(&[(1, Ended), (2, Speaks(Critical))]), recorded(PartlyResolved));
    assert_eq!(unsent(&[(1, Ended), (2, Ended)]), recorded(AllResolved));
    assert_eq!(unsent(&[(1, Ended), (2, Speaks(Warning))]), tell(DeEscalated));
    assert_eq!(unsent(&[(1, Ended), (2, Speaks(Emergency))]), tell(Escalated));
}

#[test]
fn news_waits_for_the_window_of_the_worst_of_it() {
    let at = |parts: &[(u64, Part)], now| decide(&None, parts, Some(50), None, now, true);
    let warning = [(1, Speaks(Warning))];
    assert_eq!(at(&warning, 50), wait(First, 150));
    assert_eq!(at(&warning, 149), wait(First, 150));
    assert_eq!(at(&warning, 150), tell(First));
    let critical = [(1, Speaks(Warning)), (2, Speaks(Critical))];
    assert_eq!(at(&critical, 59), wait(First, 60));
    assert_eq!(at(&critical, 60), tell(First));
    assert_eq!(at(&[(1, Speaks(Emergency))], 50), tell(First));
    // News of this very moment.
    assert_eq!(decide(&None, &warning, None, None, 7, true), wait(First, 107));
}

#[test]
fn the_end_waits_for_the_window_of_what_was_told() {
    let end =
        |severity, now| decide(&told(&[(1, severity)]), &[(1, Ended)], Some(50), None, now, true);
    assert_eq!(end(Critical, 59), wait(AllResolved, 60));
    assert_eq!(end(Critical, 60), tell(AllResolved));
    assert_eq!(end(Emergency, 50), tell(AllResolved));
    assert_eq!(end(Info, 149), wait(AllResolved, 150));
}

#[test]
fn what_goes_on_repeats_after_exactly_its_time() {
    let known = told(&[(1, Critical)]);
    let at = |now| decide(&known, &[(1, Speaks(Critical))], None, None, now, true);
    assert_eq!(at(0), wait(Repeat, 600));
    assert_eq!(at(599), wait(Repeat, 600));
    assert_eq!(at(600), tell(Repeat));
}

#[test]
fn a_repeat_goes_by_the_worst_that_speaks() {
    let known = told(&[(1, Critical), (2, Emergency)]);
    let parts = [(1, Speaks(Critical)), (2, Speaks(Emergency))];
    assert_eq!(decide(&known, &parts, None, None, 300, true), tell(Repeat));
    let muted = [(1, Speaks(Critical)), (2, Muted)];
    assert_eq!(decide(&known, &muted, None, None, 300, true), wait(Repeat, 600));
}

#[test]
fn an_open_window_does_not_delay_a_repeat() {
    let known = told(&[(1, Critical)]);
    let parts = [(1, Speaks(Critical)), (2, Speaks(Warning))];
    assert_eq!(decide(&known, &parts, Some(550), None, 599, true), wait(New, 600));
    assert_eq!(decide(&known, &parts, Some(550), None, 600, true), tell(New));
}

#[test]
fn who_acknowledged_hears_no_repeat_and_all_news() {
    let known = told(&[(1, Critical)]);
    let by = Some(Critical);
    let at = |parts: &[(u64, Part)]| decide(&known, parts, Some(0), by, 10_000, true);
    assert_eq!(at(&[(1, Speaks(Critical))]), Acknowledged);
    assert_eq!(at(&[(1, Speaks(Emergency))]), tell(Escalated));
    assert_eq!(at(&[(1, Speaks(Critical)), (2, Speaks(Warning))]), tell(New));
    assert_eq!(at(&[(1, Speaks(Warning))]), tell(DeEscalated));
    assert_eq!(at(&[(1, Ended)]), tell(AllResolved));
    // It is worse than what was acknowledged, and known to be.
    let worse = told(&[(1, Emergency)]);
    assert_eq!(decide(&worse, &[(1, Speaks(Emergency))], None, by, 300, true), tell(Repeat));
}

#[test]
fn what_people_know_follows_from_what_they_were_told() {
    let parts: BTreeMap<_, _> = [
        (Fingerprint(1), Speaks(Critical)),
        (Fingerprint(2), Quiet(Info)),
        (Fingerprint(3), Quiet(Info)),
        (Fingerprint(4), Muted),
        (Fingerprint(5), Muted),
        (Fingerprint(6), Ended),
        (Fingerprint(7), MutedEnd),
        (Fingerprint(8), Quiet(Critical)), // An immature baseline says so.
    ]
    .into();
    let before = told(&[(8, Warning), (2, Warning), (4, Warning), (6, Emergency), (7, Critical)]);
    let later = Moment { lived: secs(9), unix: secs(9) };
    let case = Case {
        told: before.as_ref(),
        under_way: None,
        parts: &parts,
        news_since: None,
        acknowledged: None,
        now: secs(9),
    };
    let after = Told::after(&case, New, true, later);
    let expected: BTreeMap<_, _> = [
        (Fingerprint(1), Critical),
        (Fingerprint(2), Info),
        (Fingerprint(4), Warning),
        (Fingerprint(7), Critical),
        (Fingerprint(8), Warning),
    ]
    .into();
    assert_eq!(after.firing, expected);
    assert_eq!((after.at, after.peak, after.times), (later, Emergency, 2));
    // What is only recorded does not put off the repeat.
    assert_eq!(Told::after(&case, AllResolved, false, later).at, Moment::default());
}

/// A message about 1, a warning, and 2, critical, is under way.
#[test]
fn what_may_be_known_is_told_again_and_so_is_its_end() {
    let mut under_way = UnderWay::default();
    under_way.begin(&told(&[(1, Warning), (2, Critical)]).unwrap());
    let decide = |told: Option<&Told>, parts: &[(u64, Part)]| {
        let parts = parts.iter().map(|(key, part)| (Fingerprint(*key), *part)).collect();
        let case = Case {
            told,
            under_way: Some(&under_way),
            parts: &parts,
            news_since: Some(secs(0)),
            acknowledged: None,
            now: secs(200),
        };
        let Tell { reason, .. } = case.decide(&tiers(), true) else { return None };
        Some(reason)
    };
    let speaks = [(1, Speaks(Warning)), (2, Speaks(Critical))];
    assert_eq!(decide(None, &speaks), Some(First));
    assert_eq!(decide(None, &[(1, Ended), (2, Ended)]), Some(AllResolved));
    assert_eq!(decide(None, &[(1, Ended), (2, Muted)]), Some(PartlyResolved));
    assert_eq!(decide(None, &[(1, Muted), (2, Muted)]), None);
    assert_eq!(decide(None, &[(1, Quiet(Info)), (2, Muted)]), Some(DeEscalated));
    // They were told of two warnings, and may know that one has become critical since.
    let two = told(&[(1, Warning), (2, Warning)]);
    assert_eq!(decide(two.as_ref(), &speaks), Some(Escalated));
    let back = [(1, Speaks(Warning)), (2, Speaks(Warning))];
    assert_eq!(decide(two.as_ref(), &back), Some(DeEscalated));
    // They may have read that 3 is over, or that it is milder; it is as it was told before.
    let three = told(&[(1, Warning), (2, Critical), (3, Warning)]);
    let same = [(1, Speaks(Warning)), (2, Speaks(Critical)), (3, Speaks(Warning))];
    assert_eq!(decide(three.as_ref(), &same), Some(New));
    let worse = told(&[(1, Critical), (2, Critical)]);
    let same = [(1, Speaks(Critical)), (2, Speaks(Critical))];
    assert_eq!(decide(worse.as_ref(), &same), Some(Escalated));
}
