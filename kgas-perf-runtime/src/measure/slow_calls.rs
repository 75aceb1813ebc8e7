//! `SlowCalls`: what becomes of a call that crossed its threshold, within the call itself.
//!
//! It is counted, always; remembered, in a ring whose overwritten entries are counted; and told,
//! as a `tracing` event of the target `kgas_perf`, as often as [`EVERY`] and [`BURST`] allow.
//! What is not told is counted too, and the next event of that operation says how many.

use std::time::Duration;

use crate::catalog::SizeClass;
use crate::histogram::atomics::{AtomicU64, Ordering, add_owned, fence};
use crate::measure::call_site::{self, CallSite};
use crate::measure::outcome::Outcome;
use crate::measure::recorder::Recorder;
use crate::measure::roster::{Reference, Roster};
use crate::measure::severity::Severity;
use crate::measure::shard::Shard;

/// In the long run an operation and size class tells one event in this time…
pub const EVERY: Duration = Duration::from_secs(1);
/// …after so many at once.
pub const BURST: u64 = 10;

/// Slow calls remembered.
const REMEMBERED: usize = if cfg!(loom) { 1 } else { 256 };

/// The last calls that crossed their thresholds.
#[derive(Debug)]
pub(crate) struct SlowCalls {
    entries: [Entry; REMEMBERED],
    /// Entries ever written.
    written: AtomicU64,
    told: AtomicU64,
    /// Subscribers that panicked while an event was told.
    panicked: AtomicU64,
}

#[derive(Debug)]
struct Entry {
    /// Twice the entry's number plus 2 when complete; odd while it is written.
    version: AtomicU64,
    recorder: AtomicU64,
    duration: AtomicU64,
    ended: AtomicU64,
    /// Outcome and severity, one byte each.
    kind: AtomicU64,
}

/// A remembered call, in ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SlowCallRead {
    pub(crate) recorder: usize,
    pub(crate) duration: u64,
    pub(crate) ended: u64,
    pub(crate) outcome: Outcome,
    pub(crate) severity: Severity,
    /// Which it is of those that were remembered, from 1; 0 before it is.
    pub(crate) number: u64,
}

impl SlowCalls {
    pub(crate) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            entries: std::array::from_fn(|_| Entry {
                version: zero(),
                recorder: zero(),
                duration: zero(),
                ended: zero(),
                kind: zero(),
            }),
            written: zero(),
            told: zero(),
            panicked: zero(),
        }
    }

    fn remember(&self, call: SlowCallRead) {
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let entry = &self.entries[(number % REMEMBERED as u64) as usize];
        // Where another writer is at work, or a newer one has been, this call is one of those
        // overwritten: stores of two writers must not mix.
        let before = entry.version.load(Ordering::Relaxed);
        let mine = 2 * number + 1;
        if !before.is_multiple_of(2)
            || before > mine
            || entry
                .version
                .compare_exchange(before, mine, Ordering::Acquire, Ordering::Relaxed)
                .is_err()
        {
            return;
        }
        fence(Ordering::Release);
        entry.recorder.store(call.recorder as u64, Ordering::Relaxed);
        entry.duration.store(call.duration, Ordering::Relaxed);
        entry.ended.store(call.ended, Ordering::Relaxed);
        let kind = (call.outcome as u64) << 8 | call.severity as u64;
        entry.kind.store(kind, Ordering::Relaxed);
        entry.version.store(mine + 1, Ordering::Release);
    }

    /// The calls remembered, oldest first, without those being written just now.
    pub(crate) fn read(&self) -> Vec<SlowCallRead> {
        let mut calls: Vec<(u64, SlowCallRead)> = self
            .entries
            .iter()
            .filter_map(|entry| {
                let version = entry.version.load(Ordering::Acquire);
                let kind = entry.kind.load(Ordering::Relaxed);
                let call = SlowCallRead {
                    recorder: entry.recorder.load(Ordering::Relaxed) as usize,
                    duration: entry.duration.load(Ordering::Relaxed),
                    ended: entry.ended.load(Ordering::Relaxed),
                    outcome: *Outcome::ALL.get((kind >> 8) as usize)?,
                    severity: *Severity::ALL.get((kind & 0xff) as usize)?,
                    number: version / 2,
                };
                fence(Ordering::Acquire);
                let same = entry.version.load(Ordering::Relaxed) == version;
                (same && version != 0 && version.is_multiple_of(2)).then_some((version, call))
            })
            .collect();
        calls.sort_by_key(|(version, _)| *version);
        calls.into_iter().map(|(_, call)| call).collect()
    }

    /// Calls that crossed their thresholds so far.
    pub(crate) fn crossed(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Events told so far.
    pub(crate) fn told(&self) -> u64 {
        self.told.load(Ordering::Relaxed)
    }

    /// Subscribers that panicked while an event was told.
    pub(crate) fn panicked(&self) -> u64 {
        self.panicked.load(Ordering::Relaxed)
    }
}

/// One call that crossed its threshold.
#[cold]
#[inline(never)]
pub(crate) fn crossed(
    shard: &Shard,
    recorder: &Recorder,
    duration: u64,
    ended: u64,
    outcome: Outcome,
) {
    let (roster, index) = (shard.roster(), recorder.index);
    let Some(reference) = roster.reference(index) else {
        return;
    };
    let severity = Severity::of_call(duration, reference.median.load(Ordering::Relaxed));
    add_owned(&recorder.breaches[severity as usize], 1);
    let call = SlowCallRead { recorder: index, duration, ended, outcome, severity, number: 0 };
    roster.slow_calls.remember(call);
    // A subscriber that panics while a panic unwinds would abort the program.
    let may_tell = !shard.busy.get() && !std::thread::panicking();
    let Some(rate) = roster.time.known_rate() else {
        return;
    };
    if may_tell && admits(reference, ended, rate) {
        shard.busy.set(true);
        tell(roster, &call, reference, rate);
        shard.busy.set(false);
    } else {
        reference.untold.fetch_add(1, Ordering::Relaxed);
    }
}

/// The generic cell rate algorithm (ITU-T I.371): `next_event` is when the next event would be
/// due if all were evenly spaced; one may come as much as a burst earlier.
fn admits(reference: &Reference, now: u64, ns_per_tick: f64) -> bool {
    let interval = (EVERY.as_nanos() as f64 / ns_per_tick) as u64;
    let early = interval.saturating_mul(BURST - 1);
    reference
        .next_event
        .try_update(Ordering::Relaxed, Ordering::Relaxed, |due| {
            (now >= due.saturating_sub(early)).then(|| due.max(now).saturating_add(interval))
        })
        .is_ok()
}

fn tell(roster: &Roster, call: &SlowCallRead, reference: &Reference, ns_per_tick: f64) {
    let Some((site, class)) = call_site::owner(call.recorder) else {
        return;
    };
    let rate = ns_per_unit(site, ns_per_tick);
    let untold = reference.untold.swap(0, Ordering::Relaxed);
    let baseline = [reference.median.load(Ordering::Relaxed), roster.threshold(call.recorder)]
        .map(|ticks| (ticks as f64 * rate) as u64);
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        event(site, class, call, (call.duration as f64 * rate) as u64, baseline, untold);
    }));
    match told {
        Ok(()) => roster.slow_calls.told.fetch_add(1, Ordering::Relaxed),
        Err(_) => roster.slow_calls.panicked.fetch_add(1, Ordering::Relaxed),
    };
}

fn event(
    site: &CallSite,
    class: SizeClass,
    call: &SlowCallRead,
    duration_ns: u64,
    [p50_ns, p95_ns]: [u64; 2],
    untold: u64,
) {
    let spec = site.spec();
    macro_rules! tell {
        ($level:ident) => {
            tracing::event!(
                target: "kgas_perf",
                tracing::Level::$level,
                operation = spec.operation,
                size_class = class.as_str(),
                severity = call.severity.as_str(),
                outcome = call.outcome.as_str(),
                duration_ns,
                baseline_p50_ns = p50_ns,
                baseline_p95_ns = p95_ns,
                times_p50 = duration_ns as f64 / p50_ns.max(1) as f64,
                untold_before = untold,
                file = spec.file,
                line = spec.line,
                "call above baseline"
            )
        };
    }
    match call.severity {
        Severity::Info => tell!(INFO),
        Severity::Warning => tell!(WARN),
        Severity::Critical | Severity::Emergency => tell!(ERROR),
    }
}

/// Nanoseconds in one unit of a site's recorders: durations that came from elsewhere are in
/// nanoseconds already.
pub(crate) fn ns_per_unit(site: &CallSite, ns_per_tick: f64) -> f64 {
    if site.is_reported() { 1.0 } else { ns_per_tick }
}

#[cfg(all(test, loom))]
mod model;
