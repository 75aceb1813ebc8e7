//! What the benchmarks share: contenders, measured in turn by the CPU time of the process.
//!
//! A nanosecond on one machine is not one on another, nor an hour later on the same one. So every
//! figure is a ratio to two raw reads of the processor's counter, taken in the same run: the
//! contenders take turns, A B C … A B C …, in samples of a few milliseconds, and medians count.
//! From each sample the same calls without instrument are subtracted. CPU time is the user and
//! system time of the whole process, so nobody hides work on another thread.
//!
//! - [`crew`]: the threads that call.
//! - [`clocks`]: what is read.
//!
//! Beside this stand `subjects.rs` and `many.rs`, the functions that are measured; they take their
//! time to compile, so each benchmark names what it needs of them.

// Each benchmark uses a part of this.
#![allow(dead_code, reason = "compiled into every benchmark, and none uses all of it")]

pub(crate) mod clocks;
mod crew;

use std::hint::black_box;

use self::clocks::{cpu_ns, ticks};
use self::crew::Crew;

/// Samples of each contender.
const ROUNDS: usize = 45;
/// CPU time of one sample on each thread.
const SAMPLE_NS: u64 = 3_000_000;

/// The name of the contender that all others are measured by.
pub(crate) const TWO_RAW_READS: &str = "two raw clock reads";

/// Something to call, with and without instrument.
pub(crate) struct Contender {
    name: &'static str,
    /// Measured calls in one call.
    inside: u64,
    plain: Box<dyn Fn(u64) + Sync>,
    measured: Box<dyn Fn(u64) + Sync>,
    before: fn(),
    after: fn(),
    settle: fn(),
}

impl Contender {
    /// A function and what it is without instrument. Both are called with the number of the call.
    pub(crate) fn new(
        name: &'static str,
        plain: impl Fn(u64) -> u64 + Sync + 'static,
        measured: impl Fn(u64) -> u64 + Sync + 'static,
    ) -> Self {
        let (plain, measured) = (Box::new(repeated(plain)), Box::new(repeated(measured)));
        Self { name, inside: 1, plain, measured, before: || (), after: || (), settle: || () }
    }

    /// Says how many measured calls one call makes; the figure is that of one of them.
    pub(crate) fn inside(mut self, calls: u64) -> Self {
        self.inside = calls;
        self
    }

    /// What still belongs to the calls when they are over, such as waiting until another thread
    /// has done its part: a wait costs no CPU time.
    pub(crate) fn settled_by(mut self, settle: fn()) -> Self {
        self.settle = settle;
        self
    }

    /// What is done before and after each sample, and does not count.
    pub(crate) fn between(mut self, before: fn(), after: fn()) -> Self {
        (self.before, self.after) = (before, after);
        self
    }
}

/// One loop for each function, so that what can be inlined is.
fn repeated(call: impl Fn(u64) -> u64 + Sync + 'static) -> impl Fn(u64) + Sync + 'static {
    move |calls| {
        for number in 0..calls {
            black_box(call(black_box(number)));
        }
    }
}

/// The function that all contenders measure.
#[inline(never)]
pub(crate) fn plain(number: u64) -> u64 {
    work(number)
}

/// What it does: one multiplication that the compiler cannot see through.
#[inline(always)]
pub(crate) fn work(number: u64) -> u64 {
    black_box(number).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[inline(never)]
fn between_two_raw_reads(number: u64) -> u64 {
    let start = ticks();
    let done = work(number);
    black_box(ticks().wrapping_sub(start));
    done
}

/// The limit: the time a call takes of which both ends are read, and nothing done with them.
pub(crate) fn two_raw_reads() -> Contender {
    Contender::new(TWO_RAW_READS, plain, between_two_raw_reads)
}

/// What one call of a contender took.
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    /// CPU nanoseconds: median, and the quarter of samples on each side of it.
    pub(crate) ns: f64,
    pub(crate) quartiles: [f64; 2],
    /// Times two raw reads of the counter.
    pub(crate) ratio: f64,
}

/// Measures the contenders on so many threads. The first of them is [`two_raw_reads`].
pub(crate) fn compare(threads: usize, contenders: &[Contender]) -> Vec<Figure> {
    assert_eq!(contenders[0].name, TWO_RAW_READS, "all others are measured by it");
    let crew = Crew::new(threads);
    let calls: Vec<u64> = contenders.iter().map(|one| calls_in_a_sample(&crew, one)).collect();
    let mut samples = vec![Vec::with_capacity(ROUNDS); contenders.len()];
    for _ in 0..ROUNDS {
        for ((contender, calls), samples) in contenders.iter().zip(&calls).zip(&mut samples) {
            samples.push(sample(&crew, contender, *calls));
        }
    }
    for samples in &mut samples {
        samples.sort_by(f64::total_cmp);
    }
    let raw = quantile(&samples[0], 0.5);
    contenders
        .iter()
        .zip(&samples)
        .map(|(contender, samples)| {
            let ns = quantile(samples, 0.5);
            let quartiles = [quantile(samples, 0.25), quantile(samples, 0.75)];
            Figure { name: contender.name, ns, quartiles, ratio: ns / raw }
        })
        .collect()
}

/// So many calls that a sample is long against what starting it costs.
fn calls_in_a_sample(crew: &Crew, contender: &Contender) -> u64 {
    let mut calls = 1_000;
    loop {
        (contender.before)();
        let took = cpu_of(|| crew.run(&*contender.measured, calls));
        (contender.settle)();
        (contender.after)();
        let wanted = SAMPLE_NS * crew.threads() as u64;
        if took >= wanted / 2 {
            return (calls * wanted).div_ceil(took);
        }
        calls *= 2;
    }
}

/// CPU nanoseconds that one measured call took more than a plain one.
fn sample(crew: &Crew, contender: &Contender, calls: u64) -> f64 {
    // Both settle: what another thread does without being asked is nobody's call.
    let plain = cpu_of(|| {
        crew.run(&*contender.plain, calls);
        (contender.settle)();
    });
    (contender.before)();
    let measured = cpu_of(|| {
        crew.run(&*contender.measured, calls);
        (contender.settle)();
    });
    (contender.after)();
    let all_calls = calls * crew.threads() as u64 * contender.inside;
    (measured as f64 - plain as f64) / all_calls as f64
}

fn cpu_of(work: impl FnOnce()) -> u64 {
    let before = cpu_ns();
    work();
    cpu_ns() - before
}

/// The value below which a share of the sorted samples lies.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

/// Prints a table for people, README and `cargo xtask bench` alike.
pub(crate) fn print(title: &str, figures: &[Figure]) {
    println!("\n{title}\n");
    println!("| call | CPU ns | middle half | × two raw reads |");
    println!("|---|--:|--:|--:|");
    for Figure { name, ns, quartiles: [low, high], ratio } in figures {
        println!("| {name} | {ns:.2} | {low:.2} to {high:.2} | {ratio:.2} |");
    }
}
