//! `kgas-perf export`: what was kept, for other tools.
//!
//! - `when`: times as people write them; `plan`: from which rows a time is answered.
//! - `column`: what a row says; `calls`, `usage`, `gauges`, `baselines`, `alerts`, `notes`: the
//!   columns of each kind of row; `gathered`: calls, added up by row.
//! - `sheet`: what rows are written to; `csv`, `jsonl`, `parquet`: in which format.
//! - `about`: what the answer does not cover.

mod about;
mod alerts;
mod baselines;
mod calls;
mod column;
mod csv;
mod gathered;
mod gauges;
mod jsonl;
mod notes;
mod out;
mod parquet;
mod plan;
mod rows;
mod sheet;
#[cfg(test)]
mod tests;
mod usage;
pub(crate) mod when;

use std::io::{self, Write};
use std::path::PathBuf;

use kgas_perf_runtime::store::{Archive, Between, Resolution};

use crate::commands::export::about::About;
use crate::commands::export::column::Head;
use crate::commands::export::sheet::Format;
use crate::commands::export::when::When;
use crate::failure::Failure;

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum What {
    /// Durations of calls: a row for each time, operation, size class, process and outcome.
    Calls,
    /// What calls used beside time, whatever their outcome: memory, allocations, their own time.
    Usage,
    /// Numbers that were read again and again: resources, and the monitor's own.
    Gauges,
    /// Every version of every baseline, and why it is one; whenever it was learned.
    Baselines,
    /// Alerts, with their whole life.
    Alerts,
    /// Incidents.
    Incidents,
    /// Silences.
    Silences,
    /// All that happened: verdicts, steps of alerts, what people were told, marks, slow calls.
    Notes,
    /// What was changed: deploys, settings, load tests.
    Marks,
    /// Calls that lasted longer than their baseline's p95.
    SlowCalls,
}

/// `kgas-perf export`: what is exported, from where to where, and which part of it.
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// The store's file.
    #[arg(required_unless_present = "columns")]
    pub(crate) store: Option<PathBuf>,
    /// What to export.
    #[arg(long, value_enum)]
    pub(crate) what: What,
    /// The format.
    #[arg(long, value_enum, default_value = "csv")]
    pub(crate) format: Format,
    /// Writes here; `-` is standard output. A file is there when all of it is, and not before.
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub(crate) out: PathBuf,
    /// From this time on; by default from the oldest that is kept.
    ///
    /// Times are such as 2026-03-01T12:00:00Z, 2026-03-01 (UTC), now, or how long ago: 90s, 15m,
    /// 36h, 7d, 2w.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) from: Option<When>,
    /// Until just before this time; by default until the newest that is kept.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) until: Option<When>,
    /// Adds calls and gauges up by this; by default each time is as finely as it is kept.
    #[arg(long, value_enum)]
    pub(crate) resolution: Option<ByTime>,
    /// Only this operation.
    #[arg(long, value_name = "NAME")]
    pub(crate) operation: Option<String>,
    /// Only what this host kept.
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
    /// Only what this program kept.
    #[arg(long, value_name = "NAME")]
    pub(crate) instance: Option<String>,
    /// Lists the columns and what they mean, and exports nothing.
    #[arg(long)]
    pub(crate) columns: bool,
}

/// Over how long a time calls and gauges are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ByTime {
    Minute,
    Hour,
    Day,
}

impl From<ByTime> for Resolution {
    fn from(by: ByTime) -> Self {
        match by {
            ByTime::Minute => Self::Minute,
            ByTime::Hour => Self::Hour,
            ByTime::Day => Self::Day,
        }
    }
}

impl What {
    /// The name as it is asked for, for people.
    const fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Usage => "usage",
            Self::Gauges => "gauges",
            Self::Baselines => "baselines",
            Self::Alerts => "alerts",
            Self::Incidents => "incidents",
            Self::Silences => "silences",
            Self::Notes => "notes",
            Self::Marks => "marks",
            Self::SlowCalls => "slow calls",
        }
    }

    /// Where it is kept, as the store's health names it.
    const fn table(self) -> &'static str {
        match self {
            Self::Usage => "calls",
            Self::Marks | Self::SlowCalls => "notes",
            _ => self.name(),
        }
    }

    /// Whether rows of it are of an operation, by which they can be chosen.
    const fn has_operation(self) -> bool {
        !matches!(self, Self::Gauges | Self::Incidents | Self::Silences | Self::Marks)
    }

    const fn has_resolution(self) -> bool {
        matches!(self, Self::Calls | Self::Usage | Self::Gauges)
    }
}

impl Export {
    /// What is asked for and makes no sense.
    fn check(&self) -> Result<(), Failure> {
        let refused = |option: &'static str| {
            Err(Failure::Refused(format!("{option} does not go with {}", self.what.name())))
        };
        if self.operation.is_some() && !self.what.has_operation() {
            return refused("--operation");
        }
        if self.resolution.is_some() && !self.what.has_resolution() {
            return refused("--resolution");
        }
        Ok(())
    }

    /// Writes what an archive holds to `out`, and to `err` what of the asked time it is not.
    pub(crate) fn run(
        &self,
        archive: &dyn Archive,
        now_unix_s: u64,
        out: &mut dyn Write,
        err: &mut dyn Write,
    ) -> Result<(), Failure> {
        self.check()?;
        let mut about = About { what: self.what.name(), ..About::default() };
        let between = self.between(archive, now_unix_s, &mut about)?;
        let heads = rows::heads(self.what);
        let write = |out: &mut dyn Write| {
            let mut sheet = self.format.sheet(&heads, out)?;
            if let Some(between) = &between {
                rows::write(self, archive, between, now_unix_s, &mut about, sheet.as_mut())?;
            }
            sheet.finish(&about)?;
            Ok(())
        };
        out::write(&self.out, self.format, out, write)?;
        let finest = self.resolution.is_none();
        // With standard error gone there is nobody left to tell.
        let _ = about.tell(finest, err);
        Ok(())
    }

    /// Writes what the columns mean.
    pub(crate) fn explain(&self, out: &mut dyn Write) -> Result<(), Failure> {
        Ok(explain(&rows::heads(self.what), out)?)
    }

    /// The asked time; `None` if there is nothing at all.
    fn between(
        &self,
        archive: &dyn Archive,
        now: u64,
        about: &mut About,
    ) -> Result<Option<Between>, Failure> {
        let minute = |unix_s: u64| Resolution::Minute.start_of(unix_s);
        let health = archive.health(false)?;
        let table = self.what.table();
        let rows = || health.rows.iter().filter(|rows| rows.table == table);
        let newest = rows().filter_map(|rows| {
            let resolution = rows.resolution.unwrap_or(Resolution::Minute);
            Some(rows.newest_unix_s? + resolution.seconds())
        });
        // What is kept may not be in its table yet.
        let processes = archive.processes()?;
        let began = processes.iter().map(|process| process.began.as_secs());
        let oldest = rows().filter_map(|rows| rows.oldest_unix_s).chain(began).min().map(minute);
        let from = self.from.map_or(oldest, |from| Some(from.unix_s(now)));
        // The minute that is not over is there, too.
        let seen = processes.iter().map(|process| process.last_seen.as_secs() + 1);
        // What lasts, such as an alert, may end later than anything began.
        let lasts = (!self.what.has_resolution()).then_some(now);
        let until = match self.until {
            Some(until) => until.unix_s(now),
            None => {
                let newest = newest.chain(seen).chain(lasts).max();
                newest.unwrap_or(now).div_ceil(60).saturating_mul(60)
            }
        };
        if let Some(from) = from.filter(|from| *from >= until) {
            let (from, until) = (when::shown(from), when::shown(until));
            return Err(Failure::Refused(format!("--from {from} is not before --until {until}")));
        }
        let (Some(from), Some(oldest)) = (from, oldest) else { return Ok(None) };
        about.asked = Some((from, until));
        about.nothing_before = Some(oldest).filter(|oldest| *oldest > from);
        let mut between = Between::new(from, until);
        (between.host, between.instance) = (self.host.clone(), self.instance.clone());
        Ok(Some(between))
    }
}

/// A line for each column.
fn explain(heads: &[Head], out: &mut dyn Write) -> io::Result<()> {
    let widest = heads.iter().map(|head| head.name.len()).max().unwrap_or(0);
    for Head { name, kind, about } in heads {
        writeln!(out, "{name:widest$}  {:13}  {about}", kind.as_str())?;
    }
    Ok(())
}
