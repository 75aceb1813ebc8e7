//! A process goes on where the one before it left off: baselines stand, alerts stay open and are
//! told once, judges judge on, and counters do not jump.

mod judging_support;

use std::collections::BTreeMap;
use std::time::Duration;

use judging_support::{IMPORT, Program, Told};
use kgas_perf_runtime::Registry;
use kgas_perf_runtime::alert::{Matcher, Silence};
use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::collector::Tick;
use kgas_perf_runtime::detect::Kind;
use kgas_perf_runtime::install::Builder;
use kgas_perf_runtime::measure::{Clock, ManualClock, Metadata, Severity, record_operation};
use kgas_perf_runtime::store::{Loaded, Noted};
use kgas_perf_testkit::fake::FakeStore;

const CLASS: SizeClass = SizeClass::Unsized;

/// The clock of a process that began at some time.
#[derive(Clone, Debug)]
struct Since {
    began: Duration,
    clock: ManualClock,
}

impl Clock for Since {
    fn now(&self) -> Duration {
        self.clock.now()
    }

    fn unix(&self) -> Duration {
        self.began + self.clock.now()
    }
}

/// One process after another, each a minute after the one before had ended.
struct World {
    program: Program,
    store: FakeStore,
    began: Duration,
    /// What the processes before it had left behind.
    loaded: Loaded,
}

impl World {
    fn begin(seed: u64) -> Self {
        Self::process(seed, Duration::from_secs(1_800_000_000), Loaded::default(), |it| it)
    }

    fn process(
        seed: u64,
        began: Duration,
        loaded: Loaded,
        choose: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let (clock, store) = (ManualClock::new(), FakeStore::with(loaded.clone()));
        let registry = Registry::with_clock(Since { began, clock: clock.clone() });
        let kept = store.clone();
        let program = Program::over(clock, registry, seed, |builder| choose(builder.store(kept)));
        Self { program, store, began, loaded }
    }

    /// Ends the process, and begins the next.
    fn restart(self, seed: u64) -> Self {
        self.restart_with(seed, |builder| builder)
    }

    fn restart_with(self, seed: u64, choose: impl FnOnce(Builder) -> Builder) -> Self {
        self.program.handle.shutdown(Duration::from_secs(1)).unwrap();
        let accounts = self.program.handle.store_status().unwrap().accounts;
        assert!(accounts.add_up() && accounts.dropped.total() == 0, "{accounts}");
        let ended = self.began + self.program.clock.now();
        let loaded = self.left_behind();
        Self::process(seed, ended + Duration::from_secs(60), loaded, choose)
    }

    /// So many seconds, each kept at its end; answers in how many an alert was open that people
    /// are told of.
    fn seconds(&mut self, many: u64, rate: f64, millis: f64) -> u64 {
        let paged = |world: &mut Self| {
            world.second(rate, millis);
            world.program.pages()
        };
        (0..many).map(|_| u64::from(paged(self))).sum()
    }

    fn second(&mut self, rate: f64, millis: f64) -> Tick {
        let tick = self.program.second(rate, millis);
        self.program.handle.flush().unwrap();
        tick
    }

    /// What its store answers to the process after it.
    fn left_behind(&self) -> Loaded {
        let batches = self.store.batches();
        let before = &self.loaded;
        let judges = batches.iter().flat_map(|batch| &batch.judges).chain(&before.judges);
        let mut newest = BTreeMap::new();
        for judge in judges {
            let key = (judge.operation.clone(), judge.size_class);
            let known = newest.entry(key).or_insert(judge);
            *known = if judge.at > known.at { judge } else { known };
        }
        let baselines = batches.iter().flat_map(|batch| &batch.baselines);
        let alerts = batches.iter().rev().find_map(|batch| batch.alerts.as_deref());
        Loaded {
            last_seen: Some(self.began + self.program.clock.now()),
            ended_well: self.store.is_closed(),
            baselines: before.baselines.iter().chain(baselines).cloned().collect(),
            alerts: alerts.or(before.alerts.as_ref()).cloned(),
            judges: newest.into_values().cloned().collect(),
        }
    }

    fn versions(&self) -> Vec<u32> {
        let versions = self.program.handle.collector().versions(IMPORT, CLASS);
        versions.iter().map(|baseline| baseline.version).collect()
    }
}

#[test]
fn baselines_stand_and_nothing_jumps() {
    let mut world = World::begin(1);
    world.seconds(600, 20.0, 10.0);
    let before = world.program.handle.collector().baseline(IMPORT, CLASS).unwrap();
    assert!(before.is_mature());
    assert_eq!(world.versions(), [1]);

    let mut world = world.restart(2);
    let collector = world.program.handle.collector();
    assert_eq!(collector.baseline(IMPORT, CLASS), Some(before.clone()), "before the first tick");
    assert_eq!(collector.learning(IMPORT, CLASS).unwrap().to_string(), "established");
    let tick = world.second(20.0, 10.0);
    assert_eq!(tick.windows.len(), 1);
    assert_eq!(tick.windows[0].series.calls(), 20, "not those of the process before");
    assert_eq!(world.seconds(120, 20.0, 10.0), 0);
    assert_eq!(world.program.handle.baselines(), [before]);

    // Versions go on counting, also over one more restart.
    let handle = &world.program.handle;
    handle.collector().accept(IMPORT, CLASS, "ada", "reads more").unwrap();
    assert_eq!(world.versions(), [2, 1]);
    world.second(20.0, 10.0);
    let baselines = world.left_behind().baselines;
    assert_eq!(baselines.iter().map(|known| known.version).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn an_alert_stays_open_and_is_told_once_and_so_is_its_end() {
    let told = Told::default();
    tracing::subscriber::with_default(told.clone(), || {
        let mut world = World::begin(3);
        world.seconds(600, 20.0, 10.0);
        world.seconds(120, 20.0, 30.0);
        let alert = world.program.alert("slower").expect("it is slower");
        assert_eq!(told.lines().len(), 1, "{:#?}", told.lines());
        for seed in [4, 5] {
            world = world.restart(seed);
            assert_eq!(world.program.alert("slower").map(|it| it.id), Some(alert.id));
            world.seconds(150, 20.0, 30.0);
            let open = world.program.alert("slower").expect("it is still slower");
            assert_eq!((open.id, open.severity), (alert.id, alert.severity));
            assert_eq!(told.lines().len(), 1, "{:#?}", told.lines());
        }
        world.seconds(400, 20.0, 10.0);
        assert!(world.program.alert("slower").is_none());
        world = world.restart(6);
        world.seconds(60, 20.0, 10.0);
    });
    let lines = told.lines();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(lines[1].contains("reason=\"all_resolved\""), "{lines:#?}");
}

#[test]
fn what_ended_while_no_process_ran_is_over_once_calls_have_settled() {
    let mut world = World::begin(7);
    world.seconds(600, 20.0, 10.0);
    world.seconds(120, 20.0, 30.0);
    assert!(world.program.alert("slower").is_some());
    let mut world = world.restart(8);
    world.seconds(400, 20.0, 10.0);
    assert!(world.program.alert("slower").is_none(), "a deploy mended it");
}

#[test]
fn silences_and_acknowledgements_hold() {
    let told = Told::default();
    tracing::subscriber::with_default(told.clone(), || {
        let mut world = World::begin(9);
        let now = world.began;
        let import = Matcher::is("operation", IMPORT);
        let until = now + Duration::from_secs(86_400);
        let silence = Silence::new(import, now, until, "ada", "the index is rebuilt").unwrap();
        world.program.handle.silence(silence).unwrap();
        world.seconds(600, 20.0, 10.0);
        let mut world = world.restart(10);
        world.seconds(90, 20.0, 10.0);
        world.seconds(120, 20.0, 30.0);
        let incident = *world.program.handle.alerts().incidents.keys().next().unwrap();
        world.program.handle.acknowledge(incident, "ada").unwrap();
        let world = world.restart(11);
        let alerts = world.program.handle.alerts();
        assert_eq!(alerts.silences.len(), 1);
        assert_eq!(alerts.incidents[&incident].acknowledged.as_ref().unwrap().who, "ada");
    });
    assert_eq!(told.lines(), [""; 0]);
}

/// Seconds until the rule `slower` fires in a process whose calls take so long.
fn seconds_until_slower(world: &mut World, most: u64, millis: impl Fn(f64) -> f64) -> Option<u64> {
    (1..=most).find(|&second| {
        world.second(20.0, millis(second as f64));
        world.program.alert("slower").is_some()
    })
}

#[test]
fn a_slowdown_that_came_with_a_deploy_is_found() {
    for seed in 20..22 {
        let mut world = World::begin(seed);
        world.seconds(600, 20.0, 10.0);
        let mut world = world.restart(seed + 100);
        // It settles within three minutes, and is told within a minute of that.
        let found = seconds_until_slower(&mut world, 240, |_| 20.0);
        assert!(found.is_some(), "{seed}");
        let open = world.program.alert("slower").unwrap();
        assert_eq!(open.evidence.kind, Some(Kind::Location));
        assert_eq!(open.evidence.baseline.unwrap().version, 1, "against the first process's");
        assert!(open.severity >= Severity::Warning || open.evidence.ratio > Some(1.7));
    }
}

#[test]
fn cold_caches_raise_nothing_and_hide_no_slowdown() {
    for (seed, memory) in [(30, 60.0), (31, 120.0)] {
        let mut world = World::begin(seed);
        world.seconds(600, 20.0, 10.0);
        let normal = world.program.handle.collector().baseline(IMPORT, CLASS).unwrap();
        let mut world = world.restart(seed + 100);
        let cold = |second: f64| 1.0 + 2.0 * (-second / memory).exp();
        let found = seconds_until_slower(&mut world, 600, |second| 10.0 * cold(second));
        assert_eq!(found, None, "{memory} s");
        assert_eq!(world.program.handle.collector().baseline(IMPORT, CLASS), Some(normal));
        let findings = world.store.batches();
        let findings = findings.iter().flat_map(|batch| &batch.notes);
        let found = findings.filter(|note| matches!(note.what, Noted::Verdict { .. })).count();
        assert_eq!(found, 0, "{memory} s");

        let mut world = world.restart(seed + 200);
        let slower = |second: f64| 20.0 * cold(second);
        let found = seconds_until_slower(&mut world, 900, slower);
        // The excess is below a fiftieth after four times the memory, and it settles soon.
        assert!(found.is_some_and(|at| at as f64 <= 5.0 * memory + 240.0), "{memory}: {found:?}");
    }
}

#[test]
fn another_environment_begins_afresh_and_the_first_comes_back() {
    let mut world = World::begin(40);
    world.seconds(600, 20.0, 10.0);
    let before = world.program.handle.collector().baseline(IMPORT, CLASS).unwrap();
    let mut world = world.restart_with(41, |builder| builder.features(["gpu"]));
    assert_eq!(world.program.handle.collector().baseline(IMPORT, CLASS), None);
    world.seconds(600, 20.0, 50.0);
    assert_eq!(world.versions(), [1], "of this environment");
    let world = world.restart(42);
    assert_eq!(world.program.handle.collector().baseline(IMPORT, CLASS), Some(before));
}

#[test]
fn a_damaged_judge_begins_anew_beside_its_baseline() {
    let mut world = World::begin(50);
    world.seconds(600, 20.0, 10.0);
    let before = world.program.handle.collector().baseline(IMPORT, CLASS).unwrap();
    world.program.handle.shutdown(Duration::from_secs(1)).unwrap();
    let mut loaded = world.left_behind();
    for judge in &mut loaded.judges {
        let middle = judge.state.len() / 2;
        judge.state[middle] ^= 0x10;
    }
    let began = world.began + Duration::from_secs(1_000);
    let mut world = World::process(51, began, loaded, |builder| builder);
    let known = world.program.handle.collector().baseline(IMPORT, CLASS);
    assert_eq!(known, Some(before.clone()));
    assert_eq!(world.seconds(600, 20.0, 10.0), 0);
    assert_eq!(world.seconds(60, 20.0, 30.0).min(1), 1, "it has learned to judge again");
    assert_eq!(world.program.handle.baselines(), [before]);
}

#[test]
fn each_slow_call_is_kept_once() {
    let mut world = World::begin(60);
    world.seconds(300, 20.0, 10.0);
    let registry = world.program.registry.clone();
    for _ in 0..5 {
        let slow = Duration::from_millis(123);
        registry.run(|| record_operation(IMPORT, slow, Metadata::default()));
        world.seconds(3, 20.0, 10.0);
    }
    world.program.handle.flush().unwrap();
    let batches = world.store.batches();
    let kept = batches.iter().flat_map(|batch| &batch.notes).filter_map(|note| match &note.what {
        Noted::SlowCall(call) => Some(call.duration.as_millis()),
        _ => None,
    });
    assert_eq!(kept.filter(|millis| (118..128).contains(millis)).count(), 5);
}
