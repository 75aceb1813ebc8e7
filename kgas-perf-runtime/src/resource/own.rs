//! `OwnProcess`: reads what this process uses, and nothing else.

use crate::resource::missing::Missing;
use crate::resource::process::Process;
use crate::resource::system::System;

/// Reads what this process uses, for whoever needs nothing of the host and keeps readings by
/// itself; [`Monitor`](crate::resource::Monitor) reads and keeps the rest, too.
///
/// # Cost
/// That of the process's part of a reading of `Monitor`, which is most with thousands of open
/// files on Linux before 6.2: they are counted one by one. Files of `/proc` stay open from look to
/// look, and no reading is kept.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::resource::OwnProcess;
///
/// let process = OwnProcess::new().read();
/// // What cannot be read is `None`, and never 0.
/// println!("{:?} bytes resident", process.resident_bytes);
/// ```
#[derive(Debug)]
pub struct OwnProcess {
    system: System,
    missing: Missing,
}

impl OwnProcess {
    /// A reader of this process.
    pub fn new() -> Self {
        Self { system: System::new(), missing: Missing::default() }
    }

    /// One look. Counters count from the process's begin. `cpu_cores`, which takes two looks, and
    /// what only an allocator counts are `None`.
    pub fn read(&mut self) -> Process {
        self.system.process(&mut self.missing)
    }
}

impl Default for OwnProcess {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_counted_on_and_memory_that_was_touched_is_seen() {
        let mut own = OwnProcess::new();
        let before = own.read();
        let touched = vec![1_u8; 64 << 20];
        let after = own.read();
        // Other tests of this process come and go: only what they cannot hide is asserted.
        assert!(after.cpu_ns.unwrap() > before.cpu_ns.unwrap());
        let grown = after.resident_bytes.unwrap() as i64 - before.resident_bytes.unwrap() as i64;
        assert!(grown > 32 << 20, "{grown}");
        drop(touched);
    }
}
