//! What was read of resources, as numbers for the store.
//!
//! Names are OpenTelemetry's where it has one; what it counts since the beginning is kept as a
//! rate, under the same name with `.rate` behind it. What was not read is not there.

use std::borrow::Cow;
use std::time::Duration;

use crate::resource::{Level, Reading, TcpStates, Timed, per_second};
use crate::store::Number;

/// Cores that are kept one by one, at most. The busiest is kept in any case.
const MOST_CORES: usize = 64;

/// Levels that are numbers of their own: name and unit.
const LEVELS: [(Level, &str, &str); 23] = [
    (Level::HostCpu, "system.cpu.utilization", "1"),
    (Level::BusiestCore, "kgas_perf.cpu.busiest_core", "1"),
    (Level::ProcessCpu, "kgas_perf.process.cpu.cores", "{cpu}"),
    (Level::QuotaCpu, "kgas_perf.cgroup.cpu.utilization", "1"),
    (Level::Throttled, "kgas_perf.cgroup.cpu.throttled", "1"),
    (Level::CpuPressure, "kgas_perf.pressure{resource=cpu}", "1"),
    (Level::MemoryPressure, "kgas_perf.pressure{resource=memory}", "1"),
    (Level::DiskPressure, "kgas_perf.pressure{resource=disk}", "1"),
    (Level::HostMemory, "system.memory.utilization", "1"),
    (Level::LimitMemory, "kgas_perf.cgroup.memory.utilization", "1"),
    (Level::Resident, "process.memory.usage", "By"),
    (Level::Swap, "system.paging.usage{state=used}", "By"),
    (Level::MajorFaults, "process.paging.faults.rate{type=major}", "{fault}/s"),
    (Level::MinorFaults, "process.paging.faults.rate{type=minor}", "{fault}/s"),
    (Level::Allocated, "kgas_perf.process.allocated.rate", "By/s"),
    (Level::HostDisk, "system.disk.io.rate", "By/s"),
    (Level::DiskOperations, "system.disk.operations.rate", "{operation}/s"),
    (Level::Network, "system.network.io.rate", "By/s"),
    (Level::NetworkErrors, "system.network.errors.rate", "{packet}/s"),
    (Level::FileHandles, "process.unix.file_descriptor.count", "{file_descriptor}"),
    (Level::Threads, "process.thread.count", "{thread}"),
    (Level::InvoluntarySwitches, "process.context_switches.rate{type=involuntary}", "{switch}/s"),
    (Level::VoluntarySwitches, "process.context_switches.rate{type=voluntary}", "{switch}/s"),
];

/// What was read by `later`, and by how much counters grew since `earlier`.
pub(super) fn resource_numbers(earlier: &Reading, later: &Reading) -> Vec<Number> {
    let mut numbers = Numbers(Vec::with_capacity(96));
    for (level, name, unit) in LEVELS {
        numbers.add(name, unit, level.value(earlier, later));
    }
    let elapsed = later.monotonic.saturating_sub(earlier.monotonic);
    of_process(&mut numbers, earlier, later, elapsed);
    of_host(&mut numbers, earlier, later);
    for (name, states, before) in [
        ("process.network.connection.count", &later.connections, &earlier.connections),
        ("system.network.connection.count", &later.host_connections, &earlier.host_connections),
    ] {
        if let Some(states) = fresh(before, states) {
            of_connections(&mut numbers, name, states);
        }
    }
    numbers.0
}

struct Numbers(Vec<Number>);

impl Numbers {
    fn add(&mut self, name: impl Into<Cow<'static, str>>, unit: &'static str, value: Option<f64>) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.0.push(Number { name: name.into(), unit, value });
        }
    }
}

/// A part that was looked at since the reading before; what merely stands there is no reading.
fn fresh<'a, T>(before: &Option<Timed<T>>, now: &'a Option<Timed<T>>) -> Option<&'a Timed<T>> {
    let is_new = |now: &&Timed<T>| before.as_ref().is_none_or(|before| before.at < now.at);
    now.as_ref().filter(is_new)
}

fn of_process(numbers: &mut Numbers, earlier: &Reading, later: &Reading, elapsed: Duration) {
    let (before, now) = (&earlier.process, &later.process);
    let level = |number: Option<u64>| number.map(|number| number as f64);
    numbers.add("process.memory.virtual", "By", level(now.virtual_bytes));
    numbers.add("kgas_perf.process.memory.peak", "By", level(now.peak_resident_bytes));
    let limit = level(now.file_handle_limit);
    numbers.add("process.unix.file_descriptor.limit", "{file_descriptor}", limit);
    for (name, unit, before, now) in [
        (
            "process.disk.io.rate{direction=read}",
            "By/s",
            before.disk_read_bytes,
            now.disk_read_bytes,
        ),
        (
            "process.disk.io.rate{direction=write}",
            "By/s",
            before.disk_written_bytes,
            now.disk_written_bytes,
        ),
        (
            "kgas_perf.process.io.calls.rate{direction=read}",
            "{call}/s",
            before.read_calls,
            now.read_calls,
        ),
        (
            "kgas_perf.process.io.calls.rate{direction=write}",
            "{call}/s",
            before.write_calls,
            now.write_calls,
        ),
        (
            "kgas_perf.process.allocations.rate",
            "{allocation}/s",
            before.allocations,
            now.allocations,
        ),
    ] {
        numbers.add(name, unit, per_second(before, now, elapsed));
    }
    if let Some(groups) = fresh(&earlier.threads, &later.threads) {
        let before = earlier.threads.as_ref();
        let elapsed = before.map(|before| groups.at.saturating_sub(before.at));
        for group in groups.iter() {
            let known = before.and_then(|before| before.iter().find(|one| one.name == group.name));
            let cores = known.zip(elapsed).and_then(|(known, elapsed)| {
                per_second(Some(known.cpu_ns), Some(group.cpu_ns), elapsed)
            });
            let name = format!("kgas_perf.process.thread_group.cpu.cores{{name={}}}", group.name);
            numbers.add(name, "{cpu}", cores.map(|ns| ns / 1e9));
        }
    }
}

fn of_host(numbers: &mut Numbers, earlier: &Reading, later: &Reading) {
    if let Some([one, five, fifteen]) = later.host.load {
        for (name, load) in [
            ("system.linux.load_average{period=1m}", one),
            ("system.linux.load_average{period=5m}", five),
            ("system.linux.load_average{period=15m}", fifteen),
        ] {
            numbers.add(name, "{task}", Some(load));
        }
    }
    if let (Some(cores), Some(before)) = (fresh(&earlier.cores, &later.cores), &earlier.cores)
        && cores.len() == before.len()
    {
        for (number, (now, before)) in cores.iter().zip(before.iter()).enumerate().take(MOST_CORES)
        {
            let name = format!("system.cpu.utilization{{cpu={number}}}");
            numbers.add(name, "1", now.share_since(before));
        }
    }
    if let Some(mounts) = fresh(&earlier.mounts, &later.mounts) {
        for mount in mounts.iter() {
            let name = format!("system.filesystem.utilization{{mountpoint={}}}", mount.place);
            numbers.add(name, "1", mount.used_share());
            let name = format!("system.filesystem.usage{{mountpoint={},state=free}}", mount.place);
            numbers.add(name, "By", Some(mount.available_bytes as f64));
        }
    }
    if let (Some(interfaces), Some(before)) =
        (fresh(&earlier.interfaces, &later.interfaces), &earlier.interfaces)
    {
        let elapsed = interfaces.at.saturating_sub(before.at);
        for now in interfaces.iter() {
            let Some(before) = before.iter().find(|one| one.name == now.name) else { continue };
            for (direction, before, bytes) in [
                ("receive", before.received_bytes, now.received_bytes),
                ("transmit", before.sent_bytes, now.sent_bytes),
            ] {
                let name = format!(
                    "system.network.io.rate{{direction={direction},interface={}}}",
                    now.name
                );
                numbers.add(name, "By/s", per_second(Some(before), Some(bytes), elapsed));
            }
        }
    }
}

fn of_connections(numbers: &mut Numbers, name: &str, states: &TcpStates) {
    for (state, count) in [
        ("established", states.established),
        ("syn_sent", states.syn_sent),
        ("syn_received", states.syn_received),
        ("fin_wait_1", states.fin_wait_1),
        ("fin_wait_2", states.fin_wait_2),
        ("time_wait", states.time_wait),
        ("close_wait", states.close_wait),
        ("last_ack", states.last_ack),
        ("listen", states.listening),
        ("closing", states.closing),
    ] {
        let name = format!("{name}{{state={state}}}");
        numbers.add(name, "{connection}", Some(f64::from(count)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::Monitor;

    #[test]
    fn one_look_has_levels_and_no_rates_and_two_have_both() {
        let mut monitor = Monitor::new();
        let first = monitor.read(Duration::from_secs(1), Duration::ZERO);
        let second = monitor.read(Duration::from_secs(2), Duration::ZERO);
        let names = |numbers: Vec<Number>| -> Vec<String> {
            numbers.iter().map(|number| number.name.to_string()).collect()
        };
        let alone = names(resource_numbers(&Reading::default(), &first));
        let both = names(resource_numbers(&first, &second));
        for (numbers, name) in [(&alone, "process.memory.usage"), (&both, "process.memory.usage")] {
            if first.process.resident_bytes.is_some() {
                assert!(numbers.iter().any(|known| known == name), "{numbers:?}");
            }
        }
        assert!(alone.iter().all(|name| !name.contains(".rate")), "{alone:?}");
        if second.process.minor_faults.is_some() {
            assert!(both.iter().any(|name| name.starts_with("process.paging.faults.rate")));
        }
        let mut sorted = both.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), both.len(), "no number is there twice");
    }

    #[test]
    fn what_was_not_read_is_not_there() {
        assert!(resource_numbers(&Reading::default(), &Reading::default()).is_empty());
    }
}
