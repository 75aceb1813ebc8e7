//! `Monitor`: takes readings when it is told the time, and sees to it that they stay cheap.

use std::sync::Arc;
use std::time::Duration;

use crate::measure::allocated_by_process;
use crate::resource::cost::{Ledger, PartCost};
use crate::resource::missing::{Missing, Part};
use crate::resource::reading::{Reading, Timed};
use crate::resource::readings::Readings;
use crate::resource::system::{System, own_cpu_ns};

/// Most folders whose file systems are watched.
pub const MOST_FOLDERS: usize = 16;

/// No part with a rhythm of its own may take a larger share of a core than this: one in 4,000.
/// There are six of them.
const SHARE_OF_A_PART: u32 = 4_000;

/// Reads what the process uses and what the host has left, when it is told the time, and keeps
/// the readings of the last hour.
///
/// # Cost
/// What changes fast and costs little is read each time: the process, the host, its cores and
/// interfaces. Threads by name and limits of the control group follow every 5 s, file systems and
/// connections every 10 s. Each of these measures what it costs, and is read less often where it
/// would take more than a 4,000th of a core; so a host with 100,000 sockets pays no more than one
/// with ten. `benches/resource.rs` has the figures, and [`Readings::cost`] those of this
/// process.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::resource::Monitor;
///
/// let mut monitor = Monitor::new().watch("/");
/// for second in 0..3 {
///     monitor.read(Duration::from_secs(second), Duration::from_secs(second));
/// }
/// assert_eq!(monitor.readings().all().len(), 3);
/// println!("{:?}", monitor.readings().cost().core_share);
/// ```
#[derive(Debug)]
pub struct Monitor {
    system: System,
    folders: Vec<Arc<str>>,
    missing: Missing,
    ledger: Ledger,
    threads: Rhythm,
    mounts: Rhythm,
    interfaces: Rhythm,
    connections: Rhythm,
    host_connections: Rhythm,
    control_group: Rhythm,
    last: Option<Arc<Reading>>,
    readings: Readings,
}

impl Monitor {
    /// Watches the process, the host, and the file system of the current folder.
    pub fn new() -> Self {
        let here = std::env::current_dir().ok();
        let here = here.map(|here| Arc::from(here.to_string_lossy().as_ref()));
        Self {
            system: System::new(),
            folders: here.into_iter().collect(),
            missing: Missing::default(),
            ledger: Ledger::default(),
            threads: Rhythm::every("threads", 5),
            mounts: Rhythm::every("mounts", 10),
            interfaces: Rhythm::every("interfaces", 0),
            connections: Rhythm::every("connections", 10),
            host_connections: Rhythm::every("host_connections", 10),
            control_group: Rhythm::every("control_group", 5),
            last: None,
            readings: Readings::default(),
        }
    }

    /// Watches the file system of this folder, too; of the first [`MOST_FOLDERS`] that it is told.
    pub fn watch(mut self, folder: &str) -> Self {
        if self.folders.len() < MOST_FOLDERS && self.folders.iter().all(|f| f.as_ref() != folder) {
            self.folders.push(Arc::from(folder));
        }
        self
    }

    /// The readings of the last hour, which others may hold as well.
    pub fn readings(&self) -> Readings {
        self.readings.clone()
    }

    /// Takes a reading and keeps it. `monotonic` is the time since some fixed moment, by a clock
    /// that does not go back, `unix` the same moment since 1970-01-01 00:00 UTC.
    ///
    /// A file system that does not answer holds it up for as long as it likes, so it belongs on a
    /// thread of its own; [`install`](fn@crate::install) starts one.
    pub fn read(&mut self, monotonic: Duration, unix: Duration) -> Arc<Reading> {
        let start = own_cpu_ns();
        let last = self.last.take().filter(|last| last.monotonic < monotonic);
        let mut reading = Reading { monotonic, unix, ..Reading::default() };
        reading.process = self.system.process(&mut self.missing);
        (reading.process.allocated_bytes, reading.process.allocations) = self.allocations();
        let (host, cores) = self.system.host(monotonic, &mut self.missing);
        reading.host = host;
        reading.cores = cores.map(|cores| Timed::new(monotonic, cores));
        let Self { system, missing, folders, .. } = self;
        let before = last.as_deref();
        let threads = before.and_then(|last| last.threads.clone());
        reading.threads = self.threads.read(monotonic, threads, || system.threads(missing));
        let interfaces = before.and_then(|last| last.interfaces.clone());
        reading.interfaces =
            self.interfaces.read(monotonic, interfaces, || system.interfaces(missing));
        let connections = before.and_then(|last| last.connections.clone());
        reading.connections =
            self.connections.read(monotonic, connections, || system.connections(missing));
        let connections = before.and_then(|last| last.host_connections.clone());
        reading.host_connections =
            self.host_connections.read(monotonic, connections, || system.host_connections(missing));
        let group = before.and_then(|last| last.control_group.clone());
        reading.control_group =
            self.control_group.read(monotonic, group, || system.control_group(missing));
        // The only part that a stranger can hold up comes last.
        let mounts = before.and_then(|last| last.mounts.clone());
        reading.mounts = self.mounts.read(monotonic, mounts, || system.mounts(folders, missing));
        if let Some(last) = before {
            relate(&mut reading, last);
        }
        reading.missing = match before {
            Some(last) if *last.missing == *self.missing.parts() => Arc::clone(&last.missing),
            _ => Arc::new(self.missing.parts().clone()),
        };
        let reading = Arc::new(reading);
        self.last = Some(Arc::clone(&reading));
        let spent = own_cpu_ns().zip(start).map(|(end, start)| end.saturating_sub(start));
        self.ledger.add(monotonic, spent);
        let cost = self.ledger.cost(self.parts());
        self.readings.add(Arc::clone(&reading), cost);
        reading
    }

    /// What the process allocated; not there unless an allocator counts.
    fn allocations(&mut self) -> (Option<u64>, Option<u64>) {
        let counted = allocated_by_process().ok_or(std::io::ErrorKind::NotFound.into());
        let counted = self.missing.note(Part::ProcessAllocations, counted);
        (counted.map(|(bytes, _)| bytes), counted.map(|(_, allocations)| allocations))
    }

    fn parts(&self) -> Vec<PartCost> {
        let rhythms = [
            &self.threads,
            &self.mounts,
            &self.interfaces,
            &self.connections,
            &self.host_connections,
            &self.control_group,
        ];
        rhythms.map(Rhythm::cost).to_vec()
    }
}

impl Default for Monitor {
    fn default() -> Self {
        Self::new()
    }
}

/// What takes two readings.
fn relate(reading: &mut Reading, last: &Reading) {
    let elapsed = reading.monotonic.saturating_sub(last.monotonic);
    let ns_a_second =
        crate::resource::per_second(last.process.cpu_ns, reading.process.cpu_ns, elapsed);
    reading.process.cpu_cores = ns_a_second.map(|ns| ns / 1e9);
    let share = reading.host.cpu.zip(last.host.cpu);
    reading.host.cpu_share = share.and_then(|(now, before)| now.share_since(&before));
}

/// How often a part is read, and what that costs.
#[derive(Debug)]
struct Rhythm {
    name: &'static str,
    every: Duration,
    stretched: Duration,
    due: Option<Duration>,
    last_ns: Option<u64>,
}

impl Rhythm {
    fn every(name: &'static str, seconds: u64) -> Self {
        let every = Duration::from_secs(seconds);
        Self { name, every, stretched: every, due: None, last_ns: None }
    }

    /// The part anew if it is due, else as it was.
    fn read<T>(
        &mut self,
        now: Duration,
        before: Option<Timed<T>>,
        read: impl FnOnce() -> Option<T>,
    ) -> Option<Timed<T>> {
        if self.due.is_some_and(|due| now < due) {
            return before;
        }
        let start = own_cpu_ns();
        let value = read().map(|value| Timed::new(now, value));
        self.last_ns = own_cpu_ns().zip(start).map(|(end, start)| end.saturating_sub(start));
        let fair = Duration::from_nanos(self.last_ns.unwrap_or_default()) * SHARE_OF_A_PART;
        self.stretched = self.every.max(fair);
        // A thread wakes a little late, and that adds up: what is nearly due is due. What costs
        // too much is read when the time is over and no sooner.
        let early = if fair > self.every { Duration::ZERO } else { self.every / 20 };
        self.due = Some(now + self.stretched.saturating_sub(early));
        value
    }

    fn cost(&self) -> PartCost {
        PartCost { name: self.name, last_ns: self.last_ns, every: self.stretched }
    }
}

#[cfg(test)]
mod tests;
