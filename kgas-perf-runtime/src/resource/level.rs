//! `Level`: one number of a resource, at a time or over the time between two readings.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::catalog::Quantity;
use crate::resource::mount::share;
use crate::resource::network::Interface;
use crate::resource::reading::{Reading, Timed, per_second};

/// One number of a resource: what a counter grew by a second between two readings, or how much
/// there was at the later of them.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::resource::{Level, Monitor};
///
/// let mut monitor = Monitor::new();
/// let first = monitor.read(Duration::from_secs(0), Duration::ZERO);
/// let second = monitor.read(Duration::from_secs(1), Duration::ZERO);
/// match Level::HostCpu.between(&first, &second) {
///     Some(share) => println!("{}: {share}", Level::HostCpu.as_str()),
///     None => println!("not available"),
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Level {
    /// The share of the host's processors in use.
    HostCpu,
    /// The same of the core that is used most.
    BusiestCore,
    /// The process's use of processors: 100 % is one core.
    ProcessCpu,
    /// The share of the control group's quota of processors in use.
    QuotaCpu,
    /// The share of time in which the control group had used its quota up; more than 100 % where
    /// several processors stood still.
    Throttled,
    /// The share of time in which a task of the host waited for a processor.
    CpuPressure,
    /// The same for memory.
    MemoryPressure,
    /// The same for a disk.
    DiskPressure,
    /// The share of the host's memory in use.
    HostMemory,
    /// The share of the control group's memory in use.
    LimitMemory,
    /// The process's resident memory.
    Resident,
    /// The host's swap in use.
    Swap,
    /// Page faults of the process that waited for a disk.
    MajorFaults,
    /// Page faults of the process that did not.
    MinorFaults,
    /// Bytes that the process allocated.
    Allocated,
    /// Bytes that the process read from disk and wrote to it.
    ProcessDisk,
    /// Bytes that the host read from its disks and wrote to them.
    HostDisk,
    /// The host's reads and writes of its disks.
    DiskOperations,
    /// What the host received and sent, but to itself.
    Network,
    /// Packets that were broken or dropped.
    NetworkErrors,
    /// TCP connections of the process.
    Connections,
    /// Open file handles of the process.
    FileHandles,
    /// Threads of the process.
    Threads,
    /// The load average of a minute, over the number of processors.
    Load,
    /// Times that a processor was taken from a thread of the process.
    InvoluntarySwitches,
    /// Times that a thread of the process gave a processor away.
    VoluntarySwitches,
}

impl Level {
    /// Every level, in the order of their declaration.
    pub const ALL: [Self; 26] = [
        Self::HostCpu,
        Self::BusiestCore,
        Self::ProcessCpu,
        Self::QuotaCpu,
        Self::Throttled,
        Self::CpuPressure,
        Self::MemoryPressure,
        Self::DiskPressure,
        Self::HostMemory,
        Self::LimitMemory,
        Self::Resident,
        Self::Swap,
        Self::MajorFaults,
        Self::MinorFaults,
        Self::Allocated,
        Self::ProcessDisk,
        Self::HostDisk,
        Self::DiskOperations,
        Self::Network,
        Self::NetworkErrors,
        Self::Connections,
        Self::FileHandles,
        Self::Threads,
        Self::Load,
        Self::InvoluntarySwitches,
        Self::VoluntarySwitches,
    ];

    /// What people call it; evidence names it so.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HostCpu => "host CPU",
            Self::BusiestCore => "busiest core",
            Self::ProcessCpu => "process CPU, of one core",
            Self::QuotaCpu => "CPU, of the quota",
            Self::Throttled => "time throttled",
            Self::CpuPressure => "waiting for a processor",
            Self::MemoryPressure => "waiting for memory",
            Self::DiskPressure => "waiting for a disk",
            Self::HostMemory => "host memory in use",
            Self::LimitMemory => "memory in use, of the limit",
            Self::Resident => "resident memory",
            Self::Swap => "swap in use",
            Self::MajorFaults => "major page faults",
            Self::MinorFaults => "minor page faults",
            Self::Allocated => "allocated",
            Self::ProcessDisk => "disk, by the process",
            Self::HostDisk => "disk",
            Self::DiskOperations => "disk operations",
            Self::Network => "network",
            Self::NetworkErrors => "network errors and drops",
            Self::Connections => "TCP connections",
            Self::FileHandles => "file handles",
            Self::Threads => "threads",
            Self::Load => "load, of the processors",
            Self::InvoluntarySwitches => "involuntary context switches",
            Self::VoluntarySwitches => "voluntary context switches",
        }
    }

    /// Its number, from an earlier reading and a later one. `None` where either lacks it, where a
    /// counter began anew, and where the part it is of was not read in between.
    pub fn between(self, earlier: &Reading, later: &Reading) -> Option<Quantity> {
        let value = self.value(earlier, later).filter(|value| value.is_finite())?;
        let whole = || value.max(0.0).round() as u64;
        Some(match self.unit() {
            Unit::Share => Quantity::Ratio(value),
            Unit::Bytes => Quantity::Bytes(whole()),
            Unit::BytesASecond => Quantity::BitsPerSecond(whole().saturating_mul(8)),
            Unit::Often => Quantity::PerSecond(value),
            Unit::Count => Quantity::Count(whole()),
        })
    }

    /// The bare number, in shares, bytes, bytes a second, times a second, or pieces.
    pub(crate) fn value(self, earlier: &Reading, later: &Reading) -> Option<f64> {
        let elapsed = later.monotonic.saturating_sub(earlier.monotonic);
        let rate = |of: fn(&Reading) -> Option<u64>| per_second(of(earlier), of(later), elapsed);
        let share_of_time = |of: fn(&Reading) -> Option<u64>| rate(of).map(|ns| ns / 1e9);
        let level = |number: Option<u64>| number.map(|number| number as f64);
        match self {
            Self::HostCpu => later.host.cpu?.share_since(&earlier.host.cpu?),
            Self::BusiestCore => {
                let (before, now) = (earlier.cores.as_ref()?, later.cores.as_ref()?);
                // A core that came or went moves the others' places.
                let pairs = (before.len() == now.len()).then(|| now.iter().zip(before.iter()))?;
                pairs.filter_map(|(now, before)| now.share_since(before)).max_by(f64::total_cmp)
            }
            Self::ProcessCpu => share_of_time(|r| r.process.cpu_ns),
            Self::QuotaCpu => {
                let quota = later.control_group.as_ref()?.cpu_quota_cores?;
                let used = timed(&earlier.control_group, &later.control_group, |g| g.cpu_ns);
                // Its own time comes with each reading, the group's every few seconds.
                let used = used.or_else(|| rate(|r| r.process.cpu_ns))?;
                (quota > 0.0).then(|| used / 1e9 / quota)
            }
            Self::Throttled => {
                let ns = timed(&earlier.control_group, &later.control_group, |g| g.throttled_ns)?;
                Some(ns / 1e9)
            }
            Self::CpuPressure => share_of_time(|r| r.host.pressure?.cpu_some_ns),
            Self::MemoryPressure => share_of_time(|r| r.host.pressure?.memory_some_ns),
            Self::DiskPressure => share_of_time(|r| r.host.pressure?.io_some_ns),
            Self::HostMemory => {
                let (all, free) = (later.host.memory_bytes?, later.host.available_bytes?);
                share(all.saturating_sub(free), all)
            }
            Self::LimitMemory => {
                let group = later.control_group.as_ref()?;
                share(group.memory_used_bytes?, group.memory_limit_bytes?)
            }
            Self::Resident => level(later.process.resident_bytes),
            Self::Swap => {
                let (all, free) = (later.host.swap_bytes?, later.host.free_swap_bytes?);
                level(Some(all.saturating_sub(free)))
            }
            Self::MajorFaults => rate(|r| r.process.major_faults),
            Self::MinorFaults => rate(|r| r.process.minor_faults),
            Self::Allocated => rate(|r| r.process.allocated_bytes),
            Self::ProcessDisk => {
                rate(|r| sum(r.process.disk_read_bytes, r.process.disk_written_bytes))
            }
            Self::HostDisk => rate(|r| sum(r.host.disk_read_bytes, r.host.disk_written_bytes)),
            Self::DiskOperations => rate(|r| sum(r.host.disk_reads, r.host.disk_writes)),
            Self::Network => on_interfaces(earlier, later, |one| {
                Some(one.received_bytes.saturating_add(one.sent_bytes))
            }),
            Self::NetworkErrors => {
                on_interfaces(earlier, later, |one| sum(Some(one.errors), one.drops))
            }
            Self::Connections => {
                level(later.connections.as_ref().map(|states| states.connections()))
            }
            Self::FileHandles => level(later.process.file_handles),
            Self::Threads => level(later.process.threads),
            Self::Load => {
                let cores = later.cores.as_ref().map(|cores| cores.len()).filter(|n| *n > 0)?;
                Some(later.host.load?[0] / cores as f64)
            }
            Self::InvoluntarySwitches => rate(|r| r.process.involuntary_switches),
            Self::VoluntarySwitches => rate(|r| r.process.voluntary_switches),
        }
    }

    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::HostCpu
            | Self::BusiestCore
            | Self::ProcessCpu
            | Self::QuotaCpu
            | Self::Throttled
            | Self::CpuPressure
            | Self::MemoryPressure
            | Self::DiskPressure
            | Self::HostMemory
            | Self::LimitMemory
            | Self::Load => Unit::Share,
            Self::Resident | Self::Swap => Unit::Bytes,
            Self::Allocated | Self::ProcessDisk | Self::HostDisk | Self::Network => {
                Unit::BytesASecond
            }
            Self::MajorFaults
            | Self::MinorFaults
            | Self::DiskOperations
            | Self::NetworkErrors
            | Self::InvoluntarySwitches
            | Self::VoluntarySwitches => Unit::Often,
            Self::Connections | Self::FileHandles | Self::Threads => Unit::Count,
        }
    }
}

/// What a level's bare number is a number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Share,
    Bytes,
    BytesASecond,
    Often,
    Count,
}

/// Levels are over so long a time, so that a moment does not stand for it, and every rhythm of a
/// reading's parts is in it.
const OVER: Duration = Duration::from_secs(10);

/// What resources read at the last of some readings, by name: rates over the last 10 s.
pub(crate) fn levels(readings: &[Arc<Reading>]) -> BTreeMap<String, Quantity> {
    let Some(last) = readings.last() else { return BTreeMap::new() };
    let recent = |one: &&Arc<Reading>| last.monotonic.saturating_sub(one.monotonic) >= OVER;
    let earlier = readings.iter().rev().find(recent).unwrap_or(&readings[0]);
    let named = |level: Level| Some((level.as_str().to_owned(), level.between(earlier, last)?));
    Level::ALL.into_iter().filter_map(named).collect()
}

/// The rate of a counter of a part with its own rhythm.
fn timed<T>(
    earlier: &Option<Timed<T>>,
    later: &Option<Timed<T>>,
    of: impl Fn(&T) -> Option<u64>,
) -> Option<f64> {
    let (earlier, later) = (earlier.as_ref()?, later.as_ref()?);
    let elapsed = later.at.saturating_sub(earlier.at);
    per_second(of(&earlier.value), of(&later.value), elapsed)
}

/// The rate of a counter summed over the interfaces that were there both times.
fn on_interfaces(
    earlier: &Reading,
    later: &Reading,
    of: impl Fn(&Interface) -> Option<u64>,
) -> Option<f64> {
    let (before, now) = (earlier.interfaces.as_ref()?, later.interfaces.as_ref()?);
    let elapsed = now.at.saturating_sub(before.at);
    let mut all = None;
    for one in now.iter().filter(|one| !one.is_loopback()) {
        let same = before.iter().find(|before| before.name == one.name);
        let rate = same.and_then(|same| per_second(of(same), of(one), elapsed));
        all = rate.map(|rate| all.unwrap_or(0.0) + rate).or(all);
    }
    all
}

fn sum(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    Some(one?.saturating_add(other?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::control_group::ControlGroup;
    use crate::resource::host::Core;

    fn at(second: u64) -> Reading {
        Reading { monotonic: Duration::from_secs(second), ..Reading::default() }
    }

    #[test]
    fn every_level_has_a_name_of_its_own_and_none_without_readings_to_tell_it() {
        let mut names: Vec<_> = Level::ALL.iter().map(|level| level.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Level::ALL.len());
        for level in Level::ALL {
            assert_eq!(level.between(&at(0), &at(1)), None, "{level:?}");
        }
    }

    #[test]
    fn rates_come_of_two_readings_and_a_counter_that_goes_back_gives_none() {
        let (mut first, mut second) = (at(10), at(12));
        (first.process.cpu_ns, second.process.cpu_ns) = (Some(1_000_000_000), Some(4_000_000_000));
        first.process.major_faults = Some(7);
        second.process.major_faults = Some(6);
        assert_eq!(Level::ProcessCpu.between(&first, &second), Some(Quantity::Ratio(1.5)));
        assert_eq!(Level::MajorFaults.between(&first, &second), None);
        assert_eq!(Level::ProcessCpu.between(&second, &second), None);
    }

    #[test]
    fn a_core_that_goes_is_no_busiest_core_and_a_new_interface_no_burst() {
        let (mut first, mut second) = (at(0), at(1));
        let core = |busy_ns, total_ns| Core { busy_ns, total_ns };
        first.cores = Some(Timed::new(Duration::ZERO, vec![core(0, 0), core(5, 10)]));
        second.cores = Some(Timed::new(Duration::from_secs(1), vec![core(9, 10), core(6, 20)]));
        assert_eq!(Level::BusiestCore.between(&first, &second), Some(Quantity::Ratio(0.9)));
        second.cores = Some(Timed::new(Duration::from_secs(1), vec![core(6, 20)]));
        assert_eq!(Level::BusiestCore.between(&first, &second), None);
        let carried = |name: &str, received_bytes| Interface {
            name: name.to_owned(),
            received_bytes,
            ..Interface::default()
        };
        first.interfaces = Some(Timed::new(Duration::ZERO, vec![carried("eth0", 100)]));
        let now = vec![carried("lo", 9_000), carried("eth0", 300), carried("veth1", 1 << 40)];
        second.interfaces = Some(Timed::new(Duration::from_secs(1), now));
        let network = Level::Network.between(&first, &second);
        assert_eq!(network, Some(Quantity::BitsPerSecond(1_600)));
    }

    #[test]
    fn parts_with_their_own_rhythm_have_rates_over_their_own_time() {
        let (mut first, mut second) = (at(4), at(11));
        let group = |second, cpu_ns| {
            let group = ControlGroup {
                cpu_ns: Some(cpu_ns),
                cpu_quota_cores: Some(2.0),
                ..ControlGroup::default()
            };
            Some(Timed::new(Duration::from_secs(second), group))
        };
        (first.control_group, second.control_group) = (group(0, 0), group(10, 10_000_000_000));
        assert_eq!(Level::QuotaCpu.between(&first, &second), Some(Quantity::Ratio(0.5)));
        // Not read in between: the process's own time stands for the group's.
        second.control_group = group(0, 0);
        assert_eq!(Level::QuotaCpu.between(&first, &second), None);
    }
}
