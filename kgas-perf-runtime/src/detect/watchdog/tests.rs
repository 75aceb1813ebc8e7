//! The watchdog against calls whose fate is known, in time that is moved by hand.

use super::*;
use crate::baseline::Baseline;
use crate::detect::dice::Dice;
use crate::histogram::Distribution;
use crate::measure::{ManualClock, Measurement, Metadata, record_operation};
use crate::registry::{Registry, Series, Snapshot};

const SECOND: Duration = Duration::from_secs(1);

fn learned(mut next: impl FnMut() -> f64) -> Baseline {
    let ok: Distribution = (0..2_000).map(|_| Duration::from_secs_f64(next())).collect();
    Baseline::learn("import", SizeClass::Unsized, &ok, Duration::ZERO).unwrap()
}

fn log_normal(median: f64, sigma: f64) -> Baseline {
    let mut dice = Dice::new(9);
    learned(|| dice.log_normal(median, sigma))
}

/// A registry whose calls of "import" are watched once a second.
struct Bench {
    clock: ManualClock,
    registry: Registry,
    last: Snapshot,
    watchdog: Watchdog,
    baseline: Option<Baseline>,
}

impl Bench {
    fn new(watchdog: Watchdog, baseline: Option<Baseline>) -> Self {
        let clock = ManualClock::new();
        let registry = Registry::with_clock(clock.clone());
        let last = registry.snapshot();
        Self { clock, registry, last, watchdog, baseline }
    }

    /// Moves time on and looks; answers what was told.
    fn look(&mut self, after: Duration) -> Vec<Severity> {
        self.clock.advance(after);
        let now = self.registry.snapshot();
        let windows = now.since(&self.last);
        self.last = now;
        let norm = Norm { baseline: self.baseline.as_ref(), mature: true, objectives: &[] };
        let told = self.watchdog.look(self.last.monotonic, &windows, |_, _| norm);
        told.iter().filter_map(|watched| watched.standing.level()).collect()
    }

    fn level(&self) -> Option<Severity> {
        self.watchdog.standings().find_map(|watched| watched.standing.level())
    }
}

#[test]
fn a_hung_call_is_told_three_times_before_it_returns_and_is_clear_when_it_has() {
    let mut bench = Bench::new(Watchdog::new(), Some(log_normal(0.1, 0.5)));
    let registry = bench.registry.clone();
    let scope = registry.enter();
    let call = Measurement::start("import");
    let mut told = Vec::new();
    for second in 1..=120 {
        told.extend(bench.look(SECOND).into_iter().map(|severity| (second, severity)));
    }
    let severities: Vec<_> = told.iter().map(|(_, severity)| *severity).collect();
    assert_eq!(severities, [Severity::Warning, Severity::Critical, Severity::Emergency]);
    assert!(told[0].0 <= 7 && told[2].0 <= 60, "{told:?}");
    {
        let watched = bench.watchdog.standings().next().unwrap();
        assert_eq!((watched.operation, watched.in_flight.calls), ("import", 1));
        let verdict = watched.standing.verdict().unwrap();
        assert_eq!(verdict.since, Some(Duration::ZERO));
        assert!(verdict.score > 0.999 && verdict.effect.unwrap() > 100.0);
    }
    call.finish(crate::measure::Outcome::Ok);
    assert!(bench.look(SECOND).is_empty());
    assert_eq!(bench.level(), None);
    drop(scope);
}

#[test]
fn a_slow_call_is_no_hung_one() {
    // 20 times the median, and back after 2 seconds.
    let mut bench = Bench::new(Watchdog::new(), Some(log_normal(0.1, 0.5)));
    let registry = bench.registry.clone();
    let scope = registry.enter();
    for _ in 0..100 {
        let call = Measurement::start("import");
        assert!(bench.look(SECOND).is_empty() && bench.look(SECOND).is_empty());
        drop(call);
        assert!(bench.look(SECOND).is_empty());
    }
    drop(scope);
}

#[test]
fn a_call_that_hangs_behind_another_keeps_the_level_it_has() {
    let watchdog = Watchdog::new().bound("import", 5 * SECOND);
    let mut bench = Bench::new(watchdog, None);
    let registry = bench.registry.clone();
    let scope = registry.enter();
    let first = Measurement::start("import");
    bench.look(SECOND);
    let second = Measurement::start("import");
    let told: Vec<_> = (0..30).flat_map(|_| bench.look(SECOND)).collect();
    assert_eq!(told.len(), 3);
    drop(first);
    bench.look(SECOND);
    assert_eq!(bench.level(), Some(Severity::Emergency));
    drop(second);
    bench.look(SECOND);
    assert_eq!(bench.level(), None);
    drop(scope);
}

#[test]
fn another_hung_call_is_told_again() {
    let watchdog = Watchdog::new().bound("import", 5 * SECOND);
    let mut bench = Bench::new(watchdog, None);
    let registry = bench.registry.clone();
    let scope = registry.enter();
    for _ in 0..2 {
        let call = Measurement::start("import");
        let told: Vec<_> = (0..7).flat_map(|_| bench.look(SECOND)).collect();
        assert_eq!(told, [Severity::Warning]);
        drop(call);
        assert!(bench.look(SECOND).is_empty());
    }
    drop(scope);
}

#[test]
fn a_dropped_future_is_not_in_flight() {
    use std::task::{Context, Waker};
    let watchdog = Watchdog::new().bound("import", 2 * SECOND);
    let mut bench = Bench::new(watchdog, None);
    let registry = bench.registry.clone();
    let mut future = Box::pin(registry.scope(async {
        let _call = Measurement::start("import");
        std::future::pending::<()>().await;
    }));
    let mut context = Context::from_waker(Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending());
    let told: Vec<_> = (0..4).flat_map(|_| bench.look(SECOND)).collect();
    assert_eq!(told, [Severity::Warning]);
    drop(future);
    bench.look(SECOND);
    assert_eq!(bench.level(), None);
}

#[test]
fn what_runs_for_ever_by_design_is_left_alone() {
    let mut bench = Bench::new(Watchdog::new().endless("import"), Some(log_normal(0.1, 0.5)));
    let registry = bench.registry.clone();
    let scope = registry.enter();
    let call = Measurement::start("import");
    for _ in 0..100 {
        assert!(bench.look(10 * SECOND).is_empty());
    }
    let watched = bench.watchdog.standings().next().unwrap();
    assert!(matches!(watched.standing, Standing::Unknown(_)));
    drop((call, scope));
}

#[test]
fn of_what_nothing_is_known_nobody_is_woken() {
    for (watchdog, told) in
        [(Watchdog::new(), vec![Severity::Info]), (Watchdog::new().unknown(None), vec![])]
    {
        let mut bench = Bench::new(watchdog, None);
        let registry = bench.registry.clone();
        let scope = registry.enter();
        let call = Measurement::start("import");
        let found: Vec<_> = (0..12 * 360).flat_map(|_| bench.look(10 * SECOND)).collect();
        assert_eq!(found, told);
        drop((call, scope));
    }
}

#[test]
fn a_suspended_machine_makes_no_call_hung() {
    let mut bench = Bench::new(Watchdog::new(), Some(log_normal(0.1, 0.5)));
    let registry = bench.registry.clone();
    let scope = registry.enter();
    let call = Measurement::start("import");
    bench.look(SECOND);
    assert!(bench.look(8 * 3_600 * SECOND).is_empty());
    assert!(bench.look(SECOND).is_empty());
    // It does hang, and is told from the time that was watched.
    let told: Vec<_> = (0..60).flat_map(|_| bench.look(SECOND)).collect();
    assert_eq!(told.len(), 3);
    drop((call, scope));
}

/// A window of "import" with calls that ended and calls in flight.
fn window(now: u32, ended: Option<Series>, oldest: Option<f64>) -> Window {
    let mut series = ended.unwrap_or_else(|| Series::new(SizeClass::Unsized));
    let oldest = oldest.map(Duration::from_secs_f64);
    series.in_flight = InFlight { calls: u64::from(oldest.is_some()), oldest };
    let end = now * SECOND;
    Window { operation: "import".to_owned(), start: end.saturating_sub(SECOND), end, series }
}

#[test]
fn a_start_that_was_seen_once_is_not_believed() {
    // A call that is just starting may show the start of the one before it.
    let baseline = log_normal(0.1, 0.5);
    let mut watchdog = Watchdog::new();
    let norm = Norm { baseline: Some(&baseline), mature: true, objectives: &[] };
    for now in 10_000..10_100 {
        let stale = if now % 2 == 0 { 500.0 + 10.0 * f64::from(now - 10_000) } else { 0.01 };
        let windows = [window(now, None, Some(stale))];
        assert!(watchdog.look(now * SECOND, &windows, |_, _| norm).is_empty(), "{now}");
    }
}

/// Plays calls that come one a second for some hours, and counts what is told and how often a
/// call was above twice the p99 when the watchdog looked.
fn play(hours: u32, baseline: &Baseline, mut next: impl FnMut() -> f64) -> (Vec<Severity>, usize) {
    let mut watchdog = Watchdog::new();
    let (mut told, mut above) = (Vec::new(), 0);
    let mut running: Vec<(f64, f64)> = Vec::new();
    let norm = Norm { baseline: Some(baseline), mature: true, objectives: &[] };
    let twice = 2.0 * baseline.p99.as_secs_f64();
    let registry = Registry::with_clock(ManualClock::new());
    let mut last = registry.snapshot();
    for second in 1..=hours * 3_600 {
        let now = f64::from(second);
        running.push((now - 0.5, next()));
        running.retain(|(start, duration)| {
            let ended = start + duration <= now;
            if ended {
                let duration = Duration::from_secs_f64(*duration);
                registry.run(|| record_operation("import", duration, Metadata::default()));
            }
            !ended
        });
        let oldest = running.iter().map(|(start, _)| now - start).reduce(f64::max);
        above += usize::from(oldest.is_some_and(|age| age > twice));
        let snapshot = registry.snapshot();
        let ended = snapshot.since(&last).pop().map(|window| window.series);
        last = snapshot;
        let windows = [window(second, ended, oldest)];
        let worse = watchdog.look(second * SECOND, &windows, |_, _| norm);
        told.extend(worse.iter().filter_map(|watched| watched.standing.level()));
    }
    (told, above)
}

#[test]
fn healthy_calls_are_not_told_however_often_they_pass_twice_their_p99() {
    let mut dice = Dice::new(21);
    let mut passed = 0;
    for (median, sigma) in [(4.0, 0.5), (3.0, 0.8)] {
        let baseline = learned(|| dice.log_normal(median, sigma));
        let mut calls = Dice::new(22);
        let (told, above) = play(2, &baseline, || calls.log_normal(median, sigma));
        assert_eq!(told, [], "sigma {sigma}");
        passed += above;
    }
    assert!(passed > 10, "the plain ratio would have told {passed}");
}

#[test]
fn an_operation_with_a_rare_mode_is_told_a_few_times_and_then_known() {
    // One call in 1,000 takes 100 times as long; of 2,000 calls p99 shows nothing of it.
    let mut dice = Dice::new(31);
    let baseline = learned(|| dice.log_normal(0.2, 0.3));
    let mut calls = Dice::new(32);
    let mut rare = 0;
    let (told, _) = play(6, &baseline, || {
        let is_rare = calls.unit() < 0.001;
        rare += usize::from(is_rare);
        calls.log_normal(if is_rare { 20.0 } else { 0.2 }, 0.3)
    });
    assert!(rare >= 15, "{rare}");
    assert!((1..=9).contains(&told.len()), "{told:?} of {rare}");
}

#[test]
fn heavy_tails_are_told_seldom() {
    // Pareto with an index of 1/1.5 beyond a second.
    let mut dice = Dice::new(41);
    let mut pareto = || dice.unit().powf(-1.0 / 1.5);
    let baseline = learned(&mut pareto);
    let (told, above) = play(3, &baseline, pareto);
    assert!(above > 50, "{above}");
    assert!(told.len() <= 1, "{told:?}");
}
