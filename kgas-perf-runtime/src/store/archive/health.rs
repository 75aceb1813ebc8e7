//! `Health`: how the store itself is.

use crate::store::resolution::Resolution;

/// The rows of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// What they are: `calls`, `gauges`, `baselines`, `alerts`, `notes`, …
    pub table: &'static str,
    /// Over how long a time they are added up, if they are.
    pub resolution: Option<Resolution>,
    /// How many.
    pub count: u64,
    /// When the oldest begins, in seconds since 1970-01-01 00:00 UTC; `None` without rows, and
    /// for rows that are of no time.
    pub oldest_unix_s: Option<u64>,
    /// When the newest begins.
    pub newest_unix_s: Option<u64>,
}

/// How the store itself is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Its place, for people.
    pub place: String,
    /// The version of its format.
    pub version: Option<u32>,
    /// What is kept takes so many bytes.
    pub used_bytes: u64,
    /// The file is so large, in bytes; `None` without a file.
    pub file_bytes: Option<u64>,
    /// What was written and is not yet in its place in the file, in bytes; `None` without a file.
    pub log_bytes: Option<u64>,
    /// Its rows, by table and resolution.
    pub rows: Vec<Rows>,
    /// Flushes of minutes that are not over, or of processes that were killed.
    pub journal_flushes: u64,
    /// Until when minutes were rolled up to hours, and hours to days, in seconds since 1970-01-01
    /// 00:00 UTC.
    pub rolled_up_until_unix_s: [Option<u64>; 2],
    /// What is wrong with it; `None` if that was not asked, empty if it is sound.
    pub damage: Option<Vec<String>>,
}
