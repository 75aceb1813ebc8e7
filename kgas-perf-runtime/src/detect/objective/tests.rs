//! Objectives against windows of a registry whose clock is moved by hand.

use super::*;
use crate::catalog::{Catalogue, SizeClass};
use crate::detect::dice::Dice;
use crate::detect::standing::Unknown;
use crate::measure::{ManualClock, Metadata, Outcome, Severity, record_operation};
use crate::registry::{InFlight, MemoryDeltas, Registry, Series, Snapshot};

/// A registry, its clock, and the judge of one operation with one objective.
struct Bench {
    clock: ManualClock,
    registry: Registry,
    last: Snapshot,
    judge: ObjectiveJudge,
}

const MS: Duration = Duration::from_millis(1);

fn spec(objective: &str) -> OperationSpec {
    let text =
        format!("[operations.import]\ncategory = \"custom\"\nobjectives = [{{ {objective} }}]");
    Catalogue::parse(&text, "test").unwrap().get("import").unwrap().clone()
}

impl Bench {
    fn new(objective: &str) -> Self {
        let clock = ManualClock::new();
        let registry = Registry::with_clock(clock.clone());
        let last = registry.snapshot();
        Self { clock, registry, last, judge: ObjectiveJudge::new(&spec(objective)) }
    }

    /// Records calls, then ticks after `seconds`; answers whether the objective became worse.
    fn tick(
        &mut self,
        seconds: u64,
        calls: impl IntoIterator<Item = (Duration, Metadata)>,
    ) -> bool {
        self.registry.run(|| {
            for (duration, metadata) in calls {
                record_operation("import", duration, metadata);
            }
        });
        self.clock.advance(Duration::from_secs(seconds));
        let now = self.registry.snapshot();
        let windows = now.since(&self.last);
        let worse = self.judge.observe(self.last.monotonic, now.monotonic, &windows);
        let worse = !worse.is_empty();
        self.last = now;
        worse
    }

    /// Ticks each second with `rate` calls a second that end well after this long.
    fn steady(&mut self, seconds: u64, rate: usize, duration: Duration) {
        for _ in 0..seconds {
            self.tick(1, vec![(duration, Metadata::default()); rate]);
        }
    }

    fn judgement(&self) -> Judgement<'_> {
        self.judge.judgements().next().unwrap()
    }

    fn level(&self) -> Option<Severity> {
        self.judgement().standing.level()
    }

    fn value(&self) -> f64 {
        self.judgement().estimate.unwrap().value
    }
}

const P95: &str = r#"metric = "duration", statistic = "p95", at_most = "50 ms""#;

#[test]
fn an_operation_within_its_objective_is_clear() {
    let mut bench = Bench::new(P95);
    bench.steady(120, 10, 40 * MS);
    assert_eq!(bench.judgement().standing, Standing::Clear);
    assert_eq!(bench.judgement().budget, Some(Standing::Clear));
    let estimate = bench.judgement().estimate.unwrap();
    assert!((estimate.value / 40e6 - 1.0).abs() < 0.07, "{estimate:?}");
    assert!(estimate.calls >= 100 && estimate.over <= Duration::from_secs(60));
}

#[test]
fn what_is_beyond_the_bound_is_a_warning_and_twice_the_bound_is_critical() {
    for (duration, level) in [(50, None), (60, Some("warning")), (95, Some("warning"))] {
        let mut bench = Bench::new(P95);
        bench.steady(60, 10, duration * MS);
        assert_eq!(bench.level().map(Severity::as_str), level, "{duration} ms");
    }
    let mut bench = Bench::new(P95);
    bench.steady(60, 10, 110 * MS);
    assert_eq!(bench.level(), Some(Severity::Critical));
    let judgement = bench.judgement();
    let verdict = judgement.standing.verdict().unwrap();
    assert!((verdict.effect.unwrap() - 1.2).abs() < 0.15, "{verdict:?}");
    assert!(verdict.score > 0.99999);
    assert_eq!(verdict.since, Some(Duration::ZERO));
}

#[test]
fn the_median_may_be_slow_where_the_p95_is_bounded_and_five_per_cent_may_be_slower() {
    // 4 % above the bound keep it, 20 % do not.
    for (every, level) in [(25, None), (5, Some(Severity::Warning))] {
        let mut bench = Bench::new(P95);
        for _ in 0..60 {
            let calls = (0..50).map(|call| if call % every == 0 { 70 * MS } else { 10 * MS });
            bench.tick(1, calls.map(|duration| (duration, Metadata::default())));
        }
        assert_eq!(bench.level(), level, "one in {every}");
    }
}

#[test]
fn it_is_told_within_a_minute_and_clear_within_a_minute_after() {
    for rate in [1, 10, 100] {
        let mut bench = Bench::new(P95);
        bench.steady(120, rate, 10 * MS);
        let told = (1..=60).find(|_| {
            bench.steady(1, rate, 120 * MS);
            bench.level().is_some()
        });
        assert!(told.is_some_and(|seconds| seconds <= 40), "{rate}/s: {told:?}");
        bench.steady(60, rate, 120 * MS);
        assert_eq!(bench.level(), Some(Severity::Critical));
        let clear = (1..=120).find(|_| {
            bench.steady(1, rate, 10 * MS);
            bench.level().is_none()
        });
        assert!(clear.is_some_and(|seconds| seconds <= 60), "{rate}/s: {clear:?}");
    }
}

#[test]
fn a_spike_of_five_seconds_raises_nothing() {
    let objectives = [
        P95,
        r#"metric = "duration", statistic = "p50", at_most = "50 ms""#,
        r#"metric = "duration", statistic = "p99", at_most = "50 ms""#,
        r#"metric = "duration", statistic = "p999", at_most = "50 ms""#,
        r#"metric = "duration", statistic = "mean", at_most = "50 ms""#,
    ];
    for objective in objectives {
        for offset in [0, 3, 5, 8] {
            let mut bench = Bench::new(objective);
            bench.steady(60 + offset, 20, 10 * MS);
            for second in 0..90 {
                let duration = if second < 5 { 3_000 * MS } else { 10 * MS };
                bench.tick(1, vec![(duration, Metadata::default()); 20]);
                assert_eq!(bench.level(), None, "{objective} after {second} s");
            }
        }
    }
}

#[test]
fn one_call_breaks_a_bound_on_the_longest_and_however_it_ended() {
    for outcome in [Outcome::Ok, Outcome::Error, Outcome::Cancelled] {
        let mut bench = Bench::new(r#"metric = "duration", statistic = "max", at_most = "50 ms""#);
        bench.steady(30, 10, 20 * MS);
        assert_eq!(bench.level(), None);
        assert!(bench.tick(1, [(60 * MS, Metadata::new(outcome))]));
        assert_eq!(bench.level(), Some(Severity::Warning));
        assert!(!bench.tick(1, []), "told once");
        // It stands for five minutes.
        bench.steady(310, 1, 20 * MS);
        assert_eq!(bench.level(), None);
    }
}

#[test]
fn few_calls_are_too_few_and_say_how_many() {
    let mut bench = Bench::new(P95);
    bench.steady(2, 3, 10 * MS);
    let few = Standing::Unknown(Unknown::TooFew { found: 6, needed: 10 });
    assert_eq!(bench.judgement().standing, few);
    bench.steady(2, 3, 10 * MS);
    assert_eq!(bench.judgement().standing, Standing::Clear);
}

#[test]
fn a_call_a_minute_is_judged_by_the_half_hour() {
    let mut bench = Bench::new(P95);
    let mut told = None;
    for minute in 1..=30 {
        bench.tick(60, [(90 * MS, Metadata::default())]);
        if bench.level().is_some() {
            told.get_or_insert(minute);
        }
    }
    // 0.05^4 is the first power below 1 in 100,000; one call may be a spike.
    assert_eq!(told, Some(5));
    // It is clear when the half hour holds few slow calls: five fast ones prove nothing yet.
    let clear = (1..=30).find(|_| {
        bench.tick(60, [(10 * MS, Metadata::default())]);
        bench.level().is_none()
    });
    assert!(clear.is_some_and(|minutes| minutes <= 28), "{clear:?}");
}

#[test]
fn a_mean_is_judged_by_its_spread() {
    let objective = r#"metric = "duration", statistic = "mean", at_most = "100 ms""#;
    let mut dice = Dice::new(5);
    // The mean of a log-normal is its median times exp(sigma² / 2).
    for (median, level) in [(70.0, None), (130.0, Some(Severity::Warning))] {
        let mut bench = Bench::new(objective);
        let mut raised = 0;
        for _ in 0..300 {
            let calls: Vec<_> = (0..10)
                .map(|_| Duration::from_secs_f64(dice.log_normal(median, 0.5) / 1e3))
                .map(|duration| (duration, Metadata::default()))
                .collect();
            bench.tick(1, calls);
            raised += u64::from(bench.level().is_some());
        }
        assert_eq!(bench.level(), level, "median {median} ms");
        assert!(raised == 0 || level.is_some(), "raised {raised} times");
        let estimate = bench.judgement().estimate.unwrap();
        let mean = median * 1.133_148 * 1e6;
        assert!((estimate.value / mean - 1.0).abs() < 0.1, "{estimate:?} for {mean}");
    }
}

#[test]
fn errors_are_a_share_of_the_calls_that_were_not_cancelled() {
    let mut bench = Bench::new(r#"metric = "error_rate", at_most = "1 %""#);
    for second in 0..300 {
        let mut calls = vec![(MS, Metadata::default()); 40];
        calls.extend(vec![(MS, Metadata::new(Outcome::Cancelled)); 40]);
        if second % 5 == 0 {
            calls.push((MS, Metadata::new(Outcome::Panicked)));
        }
        bench.tick(1, calls);
    }
    assert_eq!(bench.level(), None);
    assert!((bench.value() - 0.005).abs() < 0.002, "{}", bench.value());
    for _ in 0..60 {
        let failed = vec![(MS, Metadata::new(Outcome::Error)); 4];
        bench.tick(1, [vec![(MS, Metadata::default()); 36], failed].concat());
    }
    assert_eq!(bench.level(), Some(Severity::Critical));
    assert!((bench.value() - 0.1).abs() < 0.01);
    let interval = bench.judgement().estimate.unwrap().interval;
    assert!(interval.contains(0.1) && interval.high - interval.low < 0.03);
}

#[test]
fn no_error_is_allowed_where_the_bound_is_nothing() {
    let mut bench = Bench::new(r#"metric = "error_rate", at_most = "0 %""#);
    bench.steady(30, 10, MS);
    assert_eq!(bench.level(), None);
    bench.tick(1, [(MS, Metadata::new(Outcome::Error))]);
    assert_eq!(bench.level(), Some(Severity::Warning));
}

#[test]
fn outside_what_is_expected_is_info_inside_the_bound() {
    let objective = r#"metric = "duration", statistic = "p95", expected = ["5 ms", "20 ms"], at_most = "50 ms""#;
    for (duration, level) in [(2, None), (15, None), (30, Some(Severity::Info))] {
        let mut bench = Bench::new(objective);
        bench.steady(60, 10, duration * MS);
        assert_eq!(bench.level(), level, "{duration} ms");
    }
}

#[test]
fn an_objective_of_a_size_class_is_for_that_class_alone() {
    let objective =
        r#"metric = "duration", statistic = "p95", size_class = "small", at_most = "50 ms""#;
    let mut bench = Bench::new(objective);
    for _ in 0..60 {
        let large = (900 * MS, Metadata::default().size(50_000));
        let small = (20 * MS, Metadata::default().size(500));
        bench.tick(1, [vec![large; 10], vec![small; 10]].concat());
    }
    assert_eq!(bench.judgement().standing, Standing::Clear);
    for _ in 0..60 {
        bench.tick(1, vec![(900 * MS, Metadata::default().size(500)); 10]);
    }
    assert_eq!(bench.level(), Some(Severity::Critical));
    // One without a class is for all of them.
    let mut all = Bench::new(P95);
    for _ in 0..60 {
        all.tick(1, vec![(900 * MS, Metadata::default().size(50_000)); 10]);
    }
    assert_eq!(all.level(), Some(Severity::Critical));
}

#[test]
fn too_little_is_asked_for_to_judge_a_lower_bound_on_throughput() {
    let mut bench = Bench::new(r#"metric = "throughput", at_least = "20 /s""#);
    bench.steady(120, 5, MS);
    let standing = bench.judgement().standing;
    assert!(matches!(standing, Standing::Unknown(Unknown::NotJudged(_))), "{standing:?}");
    bench.steady(120, 30, MS);
    assert_eq!(bench.judgement().standing, Standing::Clear);
    assert!((bench.value() - 30.0).abs() < 3.0, "{}", bench.value());
}

/// A window of an operation without calls that ended.
fn window(start: u64, series: Series) -> Window {
    let [start, end] = [start, start + 1].map(Duration::from_secs);
    Window { operation: "import".to_owned(), start, end, series }
}

#[test]
fn throughput_is_too_low_when_calls_pile_up() {
    let mut judge = ObjectiveJudge::new(&spec(r#"metric = "throughput", at_least = "20 /s""#));
    for second in 0..60 {
        let mut series = Series::new(SizeClass::Unsized);
        series.unfiled = 5;
        series.in_flight = InFlight { calls: 10 + 3 * second, oldest: Some(MS) };
        let window = window(second, series);
        judge.observe(window.start, window.end, std::slice::from_ref(&window));
    }
    let judgement = judge.judgements().next().unwrap();
    // 5 a second are less than half of 20.
    assert_eq!(judgement.standing.level(), Some(Severity::Critical));
}

#[test]
fn concurrency_is_read_once_a_tick() {
    let mut judge =
        ObjectiveJudge::new(&spec(r#"metric = "concurrency", statistic = "max", at_most = 8"#));
    let mut at = |second, calls| {
        let mut series = Series::new(SizeClass::Unsized);
        series.in_flight = InFlight { calls, oldest: Some(MS) };
        let window = window(second, series);
        judge.observe(window.start, window.end, std::slice::from_ref(&window));
        judge.judgements().next().unwrap().standing.level()
    };
    for second in 0..30 {
        assert_eq!(at(second, 8), None);
    }
    assert_eq!(at(30, 9), Some(Severity::Warning));
    assert_eq!(at(31, 17), Some(Severity::Critical));
}

fn grown(second: u64, read: u64, overlapped: u64, sum: i64, max: i64) -> Window {
    let mut series = Series::new(SizeClass::Unsized);
    series.memory = Some(MemoryDeltas {
        read,
        overlapped,
        end_only: 0,
        sum_bytes: sum,
        min_bytes: 0,
        max_bytes: max,
    });
    window(second, series)
}

#[test]
fn the_largest_growth_of_memory_counts_when_it_happens() {
    let objective = r#"metric = "memory", statistic = "max", at_most = "500 MB""#;
    for (overlapped, level) in [(0, Severity::Warning), (1, Severity::Info)] {
        let mut judge = ObjectiveJudge::new(&spec(objective));
        let mut levels = Vec::new();
        for second in 0..400 {
            // The extreme of a window is that of all calls so far.
            let max = if second < 50 { 100_000_000 } else { 600_000_000 };
            let window = grown(second, 1, overlapped, 1_000, max);
            judge.observe(window.start, window.end, std::slice::from_ref(&window));
            levels.push(judge.judgements().next().unwrap().standing.level());
        }
        assert_eq!(levels[49], None);
        assert_eq!(levels[50], Some(level));
        assert_eq!(levels[399], None, "it happened once");
    }
}

#[test]
fn mean_growth_of_memory_is_judged_by_what_its_minutes_have_in_common() {
    let objective = r#"metric = "memory", statistic = "mean", at_most = "1 MB""#;
    for (mean, level) in [(800_000.0, None), (1_600_000.0, Some(Severity::Warning))] {
        let mut dice = Dice::new(8);
        let mut judge = ObjectiveJudge::new(&spec(objective));
        for second in 0..600 {
            let sum = (0..4).map(|_| dice.log_normal(mean, 0.3) as i64).sum();
            let window = grown(second, 4, 0, sum, 2_000_000);
            judge.observe(window.start, window.end, std::slice::from_ref(&window));
        }
        assert_eq!(judge.judgements().next().unwrap().standing.level(), level, "{mean}");
    }
}

#[test]
fn what_no_window_answers_says_so_until_it_is_told() {
    let mut bench = Bench::new(r#"metric = "cache_hit_rate", at_least = "60 %""#);
    bench.steady(30, 10, MS);
    let why = Unknown::NotJudged("no window holds the look-ups of a cache");
    assert_eq!(bench.judgement().standing, Standing::Unknown(why));
    for _ in 0..60 {
        let now = bench.last.monotonic;
        assert!(bench.judge.tell_share(Metric::CacheHitRate, now, 3, 10));
        bench.steady(1, 10, MS);
    }
    assert_eq!(bench.level(), Some(Severity::Warning));
    assert!((bench.value() - 0.3).abs() < 1e-9);
    assert!(!bench.judge.tell_share(Metric::ErrorRate, Duration::ZERO, 1, 1));
}

#[test]
fn a_short_peak_does_not_break_a_sustained_level() {
    let cpu = |reading: &dyn Fn(u64) -> f64| {
        let mut bench = Bench::new(r#"metric = "cpu", statistic = "sustained", at_most = "70 %""#);
        for second in 0..360 {
            let now = bench.last.monotonic;
            let value = Quantity::Ratio(reading(second));
            assert!(bench.judge.tell_reading(Metric::Cpu, now, value));
            assert!(!bench.judge.tell_reading(Metric::Cpu, now, Quantity::Count(1)));
            bench.tick(1, []);
        }
        bench.level()
    };
    assert_eq!(cpu(&|second| if second % 100 == 0 { 0.5 } else { 0.99 }), None);
    assert_eq!(cpu(&|_| 0.8), Some(Severity::Warning));
}

#[test]
fn ten_windows_of_a_second_and_one_of_ten_are_judged_alike() {
    let objectives = [
        P95,
        r#"metric = "duration", statistic = "mean", at_most = "50 ms""#,
        r#"metric = "duration", statistic = "max", at_most = "300 ms""#,
        r#"metric = "error_rate", at_most = "5 %""#,
        r#"metric = "throughput", at_most = "3 /s""#,
    ];
    for (seed, objective) in objectives.into_iter().enumerate() {
        let mut dice = Dice::new(seed as u64);
        let (mut in_turn, mut at_once) = (Bench::new(objective), Bench::new(objective));
        let mut differing = std::collections::BTreeSet::new();
        for step in 0..120 {
            // The operation wanders from well within the bound to well beyond it.
            let level = dice.log_normal(30.0, 0.2) * (1.5 * (f64::from(step) / 8.0).sin()).exp();
            let mut all = Vec::new();
            for _ in 0..10 {
                let rate = dice.poisson(4.0);
                let calls: Vec<_> = (0..rate)
                    .map(|_| {
                        let failed = dice.unit() < level / 1_000.0;
                        let outcome = if failed { Outcome::Error } else { Outcome::Ok };
                        let duration = Duration::from_secs_f64(dice.log_normal(level, 0.4) / 1e3);
                        (duration, Metadata::new(outcome))
                    })
                    .collect();
                all.extend(calls.clone());
                in_turn.tick(1, calls);
            }
            at_once.tick(10, all);
            assert_eq!(in_turn.level(), at_once.level(), "{objective}, seed {seed}");
            let budgets = [&in_turn, &at_once].map(|bench| bench.judgement().budget);
            assert_eq!(
                budgets[0].as_ref().map(Standing::level),
                budgets[1].as_ref().map(Standing::level)
            );
            differing.insert(in_turn.level());
        }
        assert!(differing.len() > 1, "{objective} was never raised, or always");
    }
}

#[test]
fn an_operation_at_nine_tenths_of_its_bound_raises_nothing_in_an_hour() {
    // p95 of a log-normal is its median times exp(1.645 sigma).
    let median = 0.9 * 50.0 / (1.645_f64 * 0.4).exp();
    for seed in 0..2 {
        let mut dice = Dice::new(seed);
        let mut bench = Bench::new(P95);
        for second in 0..3_600 {
            let calls: Vec<_> = (0..dice.poisson(3.0))
                .map(|_| Duration::from_secs_f64(dice.log_normal(median, 0.4) / 1e3))
                .map(|duration| (duration, Metadata::default()))
                .collect();
            bench.tick(1, calls);
            assert_eq!(bench.level(), None, "seed {seed} at {second} s");
            let budget = bench.judgement().budget.unwrap();
            assert_eq!(budget.level(), None, "seed {seed} at {second} s");
        }
        // The interval holds the truth.
        let estimate = bench.judgement().estimate.unwrap();
        assert!(estimate.interval.low < 47e6 && estimate.interval.high > 43e6, "{estimate:?}");
    }
}

#[test]
fn an_operation_just_beyond_its_bound_does_not_flap() {
    // p95 at 1.1 times the bound, with a wobble of 5 % over 20 seconds.
    let median = 1.1 * 50.0 / (1.645_f64 * 0.4).exp();
    let (mut dice, mut wobble) = (Dice::new(13), 0.0);
    let mut bench = Bench::new(P95);
    let (mut episodes, mut before) = (0, None);
    for _ in 0..3_600 {
        wobble = 0.951 * wobble + 0.0154 * dice.normal();
        let calls: Vec<_> = (0..10)
            .map(|_| dice.log_normal(median, 0.4) * f64::exp(wobble) / 1e3)
            .map(|seconds| (Duration::from_secs_f64(seconds), Metadata::default()))
            .collect();
        bench.tick(1, calls);
        episodes += usize::from(bench.level().is_some() && before.is_none());
        before = bench.level();
    }
    assert_eq!(bench.level(), Some(Severity::Warning));
    assert!(episodes <= 2, "raised {episodes} times");
}

#[test]
fn an_escalation_is_answered_once() {
    let mut bench = Bench::new(P95);
    let mut worse = 0;
    for second in 0..120 {
        let duration = if second < 60 { 70 * MS } else { 300 * MS };
        worse += usize::from(bench.tick(1, vec![(duration, Metadata::default()); 10]));
    }
    assert_eq!(bench.level(), Some(Severity::Critical));
    assert_eq!(worse, 2, "warning, then critical");
}
