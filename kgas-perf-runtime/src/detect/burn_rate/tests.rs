//! Burn rates against the closed form of the workbook, and against hours without a defect.

use super::*;
use crate::detect::dice::Dice;

/// Feeds windows of `step` seconds with `rate` calls a second, of which a share is bad that
/// depends on the time, and answers the severity after each window with its end.
fn run(
    burn_rate: &mut BurnRate,
    seconds: std::ops::Range<u64>,
    step: u64,
    rate: u64,
    share: impl Fn(u64) -> f64,
) -> Vec<(u64, Option<Severity>)> {
    let mut bad = 0.0;
    seconds
        .step_by(step as usize)
        .map(|start| {
            let calls = rate * step;
            bad += calls as f64 * share(start);
            let whole = bad as u64;
            bad -= whole as f64;
            let [from, to] = [start, start + step].map(Duration::from_secs);
            burn_rate.observe(from, to, calls, whole);
            (start + step, burn_rate.standing().level())
        })
        .collect()
}

fn first(levels: &[(u64, Option<Severity>)], severity: Severity) -> Option<u64> {
    levels.iter().find(|(_, level)| *level >= Some(severity)).map(|(at, _)| *at)
}

/// threshold × window / burn rate, in seconds.
fn closed_form(pair: Pair, burn: f64) -> f64 {
    pair.burn * pair.long.as_secs_f64() / burn
}

#[test]
fn a_burn_rate_is_detected_when_the_closed_form_says_so() {
    for (pair, burn) in [
        (Pair::ALL[0], 1_000.0),
        (Pair::ALL[0], 100.0),
        (Pair::ALL[0], 20.0),
        (Pair::ALL[1], 12.0),
        (Pair::ALL[1], 8.0),
    ] {
        let allowed = 0.001;
        // A full past without a bad call.
        let mut burn_rate = BurnRate::by(allowed, &[pair]).unwrap();
        let past = pair.long.as_secs();
        run(&mut burn_rate, 0..past, 10, 1_000, |_| 0.0);
        let levels = run(&mut burn_rate, past..2 * past, 10, 1_000, |_| burn * allowed);
        let found = first(&levels, pair.severity).unwrap() - past;
        let exact = closed_form(pair, burn);
        assert!((found as f64 - exact).abs() <= 0.02 * exact + 10.0, "{found} s for {exact} s");
    }
}

#[test]
fn a_ticket_takes_the_closed_form_of_three_days() {
    let (pair, allowed) = (Pair::ALL[2], 0.01);
    let mut burn_rate = BurnRate::new(allowed).unwrap();
    let past = pair.long.as_secs();
    run(&mut burn_rate, 0..past, 60, 100, |_| 0.0);
    let levels = run(&mut burn_rate, past..2 * past, 60, 100, |_| 3.0 * allowed);
    let found = first(&levels, Severity::Info).unwrap() - past;
    let exact = closed_form(pair, 3.0);
    assert!((found as f64 - exact).abs() <= 0.02 * exact, "{found} s for {exact} s");
    // Three times the allowed share pages nobody.
    assert_eq!(first(&levels, Severity::Warning), None);
}

#[test]
fn the_first_hour_is_as_slow_as_any_other() {
    let mut burn_rate = BurnRate::new(0.01).unwrap();
    let levels = run(&mut burn_rate, 0..3_600, 1, 100, |_| 0.5);
    let found = first(&levels, Severity::Critical).unwrap();
    let exact = closed_form(Pair::ALL[0], 50.0);
    assert!((found as f64 - exact).abs() <= 0.02 * exact, "{found} s for {exact} s");
}

#[test]
fn the_first_hour_begins_with_the_first_call() {
    let mut burn_rate = BurnRate::new(0.01).unwrap();
    run(&mut burn_rate, 0..7_200, 10, 0, |_| 0.0);
    assert!(matches!(burn_rate.standing(), Standing::Unknown(_)));
    let levels = run(&mut burn_rate, 7_200..10_800, 1, 100, |_| 0.5);
    let found = first(&levels, Severity::Critical).unwrap() - 7_200;
    let exact = closed_form(Pair::ALL[0], 50.0);
    assert!((found as f64 - exact).abs() <= 0.02 * exact, "{found} s for {exact} s");
}

#[test]
fn a_first_hour_without_a_defect_raises_nothing() {
    // Operations whose calls fail as often as is just allowed, and some whose calls fail half as
    // often but in clusters. Who divides by what was seen so far cries wolf for one in twelve.
    let (operations, mut naive) = (60, 0);
    let mut dice = Dice::new(11);
    for operation in 0..operations {
        let mut burn_rate = BurnRate::new(0.01).unwrap();
        let (mut seen, mut failed, mut cried) = (0, 0, false);
        for second in 0..3_600_u64 {
            let share = match operation % 2 == 0 {
                true if dice.unit() < 0.05 => 0.1,
                true => 0.0,
                false => 0.01,
            };
            let calls = 1 + (operation % 7);
            let bad = (0..calls).filter(|_| dice.unit() < share).count() as u64;
            let [from, to] = [second, second + 1].map(Duration::from_secs);
            burn_rate.observe(from, to, calls, bad);
            assert_eq!(burn_rate.standing(), Standing::Clear, "{operation} at {second} s");
            (seen, failed) = (seen + calls, failed + bad);
            cried |= failed as f64 / seen as f64 >= 6.0 * 0.01;
        }
        naive += u64::from(cried);
    }
    assert!(naive >= 5, "{naive} of {operations}");
}

#[test]
fn the_short_window_ends_it_soon_after_the_burning() {
    let (pair, allowed) = (Pair::ALL[0], 0.01);
    let mut burn_rate = BurnRate::by(allowed, &[pair]).unwrap();
    run(&mut burn_rate, 0..3_600, 10, 100, |_| 0.0);
    let burning = run(&mut burn_rate, 3_600..5_400, 10, 100, |_| 0.5);
    assert_eq!(burning.last().unwrap().1, Some(Severity::Critical));
    let after = run(&mut burn_rate, 5_400..7_200, 10, 100, |_| 0.0);
    let clear = after.iter().find(|(_, level)| level.is_none()).unwrap().0 - 5_400;
    // The short window burns at 50 × (1 - t / 5 min).
    let exact = pair.short.as_secs_f64() * (1.0 - CLEAR * pair.burn / 50.0);
    assert!((clear as f64 - exact).abs() <= 20.0, "{clear} s for {exact} s");
    assert!(after.iter().skip_while(|(_, level)| level.is_some()).all(|(_, l)| l.is_none()));
}

#[test]
fn a_spike_of_five_seconds_burns_no_hour() {
    for rate in [1, 100, 1_000] {
        let mut burn_rate = BurnRate::new(0.001).unwrap();
        let spike = |second| if (4_000..4_005).contains(&second) { 1.0 } else { 0.0 };
        let levels = run(&mut burn_rate, 0..8_000, 1, rate, spike);
        assert_eq!(first(&levels, Severity::Info), None, "{rate} calls a second");
    }
}

#[test]
fn few_bad_calls_are_no_burn_rate() {
    // 4 of 20 calls in an hour are 20 times the allowed 1 %.
    let mut burn_rate = BurnRate::new(0.01).unwrap();
    for minute in 0..120_u64 {
        let [from, to] = [minute, minute + 1].map(|minute| Duration::from_secs(60 * minute));
        let calls = u64::from(minute % 3 == 0);
        let bad = u64::from(calls == 1 && (60..71).contains(&minute));
        burn_rate.observe(from, to, calls, bad);
        assert_eq!(burn_rate.standing().level(), None, "minute {minute}");
    }
}

#[test]
fn without_calls_nothing_burns() {
    let mut burn_rate = BurnRate::new(0.01).unwrap();
    assert!(matches!(burn_rate.standing(), Standing::Unknown(_)));
    run(&mut burn_rate, 0..3_600, 10, 100, |_| 1.0);
    assert_eq!(burn_rate.standing().level(), Some(Severity::Critical));
    for second in (3_600..4_200).step_by(10) {
        let [from, to] = [second, second + 10].map(Duration::from_secs);
        burn_rate.observe(from, to, 0, 0);
    }
    let level = burn_rate.standing().level();
    assert_ne!(level, Some(Severity::Critical), "nothing has burned for 10 minutes");
}

#[test]
fn windows_may_be_cut_in_any_way_that_keeps_to_the_buckets() {
    let share = |second: u64| if second > 2_000 { 0.3 } else { 0.002 };
    let mut in_turn = BurnRate::new(0.01).unwrap();
    let mut at_once = BurnRate::new(0.01).unwrap();
    let levels = run(&mut in_turn, 0..6_000, 1, 50, |second| share(second / 10 * 10));
    let coarse = run(&mut at_once, 0..6_000, 10, 50, share);
    for (at, level) in coarse {
        assert_eq!(levels[at as usize - 1], (at, level));
    }
}

#[test]
fn what_is_allowed_is_a_share() {
    for allowed in [0.0, 1.0, -0.1, f64::NAN] {
        assert!(BurnRate::new(allowed).is_none(), "{allowed}");
    }
    assert!(Pair::ALL[0].is_reachable(0.05) && !Pair::ALL[0].is_reachable(0.1));
    assert!(Pair::ALL[1].is_reachable(0.1) && Pair::ALL[2].is_reachable(0.5));
}

#[test]
fn memory_does_not_grow_with_time() {
    let mut burn_rate = BurnRate::new(0.01).unwrap();
    run(&mut burn_rate, 0..600_000, 30, 10, |_| 0.001);
    let buckets = burn_rate.pairs.iter().map(|burning| burning.buckets.len());
    assert!(buckets.clone().all(|buckets| buckets as u32 <= BUCKETS + 1));
    let capacity: usize = burn_rate.pairs.iter().map(|pair| pair.buckets.capacity()).sum();
    assert!(capacity * size_of::<Bucket>() <= 5 * 1_024, "{capacity} buckets");
}
