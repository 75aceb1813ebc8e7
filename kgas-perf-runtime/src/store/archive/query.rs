//! `Query`: which calls, and from when to when.

use crate::catalog::{Category, SizeClass};
use crate::store::resolution::Resolution;

/// One operation and size class.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey {
    /// The operation.
    pub operation: String,
    /// The size class.
    pub size_class: SizeClass,
    /// The operation's category, as it was kept last.
    pub category: Category,
}

/// From when to when, and of whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Between {
    /// From this time on, in seconds since 1970-01-01 00:00 UTC.
    pub from_unix_s: u64,
    /// Until just before this time, in seconds since 1970-01-01 00:00 UTC.
    pub until_unix_s: u64,
    /// The coarsest rows to answer from; days by default. Calls that are answered by the day are
    /// read soonest; a chart may want hours.
    pub coarsest: Resolution,
    /// Only of this host.
    pub host: Option<String>,
    /// Only of this instance: the name of a program, whichever of its processes.
    pub instance: Option<String>,
}

impl Between {
    /// From a time until just before another, in seconds since 1970-01-01 00:00 UTC.
    pub fn new(from_unix_s: u64, until_unix_s: u64) -> Self {
        let coarsest = Resolution::Day;
        Self { from_unix_s, until_unix_s, coarsest, host: None, instance: None }
    }

    /// The same, from rows no coarser than this.
    #[must_use]
    pub fn coarsest(mut self, coarsest: Resolution) -> Self {
        self.coarsest = coarsest;
        self
    }

    /// The same, only of one host.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The same, only of one instance.
    #[must_use]
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.instance = Some(instance.into());
        self
    }

    /// Whether what lasted from one time to another, in seconds since 1970-01-01 00:00 UTC, was
    /// there in between. What has no end still lasts.
    pub fn overlaps(&self, began_unix_s: u64, ended_unix_s: Option<u64>) -> bool {
        began_unix_s < self.until_unix_s
            && ended_unix_s.is_none_or(|ended| ended >= self.from_unix_s)
    }
}

/// Which calls.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::store::{Between, Query};
///
/// let march = Between::new(1_772_323_200, 1_775_001_600);
/// let query = Query::new(march).operation("import").histograms();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// When, and whose.
    pub between: Between,
    /// Only of this operation.
    pub operation: Option<String>,
    /// Only of this size class.
    pub size_class: Option<SizeClass>,
    /// Whether histograms are wanted. Without them counts, sums and maxima are known, and answers
    /// come much sooner.
    pub histograms: bool,
}

impl Query {
    /// All calls of this time, without their histograms.
    pub fn new(between: Between) -> Self {
        Self { between, operation: None, size_class: None, histograms: false }
    }

    /// The same, only of one operation.
    #[must_use]
    pub fn operation(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// The same, only of one size class.
    #[must_use]
    pub fn size_class(mut self, size_class: SizeClass) -> Self {
        self.size_class = Some(size_class);
        self
    }

    /// The same, with histograms, of which quantiles can be read.
    #[must_use]
    pub fn histograms(mut self) -> Self {
        self.histograms = true;
        self
    }

    /// Whether it asks for this operation and size class.
    pub fn asks_for(&self, operation: &str, size_class: SizeClass) -> bool {
        self.operation.as_deref().is_none_or(|asked| asked == operation)
            && self.size_class.is_none_or(|asked| asked == size_class)
    }
}

/// Which notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteQuery {
    /// When, and whose.
    pub between: Between,
    /// Only of this [kind](crate::store::Noted::kind).
    pub kind: Option<String>,
    /// Only about this, as [`Noted::subject`](crate::store::Noted::subject) says it.
    pub subject: Option<String>,
}

impl NoteQuery {
    /// All notes of this time.
    pub fn new(between: Between) -> Self {
        Self { between, kind: None, subject: None }
    }

    /// The same, only of one kind.
    #[must_use]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// The same, only about one subject.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }
}
