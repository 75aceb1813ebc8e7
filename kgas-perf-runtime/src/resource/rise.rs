//! `Rise`: a resource that rose when something became slow.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::catalog::Quantity;
use crate::resource::level::{Level, Unit};
use crate::resource::reading::{Reading, per_second};
use crate::stats::median;

/// Most rises that are answered.
const MOST: usize = 8;
/// Most pairs of readings of a stretch that are looked at, evenly spread over it.
const MOST_PAIRS: usize = 240;
/// Fewer numbers of what is normal say nothing, nor do fewer of what is now.
const FEWEST_BEFORE: usize = 4;
const FEWEST_AFTER: usize = 2;
/// A rise is clear from so many times what is usual on.
const CLEAR: f64 = 3.0;
/// In so many of all pairs of a number before and one after the latter must be larger.
const HIGHER: f64 = 0.9;
/// The median absolute deviation of a normal distribution is its standard deviation over this.
const NORMAL: f64 = 1.4826;

/// A resource that rose: `host CPU 31 % -> 97 %`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rise {
    /// What rose: the name of a [`Level`], or `CPU of threads worker-*`.
    pub what: String,
    /// The median before.
    pub before: Quantity,
    /// The median since.
    pub after: Quantity,
    /// How many times what is usual it rose by: robust standard deviations of what was before,
    /// or a quarter of the least rise that matters, whichever is more.
    pub effect: f64,
}

impl fmt::Display for Rise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} -> {}", self.what, Spoken(self.before), Spoken(self.after))
    }
}

/// What clearly rose from one stretch of time to a later one, the clearest first, at most eight.
///
/// Medians are compared, by the median absolute deviation of the earlier stretch; and 9 of 10
/// pairs of a number before and one after must say the same. So a moment's peak is no rise, and
/// a resource that always comes and goes has to rise above that. What is too little to slow
/// anything down is left out, however regular it is: ten points of a processor, a megabyte a
/// second of a disk.
///
/// # Cost
/// At most 240 pairs of readings of either stretch are looked at: below a millisecond.
pub fn rises(before: &[Arc<Reading>], after: &[Arc<Reading>]) -> Vec<Rise> {
    let (before, after) = (pairs(before), pairs(after));
    let mut rises = Vec::new();
    for level in Level::ALL {
        let values = |pairs: &[(&Reading, &Reading)]| -> Vec<f64> {
            pairs.iter().filter_map(|(earlier, later)| level.value(earlier, later)).collect()
        };
        let found = rise(values(&before), values(&after), least(level), level.unit());
        rises.extend(found.map(|found| found.of(level.as_str().to_owned(), level.unit())));
    }
    let (threads_before, threads_after) = (by_threads(&before), by_threads(&after));
    for (name, after) in threads_after {
        // A group that was not there before used nothing.
        let before = threads_before.get(name).cloned();
        let before = before.unwrap_or_else(|| vec![0.0; FEWEST_BEFORE]);
        let found = rise(before, after, LEAST_CPU, Unit::Share);
        rises.extend(found.map(|found| found.of(format!("CPU of threads {name}"), Unit::Share)));
    }
    rises.sort_by(|a, b| b.effect.total_cmp(&a.effect));
    rises.truncate(MOST);
    rises
}

/// A rise in bare numbers.
struct Found {
    before: f64,
    after: f64,
    effect: f64,
}

impl Found {
    fn of(self, what: String, unit: Unit) -> Rise {
        let whole = |value: f64| value.max(0.0).round() as u64;
        let quantity = |value: f64| match unit {
            Unit::Share => Quantity::Ratio(value),
            Unit::Bytes => Quantity::Bytes(whole(value)),
            Unit::BytesASecond => Quantity::BitsPerSecond(whole(value).saturating_mul(8)),
            Unit::Often => Quantity::PerSecond(value),
            Unit::Count => Quantity::Count(whole(value)),
        };
        Rise {
            what,
            before: quantity(self.before),
            after: quantity(self.after),
            effect: self.effect,
        }
    }
}

fn rise(mut before: Vec<f64>, mut after: Vec<f64>, least: Least, unit: Unit) -> Option<Found> {
    if before.len() < FEWEST_BEFORE || after.len() < FEWEST_AFTER {
        return None;
    }
    before.sort_unstable_by(f64::total_cmp);
    after.sort_unstable_by(f64::total_cmp);
    let (old, new) = (median(&before)?, median(&after)?);
    let by = new - old;
    let share = if unit == Unit::Share { 0.0 } else { least.share * old.abs() };
    if by < least.by || by < share || higher(&before, &after) < HIGHER {
        return None;
    }
    let mut apart: Vec<f64> = before.iter().map(|value| (value - old).abs()).collect();
    apart.sort_unstable_by(f64::total_cmp);
    let spread = (NORMAL * median(&apart)?).max(least.by / 4.0);
    let effect = by / spread;
    (effect >= CLEAR).then_some(Found { before: old, after: new, effect })
}

/// In how many of all pairs the second set's number is larger, ties counted half; both ascend.
fn higher(first: &[f64], second: &[f64]) -> f64 {
    let mut pairs = 0.0;
    for value in second {
        let below = first.partition_point(|one| one < value);
        let same = first.partition_point(|one| one <= value) - below;
        pairs += below as f64 + same as f64 / 2.0;
    }
    pairs / (first.len() * second.len()) as f64
}

/// The least rise that matters: by so much, and by such a share of what was before.
#[derive(Clone, Copy, Debug)]
struct Least {
    by: f64,
    share: f64,
}

const LEAST_CPU: Least = Least { by: 0.1, share: 0.0 };

fn least(level: Level) -> Least {
    const MIB: f64 = 1_048_576.0;
    let (by, share) = match level {
        Level::HostCpu | Level::ProcessCpu | Level::QuotaCpu => (LEAST_CPU.by, 0.0),
        Level::BusiestCore => (0.2, 0.0),
        Level::Throttled
        | Level::CpuPressure
        | Level::MemoryPressure
        | Level::DiskPressure
        | Level::HostMemory
        | Level::LimitMemory => (0.05, 0.0),
        Level::Load => (0.25, 0.0),
        Level::Resident | Level::Swap => (16.0 * MIB, 0.1),
        Level::Allocated => (16.0 * MIB, 0.25),
        Level::ProcessDisk | Level::HostDisk => (MIB, 0.25),
        Level::Network => (MIB / 4.0, 0.25),
        Level::MajorFaults | Level::DiskOperations => (20.0, 0.25),
        Level::MinorFaults => (2_000.0, 0.25),
        Level::NetworkErrors => (1.0, 0.25),
        Level::Connections | Level::FileHandles => (8.0, 0.2),
        Level::Threads => (4.0, 0.2),
        Level::InvoluntarySwitches | Level::VoluntarySwitches => (1_000.0, 0.25),
    };
    Least { by, share }
}

/// Neighbouring readings, evenly spread if they are many.
fn pairs(readings: &[Arc<Reading>]) -> Vec<(&Reading, &Reading)> {
    let step = readings.len().div_ceil(MOST_PAIRS).max(1);
    readings.windows(2).step_by(step).map(|pair| (pair[0].as_ref(), pair[1].as_ref())).collect()
}

/// The use of processors by groups of threads, wherever they were looked at.
fn by_threads<'a>(pairs: &[(&'a Reading, &'a Reading)]) -> BTreeMap<&'a str, Vec<f64>> {
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (earlier, later) in pairs {
        let Some((before, now)) = earlier.threads.as_ref().zip(later.threads.as_ref()) else {
            continue;
        };
        let elapsed = now.at.saturating_sub(before.at);
        for group in now.iter() {
            let cpu = before.iter().find(|one| one.name == group.name).map_or(0, |one| one.cpu_ns);
            if let Some(ns) = per_second(Some(cpu), Some(group.cpu_ns), elapsed) {
                values.entry(&group.name).or_default().push(ns / 1e9);
            }
        }
    }
    values
}

/// A quantity with as many digits as people want to read.
pub(crate) struct Spoken(pub(crate) Quantity);

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scaled = |f: &mut fmt::Formatter<'_>, value: f64, step: f64, units: [&str; 5]| {
            let mut value = value;
            let mut units = units.into_iter();
            let mut unit = units.next().unwrap_or_default();
            for larger in units {
                if value < step {
                    break;
                }
                (value, unit) = (value / step, larger);
            }
            let digits = usize::from(value < 10.0 && value != value.round());
            write!(f, "{value:.digits$} {unit}")
        };
        match self.0 {
            Quantity::Ratio(share) => scaled(f, share * 100.0, f64::INFINITY, ["%"; 5]),
            Quantity::Bytes(bytes) => {
                scaled(f, bytes as f64, 1_024.0, ["B", "KiB", "MiB", "GiB", "TiB"])
            }
            Quantity::BitsPerSecond(bits) => {
                scaled(f, bits as f64 / 8.0, 1_000.0, ["B/s", "kB/s", "MB/s", "GB/s", "TB/s"])
            }
            Quantity::PerSecond(often) => scaled(f, often, f64::INFINITY, ["/s"; 5]),
            other => other.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
