//! What an archive answers: one struct for each kind of thing that is kept.

use std::sync::Arc;
use std::time::Duration;

use crate::alert::{Alert, Incident, Silence};
use crate::baseline::Baseline;
use crate::store::archive::cover::Cover;
use crate::store::archive::query::SeriesKey;
use crate::store::archive::sums::Sums;
use crate::store::gauge::Gauge;
use crate::store::note::Note;
use crate::store::resolution::Resolution;

/// Who kept something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct By {
    /// The host's name.
    pub host: String,
    /// The instance: the program's name.
    pub instance: String,
    /// Which of the processes of that name that ran at the same time, from 0.
    pub slot: u32,
}

/// A process that kept something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptProcess {
    /// Its number, which no other process of any host has.
    pub id: String,
    /// Where it ran, as what.
    pub by: By,
    /// Its number on its host.
    pub pid: u32,
    /// When it began to keep, since 1970-01-01 00:00 UTC.
    pub began: Duration,
    /// When it was seen last, since 1970-01-01 00:00 UTC.
    pub last_seen: Duration,
    /// Whether it ended as it should; `None` while it runs, and if it was killed.
    pub ended: Option<Duration>,
    /// Which boot of its host it ran in, where the system says so.
    pub boot: Option<String>,
    /// The program's version, if it was told.
    pub version: Option<String>,
    /// The commit that the program was built from, if it was told.
    pub commit: Option<String>,
}

/// The calls of one operation, size class and process in one minute, hour or day.
#[derive(Clone, Debug)]
pub struct KeptCalls {
    /// Which operation and size class.
    pub series: Arc<SeriesKey>,
    /// Whose.
    pub process: Arc<KeptProcess>,
    /// Over how long a time they are added up.
    pub resolution: Resolution,
    /// When that began, in seconds since 1970-01-01 00:00 UTC.
    pub start_unix_s: u64,
    /// The calls; with histograms if the query asked for them.
    pub sums: Sums,
}

/// The calls of some time, added up by operation and size class.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// By operation and size class.
    pub series: Vec<(SeriesKey, Sums)>,
    /// What part of the asked time they are of.
    pub cover: Cover,
    /// How many rows they were read from.
    pub rows: u64,
}

impl Summary {
    /// All of them together.
    pub fn all(&self) -> Sums {
        let mut all = Sums::default();
        self.series.iter().for_each(|(_, sums)| all.merge(sums));
        all
    }
}

/// The readings of one gauge by one process in one minute, hour or day.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptGauge {
    /// Whose.
    pub by: Arc<By>,
    /// Over how long a time.
    pub resolution: Resolution,
    /// The readings; its minute is when that time began.
    pub gauge: Gauge,
}

/// A version of a baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptBaseline {
    /// Whose.
    pub by: Arc<By>,
    /// The version; its provenance says why it is one.
    pub baseline: Baseline,
}

/// An alert.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptAlert {
    /// Whose.
    pub by: Arc<By>,
    /// The alert, as it was last.
    pub alert: Alert,
}

/// An incident.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptIncident {
    /// Whose.
    pub by: Arc<By>,
    /// The incident, as it was last.
    pub incident: Incident,
}

/// A silence.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptSilence {
    /// Whose.
    pub by: Arc<By>,
    /// Its number.
    pub id: u64,
    /// The silence.
    pub silence: Silence,
}

/// A note.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptNote {
    /// Whose.
    pub by: Arc<By>,
    /// The note.
    pub note: Note,
}
