//! What processes kept of themselves: accounts, losses, what the monitor takes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use kgas_perf_runtime::store::{Archive, Between, By, Gauge, Resolution};
use serde_json::{Value, json};

use crate::commands::doctor::process::name;
use crate::failure::Failure;

/// The monitor's own gauges begin so.
const OWN: &str = "kgas_perf.";

/// So much of the end of what is kept is looked at, in seconds.
const LOOKED_AT_S: u64 = 3_600;

/// What one process kept of itself, in its last hour.
#[derive(Clone, Debug)]
pub(super) struct Own {
    pub(super) by: Arc<By>,
    /// The readings, by name.
    gauges: BTreeMap<String, Gauge>,
}

impl Own {
    /// Of every process that kept something in the last hour before `end_unix_s`.
    pub(super) fn of_all(archive: &dyn Archive, end_unix_s: u64) -> Result<Vec<Self>, Failure> {
        let mut all: BTreeMap<Arc<By>, BTreeMap<String, Gauge>> = BTreeMap::new();
        let hour = Between::new(end_unix_s.saturating_sub(LOOKED_AT_S), end_unix_s);
        let hour = hour.coarsest(Resolution::Minute);
        for (name, _) in archive.gauge_names()?.iter().filter(|(name, _)| name.starts_with(OWN)) {
            for kept in archive.gauges(name, &hour)?.0 {
                let known = all.entry(kept.by).or_default();
                match known.get_mut(name) {
                    Some(earlier) => earlier.merge(&kept.gauge),
                    None => drop(known.insert(name.clone(), kept.gauge)),
                }
            }
        }
        Ok(all.into_iter().map(|(by, gauges)| Self { by, gauges }).collect())
    }

    fn last(&self, name: &str) -> Option<f64> {
        Some(self.gauges.get(&format!("{OWN}{name}"))?.last)
    }

    fn count(&self, name: &str) -> Option<u64> {
        self.last(name).map(|value| value as u64)
    }

    /// What became of what it offered to its store.
    fn entries(&self) -> Option<Entries> {
        let state = |state: &str| self.count(&format!("store.entries{{state={state}}}"));
        let (accepted, stored, pending) = (state("accepted")?, state("stored")?, state("pending")?);
        let dropped = self.named("store.entries{reason=", ",state=dropped}");
        Some(Entries { accepted, stored, pending, dropped })
    }

    /// What it could not record, and how much of it.
    fn losses(&self) -> Vec<(String, u64)> {
        self.named("losses{what=", "}")
    }

    /// The last readings whose names begin and end so, by what is in between; those that are 0
    /// left out.
    fn named(&self, begin: &str, end: &str) -> Vec<(String, u64)> {
        let between = |name: &String| {
            let name = name.strip_prefix(OWN)?.strip_prefix(begin)?.strip_suffix(end)?;
            Some(name.replace('_', " "))
        };
        let last = self.gauges.iter().filter_map(|(name, gauge)| {
            let count = gauge.last as u64;
            (count > 0).then_some((between(name)?, count))
        });
        last.collect()
    }

    /// What is wrong with it.
    pub(super) fn wrong(&self) -> Vec<String> {
        let name = name(&self.by);
        let mut wrong = Vec::new();
        if let Some(entries) = self.entries() {
            let dropped = entries.dropped();
            if dropped > 0 {
                wrong.push(format!("{name} dropped {dropped} entries that were to be kept"));
            }
            if entries.accepted != entries.stored + dropped + entries.pending {
                wrong.push(format!("the accounts of {name} do not add up: {entries}"));
            }
        }
        if let Some(failures) = self.count("store.failures").filter(|failures| *failures > 1) {
            wrong.push(format!("the store of {name} failed {failures} times in a row"));
        }
        if let Some(lag) = self.last("store.lag").filter(|lag| *lag > 15.0) {
            wrong.push(format!("the store of {name} lags {lag:.0} s behind"));
        }
        if let Some(times) = self.count("store.begun_anew").filter(|times| *times > 0) {
            wrong.push(format!("the store of {name} had to begin anew {times} times"));
        }
        for (what, count) in self.losses() {
            match what.as_str() {
                "calls" => wrong.push(format!("{name} did not measure {count} calls")),
                "subscriber panics" => {
                    wrong.push(format!("a subscriber of {name} panicked {count} times"));
                }
                // Bounded on purpose, and counted.
                _ => {}
            }
        }
        wrong
    }

    /// Lines for people: accounts, losses and what a tick takes.
    pub(super) fn lines(&self) -> [Option<String>; 3] {
        let name = name(&self.by);
        let accounts = self.entries().map(|entries| format!("{name}: {entries}"));
        let known = self.last("losses{what=calls}").is_some();
        let losses = known.then(|| format!("{name}: {}", listed(&self.losses())));
        let tick = self.gauges.get(&format!("{OWN}tick.duration")).map(|tick| {
            let (mean, most) = (tick.mean() * 1e3, tick.most * 1e3);
            format!("{name}: a tick takes {mean:.2} ms, at most {most:.2} ms in the last hour")
        });
        [accounts, losses, tick]
    }

    /// The same for programs: the last reading of each, without the common beginning of the names.
    pub(super) fn json(&self) -> Value {
        let numbers: serde_json::Map<String, Value> = self
            .gauges
            .iter()
            .map(|(name, gauge)| (name[OWN.len()..].to_owned(), json!(gauge.last)))
            .collect();
        let By { host, instance, slot } = self.by.as_ref();
        json!({ "host": host, "instance": instance, "slot": slot, "last": numbers })
    }
}

/// What became of what a process offered, in entries.
struct Entries {
    accepted: u64,
    stored: u64,
    pending: u64,
    /// By reason.
    dropped: Vec<(String, u64)>,
}

impl Entries {
    fn dropped(&self) -> u64 {
        self.dropped.iter().map(|(_, count)| count).sum()
    }
}

impl fmt::Display for Entries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted, stored, pending, dropped } = self;
        write!(f, "accepted {accepted} = stored {stored} + dropped {}", self.dropped())?;
        if !dropped.is_empty() {
            write!(f, " ({})", listed(dropped))?;
        }
        write!(f, " + pending {pending}")
    }
}

/// Counts by what they are of.
fn listed(counts: &[(String, u64)]) -> String {
    let listed: Vec<_> = counts.iter().map(|(what, count)| format!("{what}: {count}")).collect();
    if listed.is_empty() { "none".to_owned() } else { listed.join(", ") }
}
