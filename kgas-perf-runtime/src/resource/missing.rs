//! `Part` and `Why`: what cannot be read here, and why.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

/// A part of a reading: what one look at the system answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Part {
    /// CPU time of the process.
    ProcessCpu,
    /// Memory, page faults and threads of the process.
    ProcessMemory,
    /// What the process read and wrote.
    ProcessDisk,
    /// Context switches of the process.
    ProcessSwitches,
    /// Bytes and allocations of the process; there only under a
    /// [`TallyAllocator`](crate::measure::TallyAllocator).
    ProcessAllocations,
    /// Open file handles.
    FileHandles,
    /// How many file handles may be open.
    FileHandleLimit,
    /// CPU time of the host and of each core.
    HostCpu,
    /// Memory and swap of the host.
    HostMemory,
    /// What all disks of the host read and wrote.
    HostDisk,
    /// The load averages.
    Load,
    /// How long tasks of the host waited for a resource.
    Pressure,
    /// CPU time by groups of threads.
    Threads,
    /// Space on file systems.
    Mounts,
    /// Network interfaces.
    Interfaces,
    /// TCP connections of the process.
    ProcessConnections,
    /// TCP connections of the host, or of the container's network.
    HostConnections,
    /// Limits of the control group, which are a container's.
    ControlGroup,
}

impl Part {
    /// The name used in tables and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProcessCpu => "process_cpu",
            Self::ProcessMemory => "process_memory",
            Self::ProcessDisk => "process_disk",
            Self::ProcessSwitches => "process_switches",
            Self::ProcessAllocations => "process_allocations",
            Self::FileHandles => "file_handles",
            Self::FileHandleLimit => "file_handle_limit",
            Self::HostCpu => "host_cpu",
            Self::HostMemory => "host_memory",
            Self::HostDisk => "host_disk",
            Self::Load => "load",
            Self::Pressure => "pressure",
            Self::Threads => "threads",
            Self::Mounts => "mounts",
            Self::Interfaces => "interfaces",
            Self::ProcessConnections => "process_connections",
            Self::HostConnections => "host_connections",
            Self::ControlGroup => "control_group",
        }
    }
}

/// Why a part cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Why {
    /// This system does not have it, or this container does not show it.
    NotHere,
    /// The process may not read it.
    Denied,
    /// There is more of it than is read: a limit of this monitor.
    TooMuch,
    /// What the system answered is not what it documents.
    Unreadable,
    /// Another error, as the system words it.
    Failed(String),
}

impl From<&io::Error> for Why {
    fn from(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::Unsupported => Self::NotHere,
            io::ErrorKind::PermissionDenied => Self::Denied,
            io::ErrorKind::FileTooLarge => Self::TooMuch,
            io::ErrorKind::InvalidData => Self::Unreadable,
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not available: ")?;
        match self {
            Self::NotHere => f.write_str("not on this system"),
            Self::Denied => f.write_str("permission denied"),
            Self::TooMuch => f.write_str("more than is read"),
            Self::Unreadable => f.write_str("not as documented"),
            Self::Failed(text) => f.write_str(text),
        }
    }
}

/// What could not be read, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    parts: BTreeMap<Part, Why>,
}

impl Missing {
    /// What was read; `None` where it was not, which is noted. What is read again is not missing
    /// any more.
    pub(crate) fn note<T>(&mut self, part: Part, read: io::Result<T>) -> Option<T> {
        match read {
            Ok(read) => {
                self.parts.remove(&part);
                Some(read)
            }
            Err(error) => {
                // Most parts that are missing once are missing for good: no news, no allocation.
                let why = Why::from(&error);
                if self.parts.get(&part) != Some(&why) {
                    self.parts.insert(part, why);
                }
                None
            }
        }
    }

    pub(crate) fn parts(&self) -> &BTreeMap<Part, Why> {
        &self.parts
    }
}

/// The error of a text that is not as its system documents it.
pub(crate) fn unreadable() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_says_why_and_is_forgotten_when_it_comes() {
        let mut missing = Missing::default();
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        assert_eq!(missing.note::<u64>(Part::ProcessDisk, Err(denied)), None);
        let gone = io::Error::from(io::ErrorKind::NotFound);
        assert_eq!(missing.note::<u64>(Part::Pressure, Err(gone)), None);
        let said: Vec<_> =
            missing.parts().iter().map(|(part, why)| format!("{} {why}", part.as_str())).collect();
        assert_eq!(
            said,
            [
                "process_disk not available: permission denied",
                "pressure not available: not on this system"
            ]
        );
        assert_eq!(missing.note(Part::ProcessDisk, Ok(7)), Some(7));
        assert_eq!(missing.parts().len(), 1);
    }
}
