//! `kgas-perf-trials`: measures a detector against the goals.

use std::process::ExitCode;

use clap::Parser;

use kgas_perf_trials::contender::Contender;
use kgas_perf_trials::streams::Regime;
use kgas_perf_trials::table;
use kgas_perf_trials::trial::{Plan, Topic};

/// Measures a detector on streams whose every change is known.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
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
    /// Threads, each with a detector of its own.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Shows each regime on its own.
    #[arg(long)]
    by_regime: bool,
    /// Prints every false alarm, so that it can be found again.
    #[arg(long)]
    verbose: bool,
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
        let topics = if self.only.is_empty() {
            <Topic as clap::ValueEnum>::value_variants().to_vec()
        } else {
            self.only.clone()
        };
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
    let plan = args.plan()?;
    let contender = Contender::named(&args.detector);
    let progress = |done: usize, all: usize| {
        if done % (all / 20).max(1) == 0 {
            eprintln!("{done} of {all} streams");
        }
    };
    let ledger = plan
        .run(&contender, args.threads, &progress)
        .map_err(|error| format!("cannot start `{}`: {error}", args.detector))?;
    print!("{}", table::render(&ledger, args.by_regime));
    if args.verbose {
        for it in &ledger.false_alarms {
            let alarm = it.alarm;
            println!(
                "false alarm: --rate {} --regime {} --seed-of-stream {} at {:.1} s, {:?} {:?}",
                it.rate, it.regime, it.seed, alarm.opened_by.t, alarm.opened_by.kind, alarm.level
            );
        }
    }
    Ok(())
}
