//! `Process`: what the process uses.

use serde::{Deserialize, Serialize};

/// What the process uses. Counters count from its begin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Process {
    /// Counter: nanoseconds on processors, of all its threads, in user and kernel mode.
    pub cpu_ns: Option<u64>,
    /// Processors in use since the reading before: 1.0 is one core. `None` at the first reading.
    pub cpu_cores: Option<f64>,
    /// Bytes of it that are in memory.
    pub resident_bytes: Option<u64>,
    /// The largest that was.
    pub peak_resident_bytes: Option<u64>,
    /// Bytes of its address space.
    pub virtual_bytes: Option<u64>,
    /// Bytes of it that are in swap.
    pub swapped_bytes: Option<u64>,
    /// Counter: page faults that needed no disk.
    pub minor_faults: Option<u64>,
    /// Counter: page faults that waited for a disk.
    pub major_faults: Option<u64>,
    /// Counter: bytes allocated, under a [`TallyAllocator`](crate::measure::TallyAllocator);
    /// each thread's last 64 KiB or 63 allocations may be missing.
    pub allocated_bytes: Option<u64>,
    /// Counter: allocations, likewise.
    pub allocations: Option<u64>,
    /// Counter: bytes that it caused to be read from disk; what a cache answers is not counted.
    pub disk_read_bytes: Option<u64>,
    /// Counter: bytes that it caused to be written to disk, sooner or later.
    pub disk_written_bytes: Option<u64>,
    /// Counter: its calls that read, of files, sockets and pipes.
    pub read_calls: Option<u64>,
    /// Counter: its calls that write, likewise.
    pub write_calls: Option<u64>,
    /// Open files, sockets and pipes.
    pub file_handles: Option<u64>,
    /// How many may be open: the soft limit. `None` also where there is none.
    pub file_handle_limit: Option<u64>,
    /// Its threads.
    pub threads: Option<u64>,
    /// Counter: times that its threads gave a processor away, since they had to wait.
    pub voluntary_switches: Option<u64>,
    /// Counter: times that a processor was taken from its threads.
    pub involuntary_switches: Option<u64>,
}
