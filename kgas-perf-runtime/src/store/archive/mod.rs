//! `Archive`: what was kept, being read back.
//!
//! - `query`: which calls, and from when to when; `cover`: from rows of which resolution they are
//!   read, so that none is counted twice.
//! - `sums`: calls added up; `kept`: what is answered, one struct for each kind.
//! - `health`: how the store itself is.

mod cover;
mod health;
mod kept;
mod query;
mod sums;

use std::fmt;
use std::ops::ControlFlow;

use crate::store::error::StoreError;

pub use cover::{Available, Cover, Span};
pub use health::{Health, Rows};
pub use kept::{
    By, KeptAlert, KeptBaseline, KeptCalls, KeptGauge, KeptIncident, KeptNote, KeptProcess,
    KeptSilence, Summary,
};
pub use query::{Between, NoteQuery, Query, SeriesKey};
pub use sums::Sums;

/// What was kept, being read back: of every process that kept something in the same place.
///
/// It is opened apart from what writes, reads only, and can be read while others write: each
/// answer is of one moment. What a process has handed over and was kept is in the answers, whether
/// its minute is over or not.
pub trait Archive: fmt::Debug + Send {
    /// The operations and size classes of which there are calls, by name.
    ///
    /// # Errors
    /// If it cannot be read.
    fn series(&self) -> Result<Vec<SeriesKey>, StoreError>;

    /// Hands over calls, oldest first, one at a time: those of one minute, hour or day, operation,
    /// size class and process. The asked time is covered by the coarsest rows that fit and that
    /// the query allows, and by finer ones at its ends; no call is there twice. Several rows may
    /// be of the same minute, operation and process: a minute that is not over yet comes in parts.
    ///
    /// # Errors
    /// If it cannot be read.
    fn calls(
        &self,
        query: &Query,
        each: &mut dyn FnMut(KeptCalls) -> ControlFlow<()>,
    ) -> Result<Cover, StoreError>;

    /// Adds the same calls up by operation and size class, exactly.
    ///
    /// # Errors
    /// If it cannot be read.
    fn summary(&self, query: &Query) -> Result<Summary, StoreError>;

    /// The names of the gauges of which there are readings, with their units.
    ///
    /// # Errors
    /// If it cannot be read.
    fn gauge_names(&self) -> Result<Vec<(String, String)>, StoreError>;

    /// The readings of one gauge, oldest first: as calls, by the coarsest rows that fit.
    ///
    /// # Errors
    /// If it cannot be read.
    fn gauges(&self, name: &str, between: &Between) -> Result<(Vec<KeptGauge>, Cover), StoreError>;

    /// Every version of the baselines of one operation, or of all; by operation, size class,
    /// environment and version.
    ///
    /// # Errors
    /// If it cannot be read.
    fn baselines(&self, operation: Option<&str>) -> Result<Vec<KeptBaseline>, StoreError>;

    /// The alerts that lived in this time, oldest first, with their whole life.
    ///
    /// # Errors
    /// If it cannot be read.
    fn alerts(&self, between: &Between) -> Result<Vec<KeptAlert>, StoreError>;

    /// The incidents that were open in this time, oldest first.
    ///
    /// # Errors
    /// If it cannot be read.
    fn incidents(&self, between: &Between) -> Result<Vec<KeptIncident>, StoreError>;

    /// The silences that lasted in this time, by their beginning.
    ///
    /// # Errors
    /// If it cannot be read.
    fn silences(&self, between: &Between) -> Result<Vec<KeptSilence>, StoreError>;

    /// Hands over what happened, oldest first, one note at a time.
    ///
    /// # Errors
    /// If it cannot be read.
    fn notes(
        &self,
        query: &NoteQuery,
        each: &mut dyn FnMut(KeptNote) -> ControlFlow<()>,
    ) -> Result<(), StoreError>;

    /// The processes that kept something and of which something is there, by their beginning.
    ///
    /// # Errors
    /// If it cannot be read.
    fn processes(&self) -> Result<Vec<KeptProcess>, StoreError>;

    /// How the store is. `thorough` reads all of it and says whether it is sound.
    ///
    /// # Errors
    /// If it cannot be read.
    fn health(&self, thorough: bool) -> Result<Health, StoreError>;
}
