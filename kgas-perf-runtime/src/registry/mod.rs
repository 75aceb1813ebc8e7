//! `Registry`: what was measured, for whoever wants to look.
//!
//! - `scope`: a thread or a future that records in a registry of its own.
//! - `snapshot`: a copy of everything, taken without resetting.
//! - `operation`: the calls of one operation in a snapshot, by size class.
//! - `memory`: what a snapshot says of memory.
//! - `window`: one operation's calls between two snapshots.
//! - `declared`: what the catalogues declare.

mod declared;
mod memory;
mod operation;
mod scope;
mod snapshot;
mod window;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use crate::catalog::SizeClass;
use crate::measure::call_site;
use crate::measure::clock::{Clock, TimeSource};
use crate::measure::roster::Roster;
use crate::measure::slow_calls::ns_per_unit;
use crate::measure::thread;

pub use memory::{Allocations, MemoryDeltas, Polls};
pub use operation::{CallSiteSnapshot, InFlight, Operation, Series};
pub use scope::{Scope, Scoped};
pub use snapshot::{Losses, SlowCall, Snapshot};
pub use window::Window;

/// Where calls are recorded. Clones are the same registry.
///
/// Every process has a [global](Registry::global) one. A test makes one of its own and enters
/// it, so that tests that run side by side do not see each other's calls.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::measure::{Measurement, Outcome};
/// use kgas_perf_runtime::Registry;
///
/// let registry = Registry::new();
/// let scope = registry.enter();
/// Measurement::start("import").finish(Outcome::Ok);
/// drop(scope);
/// assert_eq!(registry.snapshot().operation("import").unwrap().calls(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Registry {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    roster: Arc<Roster>,
    /// Shards of the global roster stay as long as the process.
    global: bool,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if !self.global {
            // SAFETY: threads start measurements in this roster through a `Scope`, and look at
            // it through a `Registry`; both hold this `Inner`, and it is going.
            unsafe { self.roster.close() };
        }
    }
}

impl Registry {
    /// An empty registry with the system's clock.
    pub fn new() -> Self {
        Self::of(Roster::new(TimeSource::system()))
    }

    /// An empty registry whose calls are timed by this clock.
    ///
    /// # Cost
    /// Calls recorded here read the clock through a pointer, and memory on every call when the
    /// clock stands still.
    pub fn with_clock(clock: impl Clock) -> Self {
        Self::of(Roster::new(TimeSource::Clock(Arc::new(clock))))
    }

    /// The process's registry: where a thread records that has entered no other.
    pub fn global() -> Self {
        Self { inner: Arc::new(Inner { roster: thread::global(), global: true }) }
    }

    /// How many threads have ever recorded here at the same time.
    pub fn threads(&self) -> usize {
        self.inner.roster.shards().count()
    }

    /// What time it is by its clock: since the clock's origin, and since 1970-01-01 00:00 UTC.
    pub(crate) fn now(&self) -> (Duration, Duration) {
        let now = self.inner.roster.time.now();
        (now.monotonic, now.unix)
    }

    fn of(roster: Roster) -> Self {
        Self { inner: Arc::new(Inner { roster: Arc::new(roster), global: false }) }
    }

    /// How many recorders calls may be judged in, on all threads: more with each new call site.
    pub(crate) fn recorders(&self) -> usize {
        call_site::recorders()
    }

    /// Judges calls from now on, on all threads, by what `baseline` knows of their operation and
    /// size class: its median and p95. A call that lasts longer than p95 is counted, remembered
    /// and told, and its severity follows from how many medians it lasted.
    ///
    /// Answers whether it knew whose every recorder is: that of a call site that is just being
    /// registered is known a little later.
    pub(crate) fn judge(
        &self,
        baseline: impl Fn(&'static str, SizeClass) -> Option<(Duration, Duration)>,
    ) -> bool {
        let ns_per_tick = self.inner.roster.time.ns_per_tick();
        let mut knows_all = true;
        for recorder in 0..call_site::recorders() {
            let Some((site, class)) = call_site::owner(recorder) else {
                knows_all = false;
                continue;
            };
            if let Some((p50, p95)) = baseline(site.spec().operation, class) {
                let rate = ns_per_unit(site, ns_per_tick);
                let [p95, p50] =
                    [p95, p50].map(|time| (time.as_nanos() as f64 / rate).round() as u64);
                self.inner.roster.judge_by(recorder, p95, p50);
            }
        }
        knows_all
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}
