//! Converts knowledge graphs to tables, vectors and back, and shows what every step costs.
//!
//! ```text
//! cargo run --release --example cross_modal -- [TRIPLES.tsv …] [--slow OP=3x] [--repeat N]
//! ```
//!
//! The steps are ordinary functions under `#[measure_performance]`; `steps.rs` is all there is to
//! see of that. They convert
//!
//! - a graph (`graph.rs`, read by `triples.rs` or `lockfile.rs`) to a table (`table.rs`, with
//!   `pagerank.rs`),
//! - the table to vectors (`vectors.rs`),
//! - the vectors to a graph of neighbours (`neighbours.rs`).
//!
//! `run.rs` repeats them until baselines stand and then slows one on purpose; `report.rs` reads the
//! numbers, and `screen.rs` and `json.rs` show them.
//!
//! Exit codes: 0 when all inputs were converted, 1 when a step failed, 2 when an input or an
//! argument cannot be used.

mod args;
mod graph;
mod input;
mod json;
mod lockfile;
mod neighbours;
mod pagerank;
mod progress;
#[cfg(test)]
mod real_files;
mod report;
mod run;
mod screen;
mod steps;
mod table;
mod triples;
mod vectors;

use std::{
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use clap::Parser;
use kgas_perf_runtime::{Handle, Outcome, baseline, install};

use crate::{
    args::{Args, Slow},
    input::Input,
    progress::Progress,
    report::Row,
    run::Converted,
    steps::Step,
};

/// Nothing ticks by itself here, so there is nothing to wait for.
const SHUTDOWN: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let args = Args::parse();
    let inputs = match input::read_all(&args.files) {
        Ok(inputs) => inputs,
        Err(errors) => {
            for error in errors {
                eprintln!("error: {error:#}");
            }
            return ExitCode::from(2);
        }
    };
    match measure(&args, &inputs) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Takes every input through the steps and prints what they cost.
fn measure(args: &Args, inputs: &[Input]) -> anyhow::Result<()> {
    let progress = Progress::new(!args.no_progress);
    let events = progress.clone();
    tracing_subscriber::fmt().with_writer(move || events.clone()).with_ansi(false).init();

    // Ticks by hand, so that baselines come from the normal calls of an input and from no others.
    let handle = install::Builder::new().tick_by_hand().install()?;
    let mut converted = Vec::with_capacity(inputs.len());
    for input in inputs {
        for complaint in input.complaints() {
            progress.say(&complaint);
        }
        let choose = || learn_and_choose(&handle, input, args.slow, &progress);
        converted.push(run::convert(input, args.repeat, &progress, choose)?);
    }

    let rows = report::rows(&handle);
    handle.shutdown(SHUTDOWN)?;
    let text = if args.json {
        as_json(inputs, &converted, &rows)?
    } else {
        for_a_person(inputs, &converted, &rows)?
    };
    match io::stdout().write_all(text.as_bytes()) {
        // Who reads only the start of the report, as `head` does, has what they want.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Learns the baselines that have become possible, and answers which step to slow, if any: what
/// was asked for, else the usual one once baselines stand.
fn learn_and_choose(
    handle: &Handle,
    input: &Input,
    asked: Option<Slow>,
    progress: &Progress,
) -> Option<Slow> {
    let tick = handle.tick();
    let entities = input.graph.entity_count() as u64;
    let class = handle.catalogue().size_bounds().classify(entities);
    let missing: Vec<&str> = Step::ALL
        .into_iter()
        .map(Step::operation)
        .filter(|operation| handle.collector().baseline(operation, class).is_none())
        .collect();
    if missing.is_empty() {
        return asked.or(Some(Slow::DEFAULT));
    }
    for operation in missing {
        let series = tick.snapshot.operation(operation).and_then(|known| known.class(class));
        let ok = series.map_or(0, |series| series.outcome(Outcome::Ok).count());
        progress.say(&format!(
            "{}: {operation} has no baseline for size class {}: {ok} calls ended well, {} are needed",
            input.name(),
            class.as_str(),
            baseline::ENOUGH,
        ));
    }
    asked
}

fn as_json(inputs: &[Input], converted: &[Converted], rows: &[Row]) -> anyhow::Result<String> {
    let inputs = inputs.iter().zip(converted).map(|(input, end)| json::InputReport::of(input, end));
    let operations = rows.iter().map(json::OperationReport::of);
    let report = json::Report { inputs: inputs.collect(), operations: operations.collect() };
    Ok(serde_json::to_string_pretty(&report)? + "\n")
}

fn for_a_person(inputs: &[Input], converted: &[Converted], rows: &[Row]) -> anyhow::Result<String> {
    let mut text = String::new();
    for (input, converted) in inputs.iter().zip(converted) {
        text += &screen::input(input, converted)?;
        text.push('\n');
    }
    text += &screen::operations(rows);
    Ok(text)
}
