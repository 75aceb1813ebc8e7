//! `About`: what an export covers, and what it does not.

use std::io::{self, Write};

use kgas_perf_runtime::store::{Resolution, Span};
use serde_json::{Value, json};

use crate::commands::export::when::shown;

/// What an export covers, and what it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct About {
    /// What was asked for.
    pub(super) what: &'static str,
    /// The asked time, in seconds since 1970-01-01 00:00 UTC; nothing was kept if there is none.
    pub(super) asked: Option<(u64, u64)>,
    /// Before this time nothing at all is kept, and it was asked for.
    pub(super) nothing_before: Option<u64>,
    /// Rows that were written.
    pub(super) rows: u64,
    /// From rows of which resolution it was answered, oldest first; none for what is of no
    /// resolution.
    pub(super) answered: Vec<Span>,
    /// What was not answered: nothing is kept of it, or it is only a part of longer rows.
    pub(super) missing: Vec<(u64, u64)>,
    /// Rows that should be part of it and are not, since they are damaged.
    pub(super) damaged_rows: u64,
    /// Calls that are in no duration, since there was no memory to file them.
    pub(super) unfiled_calls: u64,
}

impl About {
    /// What is not in the export, a line each; `finest` if whatever was finest was asked for.
    pub(super) fn tell(&self, finest: bool, err: &mut dyn Write) -> io::Result<()> {
        let Some((from, until)) = self.asked else {
            return writeln!(err, "nothing is kept of {}", self.what);
        };
        if self.rows == 0 {
            writeln!(err, "no {} from {} to {}", self.what, shown(from), shown(until))?;
        }
        if let Some(oldest) = self.nothing_before {
            writeln!(err, "not covered: nothing is kept from before {}", shown(oldest))?;
        }
        for (from, until) in &self.missing {
            writeln!(
                err,
                "not covered: {} to {}: nothing is kept of it, or it is only a part of longer rows",
                shown(*from),
                shown(*until)
            )?;
        }
        let coarse = self.answered.iter().filter(|span| span.resolution != Resolution::Minute);
        for span in coarse.filter(|_| finest) {
            let (from, until) = (shown(span.from_unix_s), shown(span.until_unix_s));
            let resolution = span.resolution.as_str();
            writeln!(err, "coarser: {from} to {until}: kept by the {resolution} only")?;
        }
        if self.damaged_rows > 0 {
            writeln!(err, "damaged rows, left out: {}", self.damaged_rows)?;
        }
        if self.unfiled_calls > 0 {
            let calls = self.unfiled_calls;
            writeln!(err, "calls whose durations were not recorded, left out: {calls}")?;
        }
        Ok(())
    }

    /// The same for programs.
    pub(super) fn json(&self) -> Value {
        let span = |span: &Span| {
            json!({
                "resolution": span.resolution.as_str(),
                "from_unix_s": span.from_unix_s,
                "until_unix_s": span.until_unix_s,
            })
        };
        let missing =
            |(from, until): &(u64, u64)| json!({ "from_unix_s": from, "until_unix_s": until });
        json!({
            "what": self.what,
            "from_unix_s": self.asked.map(|(from, _)| from),
            "until_unix_s": self.asked.map(|(_, until)| until),
            "nothing_before_unix_s": self.nothing_before,
            "rows": self.rows,
            "answered": self.answered.iter().map(span).collect::<Vec<_>>(),
            "missing": self.missing.iter().map(missing).collect::<Vec<_>>(),
            "damaged_rows": self.damaged_rows,
            "unfiled_calls": self.unfiled_calls,
        })
    }
}
