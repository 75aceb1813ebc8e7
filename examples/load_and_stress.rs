//! Puts load on conversions of a knowledge graph, a SQLite database and an HTTP server, and
//! searches for the rate at which the server breaks.
//!
//! ```text
//! cargo run --release --example load_and_stress -- [--duration SECONDS] [--html OUT.html]
//! ```
//!
//! `own_operation` is what a test of a program's own looks like; `Job` holds more of them: a
//! closed and an open model, stages, objectives of the catalogue, tools at the same time, a storm
//! of panics and hanging calls, and a breakpoint.
//!
//! Exit codes: 0 when all ran; with `--judge`, 1 when a threshold is broken, else 2 when something
//! could not be judged.

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use clap::Parser;
use kgas_perf_testkit::{
    example::{Graph, Job},
    load::{Call, LoadTest, Report, Scenario, Threshold},
};

/// Puts load on conversions, a database and a server, and shows what they bear.
#[derive(Debug, Parser)]
#[command(name = "load_and_stress")]
struct Args {
    /// About how long it takes, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    duration: u64,

    /// Decides graphs, scenarios and inputs
    #[arg(long, default_value = "1")]
    seed: u64,

    /// Write a page with pictures that needs nothing else
    #[arg(long, value_name = "OUT.html")]
    html: Option<PathBuf>,

    /// Write a JUnit file
    #[arg(long, value_name = "OUT.xml")]
    junit: Option<PathBuf>,

    /// Print JSON, with raw integers that carry their unit
    #[arg(long)]
    json: bool,

    /// Exit with 1 or 2 when what was found is not fine
    #[arg(long)]
    judge: bool,

    /// Show no progress on standard error
    #[arg(long)]
    no_progress: bool,
}

/// A load test of one's own: 100 starts a second for half a second, and what must be kept.
fn own_operation(seed: u64) -> anyhow::Result<Report> {
    let graph = Graph::generate(500, seed);
    let report = LoadTest::open("one of your own", 100.0)
        .duration(Duration::from_millis(500))
        .seed(seed)
        .scenario(
            Scenario::new("graph to table", move |_: &Call| {
                std::hint::black_box(graph.to_table());
            })
            .operation_of_size("graph_to_table", 500),
        )
        .threshold(Threshold::p95(Duration::from_millis(250)))
        .threshold(Threshold::error_rate(0.0))
        .run()?;
    Ok(report)
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let own = own_operation(args.seed)?;
    let job = Job::default()
        .duration(Duration::from_secs(args.duration))
        .seed(args.seed)
        .show_progress(!args.no_progress);
    let mut found = job.run()?;
    found.reports.insert(0, own);
    let text = if args.json { format!("{:#}\n", found.to_json()) } else { found.to_text() };
    match io::stdout().write_all(text.as_bytes()) {
        // Who reads only the start, as `head` does, has what they want.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    let write = |path: Option<&PathBuf>, text: String| match path {
        Some(path) => {
            fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
        }
        None => Ok(()),
    };
    write(args.html.as_ref(), found.to_html())?;
    write(args.junit.as_ref(), found.to_junit())?;
    Ok(if args.judge { ExitCode::from(found.exit_code()) } else { ExitCode::SUCCESS })
}
