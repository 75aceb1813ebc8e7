//! The command line's grammar.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::commands::doctor::Doctor;
use crate::commands::export::Export;
use crate::commands::merge::Merge;
use crate::commands::replay::columns::Unit;

/// Looks at what kgas-perf measures and expects.
#[derive(Debug, Parser)]
#[command(name = "kgas-perf", version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Looks at the baselines of a crate's tests.
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Looks at the catalogue of operations.
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Compares two runs of tests that KGAS_PERF_SAVE saved.
    ///
    /// It exits with 0 if every operation was judged and none has regressed, with 1 if one has, and
    /// with 2 if one could not be judged, or there was none.
    Compare(CompareArgs),
    /// Says what measuring is like here, and how a store is.
    ///
    /// Of this machine: the clock, what a call costs, memory readings, the catalogue. Of a store:
    /// its size and rows, what waits, what was lost, who keeps there, whether its times make sense.
    ///
    /// Exits with 0 when all is well, with 1 when something is wrong, and with 2 when it could not
    /// look.
    Doctor(Doctor),
    /// Writes what was kept for other tools: CSV, JSON lines, Parquet.
    ///
    /// Columns are named with their units: _ns, _bytes, _unix_s (since 1970-01-01 00:00 UTC). What
    /// is not known is missing, and never 0. What of the asked time is not covered is told on
    /// standard error.
    Export(Export),
    /// Puts load on something until it shows what it bears.
    ///
    /// Exits with 0 when all runs were judged and are fine, with 1 when a threshold is broken, else
    /// with 2 when something could not be judged: the generator was saturated, n is too small, or
    /// the search for the breakpoint gave up.
    Load(LoadArgs),
    /// Puts the stores of several hosts or programs together, exactly.
    ///
    /// What is in several of them is there once: merging twice changes nothing. The files that are
    /// merged are only read. If one of them is no store, or damaged, or of a later version, nothing
    /// is merged.
    Merge(Merge),
    /// Judges calls that were recorded, as a running program judges its own.
    #[command(subcommand)]
    Replay(ReplayCommand),
}

#[derive(Debug, clap::Args)]
pub(crate) struct LoadArgs {
    /// Puts load on the built-in example: conversions of a generated knowledge graph, a SQLite
    /// database in a temporary file, and an HTTP server on the loopback interface. A program's
    /// own operations are put under load by its tests, with the test kit. Ctrl-c ends it and tells
    /// what was found; the second one ends it at once.
    #[arg(long, required = true)]
    pub(crate) example: bool,
    /// About how long it takes, in seconds, from 1 to 86,400.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) duration: u64,
    /// Decides graphs, scenarios and inputs.
    #[arg(long, default_value = "1")]
    pub(crate) seed: u64,
    /// Writes JSON instead of tables, with raw numbers and their units.
    #[arg(long)]
    pub(crate) json: bool,
    /// Writes a page that needs nothing else here.
    #[arg(long, value_name = "OUT.html")]
    pub(crate) html: Option<PathBuf>,
    /// Writes a JUnit file here.
    #[arg(long, value_name = "OUT.xml")]
    pub(crate) junit: Option<PathBuf>,
    /// Does not show how far it is on standard error.
    #[arg(long)]
    pub(crate) no_progress: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Reports every mistake of a catalogue, with file, line and key.
    Check {
        /// A catalogue, or a folder to look for one from, as the attribute does; by default the
        /// current folder.
        path: Option<PathBuf>,
    },
    /// Lists the operations of a catalogue with their objectives.
    Show {
        /// Writes JSON, with raw numbers and their units.
        #[arg(long)]
        json: bool,
        /// A catalogue, or a folder to look for one from, as the attribute does; by default the
        /// current folder.
        path: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReplayCommand {
    /// For programs: reads calls from standard input, writes alerts to standard output.
    ///
    /// One JSON object a line. Calls: {"op":"checkout","t":12.5,"d":0.0031,"ok":true}, where `t` is
    /// when it finished and `d` how long it took, in seconds; the times of an operation never
    /// decrease. {"end":"checkout"} ends an operation. {"sync":7} is answered by itself, after
    /// everything that follows from the lines before.
    ///
    /// Alerts: {"op":"checkout","t":71.2,"level":"warning","kind":"location","effect":1.1,
    /// "since":60.4,"score":1.0}.
    ///
    /// A line that is not as it should be is told on standard error with its number, and passed
    /// over.
    Stream,
    /// For programs: compares two sets of durations a line.
    ///
    /// {"baseline":[0.0101,0.0099],"candidate":[0.0103,0.0110],"alpha":0.05,"design":"sequential"}
    /// gets an answer like {"verdict":"regressed","p":0.003,"effect":0.07}. Durations are in seconds, in
    /// the order of measurement. The other design is "interleaved", for durations that were
    /// measured in turns.
    ///
    /// Every line is answered, in order. One that is not as it should be is inconclusive, and its
    /// "error" says why.
    Compare,
    /// For programs: finds where series change, one a line.
    ///
    /// {"series":[2.0,2.1,2.0,2.1,3.0,3.1,3.0,3.1]} is answered by {"changepoints":[4]}: the places,
    /// from 0, of the first value of each new segment. Every line is answered, in order.
    #[expect(rustdoc::broken_intra_doc_links, reason = "it is the help too, where JSON is plain")]
    Segment,
    /// For people: tells what a recorded log shows, as a timeline and as a picture.
    ///
    /// The log is JSON lines if it begins with `{`, else CSV with a header. Columns or keys are op,
    /// operation or name (missing, all calls are of one operation); t, time or timestamp, a number,
    /// when the call finished; d or duration; and ok, outcome or status (missing, calls ended well).
    /// Times and durations are in seconds, or as the end of the name says: _s, _ms, _us, _ns.
    Log {
        /// The log; `-` is standard input. All of its calls are kept in memory, 24 bytes each.
        file: PathBuf,
        /// Writes a picture here.
        #[arg(long, value_name = "OUT.svg")]
        svg: Option<PathBuf>,
        /// Looks at this operation alone.
        #[arg(long, value_name = "NAME")]
        operation: Option<String>,
        /// The unit of durations whose name does not tell it.
        #[arg(long, value_enum, default_value = "s")]
        unit: Unit,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Accepts or rejects what tests found that is new or has changed.
    ///
    /// At a terminal it asks about each; elsewhere it lists, and the options decide. Accepting what
    /// is slower, or takes more, needs a reason, which is kept beside the baseline. A file that is
    /// broken is told, and the others are gone through all the same.
    Review(ReviewArgs),
    /// Lists what assertions last said, the passing ones too.
    Results {
        /// The folder that tests keep it in; by default target/kgas-perf/results, here or in the
        /// nearest folder above that has it.
        folder: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReviewArgs {
    /// Accepts what is pending of this operation, or, as `NAME (KEY)`, of one class or build of it
    /// as it is listed; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub(crate) accept: Vec<String>,
    /// Accepts all that is new.
    #[arg(long)]
    pub(crate) accept_new: bool,
    /// Rejects what is pending of this operation, or of `NAME (KEY)`; may be repeated.
    #[arg(long, value_name = "NAME")]
    pub(crate) reject: Vec<String>,
    /// Why it is accepted.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Lists what is pending, and decides nothing.
    #[arg(long, conflicts_with_all = ["accept", "accept_new", "reject"])]
    pub(crate) list: bool,
    /// Lists what is pending, decides nothing, and exits with 1 if anything is.
    #[arg(long, conflicts_with_all = ["accept", "accept_new", "reject"])]
    pub(crate) check: bool,
    /// A crate or a workspace; by default the current folder.
    pub(crate) folder: Option<PathBuf>,
}

impl ReviewArgs {
    /// Whether the command only lists.
    pub(crate) fn only_lists(&self) -> bool {
        self.list || self.check
    }

    /// Whether the command line decides.
    pub(crate) fn decides(&self) -> bool {
        self.accept_new || !self.accept.is_empty() || !self.reject.is_empty()
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct CompareArgs {
    /// The run of the old revision.
    pub(crate) before: PathBuf,
    /// The run of the new revision.
    pub(crate) after: PathBuf,
    /// How the answer is written.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: TableFormat,
    /// The relative difference that is none yet: between 0.001 and 10.
    #[arg(long, value_name = "SHARE", default_value = "0.05", value_parser = threshold)]
    pub(crate) threshold: f64,
}

fn threshold(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    if (0.001..=10.0).contains(&share) {
        Ok(share)
    } else {
        Err(format!("{share} is not between 0.001 and 10"))
    }
}

/// How a comparison is written.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum TableFormat {
    /// For a terminal.
    Text,
    /// For programs, with raw numbers and their units.
    Json,
    /// For a pull request.
    Markdown,
    /// For a CI server.
    Junit,
}

impl From<TableFormat> for kgas_perf_testkit::revisions::Format {
    fn from(format: TableFormat) -> Self {
        match format {
            TableFormat::Text => Self::Text,
            TableFormat::Json => Self::Json,
            TableFormat::Markdown => Self::Markdown,
            TableFormat::Junit => Self::Junit,
        }
    }
}
