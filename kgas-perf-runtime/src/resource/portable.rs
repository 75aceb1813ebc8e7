//! `System`: the readings as sysinfo gives them, on systems other than Linux.
//!
//! What it lacks there is not available: page faults, context switches, threads by name, TCP
//! connections, operations on disks, limits of a container. Tests on Linux hold it against the
//! system's own adapter.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sysinfo::{
    CpuRefreshKind, DiskRefreshKind, Disks, MemoryRefreshKind, Networks, Pid, ProcessRefreshKind,
    ProcessesToUpdate,
};

use crate::resource::control_group::ControlGroup;
use crate::resource::host::{Core, Host};
use crate::resource::missing::{Missing, Part};
use crate::resource::mount::Mount;
use crate::resource::network::{Interface, TcpStates};
use crate::resource::process::Process;
use crate::resource::threads::ThreadGroup;

/// More interfaces are not kept.
const MOST_INTERFACES: usize = 64;

/// What sysinfo keeps between looks.
#[derive(Debug)]
pub(crate) struct System {
    system: Option<sysinfo::System>,
    process: Option<Pid>,
    networks: Option<Networks>,
    disks: Option<Disks>,
    /// sysinfo answers shares; summed up over the time between looks they are counters again.
    cores: Vec<Core>,
    last: Option<Duration>,
}

impl System {
    pub(crate) fn new() -> Self {
        Self {
            system: sysinfo::System::new().ok(),
            process: sysinfo::get_current_pid().ok(),
            networks: Networks::new().ok(),
            disks: None,
            cores: Vec::new(),
            last: None,
        }
    }

    pub(crate) fn process(&mut self, missing: &mut Missing) -> Process {
        let mut process = Process::default();
        let kind = ProcessRefreshKind::nothing().with_cpu().with_memory().with_disk_usage();
        let known = self.system.as_mut().zip(self.process).and_then(|(system, pid)| {
            system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), false, kind);
            system.process(pid)
        });
        let known = missing.note(Part::ProcessMemory, known.ok_or_else(absent));
        if let Some(known) = known {
            process.cpu_ns = Some(known.accumulated_cpu_time().saturating_mul(1_000_000));
            process.resident_bytes = Some(known.memory());
            process.virtual_bytes = Some(known.virtual_memory());
            let disk = known.disk_usage();
            process.disk_read_bytes = Some(disk.total_read_bytes);
            process.disk_written_bytes = Some(disk.total_written_bytes);
            let handles = known.open_files().map(|handles| handles as u64);
            process.file_handles = missing.note(Part::FileHandles, handles.ok_or_else(absent));
            let limit = known.open_files_limit().map(|limit| limit as u64).filter(|l| *l > 0);
            process.file_handle_limit =
                missing.note(Part::FileHandleLimit, limit.ok_or_else(absent));
        }
        absent_part::<()>(missing, Part::ProcessSwitches);
        process
    }

    /// The host, and its cores.
    pub(crate) fn host(
        &mut self,
        now: Duration,
        missing: &mut Missing,
    ) -> (Host, Option<Vec<Core>>) {
        let mut host = Host::default();
        let load = sysinfo::System::load_average().map(|load| [load.one, load.five, load.fifteen]);
        host.load = missing.note(Part::Load, load.map_err(|_| absent()));
        absent_part::<()>(missing, Part::Pressure);
        absent_part::<()>(missing, Part::HostDisk);
        let system = self.system.as_mut().ok_or_else(absent);
        let Some(system) = missing.note(Part::HostMemory, system) else {
            return (host, absent_part(missing, Part::HostCpu));
        };
        system.refresh_memory_specifics(MemoryRefreshKind::everything());
        host.memory_bytes = Some(system.total_memory()).filter(|bytes| *bytes > 0);
        host.available_bytes = host.memory_bytes.map(|_| system.available_memory());
        host.swap_bytes = Some(system.total_swap());
        host.free_swap_bytes = Some(system.free_swap());
        system.refresh_cpu_specifics(CpuRefreshKind::nothing().with_usage());
        let shares: Vec<f32> = system.cpus().iter().map(sysinfo::Cpu::usage).collect();
        if missing
            .note(Part::HostCpu, (!shares.is_empty()).then_some(()).ok_or_else(absent))
            .is_none()
        {
            return (host, None);
        }
        // The first shares are of no time at all.
        let passed = self.last.replace(now).map(|last| now.saturating_sub(last));
        let passed =
            passed.map_or(0, |passed| u64::try_from(passed.as_nanos()).unwrap_or_default());
        self.cores.resize(shares.len(), Core::default());
        for (core, percent) in self.cores.iter_mut().zip(shares) {
            let share = f64::from(percent.clamp(0.0, 100.0)) / 100.0;
            core.total_ns = core.total_ns.saturating_add(passed);
            core.busy_ns = core.busy_ns.saturating_add((passed as f64 * share) as u64);
        }
        host.cpu = self.cores.iter().copied().reduce(|sum, core| Core {
            busy_ns: sum.busy_ns.saturating_add(core.busy_ns),
            total_ns: sum.total_ns.saturating_add(core.total_ns),
        });
        (host, Some(self.cores.clone()))
    }

    pub(crate) fn threads(&mut self, missing: &mut Missing) -> Option<Vec<ThreadGroup>> {
        absent_part(missing, Part::Threads)
    }

    pub(crate) fn interfaces(&mut self, missing: &mut Missing) -> Option<Vec<Interface>> {
        let networks = missing.note(Part::Interfaces, self.networks.as_mut().ok_or_else(absent))?;
        networks.refresh(true);
        let interface = |(name, data): (&std::ffi::OsString, &sysinfo::NetworkData)| Interface {
            name: name.to_string_lossy().into_owned(),
            received_bytes: data.total_received(),
            sent_bytes: data.total_transmitted(),
            received_packets: data.total_packets_received(),
            sent_packets: data.total_packets_transmitted(),
            errors: data
                .total_errors_on_received()
                .saturating_add(data.total_errors_on_transmitted()),
            drops: None,
        };
        let used = |one: &Interface| one.received_packets > 0 || one.sent_packets > 0;
        Some(networks.iter().map(interface).filter(used).take(MOST_INTERFACES).collect())
    }

    pub(crate) fn connections(&mut self, missing: &mut Missing) -> Option<TcpStates> {
        absent_part(missing, Part::ProcessConnections)
    }

    pub(crate) fn host_connections(&mut self, missing: &mut Missing) -> Option<TcpStates> {
        absent_part(missing, Part::HostConnections)
    }

    pub(crate) fn control_group(&mut self, missing: &mut Missing) -> Option<ControlGroup> {
        absent_part(missing, Part::ControlGroup)
    }

    /// The file systems of some folders, each once.
    pub(crate) fn mounts(
        &mut self,
        folders: &[Arc<str>],
        missing: &mut Missing,
    ) -> Option<Vec<Mount>> {
        let kind = DiskRefreshKind::nothing().with_storage();
        match &mut self.disks {
            Some(disks) => disks.refresh_specifics(true, kind),
            none => *none = Disks::new_with_refreshed_list_specifics(kind).ok(),
        }
        let disks = missing.note(Part::Mounts, self.disks.as_ref().ok_or_else(absent))?;
        let mut mounts: Vec<Mount> = Vec::new();
        for folder in folders {
            let path = Path::new(folder.as_ref());
            let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            let holds = |disk: &&sysinfo::Disk| path.starts_with(disk.mount_point());
            let depth = |disk: &&sysinfo::Disk| disk.mount_point().components().count();
            let Some(disk) = disks.iter().filter(holds).max_by_key(depth) else { continue };
            let place = disk.mount_point().to_string_lossy().into_owned();
            if mounts.iter().all(|mount| mount.place != place) {
                let (bytes, available) = (disk.total_space(), disk.available_space());
                mounts.push(Mount {
                    place,
                    bytes,
                    used_bytes: bytes.saturating_sub(available),
                    available_bytes: available,
                    read_only: disk.is_read_only(),
                    inodes: None,
                    free_inodes: None,
                });
            }
        }
        Some(mounts)
    }
}

fn absent() -> io::Error {
    io::ErrorKind::Unsupported.into()
}

fn absent_part<T>(missing: &mut Missing, part: Part) -> Option<T> {
    missing.note(part, Err(absent()))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::resource::linux;

    /// Both count other processes, too, so neither may be far off.
    fn near(one: Option<u64>, other: Option<u64>, apart: f64) {
        let (one, other) = (one.unwrap() as f64, other.unwrap() as f64);
        assert!((one - other).abs() <= apart * one.max(other), "{one} against {other}");
    }

    #[test]
    fn both_adapters_say_the_same_of_this_process_and_host() {
        let (mut missing, mut absent) = (Missing::default(), Missing::default());
        let (mut linux, mut portable) = (linux::System::new(), System::new());
        // Other tests allocate meanwhile, and so does a look: what one adapter says lies between two
        // looks of the other, give or take a MiB.
        let agree = (0..100).any(|_| {
            let before = linux.process(&mut missing);
            let there = portable.process(&mut absent);
            let after = linux.process(&mut missing);
            let between = |low: Option<u64>, it: Option<u64>, high: Option<u64>| {
                let (Some(low), Some(it), Some(high)) = (low, it, high) else { return false };
                low.min(high) <= it + (1 << 20) && it <= low.max(high) + (1 << 20)
            };
            between(before.resident_bytes, there.resident_bytes, after.resident_bytes)
                && between(before.virtual_bytes, there.virtual_bytes, after.virtual_bytes)
        });
        assert!(agree);
        let (here, there) = (linux.process(&mut missing), portable.process(&mut absent));
        assert_eq!(here.file_handle_limit, there.file_handle_limit);
        let (here, _) = linux.host(Duration::ZERO, &mut missing);
        let (there, cores) = portable.host(Duration::ZERO, &mut absent);
        assert_eq!(here.memory_bytes, there.memory_bytes);
        near(here.available_bytes, there.available_bytes, 0.2);
        assert_eq!(here.swap_bytes, there.swap_bytes);
        assert_eq!(cores.unwrap().len(), linux.host(Duration::ZERO, &mut missing).1.unwrap().len());
        let root: [Arc<str>; 1] = [Arc::from("/")];
        let (here, there) =
            (linux.mounts(&root, &mut missing), portable.mounts(&root, &mut absent));
        let (here, there) = (here.unwrap(), there.unwrap());
        assert_eq!(here[0].place, there[0].place);
        near(Some(here[0].bytes), Some(there[0].bytes), 0.01);
        let names = |interfaces: Option<Vec<Interface>>| {
            let mut names: Vec<_> = interfaces.unwrap().into_iter().map(|one| one.name).collect();
            names.sort();
            names
        };
        assert_eq!(names(linux.interfaces(&mut missing)), names(portable.interfaces(&mut absent)));
        for part in [Part::Threads, Part::Pressure, Part::ControlGroup, Part::HostConnections] {
            let _ = (portable.threads(&mut absent), portable.connections(&mut absent));
            let _ = portable.host_connections(&mut absent);
            let _ = portable.control_group(&mut absent);
            assert_eq!(
                absent.parts().get(&part).map(ToString::to_string).as_deref(),
                Some("not available: not on this system")
            );
        }
    }

    #[test]
    fn the_first_share_of_a_processor_does_not_exist() {
        let (mut portable, mut missing) = (System::new(), Missing::default());
        let (first, _) = portable.host(Duration::from_secs(5), &mut missing);
        assert_eq!(first.cpu.unwrap().total_ns, 0);
        let (second, cores) = portable.host(Duration::from_secs(6), &mut missing);
        let all = second.cpu.unwrap();
        assert_eq!(all.total_ns, cores.unwrap().len() as u64 * 1_000_000_000);
        assert!(all.share_since(&first.cpu.unwrap()).is_some_and(|share| share <= 1.0));
    }
}
