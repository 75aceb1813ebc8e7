//! `State`: what a collector keeps from tick to tick.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use crate::alert::{Alerts, Band, Evaluation, Evidence, Subject};
use crate::baseline::{Baseline, ENOUGH, Environment, Pause};
use crate::catalog::{Dimension, OperationSpec, Quantity, SizeClass};
use crate::collector::finding::Finding;
use crate::collector::judged::{Judged, slowest};
use crate::collector::keeping::Keeping;
use crate::collector::resources::Resources;
use crate::collector::round::Round;
use crate::collector::store_watch::StoreWatch;
use crate::detect::{Judgement, Kind, Liveness, Loss, Norm, ObjectiveJudge, Standing, Watchdog};
use crate::registry::{Snapshot, Window};
use crate::store::Writer;

/// The series of one operation.
pub(super) type BySize = [Option<Box<Judged>>; SizeClass::ALL.len()];

/// What a collector keeps from tick to tick.
#[derive(Debug)]
pub(super) struct State {
    pub(super) last: Snapshot,
    pub(super) series: BTreeMap<String, BySize>,
    objectives: BTreeMap<String, ObjectiveJudge>,
    pub(super) watchdog: Watchdog,
    pub(super) liveness: Liveness,
    store: StoreWatch,
    pub(super) resources: Resources,
    pub(super) alerts: Alerts,
    /// Why nothing is learned, of any operation.
    pub(super) pauses: BTreeSet<Pause>,
    /// What is to be kept beyond the process.
    pub(super) keeping: Keeping,
    /// Whether there was no tick yet.
    begins: bool,
    /// Whether calls are judged by other baselines than now, and how many recorders are judged.
    pub(super) judges_anew: bool,
    pub(super) recorders: usize,
}

/// What a tick is judged with.
pub(super) struct Means<'a> {
    /// The operations that have objectives, by name.
    pub(super) declared: &'a HashMap<String, OperationSpec>,
    pub(super) environment: &'a Arc<Environment>,
    pub(super) suspended_after: Option<Duration>,
    pub(super) writer: Option<&'a Writer>,
}

/// What a tick came to, before the alerts.
pub(super) struct Judging {
    pub(super) learned: Vec<Baseline>,
    pub(super) findings: Vec<Finding>,
    pub(super) evaluations: Vec<Evaluation>,
}

impl State {
    pub(super) fn new(last: Snapshot, alerts: Alerts, watchdog: Watchdog) -> Self {
        Self {
            last,
            series: BTreeMap::new(),
            objectives: BTreeMap::new(),
            watchdog,
            liveness: Liveness::new(),
            store: StoreWatch::default(),
            resources: Resources::default(),
            alerts,
            pauses: BTreeSet::new(),
            keeping: Keeping::default(),
            begins: true,
            judges_anew: true,
            recorders: 0,
        }
    }

    pub(super) fn judged(&self, operation: &str, class: SizeClass) -> Option<&Judged> {
        self.series.get(operation)?[class as usize].as_deref()
    }

    pub(super) fn judged_mut(&mut self, operation: &str, class: SizeClass) -> Option<&mut Judged> {
        self.series.get_mut(operation)?[class as usize].as_deref_mut()
    }

    pub(super) fn all_judged(&self) -> impl Iterator<Item = &Judged> {
        self.series.values().flatten().flatten().map(Box::as_ref)
    }

    /// Judges everything that a tick saw.
    pub(super) fn judge(
        &mut self,
        snapshot: &Snapshot,
        windows: &[Window],
        means: &Means<'_>,
    ) -> Judging {
        let Self { last, series, objectives, watchdog, liveness, .. } = self;
        let Self { store, resources, alerts, pauses, begins, .. } = self;
        let passed = snapshot.monotonic.saturating_sub(last.monotonic);
        let suspended = means.suspended_after.is_some_and(|after| passed > after);
        let mut round = Round::new(alerts, snapshot.monotonic);
        let mut learned = Vec::new();
        for window in windows.iter().filter(|window| window.series.calls() > 0) {
            let class = window.series.size_class;
            let judged = judged(series, &window.operation, class, means.environment, pauses);
            let Some(judged) = judged else { continue };
            learned.extend(judged.tick(window, snapshot, suspended, &mut round));
        }
        if std::mem::take(begins) {
            learned.extend(learn_from_before(series, snapshot, means.environment, pauses));
        }
        for window in windows {
            if let Some(spec) = means.declared.get(&window.operation)
                && !objectives.contains_key(&spec.name)
            {
                objectives.insert(spec.name.clone(), ObjectiveJudge::new(spec));
            }
        }
        // What ended over a suspension says nothing of the operation.
        let told = if suspended { &[] } else { windows };
        for judge in objectives.values_mut() {
            of_objectives(judge, last.monotonic, snapshot, told, &mut round);
        }
        let known = |operation: &str, class: SizeClass| {
            let judged =
                series.get(operation).and_then(|classes| classes[class as usize].as_deref());
            let objectives = means.declared.get(operation).map_or(&[][..], |spec| &spec.objectives);
            let norm = judged.map_or_else(Norm::default, Judged::norm);
            Norm { objectives, ..norm }
        };
        of_watchdog(watchdog, snapshot, windows, known, &mut round);
        of_losses(liveness, snapshot, &mut round);
        if let Some(writer) = means.writer {
            store.look(snapshot.monotonic, &writer.status(), &mut round);
        }
        resources.judge(last.monotonic, snapshot.monotonic, &mut round);
        let Round { mut evaluations, findings, .. } = round;
        resources.speak(&mut evaluations, snapshot.monotonic);
        Judging { learned, findings, evaluations }
    }
}

/// What is known of an operation and size class; new if nothing is.
fn judged<'a>(
    series: &'a mut BTreeMap<String, BySize>,
    operation: &str,
    class: SizeClass,
    environment: &Arc<Environment>,
    pauses: &BTreeSet<Pause>,
) -> Option<&'a mut Judged> {
    if !series.contains_key(operation) {
        series.insert(operation.to_owned(), BySize::default());
    }
    let slot = &mut series.get_mut(operation)?[class as usize];
    let environment = Arc::clone(environment);
    let new = || Box::new(Judged::new(operation, class, environment, pauses.iter().copied()));
    Some(slot.get_or_insert_with(new))
}

/// What was recorded before there was a collector is no window, and enough for a first baseline.
fn learn_from_before(
    series: &mut BTreeMap<String, BySize>,
    snapshot: &Snapshot,
    environment: &Arc<Environment>,
    pauses: &BTreeSet<Pause>,
) -> Vec<Baseline> {
    let mut learned = Vec::new();
    for operation in snapshot.operations() {
        for total in operation.by_class.iter().filter(|total| total.calls() >= ENOUGH) {
            let judged = judged(series, &operation.name, total.size_class, environment, pauses);
            let unknown = judged.filter(|judged| judged.baseline().is_none());
            let of_it = |judged: &mut Judged| judged.learn(total, snapshot.unix);
            learned.extend(unknown.and_then(of_it));
        }
    }
    learned
}

/// How an operation's objectives stand: the worst of each size class.
fn of_objectives(
    judge: &mut ObjectiveJudge,
    start: Duration,
    snapshot: &Snapshot,
    windows: &[Window],
    round: &mut Round<'_>,
) {
    let operation = judge.operation().to_owned();
    let class =
        |judgement: &Judgement<'_>| judgement.objective.size_class.unwrap_or(SizeClass::Unsized);
    for worse in judge.observe(start, snapshot.monotonic, windows) {
        if let Standing::Raised(verdict) = worse.worst() {
            round.found(&Subject::operation(&operation, class(&worse)), &verdict, true);
        }
    }
    if judge.level().is_none() && !round.any_open() {
        return;
    }
    let mut worst: [Option<(Standing, usize)>; SizeClass::ALL.len()] = Default::default();
    for (place, (objective, standing)) in judge.standings().enumerate() {
        let slot = &mut worst[objective.size_class.unwrap_or(SizeClass::Unsized) as usize];
        let rank = |standing: &Standing| (standing.level(), *standing == Standing::Clear);
        if slot.as_ref().is_none_or(|(known, _)| rank(&standing) > rank(known)) {
            *slot = Some((standing, place));
        }
    }
    for (class, worst) in SizeClass::ALL.into_iter().zip(worst) {
        let Some((standing, place)) = worst else { continue };
        let subject = Subject::operation(&operation, class);
        let evidence = |_| {
            let against = judge.judgements().nth(place).map(|judgement| against(&judgement));
            Evidence {
                slowest: slowest(snapshot, &operation, class),
                ..against.unwrap_or_default()
            }
        };
        round.stands(&subject, &[Kind::Objective], &standing, evidence);
    }
}

/// The number that an objective bounds, and its bounds.
pub(super) fn against(judgement: &Judgement<'_>) -> Evidence {
    let objective = judgement.objective;
    let dimension = objective.metric.dimension();
    let value = judgement.estimate.map(|found| quantity(dimension, found.value));
    let statistic = objective.statistic.map_or(String::new(), |s| format!("{} ", s.as_str()));
    let normal = objective.expected.or(objective.at_most.map(|most| {
        let least = objective.at_least.unwrap_or(quantity(dimension, 0.0));
        (least, most)
    }));
    Evidence {
        what: Some(format!("{statistic}{}", objective.metric.as_str())),
        value,
        band: normal.map(|(low, high)| Band { low, high }),
        ..Evidence::default()
    }
}

fn quantity(dimension: Dimension, value: f64) -> Quantity {
    let whole = value.max(0.0).round() as u64;
    match dimension {
        Dimension::Duration => Quantity::DurationNs(whole),
        Dimension::Bytes => Quantity::Bytes(whole),
        Dimension::Ratio => Quantity::Ratio(value),
        Dimension::Rate => Quantity::PerSecond(value),
        Dimension::DataRate => Quantity::BitsPerSecond(whole),
        Dimension::Count => Quantity::Count(whole),
    }
}

/// How the calls in flight stand.
fn of_watchdog<'n>(
    watchdog: &mut Watchdog,
    snapshot: &Snapshot,
    windows: &[Window],
    norm: impl FnMut(&str, SizeClass) -> Norm<'n>,
    round: &mut Round<'_>,
) {
    for worse in watchdog.look(snapshot.monotonic, windows, norm) {
        if let Standing::Raised(verdict) = worse.standing {
            let subject = Subject::operation(worse.operation, worse.size_class);
            round.found(&subject, verdict, true);
        }
    }
    for watched in watchdog.standings() {
        if watched.standing.level().is_none() && !round.any_open() {
            continue;
        }
        let subject = Subject::operation(watched.operation, watched.size_class);
        let time = |time: Duration| {
            Quantity::DurationNs(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
        };
        let evidence = |_| Evidence {
            what: Some("age of the oldest call".to_owned()),
            value: watched.in_flight.oldest.map(time),
            band: watched.allowed.map(|most| Band { low: time(Duration::ZERO), high: time(most) }),
            slowest: slowest(snapshot, watched.operation, watched.size_class),
            ..Evidence::default()
        };
        round.stands(&subject, &[Kind::Unresponsive], watched.standing, evidence);
    }
}

/// What the registry could not keep.
fn of_losses(liveness: &mut Liveness, snapshot: &Snapshot, round: &mut Round<'_>) {
    let losses = Loss::of_registry(snapshot);
    for (name, standing) in liveness.look(snapshot.monotonic, &[], &losses) {
        if let Standing::Raised(verdict) = standing {
            round.found(&Subject::component(name), verdict, true);
        }
    }
    for (name, standing) in liveness.standings() {
        let evidence = |_| Evidence {
            what: Some(format!("{name} lost so far")),
            value: losses
                .iter()
                .find(|loss| loss.name == name)
                .map(|loss| Quantity::Count(loss.lost)),
            ..Evidence::default()
        };
        round.stands(&Subject::component(name), &[Kind::DataLoss], standing, evidence);
    }
}
