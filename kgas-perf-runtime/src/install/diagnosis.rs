//! `Diagnosis`: what measuring is like on this machine.

use std::time::Duration;

use crate::measure::clock::{self, TimeSource};
use crate::measure::{
    CallSite, CatalogueText, MemoryResolution, Outcome, SAMPLED, ScopedMeasurement, SiteSpec, is_on,
};
use crate::registry::Registry;

/// What measuring is like on this machine: its clock, its memory readings, and its price. Print
/// it beside numbers that are not large against it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Diagnosis {
    /// Whether calls are measured.
    pub on: bool,
    /// What recording threads read time from.
    pub clock: &'static str,
    /// Why that is not the processor's counter; `None` when it is.
    pub no_counter: Option<&'static str>,
    /// The median difference of two readings in a row that differ: about as much is the least that
    /// can be told apart.
    pub clock_step: Duration,
    /// What a measured call of an empty function lasts by its own account.
    pub empty_call: Duration,
    /// What measuring adds to a call, in wall time: the median of some batches.
    pub cost: Duration,
    /// How finely the process's resident set is reported; `None` where it cannot be read.
    pub memory: Option<MemoryResolution>,
}

/// Calls in a batch, and batches.
const CALLS: u32 = 1_000;
const BATCHES: usize = 15;

static SITE: CallSite = CallSite::new(&SiteSpec {
    operation: "empty_call",
    category: crate::catalog::Category::System,
    file: file!(),
    line: line!(),
    path: || "kgas_perf_runtime::install::diagnosis",
    sized: false,
    size_bounds: crate::catalog::SizeBounds::DEFAULT,
    catalogue: CatalogueText::BUILTIN,
});

impl Diagnosis {
    /// Measures all of it, in a registry of its own: some milliseconds.
    pub fn probe() -> Self {
        let no_counter = clock::counter().err();
        let source = TimeSource::system();
        let rate = source.ns_per_tick();
        let registry = Registry::new();
        let cost = registry.run(|| cost(&source, rate));
        let snapshot = registry.snapshot();
        let empty_call = snapshot
            .operation("empty_call")
            .and_then(|operation| operation.outcome(Outcome::Ok).quantile(0.5))
            .unwrap_or_default();
        Self {
            on: is_on(),
            clock: clock::counter().unwrap_or("the operating system's monotonic clock"),
            no_counter,
            clock_step: clock_step(&source, rate),
            empty_call,
            cost,
            memory: MemoryResolution::probe(),
        }
    }
}

fn clock_step(source: &TimeSource, rate: f64) -> Duration {
    let mut differences = Vec::with_capacity(CALLS as usize);
    let mut before = source.ticks();
    for _ in 0..CALLS {
        let now = source.ticks();
        if now > before {
            differences.push(now - before);
        }
        before = now;
    }
    differences.sort_unstable();
    let median = differences.get(differences.len() / 2).copied().unwrap_or_default();
    Duration::from_nanos((median as f64 * rate).round() as u64)
}

fn cost(source: &TimeSource, rate: f64) -> Duration {
    let time = |call: fn()| {
        let start = source.ticks();
        for _ in 0..CALLS {
            call();
        }
        (source.ticks().saturating_sub(start)) as f64 * rate / f64::from(CALLS)
    };
    let mut costs: Vec<f64> = (0..BATCHES)
        .map(|_| {
            let empty = time(|| std::hint::black_box(()));
            let measured = time(|| {
                let mut call = ScopedMeasurement::<SAMPLED>::idle();
                call.start(&SITE, None, 0, Outcome::Ok);
            });
            (measured - empty).max(0.0)
        })
        .collect();
    costs.sort_by(f64::total_cmp);
    Duration::from_nanos(costs[BATCHES / 2].round() as u64)
}
