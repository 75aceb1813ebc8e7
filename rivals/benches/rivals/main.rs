//! What do others cost that measure functions? The same function, the same harness, each
//! contender in a process of its own, since most of them own something global.
//!
//! `cargo bench --manifest-path rivals/Cargo.toml` prints the table; with a contender's name as
//! argument it measures that one alone.

#[path = "../../../kgas-perf-runtime/benches/harness/mod.rs"]
mod harness;

mod with_autometrics;
mod with_fastrace;
mod with_hotpath;
mod with_kgas_perf;
mod with_metered;
mod with_metrics;
mod with_tracing;

use std::process::{Command, Stdio};

use harness::{Contender, compare, two_raw_reads};

/// A contender's name, and what sets it up.
type Named = (&'static str, fn() -> Contender);

const CONTENDERS: [Named; 8] = [
    ("kgas-perf", with_kgas_perf::contender),
    ("hotpath", with_hotpath::contender),
    ("fastrace, a trace every 100 calls", with_fastrace::contender),
    ("metered, ResponseTime", with_metered::contender),
    ("metrics, histogram!", with_metrics::by_macro),
    ("metrics, kept handle", with_metrics::by_handle),
    ("tracing, timing layer", with_tracing::contender),
    ("autometrics", with_autometrics::contender),
];

fn main() {
    // Cargo adds `--bench`.
    let name = std::env::args().skip(1).find(|word| word != "--bench");
    let Some(name) = name else {
        return all();
    };
    let contender = CONTENDERS.iter().find(|(known, _)| *known == name);
    let Some((name, set_up)) = contender else {
        let known: Vec<_> = CONTENDERS.iter().map(|(name, _)| *name).collect();
        panic!("`{name}` is no contender; there are {}", known.join("; "));
    };
    println!("{}", row(name, set_up()));
    // Some print a report when they are taken down. Nobody asked for it.
    std::process::exit(0);
}

/// One process for each contender, one after the other.
fn all() {
    println!("\nRivals, on 1 thread and on 8\n");
    println!(
        "| contender | CPU ns a call | × two raw reads | 8 threads, CPU ns | × two raw reads |"
    );
    println!("|---|--:|--:|--:|--:|");
    let this = std::env::current_exe().expect("a program knows where it is");
    for (name, _) in CONTENDERS {
        let status = Command::new(&this).arg(name).stdin(Stdio::null()).status();
        assert!(status.is_ok_and(|status| status.success()), "{name} could not be measured");
    }
}

fn row(name: &str, contender: Contender) -> String {
    let contenders = [two_raw_reads(), contender];
    let [one, eight] = [1, 8].map(|threads| {
        let figures = compare(threads, &contenders);
        format!("{:.1} | {:.2}", figures[1].ns, figures[1].ratio)
    });
    format!("| {name} | {one} | {eight} |")
}
