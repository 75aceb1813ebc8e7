//! Limits against the ratios and the false alarms that they promise.

use super::*;
use crate::catalog::Catalogue;
use crate::detect::chance::normal_above;
use crate::detect::dice::Dice;

const SECOND: Duration = Duration::from_secs(1);

fn objectives(text: &str) -> Vec<Objective> {
    let text = format!("[operations.import]\ncategory = \"custom\"\nobjectives = [{text}]");
    Catalogue::parse(&text, "test").unwrap().get("import").unwrap().objectives.clone()
}

fn learned(count: u64, median: f64, sigma: f64) -> Baseline {
    let mut dice = Dice::new(1);
    let ok = (0..count).map(|_| Duration::from_secs_f64(dice.log_normal(median, sigma))).collect();
    Baseline::learn("import", SizeClass::Unsized, &ok, Duration::ZERO).unwrap()
}

fn limits(norm: &Norm<'_>, rate: f64) -> Limits {
    Limits::of(norm, SizeClass::Unsized, rate, Duration::ZERO, 5 * SECOND).unwrap()
}

#[test]
fn an_objective_alone_allows_its_ratios() {
    let objectives = objectives(r#"{ metric = "duration", statistic = "p99", at_most = "20 s" }"#);
    let norm = Norm { objectives: &objectives, ..Norm::default() };
    let limits = limits(&norm, 1.0);
    assert_eq!(limits.levels, [40, 100, 200].map(|seconds| seconds * SECOND));
    let level = |seconds| limits.level(seconds * SECOND).map(Severity::as_str);
    assert_eq!(level(39), None);
    assert_eq!([40, 100, 200].map(level), [Some("warning"), Some("critical"), Some("emergency")]);
}

#[test]
fn a_bound_on_the_longest_call_is_a_warning_itself_whatever_the_baseline_says() {
    let objectives = objectives(r#"{ metric = "duration", statistic = "max", at_most = "1 s" }"#);
    let baseline = learned(1_000, 3.0, 0.5);
    let norm = Norm { baseline: Some(&baseline), mature: true, objectives: &objectives };
    assert_eq!(limits(&norm, 1.0).levels[0], SECOND);
    assert_eq!(limits(&norm, 1.0).score(2 * SECOND), 1.0);
}

#[test]
fn an_objective_of_the_class_goes_before_one_for_all() {
    let objectives = objectives(
        r#"{ metric = "duration", statistic = "p99", at_most = "10 s" },
           { metric = "duration", statistic = "p99", size_class = "large", at_most = "60 s" },
           { metric = "memory", statistic = "max", at_most = "1 GB" }"#,
    );
    let norm = Norm { objectives: &objectives, ..Norm::default() };
    let of = |class| Limits::of(&norm, class, 1.0, Duration::ZERO, SECOND).unwrap().levels[0];
    assert_eq!(of(SizeClass::Small), 20 * SECOND);
    assert_eq!(of(SizeClass::Large), 120 * SECOND);
}

#[test]
fn healthy_log_normal_calls_are_told_as_seldom_as_promised() {
    for (count, sigma, rate) in
        [(200, 0.3, 0.2), (200, 0.8, 10.0), (2_000, 0.5, 1.0), (50_000, 0.5, 1_000.0)]
    {
        // Long enough that the floor does not help.
        let median = 100.0;
        let baseline = learned(count, median, sigma);
        let norm = Norm { baseline: Some(&baseline), mature: true, objectives: &[] };
        let limits = limits(&norm, rate);
        for (limit, every) in limits.levels.iter().zip(EVERY) {
            let chance = normal_above((limit.as_secs_f64() / median).ln() / sigma);
            let told = chance * rate * every;
            assert!(told <= 1.0, "{told} at {limit:?}, sigma {sigma}, rate {rate}");
        }
    }
}

#[test]
fn twice_the_p99_alone_would_be_told_every_few_minutes() {
    // Why the ratios do not stand alone: 10 calls a second, a sigma of 0.5.
    let chance = normal_above(2.326 + 2.0_f64.ln() / 0.5);
    assert!(chance * 10.0 * 86_400.0 > 80.0, "a day");
}

#[test]
fn levels_are_apart_and_ascend() {
    let baseline = learned(1_000, 0.000_001, 0.1);
    let norm = Norm { baseline: Some(&baseline), mature: true, objectives: &[] };
    // Microseconds: the floor holds.
    assert_eq!(limits(&norm, 1.0).levels, [5.0, 12.5, 25.0].map(Duration::from_secs_f64));
    let baseline = learned(1_000, 10.0, 1.5);
    let norm = Norm { baseline: Some(&baseline), mature: true, objectives: &[] };
    let [warning, critical, emergency] = limits(&norm, 100.0).levels;
    assert!(warning.mul_f64(1.49) < critical && critical.mul_f64(1.49) < emergency);
    assert!(warning <= baseline.p99.mul_f64(MOST[0] * 1.001), "a tail is believed so far");
}

#[test]
fn what_healthy_calls_have_often_reached_is_allowed() {
    let baseline = learned(1_000, 0.01, 0.3);
    let norm = Norm { baseline: Some(&baseline), mature: true, objectives: &[] };
    let limits = Limits::of(&norm, SizeClass::Unsized, 1.0, 60 * SECOND, 5 * SECOND).unwrap();
    assert_eq!(limits.levels[0], 90 * SECOND);
}

#[test]
fn an_immature_baseline_raises_nothing_above_info() {
    let baseline = learned(100, 0.1, 0.5);
    let norm = Norm { baseline: Some(&baseline), mature: false, objectives: &[] };
    assert_eq!(limits(&norm, 1.0).level(Duration::from_secs(86_400)), Some(Severity::Info));
    let objectives = objectives(r#"{ metric = "duration", statistic = "p95", at_most = "1 s" }"#);
    let norm = Norm { objectives: &objectives, ..norm };
    assert_eq!(limits(&norm, 1.0).level(Duration::from_secs(86_400)), Some(Severity::Emergency));
}

#[test]
fn nothing_known_is_nothing_allowed_or_forbidden() {
    let limits = Limits::of(&Norm::default(), SizeClass::Unsized, 1.0, SECOND, SECOND);
    assert_eq!(limits, None);
    let default = Limits::of_nothing(60 * SECOND);
    assert_eq!(default.level(59 * SECOND), None);
    assert_eq!(default.level(3_600 * SECOND), Some(Severity::Info));
}
