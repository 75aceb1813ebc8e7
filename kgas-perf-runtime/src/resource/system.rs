//! `System`: whoever answers on this system.

#[cfg(target_os = "linux")]
pub(crate) use crate::resource::linux::System;
#[cfg(not(target_os = "linux"))]
pub(crate) use crate::resource::portable::System;
#[cfg(unix)]
pub(crate) use crate::resource::unix::own_cpu_ns;

/// Not every system keeps a clock of each thread.
#[cfg(not(unix))]
pub(crate) fn own_cpu_ns() -> Option<u64> {
    None
}
