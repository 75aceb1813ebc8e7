//! `Store`: what survives a restart, a crash and a full disk.
//!
//! ```text
//!  collector ──► offer ──► pending ──► writer's thread ──► Store ──► archive
//!   each tick              bounded,    each second:        one        read by others,
//!                          counted     takes all there is  transaction at any time
//! ```
//!
//! - `batch`: what is kept at a time; `calls`, `gauge`, `note`: what is in it.
//! - `offer`: what a tick has to keep; `pending`: what waits to be kept; `accounts`: what became
//!   of everything that was offered.
//! - `stamps`: which minute it is, whatever the wall clock does.
//! - `writer`: the one thread that writes; `status`: how it gets on.
//! - `archive`: what is read back; `durations`: the durations of calls that were kept.
//! - `resolution`, `retention`: minutes, hours, days, and for how long.
//! - `loaded`: what an earlier process left behind.
//! - `sqlite`: a store in a file.
//! - `memory`: a store that lives as long as the process.

mod accounts;
mod archive;
mod batch;
mod calls;
mod durations;
mod error;
mod gauge;
mod loaded;
mod memory;
mod note;
mod offer;
mod pending;
mod resolution;
mod retention;
#[cfg(feature = "sqlite")]
mod sqlite;
mod stamps;
mod status;
mod writer;

use std::fmt;
use std::sync::Arc;

pub use accounts::{Accounts, Dropped};
pub use archive::{
    Archive, Available, Between, By, Cover, Health, KeptAlert, KeptBaseline, KeptCalls, KeptGauge,
    KeptIncident, KeptNote, KeptProcess, KeptSilence, NoteQuery, Query, Rows, SeriesKey, Span,
    Summary, Sums,
};
pub use batch::Batch;
pub use calls::Calls;
pub use durations::{Durations, HdrCodec, HdrError};
pub use error::StoreError;
pub use gauge::Gauge;
pub use loaded::{JudgeState, Loaded};
pub use memory::MemoryStore;
pub use note::{Note, Noted};
pub use offer::{Number, Offer};
pub use resolution::Resolution;
pub use retention::{Retention, RetentionError};
#[cfg(feature = "sqlite")]
pub use sqlite::{Merged, SqliteArchive, SqliteOptions, SqliteStore};
pub use status::{Failing, Status};
pub use writer::Writer;

/// Where what was measured, learned and alerted is kept.
///
/// One thread writes, about once a second; whoever reads opens an archive of its own. None of it
/// is called from within a measured call.
///
/// A method may fail at any time and be called again: a disk that was full has room again, a file
/// that was taken away is made anew. What it was given is then given again.
pub trait Store: fmt::Debug + Send {
    /// What the process before this one, of the same instance, left behind. Called once, first.
    ///
    /// # Errors
    /// If nothing can be read. The process then begins anew.
    fn load(&mut self) -> Result<Loaded, StoreError>;

    /// Keeps a batch: all of it, or nothing.
    ///
    /// # Errors
    /// If nothing of it was kept.
    fn append(&mut self, batch: &Batch) -> Result<Kept, StoreError>;

    /// Rolls minutes up to hours and hours up to days, and drops what is older than its
    /// retention, or beyond the size that it may have. Called about once a minute; it does some
    /// of what there is to do if there is much.
    ///
    /// # Errors
    /// If it could not be done; nothing is lost by that.
    fn tidy(&mut self, now_unix_s: u64) -> Result<Tidied, StoreError>;

    /// How what is kept here is read back while others write; `None` where it cannot be.
    fn archives(&self) -> Option<OpenArchive> {
        None
    }

    /// Writes what is held back, such as a minute that is not over. Called last.
    ///
    /// # Errors
    /// If it could not be written.
    fn close(&mut self) -> Result<(), StoreError>;
}

/// Opens an [`Archive`] of what a store keeps.
pub type OpenArchive = Arc<dyn Fn() -> Result<Box<dyn Archive>, StoreError> + Send + Sync>;

/// How a batch was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// The store began anew since the last batch, such as in a fresh file beside one that was
    /// damaged: baselines and alerts are to be offered again.
    pub begun_anew: bool,
}

/// What tidying did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Rows that were made from finer ones.
    pub rolled_up: u64,
    /// Rows that were dropped because of their age.
    pub expired: u64,
    /// Rows that were dropped because there was no room for them.
    pub evicted: u64,
    /// There is more to do.
    pub more: bool,
}
