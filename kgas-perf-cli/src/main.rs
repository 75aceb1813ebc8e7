//! `kgas-perf`: looks at catalogues, at stores and at what measuring is like on this machine, puts
//! load on something, and judges what was recorded.
//!
//! It exits with 0 when all is well, with 1 when a catalogue has mistakes, a store is not well, a
//! threshold is broken or an operation has regressed, and with 2 when the command line makes no
//! sense, a file cannot be read, or nobody can tell.

mod args;
mod commands;
mod failure;

use std::io::{self, BufReader, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, BaselineCommand, CatalogCommand, Command, ReplayCommand};
use crate::commands::replay::log::Log;
use crate::failure::Failure;

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    match run(Args::parse(), &mut out).and_then(|()| Ok(out.flush()?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&mut io::stderr().lock()),
    }
}

fn run(args: Args, out: &mut impl Write) -> Result<(), Failure> {
    match args.command {
        Command::Catalog(CatalogCommand::Check { path }) => {
            commands::catalog::check(path.as_deref(), out)
        }
        Command::Catalog(CatalogCommand::Show { json, path }) => {
            commands::catalog::show(path.as_deref(), json, out)
        }
        Command::Baseline(BaselineCommand::Review(args)) => commands::baseline::review(&args, out),
        Command::Baseline(BaselineCommand::Results { folder }) => {
            commands::baseline::results(folder.as_deref(), out)
        }
        Command::Compare(args) => commands::compare::run(&args, out),
        Command::Doctor(doctor) => commands::doctor::run(&doctor, out),
        Command::Export(export) => commands::store::export(&export, out, &mut io::stderr()),
        Command::Merge(merge) => merge.run(out),
        Command::Load(args) => commands::load::run(&args, out),
        Command::Replay(ReplayCommand::Stream) => {
            commands::replay::stream::run(standard_input(), out, &mut io::stderr())
        }
        Command::Replay(ReplayCommand::Compare) => {
            commands::replay::compare::run(standard_input(), out, &mut io::stderr())
        }
        Command::Replay(ReplayCommand::Segment) => {
            commands::replay::segment::run(standard_input(), out, &mut io::stderr())
        }
        Command::Replay(ReplayCommand::Log { file, svg, operation, unit }) => {
            let (svg, operation) = (svg.as_deref(), operation.as_deref());
            let log = Log { file: &file, svg, operation, unit };
            commands::replay::log::run(&log, out, &mut io::stderr())
        }
    }
}

/// Standard input in larger pieces than it comes by itself: lines come by the million.
fn standard_input() -> BufReader<io::StdinLock<'static>> {
    BufReader::with_capacity(1 << 16, io::stdin().lock())
}
