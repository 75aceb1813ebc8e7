//! `Reading`: one look at what the process uses and what the host has.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::resource::control_group::ControlGroup;
use crate::resource::host::{Core, Host};
use crate::resource::missing::{Part, Why};
use crate::resource::mount::Mount;
use crate::resource::network::{Interface, TcpStates};
use crate::resource::process::Process;
use crate::resource::threads::ThreadGroup;

/// One look at what the process uses and what the host has left.
///
/// What grows since the process or the host began stays a counter, in `u64`; a rate comes of two
/// readings and the time between them, see [`Level`](crate::resource::Level) and
/// [`per_second`](crate::resource::per_second). What cannot be read is `None`, and
/// [`missing`](Self::missing) says why; it is never 0.
///
/// Parts that cost more are read in slower rhythms, and stand in the readings between; each
/// carries the time of its own look.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::resource::Monitor;
///
/// let mut monitor = Monitor::new();
/// let reading = monitor.read(Duration::ZERO, Duration::ZERO);
/// // One reading has no rates yet.
/// assert_eq!(reading.process.cpu_cores, None);
/// match reading.process.resident_bytes {
///     Some(bytes) => println!("{} MiB resident", bytes >> 20),
///     None => println!("{:?}", reading.missing),
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reading {
    /// When it was read, by the clock of whoever asked for it.
    pub monotonic: Duration,
    /// The same moment since 1970-01-01 00:00 UTC, by the wall clock.
    pub unix: Duration,
    /// What the process uses.
    pub process: Process,
    /// What the host has and does.
    pub host: Host,
    /// Each core of the host; the first 1,024.
    pub cores: Option<Timed<Vec<Core>>>,
    /// CPU time of the process by groups of threads, largest first.
    pub threads: Option<Timed<Vec<ThreadGroup>>>,
    /// The file systems that are watched.
    pub mounts: Option<Timed<Vec<Mount>>>,
    /// The network interfaces; the first 64 that carried anything.
    pub interfaces: Option<Timed<Vec<Interface>>>,
    /// TCP sockets that the process holds, by state.
    pub connections: Option<Timed<TcpStates>>,
    /// TCP sockets of the host, or of the container's network, by state.
    pub host_connections: Option<Timed<TcpStates>>,
    /// The limits and the use of the control group that the process is in.
    pub control_group: Option<Timed<ControlGroup>>,
    /// What could not be read, and why.
    pub missing: Arc<BTreeMap<Part, Why>>,
}

/// A part of a reading with the time of its own look, by the clock of the reading's `monotonic`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timed<T> {
    /// When it was read.
    pub at: Duration,
    /// What was read. Readings between two looks share it.
    pub value: Arc<T>,
}

impl<T> Timed<T> {
    pub(crate) fn new(at: Duration, value: T) -> Self {
        Self { at, value: Arc::new(value) }
    }
}

impl<T> Deref for Timed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl Reading {
    /// Bytes that it holds, beyond what it shares with `earlier`.
    pub(crate) fn bytes_beyond(&self, earlier: Option<&Self>) -> usize {
        fn part<T>(
            part: &Option<Timed<T>>,
            earlier: Option<&Option<Timed<T>>>,
            bytes: impl FnOnce(&T) -> usize,
        ) -> usize {
            let Some(part) = part else { return 0 };
            let shared = earlier
                .and_then(Option::as_ref)
                .is_some_and(|earlier| Arc::ptr_eq(&earlier.value, &part.value));
            // Two counts stand beside the value.
            if shared { 0 } else { 16 + size_of::<T>() + bytes(&part.value) }
        }
        let names = |names: usize| names * 32;
        16 + size_of::<Self>()
            + part(&self.cores, earlier.map(|e| &e.cores), |cores| {
                cores.capacity() * size_of::<Core>()
            })
            + part(&self.threads, earlier.map(|e| &e.threads), |groups| {
                groups.capacity() * size_of::<ThreadGroup>() + names(groups.len())
            })
            + part(&self.mounts, earlier.map(|e| &e.mounts), |mounts| {
                mounts.capacity() * size_of::<Mount>() + names(mounts.len())
            })
            + part(&self.interfaces, earlier.map(|e| &e.interfaces), |interfaces| {
                interfaces.capacity() * size_of::<Interface>() + names(interfaces.len())
            })
            + part(&self.connections, earlier.map(|e| &e.connections), |_| 0)
            + part(&self.host_connections, earlier.map(|e| &e.host_connections), |_| 0)
            + part(&self.control_group, earlier.map(|e| &e.control_group), |_| 0)
    }
}

/// How often something happened a second between two looks at its counter, `elapsed` apart.
///
/// `None` where one of the looks did not see it, where no time passed, and where the counter went
/// back: it began anew, and how far it had come by then is not known.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::resource::per_second;
///
/// let two = Duration::from_secs(2);
/// assert_eq!(per_second(Some(10), Some(30), two), Some(10.0));
/// assert_eq!(per_second(Some(30), Some(10), two), None);
/// assert_eq!(per_second(None, Some(10), two), None);
/// ```
pub fn per_second(earlier: Option<u64>, later: Option<u64>, elapsed: Duration) -> Option<f64> {
    let grown = later?.checked_sub(earlier?)?;
    (elapsed > Duration::ZERO).then(|| grown as f64 / elapsed.as_secs_f64())
}
