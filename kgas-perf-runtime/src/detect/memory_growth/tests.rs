//! Growth of memory that is planted, and growth that is not there.

use std::time::Duration;

use super::*;
use crate::catalog::SizeClass;
use crate::detect::dice::Dice;
use crate::detect::verdict::Kind;
use crate::measure::Severity;
use crate::registry::{Allocations, MemoryDeltas, Series};

/// A window with calls that were read, or that allocated.
fn window(end: u64, memory: Option<(u64, u64, f64)>, allocated: Option<(u64, f64)>) -> Window {
    let mut series = Series::new(SizeClass::Unsized);
    series.memory = memory.map(|(read, overlapped, bytes)| MemoryDeltas {
        read,
        overlapped,
        end_only: 0,
        sum_bytes: bytes as i64,
        min_bytes: 0,
        max_bytes: bytes as i64,
    });
    series.allocations = allocated.map(|(calls, bytes)| Allocations {
        calls,
        bytes: bytes as u64,
        allocations: calls,
        own_bytes: bytes as u64,
        own_allocations: calls,
        max_bytes: bytes as u64,
    });
    let end = Duration::from_secs(end);
    let start = end.saturating_sub(Duration::from_secs(1));
    Window { operation: "import".to_owned(), start, end, series }
}

/// Plays minutes of 20 calls each that allocate what `bytes` says of a minute, and answers the
/// level after each.
fn play(minutes: u64, mut bytes: impl FnMut(u64) -> f64) -> Vec<Option<Severity>> {
    let mut growth = MemoryGrowth::new();
    (1..=minutes)
        .map(|minute| {
            let sum = (0..20).map(|_| bytes(minute)).sum();
            growth.observe(&window(60 * minute, None, Some((20, sum))));
            growth.standing().level()
        })
        .collect()
}

#[test]
fn growth_is_told_when_it_is_sustained_and_by_how_much() {
    for (factor, level) in
        [(1.1, None), (1.6, Some(Severity::Info)), (3.0, Some(Severity::Warning))]
    {
        let mut dice = Dice::new(1);
        let levels = play(120, |minute| {
            dice.log_normal(10_000.0, 0.3) * if minute > 60 { factor } else { 1.0 }
        });
        assert!(levels[..65].iter().all(Option::is_none), "factor {factor}");
        assert_eq!(levels[119], level, "factor {factor}");
    }
}

#[test]
fn a_wild_minute_is_no_growth() {
    let mut dice = Dice::new(2);
    let levels = play(200, |minute| {
        dice.log_normal(10_000.0, 0.3) * if minute % 30 == 0 { 50.0 } else { 1.0 }
    });
    assert!(levels.iter().all(Option::is_none));
}

#[test]
fn it_is_clear_when_it_is_over() {
    let mut dice = Dice::new(3);
    let levels = play(160, |minute| {
        dice.log_normal(10_000.0, 0.2) * if (70..100).contains(&minute) { 4.0 } else { 1.0 }
    });
    assert_eq!(levels[95], Some(Severity::Warning));
    assert_eq!(levels[115], None);
}

#[test]
fn calls_that_change_nothing_raise_nothing_in_two_days() {
    let (mut dice, mut wobble) = (Dice::new(4), 0.0);
    let levels = play(2 * 1_440, |_| {
        // Neighbours have something in common.
        wobble = 0.95 * wobble + 0.01 * dice.normal();
        dice.log_normal(10_000.0, 0.5) * f64::exp(wobble)
    });
    assert!(levels.iter().all(Option::is_none));
}

#[test]
fn warm_up_is_not_normal() {
    // Calls take 3 times as much for the first 20 minutes, and less and less of that.
    let mut dice = Dice::new(5);
    let mut growth = MemoryGrowth::new();
    for minute in 1..=140 {
        let warm = 1.0 + 2.0 * (-(minute as f64) / 20.0).exp();
        let bytes: f64 = (0..20).map(|_| dice.log_normal(10_000.0, 0.2) * warm).sum();
        growth.observe(&window(60 * minute, None, Some((20, bytes))));
    }
    assert_eq!(growth.standing(), Standing::Clear);
    let above = growth.allocated().unwrap();
    // The first 32 batches after the fixed warm-up would be too high by some 6,500.
    assert!(above.value.abs() < 1_500.0 && above.interval.contains(above.value), "{above:?}");
    assert_eq!((above.calls, above.over), (240, Duration::from_secs(720)));
}

#[test]
fn calls_that_leave_pages_behind_where_none_did_are_a_leak() {
    let mut growth = MemoryGrowth::new();
    for minute in 1..=120 {
        let leaked = if minute > 60 { 40.0 * 4_096.0 } else { 0.0 };
        growth.observe(&window(60 * minute, Some((10, 0, leaked)), None));
    }
    let standing = growth.standing();
    let verdict = standing.verdict().unwrap();
    assert_eq!((verdict.severity, verdict.kind), (Severity::Warning, Kind::Memory));
    // Four pages a call, where one is the least that is told apart.
    assert!((verdict.effect.unwrap() - 4.0).abs() < 1e-9);
    assert_eq!(verdict.since, Some(Duration::from_secs(60 * 60)));
    assert!((growth.resident().unwrap().value - 4.0 * 4_096.0).abs() < 1e-9);
}

#[test]
fn beside_others_it_is_info_at_most() {
    let mut growth = MemoryGrowth::new();
    for minute in 1..=120 {
        let leaked = if minute > 60 { 400.0 * 4_096.0 } else { 0.0 };
        growth.observe(&window(60 * minute, Some((10, 9, leaked)), None));
    }
    assert_eq!(growth.standing().level(), Some(Severity::Info));
}

#[test]
fn calls_that_were_not_read_are_missing() {
    let mut growth = MemoryGrowth::new();
    for minute in 1..=200 {
        assert!(!growth.observe(&window(60 * minute, None, None)));
    }
    assert!(matches!(growth.standing(), Standing::Unknown(Unknown::NotJudged(_))));
    // One call a minute: ten of them make a batch.
    for minute in 201..=240 {
        growth.observe(&window(60 * minute, Some((1, 0, 4_096.0)), None));
    }
    let learning = Unknown::Learning { found: 3, needed: 49 };
    assert_eq!(growth.standing(), Standing::Unknown(learning));
}

#[test]
fn what_is_accepted_is_learned_anew() {
    let mut growth = MemoryGrowth::new();
    for minute in 1..=100 {
        let bytes = if minute > 60 { 60_000.0 } else { 20_000.0 };
        growth.observe(&window(60 * minute, None, Some((20, bytes))));
    }
    assert_eq!(growth.standing().level(), Some(Severity::Warning));
    growth.accept();
    for minute in 101..=200 {
        growth.observe(&window(60 * minute, None, Some((20, 60_000.0))));
    }
    assert_eq!(growth.standing(), Standing::Clear);
}

#[test]
fn ten_windows_of_a_second_and_one_of_ten_are_judged_alike() {
    let mut dice = Dice::new(6);
    let (mut in_turn, mut at_once) = (MemoryGrowth::new(), MemoryGrowth::new());
    for ten in 1..=700_u64 {
        let factor = if ten > 400 { 2.5 } else { 1.0 };
        let (mut calls, mut bytes) = (0, 0.0);
        for second in 10 * ten - 9..=10 * ten {
            let more = dice.poisson(1.0);
            let sum: f64 =
                (0..more).map(|_| (dice.log_normal(10_000.0, 0.3) * factor).floor()).sum();
            in_turn.observe(&window(second, None, Some((more, sum))));
            (calls, bytes) = (calls + more, bytes + sum);
        }
        at_once.observe(&window(10 * ten, None, Some((calls, bytes))));
        assert_eq!(in_turn.standing().level(), at_once.standing().level(), "{ten}");
    }
    assert!(in_turn.standing().level().is_some());
}
