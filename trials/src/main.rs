//! `kgas-perf-trials`: measures a detector against the goals.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, ValueEnum};

use kgas_perf_trials::contender::{Contender, serve};
use kgas_perf_trials::streams::{Change, Regime, Stream, write_json_lines};
use kgas_perf_trials::table;
use kgas_perf_trials::trial::{Plan, Topic};

/// Measures a detector on streams whose every change is known.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// With `stream`, measures nothing: judges the calls that come in, one a line of JSON.
    mode: Option<Mode>,
    /// Calls a second; may be given several times [default: 0.2 1 10 1000].
    #[arg(long)]
    rate: Vec<f64>,
    /// What to run; may be given several times [default: everything].
    #[arg(long)]
    only: Vec<Topic>,
    /// Regimes by name; may be given several times. `core`, `others` and `all` are sets.
    #[arg(long, default_value = "core")]
    regime: Vec<String>,
    /// Streams for each topic, regime and rate.
    #[arg(long)]
    streams: Option<u64>,
    /// Hours of each stream in which nothing changes.
    #[arg(long)]
    hours: Option<f64>,
    /// What all streams depend on.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Runs this one stream, as `--verbose` prints it.
    #[arg(long)]
    seed_of_stream: Option<u64>,
    /// `product`, `naive`, `cusum`, or the command of an executable that speaks JSON lines.
    #[arg(long, default_value = "product")]
    detector: String,
    /// Has an executable answer after every call. The table must be the same.
    #[arg(long)]
    lock_step: bool,
    /// Threads, each with a detector of its own.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Shows each regime on its own.
    #[arg(long)]
    by_regime: bool,
    /// Prints every false alarm and every miss, so that it can be found again.
    #[arg(long)]
    verbose: bool,
    /// Prints the table as JSON.
    #[arg(long)]
    json: bool,
    /// Instead of measuring, writes one stream as JSON lines; `--regime`, `--rate` and
    /// `--seed-of-stream` say which, `--hours` how long (default 1).
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
    /// What is planted into the stream that is dumped: `+50`, `-20`, `tail` or `errors30`.
    #[arg(long, requires = "dump", allow_hyphen_values = true)]
    change: Option<Change>,
    /// When it comes, in seconds.
    #[arg(long, requires = "dump", default_value_t = 1_800.0)]
    at: f64,
}

/// What an executable that speaks JSON lines is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Judges calls as they come.
    Stream,
}

impl Args {
    fn plan(&self) -> Result<Plan, String> {
        let mut regimes = Vec::new();
        for name in &self.regime {
            match name.as_str() {
                "core" => regimes.extend(Regime::CORE),
                "others" => regimes.extend(Regime::OTHERS),
                "all" => regimes.extend(Regime::CORE.into_iter().chain(Regime::OTHERS)),
                name => regimes.push(
                    Regime::named(name).ok_or_else(|| format!("there is no regime `{name}`"))?,
                ),
            }
        }
        let rates =
            if self.rate.is_empty() { vec![0.2, 1.0, 10.0, 1000.0] } else { self.rate.clone() };
        let topics =
            if self.only.is_empty() { Topic::value_variants().to_vec() } else { self.only.clone() };
        Ok(Plan {
            topics,
            regimes,
            rates,
            streams: self.streams,
            hours: self.hours,
            seed: self.seed,
            seed_of_stream: self.seed_of_stream,
        })
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    if let Some(file) = &args.dump {
        return dump(args, file);
    }
    let contender = Contender::named(&args.detector, args.lock_step);
    if args.mode == Some(Mode::Stream) {
        let output = BufWriter::new(io::stdout().lock());
        return serve(&contender, io::stdin().lock(), output).map_err(|error| error.to_string());
    }
    let plan = args.plan()?;
    let progress = |done: usize, all: usize| {
        if done.is_multiple_of((all / 20).max(1)) {
            eprintln!("{done} of {all} streams");
        }
    };
    let ledger = plan
        .run(&contender, args.threads, &progress)
        .map_err(|error| format!("cannot start `{}`: {error}", args.detector))?;
    if args.json {
        println!("{:#}", table::json(&ledger));
    } else {
        print!("{}", table::text(&ledger, args.by_regime));
    }
    if args.verbose {
        eprint!("{}", table::cases(&ledger));
    }
    Ok(())
}

fn dump(args: &Args, path: &Path) -> Result<(), String> {
    let plan = args.plan()?;
    let (regime, rate) = (plan.regimes[0], plan.rates[0]);
    let mut stream = Stream::new(regime, rate, args.seed_of_stream.unwrap_or(args.seed));
    let planted = args.change.map(|change| (change, args.at));
    if let Some((change, at)) = planted {
        stream.plant(change, at);
    }
    let until = args.hours.unwrap_or(1.0) * 3_600.0;
    File::create(path)
        .and_then(|file| write_json_lines(&mut stream, until, planted, BufWriter::new(file)))
        .map_err(|error| format!("cannot write `{}`: {error}", path.display()))
}
