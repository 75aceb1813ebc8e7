//! `Host`: what the host has and does; `Core`, one of its processors.

use serde::{Deserialize, Serialize};

/// What the host has and does. In a container it is the host below it, as far as it shows.
/// Counters count from its start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Host {
    /// All its processors together.
    pub cpu: Option<Core>,
    /// The share of its processors in use since the reading before, in `0.0..=1.0`; what a
    /// virtual machine was not given counts as in use. `None` at the first reading.
    pub cpu_share: Option<f64>,
    /// Bytes of memory.
    pub memory_bytes: Option<u64>,
    /// Bytes of it that programs can have without swapping.
    pub available_bytes: Option<u64>,
    /// Bytes of swap.
    pub swap_bytes: Option<u64>,
    /// Bytes of it that are free.
    pub free_swap_bytes: Option<u64>,
    /// Counter: bytes read from its disks.
    pub disk_read_bytes: Option<u64>,
    /// Counter: bytes written to its disks.
    pub disk_written_bytes: Option<u64>,
    /// Counter: reads of its disks.
    pub disk_reads: Option<u64>,
    /// Counter: writes to its disks.
    pub disk_writes: Option<u64>,
    /// How many tasks ran or waited to, on average over 1, 5 and 15 minutes.
    pub load: Option<[f64; 3]>,
    /// Counter: context switches.
    pub switches: Option<u64>,
    /// How long tasks waited.
    pub pressure: Option<Pressure>,
}

/// CPU time of a processor, or of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Core {
    /// Counter: nanoseconds in which it worked, or a hypervisor withheld it.
    pub busy_ns: u64,
    /// Counter: nanoseconds in which it was there.
    pub total_ns: u64,
}

impl Core {
    /// The share of the time since an earlier look in which it worked, in `0.0..=1.0`. `None`
    /// where no time passed or a counter went back.
    pub fn share_since(&self, earlier: &Self) -> Option<f64> {
        let total = self.total_ns.checked_sub(earlier.total_ns).filter(|total| *total > 0)?;
        let busy = self.busy_ns.checked_sub(earlier.busy_ns)?;
        Some((busy as f64 / total as f64).min(1.0))
    }
}

/// How long tasks of the host waited for a resource that was short: Linux's pressure stall
/// information. Counters in nanoseconds.
///
/// `some` is time in which at least one task waited, `full` time in which all did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Pressure {
    /// For a processor.
    pub cpu_some_ns: Option<u64>,
    /// For memory.
    pub memory_some_ns: Option<u64>,
    /// For memory, all of them.
    pub memory_full_ns: Option<u64>,
    /// For a disk.
    pub io_some_ns: Option<u64>,
    /// For a disk, all of them.
    pub io_full_ns: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_needs_time_and_counters_that_go_on() {
        let core = |busy_ns, total_ns| Core { busy_ns, total_ns };
        assert_eq!(core(30, 140).share_since(&core(10, 100)), Some(0.5));
        assert_eq!(core(10, 100).share_since(&core(10, 100)), None);
        assert_eq!(core(5, 140).share_since(&core(10, 100)), None);
        assert_eq!(core(5, 40).share_since(&core(10, 100)), None);
    }
}
