//! `System`: the readings as Linux gives them, from `/proc`, `/sys/fs/cgroup` and a few calls.
//!
//! Files that are read at each look stay open and are read anew from their begin, which saves
//! half of what they cost. Each text is parsed by a function of its own, which takes what a
//! kernel of another version, or a container, may leave out.
//!
//! - `kept`: a file that stays open; `numbers`: numbers in its text.
//! - `process`, `host`, `network`, `control_group`: what is read of which text.
//! - `calls`: what the kernel answers by a call; `tasks`: the process's threads; `sockets`: the TCP sockets it holds.

mod calls;
mod control_group;
mod host;
mod kept;
mod network;
mod numbers;
mod process;
mod sockets;
mod tasks;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::resource::control_group::ControlGroup;
use crate::resource::host::{Core, Host};
use crate::resource::missing::{Missing, Part};
use crate::resource::mount::Mount;
use crate::resource::network::{Interface, TcpStates};
use crate::resource::process::Process;
use crate::resource::threads::{Groups, ThreadGroup};

use kept::Kept;

/// Text of `/proc/net/tcp` beyond so many bytes is not read: some 100,000 sockets.
const MOST_SOCKET_TEXT: usize = 16 << 20;

/// Where Linux tells of the process and its host.
#[derive(Debug)]
pub(crate) struct System {
    stat: Kept,
    status: Kept,
    io: Kept,
    host_stat: Kept,
    memory: Kept,
    disks: Kept,
    load: Kept,
    pressure: [Kept; 3],
    devices: Kept,
    groups: Groups,
    control_groups: control_group::Hierarchies,
}

impl System {
    pub(crate) fn new() -> Self {
        Self {
            stat: Kept::new("/proc/self/stat"),
            status: Kept::new("/proc/self/status"),
            io: Kept::new("/proc/self/io"),
            host_stat: Kept::new("/proc/stat"),
            memory: Kept::new("/proc/meminfo"),
            disks: Kept::new("/proc/diskstats"),
            load: Kept::new("/proc/loadavg"),
            pressure: ["cpu", "memory", "io"]
                .map(|what| Kept::new(&format!("/proc/pressure/{what}"))),
            devices: Kept::new("/proc/self/net/dev"),
            groups: Groups::default(),
            control_groups: control_group::Hierarchies::find(),
        }
    }

    pub(crate) fn process(&mut self, missing: &mut Missing) -> Process {
        let cpu_ns = missing.note(Part::ProcessCpu, calls::process_cpu_ns());
        let mut process = Process { cpu_ns, ..Process::default() };
        let stat = self.stat.read().and_then(process::stat);
        if let Some(stat) = missing.note(Part::ProcessMemory, stat) {
            let page = calls::page_bytes();
            process.minor_faults = Some(stat.minor_faults);
            process.major_faults = Some(stat.major_faults);
            process.threads = Some(stat.threads);
            process.virtual_bytes = Some(stat.virtual_bytes);
            process.resident_bytes = Some(stat.resident_pages.saturating_mul(page));
        }
        if let Ok(text) = self.status.read() {
            (process.peak_resident_bytes, process.swapped_bytes) = process::status(text);
        }
        if let Some(io) = missing.note(Part::ProcessDisk, self.io.read().and_then(process::io)) {
            process.disk_read_bytes = Some(io.disk_read_bytes);
            process.disk_written_bytes = Some(io.disk_written_bytes);
            process.read_calls = Some(io.read_calls);
            process.write_calls = Some(io.write_calls);
        }
        if let Some((own, taken)) = missing.note(Part::ProcessSwitches, calls::switches()) {
            (process.voluntary_switches, process.involuntary_switches) = (Some(own), Some(taken));
        }
        process.file_handles = missing.note(Part::FileHandles, process::file_handles());
        process.file_handle_limit =
            missing.note(Part::FileHandleLimit, calls::file_handle_limit()).flatten();
        process
    }

    /// The host, and its cores.
    pub(crate) fn host(
        &mut self,
        _now: Duration,
        missing: &mut Missing,
    ) -> (Host, Option<Vec<Core>>) {
        let mut host = Host::default();
        let stat = self.host_stat.read().and_then(|text| host::stat(text, calls::ticks_a_second()));
        let cores = missing.note(Part::HostCpu, stat).map(|stat| {
            (host.cpu, host.switches) = (Some(stat.all), stat.switches);
            stat.cores
        });
        if let Some(memory) =
            missing.note(Part::HostMemory, self.memory.read().and_then(host::memory))
        {
            host.memory_bytes = Some(memory.total);
            host.available_bytes = memory.available;
            (host.swap_bytes, host.free_swap_bytes) = (memory.swap, memory.free_swap);
        }
        if let Some(disks) = missing.note(Part::HostDisk, self.disks.read().and_then(host::disks)) {
            host.disk_read_bytes = Some(disks.read_bytes);
            host.disk_written_bytes = Some(disks.written_bytes);
            (host.disk_reads, host.disk_writes) = (Some(disks.reads), Some(disks.writes));
        }
        host.load = missing.note(Part::Load, self.load.read().and_then(host::load));
        let pressure = host::pressure(&mut self.pressure);
        host.pressure = missing.note(Part::Pressure, pressure);
        (host, cores)
    }

    pub(crate) fn threads(&mut self, missing: &mut Missing) -> Option<Vec<ThreadGroup>> {
        missing.note(Part::Threads, tasks::read(&mut self.groups))
    }

    pub(crate) fn interfaces(&mut self, missing: &mut Missing) -> Option<Vec<Interface>> {
        missing.note(Part::Interfaces, self.devices.read().and_then(network::interfaces))
    }

    pub(crate) fn connections(&mut self, missing: &mut Missing) -> Option<TcpStates> {
        missing.note(Part::ProcessConnections, sockets::of_this_process())
    }

    pub(crate) fn host_connections(&mut self, missing: &mut Missing) -> Option<TcpStates> {
        missing.note(Part::HostConnections, host_connections())
    }

    pub(crate) fn control_group(&mut self, missing: &mut Missing) -> Option<ControlGroup> {
        missing.note(Part::ControlGroup, self.control_groups.read())
    }

    /// The file systems of some folders, each once.
    pub(crate) fn mounts(
        &mut self,
        folders: &[Arc<str>],
        missing: &mut Missing,
    ) -> Option<Vec<Mount>> {
        missing.note(Part::Mounts, calls::mounts(folders))
    }
}

/// All sockets of TCP over IPv4 and, where there is one, IPv6.
fn host_connections() -> io::Result<TcpStates> {
    let mut states = TcpStates::default();
    network::tcp("/proc/self/net/tcp", MOST_SOCKET_TEXT, &mut states)?;
    match network::tcp("/proc/self/net/tcp6", MOST_SOCKET_TEXT, &mut states) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(states),
    }
}
