//! What people ask about alerts, and what they do to them.

use crate::alert::{AlertError, Change, Explanation, Fingerprint, Saved, Silence};
use crate::collector::Collector;

impl Collector {
    /// The alerts that are open and the last that are over, the incidents they belong to, the
    /// silences, the marks, and the counts of all of it: a copy.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_runtime::{Collector, Registry};
    ///
    /// let collector = Collector::new(Registry::new());
    /// collector.tick();
    /// assert!(collector.alerts().open.is_empty());
    /// ```
    pub fn alerts(&self) -> Saved {
        self.state().alerts.saved().clone()
    }

    /// Says that somebody is on an incident: what goes on is not told again until it gets worse.
    ///
    /// # Errors
    /// If no alert of such an incident fires, or nobody says who they are.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_runtime::alert::AlertError;
    /// use kgas_perf_runtime::{Collector, Registry};
    ///
    /// let collector = Collector::new(Registry::new());
    /// let error = collector.acknowledge(7, "ada").unwrap_err();
    /// assert_eq!(error, AlertError::NoSuchIncident { incident: 7 });
    /// ```
    pub fn acknowledge(&self, incident: u64, who: &str) -> Result<(), AlertError> {
        self.state().alerts.acknowledge(incident, who, self.now())
    }

    /// Asks for quiet, and answers the silence's number. What is silenced is not told, and is
    /// told when the silence ends if it still holds.
    ///
    /// # Errors
    /// If it is over already, or there are as many as may be and none of them is over.
    ///
    /// # Examples
    /// ```
    /// use std::time::Duration;
    /// use kgas_perf_runtime::alert::{Matcher, Silence};
    /// use kgas_perf_runtime::{Collector, Registry};
    ///
    /// let collector = Collector::new(Registry::new());
    /// let now = collector.registry().snapshot().unix;
    /// let hour = Duration::from_secs(3_600);
    /// let import = Matcher::is("operation", "import");
    /// let quiet = Silence::new(import, now, now + hour, "ada", "the index is rebuilt")?;
    /// let number = collector.silence(quiet)?;
    /// collector.end_silence(number, "ada")?;
    /// # Ok::<(), kgas_perf_runtime::alert::AlertError>(())
    /// ```
    pub fn silence(&self, silence: Silence) -> Result<u64, AlertError> {
        self.state().alerts.silence(silence, self.now())
    }

    /// Ends a silence before its time.
    ///
    /// # Errors
    /// If there is no such silence, it is over, or nobody says who they are.
    pub fn end_silence(&self, silence: u64, who: &str) -> Result<(), AlertError> {
        self.state().alerts.end_silence(silence, who, self.now())
    }

    /// Notes that something was changed, and answers whether that was news. An alert that begins
    /// within half an hour after it says so.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_runtime::alert::Change;
    /// use kgas_perf_runtime::{Collector, Registry};
    ///
    /// let collector = Collector::new(Registry::new());
    /// assert!(collector.mark(Change::Deploy, "v2"));
    /// assert!(!collector.mark(Change::Deploy, "v2"));
    /// ```
    pub fn mark(&self, what: Change, text: &str) -> bool {
        self.state().mark(what, text, self.now())
    }

    /// Says why an alert was told or was not, and what will be told if nothing changes.
    ///
    /// # Examples
    /// ```
    /// use kgas_perf_runtime::alert::{Because, Fingerprint, Subject};
    /// use kgas_perf_runtime::catalog::SizeClass;
    /// use kgas_perf_runtime::{Collector, Registry};
    ///
    /// let collector = Collector::new(Registry::new());
    /// let import = Subject::operation("import", SizeClass::Unsized);
    /// let explanation = collector.explain(Fingerprint::of("slower", &import));
    /// assert_eq!(explanation.because, [Because::Unknown]);
    /// ```
    pub fn explain(&self, fingerprint: Fingerprint) -> Explanation {
        self.state().alerts.explain(fingerprint, self.now())
    }
}
