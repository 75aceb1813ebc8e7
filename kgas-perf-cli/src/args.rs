//! The command line's grammar.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Looks at what kgas-perf measures and expects.
#[derive(Debug, Parser)]
#[command(name = "kgas-perf", version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Looks at the catalogue of operations.
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Says what measuring is like here: the clock, its price, memory readings, the catalogue.
    Doctor,
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
