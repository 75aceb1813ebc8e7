//! `Table`: all operations of two runs, and what follows for whoever asked.

use std::collections::BTreeSet;

use crate::within::Rule;

use super::claim::Claim;
use super::row::Row;
use super::saved::SavedRun;

/// All operations of two saved runs, sorted by name.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Table {
    /// A row an operation.
    pub rows: Vec<Row>,
    /// What the runs were, in words: commit, day, class.
    pub runs: (String, String),
    /// The relative difference that is none yet.
    pub threshold: f64,
}

/// What follows for whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// Every operation of the first run was judged, and none has regressed.
    Fine,
    /// At least one has regressed.
    Regressed,
    /// None has, but not every one could be judged, or there was none.
    NotJudged,
}

impl Conclusion {
    /// The exit code of a process that says so: 0, 1, 2.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Regressed => 1,
            Self::NotJudged => 2,
        }
    }
}

impl Table {
    /// Compares two runs. What is surely beyond the threshold, such as 0.05, has regressed; the
    /// certainty is that of all rows together.
    pub fn of(before: &SavedRun, after: &SavedRun, threshold: f64) -> Self {
        let names: BTreeSet<&String> =
            before.operations.keys().chain(after.operations.keys()).collect();
        let both = names.iter().filter(|name| {
            before.operations.contains_key(**name) && after.operations.contains_key(**name)
        });
        let rule = Rule { threshold, floor_ns: 0.0, assertions: both.count().max(1) };
        let told = |run: &SavedRun| {
            let commit = if run.commit.is_empty() { "unknown commit" } else { &run.commit };
            format!("{commit}, {}, {}, {}", run.date, run.class, run.toolchain)
        };
        Self {
            rows: names.iter().map(|name| Row::of(name, (before, after), &rule)).collect(),
            runs: (told(before), told(after)),
            threshold,
        }
    }

    /// What follows.
    pub fn conclusion(&self) -> Conclusion {
        if self.rows.iter().any(|row| row.claim == Claim::Regressed) {
            return Conclusion::Regressed;
        }
        let new = |row: &Row| row.doubt.as_deref() == Some("it is in the second run only");
        let judged = self.rows.iter().filter(|row| row.claim != Claim::Inconclusive).count();
        let open = self.rows.iter().any(|row| row.claim == Claim::Inconclusive && !new(row));
        if open || judged == 0 { Conclusion::NotJudged } else { Conclusion::Fine }
    }
}
