//! Is an established baseline right, when is it established, and what does learning cost?
//!
//! 200 streams of each kind are learned until their baseline is established. `within` is the share
//! of them whose p50, p95 and p99 are then within 5, 10 and 20 % of the truth: it must be 0.95 or
//! more. `calls` is the median of the calls it took. An argument picks kinds of streams by the
//! beginning of their name: `cargo bench --bench baseline -- wobble`; a number sets how many
//! streams.

mod harness;
mod streams;

use std::hint::black_box;
use std::time::Duration;

use harness::clocks::cpu_ns;
use kgas_perf_runtime::baseline::{ESTABLISHED, Lack, Learner, Learning};
use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::stats::LogBin;
use streams::{Random, Source, Stream, Trouble};

const RATES: [f64; 4] = [0.2, 1.0, 10.0, 1_000.0];
const TROUBLES: [&str; 3] = ["clean", "episode", "freaks"];

/// Name, source, and about how many calls it takes to know it: an episode lasts 2.5 % of that.
const KINDS: [(&str, Source, f64); 15] = [
    ("lognormal .2", Source::Lognormal(0.2), 243.0),
    ("lognormal .5", Source::Lognormal(0.5), 1_151.0),
    ("lognormal .8", Source::Lognormal(0.8), 2_807.0),
    ("gamma 8", Source::Gamma(8), 590.0),
    ("hit/miss 90:10, 12x", Source::HitMiss, 1_797.0),
    ("pareto mixture", Source::Pareto, 5_481.0),
    ("ar(1) .8, sigma .4", Source::Autoregressive { correlation: 0.8, sigma: 0.4 }, 3_508.0),
    ("wobble 5 %, 20 s", Source::Wobble { size: 0.05, seconds: 20.0, sigma: 0.3 }, 590.0),
    ("wobble 5 %, 60 s", Source::Wobble { size: 0.05, seconds: 60.0, sigma: 0.3 }, 590.0),
    ("warm-up +50 %, 50", Source::WarmUp { more: 0.5, calls: 50.0 }, 590.0),
    ("warm-up +100 %, 100", Source::WarmUp { more: 1.0, calls: 100.0 }, 590.0),
    ("warm-up +200 %, 200", Source::WarmUp { more: 2.0, calls: 200.0 }, 1_000.0),
    ("timer 5.6 ms, .5", Source::Timer { median_ms: 5.6, sigma: 0.5 }, 1_151.0),
    ("timer 50 ms, .3", Source::Timer { median_ms: 50.0, sigma: 0.3 }, 590.0),
    ("collections", Source::Collections, 2_000.0),
];

/// How one stream was learned.
struct Run {
    calls: u64,
    within: [bool; 3],
    /// At the first look: confidence, and how many calls it was thought to take.
    first: Option<(f64, u64)>,
    bytes: usize,
}

/// Learns one stream in batches of a second until its baseline is established; `None` if it
/// never is.
fn learn(source: Source, rate: f64, trouble: Trouble, seed: u64, most: u64) -> Option<Run> {
    let mut stream = Stream::new(source, rate, trouble, seed);
    let mut learner = Learner::new();
    let (mut second, mut calls, mut bytes) = (0, 0, 0);
    let mut batch: Vec<(LogBin, u32)> = Vec::new();
    let mut first = None;
    while calls < most {
        let (at, duration) = stream.call();
        let of = at.ceil() as u64;
        if of > second && !batch.is_empty() {
            let at = Duration::from_secs(second);
            learner.observe(at, &batch, 0);
            learner.settle(at);
            batch.clear();
            bytes = bytes.max(learner.bytes());
            match learner.learning() {
                Learning::Estimating { confidence, lack } if first.is_none() => {
                    let to_go = if let Lack::Calls(to_go) = lack { to_go } else { 0 };
                    first = Some((confidence, calls + to_go));
                }
                Learning::Established { .. } => break,
                _ => {}
            }
        }
        second = of;
        batch.push((LogBin::of_ns(duration), 1));
        calls += 1;
    }
    let baseline = learner.baseline("simulated", SizeClass::Unsized, Duration::ZERO)?;
    let within = |learned: Duration, quantile: f64, tolerance: f64| {
        (learned.as_nanos() as f64 / source.quantile(quantile) - 1.0).abs() <= tolerance
    };
    baseline.is_mature().then(|| Run {
        calls,
        within: [
            within(baseline.p50, 0.50, 0.05),
            within(baseline.p95, 0.95, 0.10),
            within(baseline.p99, 0.99, 0.20),
        ],
        first,
        bytes,
    })
}

/// What goes wrong in a stream that takes so many seconds.
fn trouble(kind: &str, seconds: f64, seed: u64) -> Trouble {
    let mut random = Random::new(seed + 7_000_000);
    match kind {
        "episode" => {
            let from = random.uniform() * 0.975 * seconds;
            Trouble::Episode { from, to: from + 0.025 * seconds }
        }
        "freaks" => {
            let mut at = [(); 3].map(|()| random.uniform() * seconds);
            at.sort_by(f64::total_cmp);
            Trouble::Freaks(at)
        }
        _ => Trouble::None,
    }
}

fn median<T: Copy>(mut values: Vec<T>, order: fn(&T, &T) -> std::cmp::Ordering) -> Option<T> {
    values.sort_by(order);
    values.get(values.len() / 2).copied()
}

fn row(name: &str, source: Source, about: f64, rate: f64, kind: &str, streams: u64) {
    let seconds = (about / rate).max(60.0);
    let most = (40.0 * about).max(1_500.0 * rate) as u64;
    let runs: Vec<Run> = (0..streams)
        .filter_map(|seed| learn(source, rate, trouble(kind, seconds, seed), seed + 1, most))
        .collect();
    let share = |good: &dyn Fn(&Run) -> bool| {
        runs.iter().filter(|run| good(run)).count() as f64 / runs.len().max(1) as f64
    };
    let within = share(&|run| !run.within.contains(&false));
    let [p50, p95, p99] = [0, 1, 2].map(|at| share(&|run| run.within[at]));
    let calls = median(runs.iter().map(|run| run.calls).collect(), u64::cmp).unwrap_or(0);
    let first: Vec<(f64, u64)> = runs.iter().filter_map(|run| run.first).collect();
    let confidence = median(first.iter().map(|first| first.0).collect(), f64::total_cmp);
    let foretold = median(first.iter().map(|first| first.1).collect(), u64::cmp);
    let bytes = runs.iter().map(|run| run.bytes).max().unwrap_or(0);
    let missed = if within < ESTABLISHED { "  below 0.95" } else { "" };
    println!(
        "{name:20} {rate:6}/s {kind:8} {calls:8} {:8} {:6.2} {within:7.3}  {p50:.2} {p95:.2} {p99:.2} {:6} {bytes:7}{missed}",
        foretold.unwrap_or(0),
        confidence.unwrap_or(0.0),
        streams - runs.len() as u64,
    );
}

/// Nanoseconds a call, told in batches of a second or one by one, with every look it takes.
fn cost(name: &str, rate: f64, calls: usize, batches: bool) {
    let mut stream = Stream::new(Source::Lognormal(0.5), rate, Trouble::None, 1);
    let told: Vec<(Duration, LogBin)> = (0..calls)
        .map(|_| stream.call())
        .map(|(at, duration)| (Duration::from_secs_f64(at), LogBin::of_ns(duration)))
        .collect();
    let second = |at: &Duration| at.as_secs_f64().ceil() as u64;
    let seconds: Vec<(Duration, Vec<(LogBin, u32)>)> = told
        .chunk_by(|one, next| second(&one.0) == second(&next.0))
        .map(|calls| {
            let mut bins: Vec<LogBin> = calls.iter().map(|(_, bin)| *bin).collect();
            bins.sort();
            let counted = bins.chunk_by(|one, next| one == next);
            let counted = counted.map(|same| (same[0], same.len() as u32)).collect();
            (Duration::from_secs(second(&calls[0].0)), counted)
        })
        .collect();
    let mut learner = Learner::new();
    let start = cpu_ns();
    if batches {
        for (at, calls) in &seconds {
            learner.observe(*at, calls, 0);
            learner.settle(*at);
        }
    } else {
        for (at, bin) in &told {
            learner.observe(*at, &[(*bin, 1)], 0);
        }
    }
    let took = cpu_ns() - start;
    black_box(&learner);
    println!("{name:46} {:8.1} ns a call, {} bytes", took as f64 / calls as f64, learner.bytes());
}

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let streams = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(200);
    let picked: Vec<&String> =
        arguments.iter().filter(|argument| argument.parse::<u64>().is_err()).collect();
    println!("{streams} streams a row; confidence and calls foretold are those at 100 calls\n");
    println!(
        "{:20} {:8} {:8} {:>8} {:>8} {:>6} {:>7}  {:14} {:>6} {:>7}",
        "stream",
        "rate",
        "",
        "calls",
        "foretold",
        "conf.",
        "within",
        "p50  p95  p99",
        "never",
        "bytes"
    );
    for (name, source, about) in KINDS {
        if !picked.is_empty() && !picked.iter().any(|picked| name.starts_with(picked.as_str())) {
            continue;
        }
        for rate in RATES {
            for kind in TROUBLES {
                row(name, source, about, rate, kind, streams);
            }
        }
    }
    println!("\nlognormal .5, looks included");
    cost("100,000 calls at 1,000/s, one by one", 1_000.0, 100_000, false);
    cost("100,000 calls at 1,000/s, batches of a second", 1_000.0, 100_000, true);
    cost("10,000 calls at 10/s, one by one", 10.0, 10_000, false);
    cost("10,000 calls at 10/s, batches of a second", 10.0, 10_000, true);
    cost("2,000 calls at 1/s, one by one", 1.0, 2_000, false);
}
