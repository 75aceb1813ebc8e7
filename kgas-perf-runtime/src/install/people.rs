//! What people ask a [`Handle`] about baselines and alerts, and what they do to them.

use crate::alert::{AlertError, Change, Explanation, Fingerprint, Saved, Silence};
use crate::baseline::{Baseline, Learning};
use crate::catalog::SizeClass;
use crate::collector::{AcceptError, ResourcesOf};
use crate::install::Handle;

/// What people ask and do; each is that of the [`Collector`](crate::Collector).
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::Registry;
/// use kgas_perf_runtime::alert::{Change, Matcher, Silence};
/// use kgas_perf_runtime::install::Builder;
///
/// let handle = Builder::new().registry(Registry::new()).tick_by_hand().install()?;
/// handle.mark(Change::Deploy, "v2");
/// let now = handle.snapshot().unix;
/// let hour = Duration::from_secs(3_600);
/// let silence = Silence::new(Matcher::everything(), now, now + hour, "ada", "a rebuild")?;
/// let number = handle.silence(silence)?;
/// assert_eq!(handle.alerts().silences.len(), 1);
/// handle.end_silence(number, "ada")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl Handle {
    /// The alerts that are open and the last that are over, incidents, silences, marks and
    /// counts; see [`Collector::alerts`](crate::Collector::alerts).
    pub fn alerts(&self) -> Saved {
        self.collector().alerts()
    }

    /// Says that somebody is on an incident; see
    /// [`Collector::acknowledge`](crate::Collector::acknowledge).
    ///
    /// # Errors
    /// If no alert of such an incident fires, or nobody says who they are.
    pub fn acknowledge(&self, incident: u64, who: &str) -> Result<(), AlertError> {
        self.collector().acknowledge(incident, who)
    }

    /// Asks for quiet, and answers the silence's number; see
    /// [`Collector::silence`](crate::Collector::silence).
    ///
    /// # Errors
    /// If it is over already, or there are as many as may be and none of them is over.
    pub fn silence(&self, silence: Silence) -> Result<u64, AlertError> {
        self.collector().silence(silence)
    }

    /// Ends a silence before its time.
    ///
    /// # Errors
    /// If there is no such silence, it is over, or nobody says who they are.
    pub fn end_silence(&self, silence: u64, who: &str) -> Result<(), AlertError> {
        self.collector().end_silence(silence, who)
    }

    /// Notes that something was changed, and answers whether that was news; see
    /// [`Collector::mark`](crate::Collector::mark).
    pub fn mark(&self, what: Change, text: &str) -> bool {
        self.collector().mark(what, text)
    }

    /// How far a baseline has come; see [`Collector::learning`](crate::Collector::learning).
    pub fn learning(&self, operation: &str, class: SizeClass) -> Option<Learning> {
        self.collector().learning(operation, class)
    }

    /// Says why an alert was told or was not; see
    /// [`Collector::explain`](crate::Collector::explain).
    pub fn explain(&self, fingerprint: Fingerprint) -> Explanation {
        self.collector().explain(fingerprint)
    }

    /// What resources read now, and what rose when an operation became slow; see
    /// [`Collector::resources_of`](crate::Collector::resources_of).
    pub fn resources_of(&self, operation: &str, class: SizeClass) -> Option<ResourcesOf> {
        self.collector().resources_of(operation, class)
    }

    /// Makes what an operation does now its normal; see
    /// [`Collector::accept`](crate::Collector::accept).
    ///
    /// # Errors
    /// If there were fewer than 100 calls that ended well, or it is not said by whom or why.
    pub fn accept(
        &self,
        operation: &str,
        class: SizeClass,
        by: &str,
        why: &str,
    ) -> Result<Baseline, AcceptError> {
        self.collector().accept(operation, class, by, why)
    }
}
