//! `Resources`: readings, on their way to rules, objectives, forecasts and evidence.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::alert::{Evaluation, Found, OPERATION, Subject};
use crate::catalog::{Catalogue, Category, Metric, Quantity};
use crate::collector::resource_numbers::resource_numbers;
use crate::collector::round::Round;
use crate::collector::state::against;
use crate::detect::{Kind, ObjectiveJudge, Standing};
use crate::resource::{Level, Mount, Outlook, Reading, Readings, Rise, Trend, levels, rises};
use crate::store::Number;

/// Readings older than this say nothing of now.
const FRESH: Duration = Duration::from_secs(30);
/// What rose is looked for over at least so long a time before it began, and over four times
/// the time since.
const LEAST_BEFORE: Duration = Duration::from_secs(15);
const TIMES_BEFORE: u32 = 4;
/// The time that is looked at where nobody knows when it began.
const LATELY: Duration = Duration::from_secs(15);
/// What rose is looked for again after so long, at most so often a tick, and kept for so many
/// begins.
const ROSE_FOR: Duration = Duration::from_secs(10);
const MOST_A_TICK: usize = 4;
const MOST_KEPT: usize = 32;
/// A limit that is further away than this is as good as none.
const FURTHEST: Duration = Duration::from_secs(365 * 24 * 3_600);
/// What has no reading for so long is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(3_600);
/// The longest value of a label.
const LONGEST_LABEL: usize = 256;

/// What a collector keeps of resources from tick to tick.
#[derive(Debug, Default)]
pub(super) struct Resources {
    readings: Option<Readings>,
    last: Option<Arc<Reading>>,
    judges: Vec<ObjectiveJudge>,
    watched: BTreeMap<Subject, Watched>,
    rose: BTreeMap<u64, Rose>,
    /// The last reading that was handed to the store.
    kept: Option<Arc<Reading>>,
}

/// Something that fills.
#[derive(Debug)]
struct Watched {
    trend: Trend,
    at: Duration,
    outlook: Outlook,
}

/// What rose since some time, and when that was found.
#[derive(Debug)]
struct Rose {
    found: Duration,
    rises: Vec<Rise>,
}

impl Resources {
    /// What was read since this was asked last, as numbers for the store.
    pub(super) fn numbers(&mut self) -> Vec<Number> {
        let Some(readings) = &self.readings else { return Vec::new() };
        let after = match &self.kept {
            Some(kept) => readings.after(kept.monotonic),
            None => readings.latest().into_iter().collect(),
        };
        let mut numbers = Vec::new();
        for reading in after {
            let before = self.kept.take().unwrap_or_default();
            numbers.extend(resource_numbers(&before, &reading));
            self.kept = Some(reading);
        }
        numbers
    }

    /// Judges readings by the objectives that a catalogue has for the system.
    pub(super) fn new(readings: Option<Readings>, catalogue: &Catalogue) -> Self {
        let of_system = catalogue.operations().iter().filter(|spec| {
            let told = |metric| source(metric).is_some();
            let judged = spec.objectives.iter().any(|objective| told(objective.metric));
            spec.category == Category::System && judged
        });
        let judges = of_system.map(|spec| {
            let mut spec = spec.clone();
            spec.objectives.retain(|objective| source(objective.metric).is_some());
            ObjectiveJudge::new(&spec)
        });
        let judges = judges.collect();
        Self { readings, judges, ..Self::default() }
    }

    /// Takes the readings since the tick before, and judges them.
    pub(super) fn judge(&mut self, start: Duration, now: Duration, round: &mut Round<'_>) {
        let Some(readings) = &self.readings else { return };
        let seen = self.last.as_ref().map(|last| last.monotonic);
        let fresh = match seen {
            Some(seen) => readings.after(seen),
            None => readings.all(),
        };
        for reading in fresh {
            self.take(&reading);
            self.last = Some(reading);
        }
        if self.last.is_none() {
            return;
        }
        self.meet_objectives(start, now, round);
        self.evaluate(now, round);
    }

    fn take(&mut self, reading: &Arc<Reading>) {
        if let Some(last) = &self.last {
            for judge in &mut self.judges {
                for metric in Metric::ALL {
                    let level = source(metric);
                    if let Some(value) = level.and_then(|level| level.between(last, reading)) {
                        judge.tell_reading(metric, reading.monotonic, value);
                    }
                }
            }
        }
        let mut watch = |subject: Subject, at: Duration, used: u64, limit: u64| {
            let new = || Watched { trend: Trend::new(), at, outlook: Outlook::TooShort };
            let watched = self.watched.entry(subject).or_insert_with(new);
            watched.at = at;
            if watched.trend.observe(at, used as f64) {
                watched.outlook = watched.trend.outlook(limit as f64);
            }
        };
        if let Some(mounts) = &reading.mounts {
            for mount in mounts.iter().filter(|mount| !mount.read_only) {
                watch(disk(mount), mounts.at, mount.used_bytes, mount.limit_bytes());
            }
        }
        if let (Some(all), Some(free)) = (reading.host.memory_bytes, reading.host.available_bytes) {
            watch(host_memory(), reading.monotonic, all.saturating_sub(free), all);
        }
        if let Some(group) = &reading.control_group
            && let (Some(used), Some(limit)) = (group.memory_used_bytes, group.memory_limit_bytes)
        {
            watch(limited_memory(), group.at, used, limit);
        }
        let now = reading.monotonic;
        self.watched.retain(|_, watched| now.saturating_sub(watched.at) < FORGOTTEN);
    }

    /// The catalogue's objectives of the system, each about its resource.
    fn meet_objectives(&mut self, start: Duration, now: Duration, round: &mut Round<'_>) {
        for judge in &mut self.judges {
            for worse in judge.observe(start, now, &[]) {
                if let Standing::Raised(verdict) = worse.worst() {
                    round.found(
                        &Subject::resource(worse.objective.metric.as_str()),
                        &verdict,
                        true,
                    );
                }
            }
            if judge.level().is_none() && !round.any_open() {
                continue;
            }
            for judgement in judge.judgements() {
                let subject = Subject::resource(judgement.objective.metric.as_str());
                let standing = judgement.worst();
                round.stands(&subject, &[Kind::Objective], &standing, |_| against(&judgement));
            }
        }
    }

    /// The rules on numbers.
    fn evaluate(&self, now: Duration, round: &mut Round<'_>) {
        let Some(last) = &self.last else { return };
        let is_fresh = now.saturating_sub(last.monotonic) <= FRESH;
        let level = |level: Level| {
            let readings = self.readings.as_ref().filter(|_| is_fresh)?;
            let recent = readings.after(last.monotonic.saturating_sub(Duration::from_secs(11)));
            rounded(level.between(recent.first()?, last)?)
        };
        let host = |of: &str| Subject::resource(of).with_label("of", "host").ok();
        let limit = |of: &str| Subject::resource(of).with_label("of", "limit").ok();
        if let (Some(of_host), Some(of_limit)) = (host("cpu"), limit("cpu")) {
            round.number("host_cpu", &of_host, level(Level::HostCpu));
            round.number("cpu_quota", &of_limit, level(Level::QuotaCpu));
        }
        round.number("host_memory", &host_memory(), level(Level::HostMemory));
        round.number("memory_limit", &limited_memory(), level(Level::LimitMemory));
        let fresh = Some(last).filter(|_| is_fresh);
        let share = |part: Option<u64>, whole: Option<u64>| {
            let (part, whole) = (part? as f64, whole.filter(|whole| *whole > 0)? as f64);
            rounded(Quantity::Ratio(part / whole))
        };
        let process = fresh.map(|reading| &reading.process);
        let handles = process.and_then(|p| share(p.file_handles, p.file_handle_limit));
        round.number("file_handles", &Subject::resource("file_handles"), handles);
        let group = fresh.and_then(|reading| reading.control_group.as_deref());
        let threads = group.and_then(|group| share(group.threads, group.thread_limit));
        round.number("threads", &Subject::resource("threads"), threads);
        let mounts = last.mounts.as_ref().filter(|mounts| {
            // They are read every 10 s, and less often where that costs much.
            is_fresh && now.saturating_sub(mounts.at) <= 10 * FRESH
        });
        for mount in mounts.iter().flat_map(|mounts| mounts.iter()).filter(|m| !m.read_only) {
            let ratio = |share: Option<f64>| rounded(Quantity::Ratio(share?));
            round.number("disk_space", &disk(mount), ratio(mount.used_share()));
            round.number("disk_inodes", &disk(mount), ratio(mount.used_inode_share()));
        }
        for (subject, watched) in &self.watched {
            let is_disk = subject.name() == "disk";
            let within = within(watched.outlook).filter(|_| is_fresh);
            round.number(if is_disk { "disk_full" } else { "memory_full" }, subject, within);
        }
    }

    /// Adds to evaluations that something is wrong what resources read then, and to those of
    /// operations what rose when it began.
    pub(super) fn speak(&mut self, evaluations: &mut [Evaluation], now: Duration) {
        let wrong = |evaluation: &&mut Evaluation| match evaluation.found {
            Found::Severity(severity) => severity.is_some(),
            Found::Number(_) => true,
            Found::NoData => false,
        };
        let mut levels = None;
        let mut looks = 0;
        for evaluation in evaluations.iter_mut().filter(wrong) {
            let read = levels.get_or_insert_with(|| self.levels(now));
            evaluation.evidence.resources = read.clone();
            if read.is_some() && evaluation.subject.label(OPERATION).is_some() {
                let began = now.saturating_sub(evaluation.began_ago.unwrap_or(LATELY));
                evaluation.evidence.rose = self.rose_since(began, now, &mut looks);
            }
        }
    }

    /// What resources read now; `None` where nobody reads them.
    pub(super) fn levels(&self, now: Duration) -> Option<BTreeMap<String, Quantity>> {
        let recent = self.readings.as_ref()?.after(now.saturating_sub(FRESH));
        let levels = levels(&recent);
        (!levels.is_empty()).then_some(levels)
    }

    /// What rose since something began; found again when it is old, and not too often a tick.
    fn rose_since(
        &mut self,
        began: Duration,
        now: Duration,
        looks: &mut usize,
    ) -> Option<Vec<Rise>> {
        let key = began.as_secs();
        // What has just begun shows more with each second.
        let good_for = ROSE_FOR.min(now.saturating_sub(began) / 4);
        let known = self.rose.get(&key);
        let is_good = known.is_some_and(|rose| now.saturating_sub(rose.found) <= good_for);
        if !is_good && *looks < MOST_A_TICK {
            *looks += 1;
            let rises = self.rises(began, now)?;
            if self.rose.len() >= MOST_KEPT && !self.rose.contains_key(&key) {
                let oldest = self.rose.iter().min_by_key(|(_, rose)| rose.found);
                if let Some(oldest) = oldest.map(|(key, _)| *key) {
                    self.rose.remove(&oldest);
                }
            }
            self.rose.insert(key, Rose { found: now, rises });
        }
        self.rose.get(&key).map(|rose| rose.rises.clone())
    }

    /// What rose since something began, against four times as long before; `None` where nobody
    /// reads.
    pub(super) fn rises(&self, began: Duration, now: Duration) -> Option<Vec<Rise>> {
        let readings = self.readings.as_ref()?;
        let before = (now.saturating_sub(began) * TIMES_BEFORE).max(LEAST_BEFORE);
        let all = readings.after(began.saturating_sub(before));
        let border = all.partition_point(|reading| reading.monotonic <= began);
        let (before, after) = all.split_at(border);
        (!all.is_empty()).then(|| rises(before, after))
    }

    /// What rose lately.
    pub(super) fn lately(now: Duration) -> Duration {
        now.saturating_sub(LATELY)
    }
}

/// What answers an objective of the system: the host's processors and network, and of what can be
/// told by process the process's own.
fn source(metric: Metric) -> Option<Level> {
    Some(match metric {
        Metric::Cpu => Level::HostCpu,
        Metric::Memory => Level::Resident,
        Metric::Disk => Level::ProcessDisk,
        Metric::Network => Level::Network,
        Metric::FileHandles => Level::FileHandles,
        _ => return None,
    })
}

fn disk(mount: &Mount) -> Subject {
    let place: String = mount.place.chars().take(LONGEST_LABEL).collect();
    let disk = Subject::resource("disk");
    disk.clone().with_label("mount", &place).unwrap_or(disk)
}

fn host_memory() -> Subject {
    let memory = Subject::resource("memory");
    memory.clone().with_label("of", "host").unwrap_or(memory)
}

fn limited_memory() -> Subject {
    let memory = Subject::resource("memory");
    memory.clone().with_label("of", "limit").unwrap_or(memory)
}

/// The time until a limit is reached, in whole minutes; `None` where nothing can be said.
fn within(outlook: Outlook) -> Option<Quantity> {
    let within = match outlook {
        Outlook::TooShort => return None,
        Outlook::NoTrend => FURTHEST,
        Outlook::Reached(forecast) => forecast.within.min(FURTHEST),
    };
    Some(Quantity::DurationNs(within.as_secs() / 60 * 60_000_000_000))
}

/// A share in whole thousandths: nobody wants to read more of it.
fn rounded(quantity: Quantity) -> Option<Quantity> {
    match quantity {
        Quantity::Ratio(share) => {
            share.is_finite().then(|| Quantity::Ratio((share * 1e3).round() / 1e3))
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests;
