//! `Clock`, the only place time enters; `ManualClock` for tests.
//!
//! The hot path does not read a `Clock`. Where the processor's counter is fit to tell time, it
//! reads that, stays in its ticks, and whoever reads the numbers converts them with the rate
//! measured so far. Elsewhere, and in a registry that was given a clock, a call takes the slower
//! path and its ticks are nanoseconds of that clock.

use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// Where time comes from.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::measure::{Clock, ManualClock};
///
/// let clock = ManualClock::new();
/// clock.advance(Duration::from_secs(90));
/// assert_eq!(clock.now(), Duration::from_secs(90));
/// ```
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// Time since some fixed moment; never goes back.
    fn now(&self) -> Duration;

    /// Time since 1970-01-01 00:00 UTC, by the wall clock.
    fn unix(&self) -> Duration;
}

/// The operating system's clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        static ORIGIN: OnceLock<Instant> = OnceLock::new();
        let now = instant();
        now.saturating_duration_since(*ORIGIN.get_or_init(|| now))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place time enters")]
    fn unix(&self) -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }
}

/// A clock that stands still until it is moved. Clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock {
    now_ns: Arc<AtomicU64>,
}

impl ManualClock {
    /// A clock that shows zero.
    pub fn new() -> Self {
        Self::default()
    }

    /// Moves time on. What does not fit into 584 years is cut off.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_nanos()).unwrap_or(u64::MAX);
        let _ = self
            .now_ns
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |now| Some(now.saturating_add(by)));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.now_ns.load(Ordering::Relaxed))
    }

    /// The same as [`Clock::now`]: a day of this clock begins at zero.
    fn unix(&self) -> Duration {
        self.now()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place time enters")]
fn instant() -> Instant {
    Instant::now()
}

/// Reads the processor's counter. Only meaningful where [`counter`] says it is.
///
/// The read is not serialising: a few nanoseconds of neighbouring work can fall on the wrong
/// side of it, which costs half of what a serialising read does.
#[inline(always)]
pub(crate) fn ticks() -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        // SAFETY: every x86-64 processor has the instruction; where the kernel forbids it,
        // `counter` says so and nobody calls this.
        unsafe { core::arch::x86_64::_rdtsc() }
    }
    #[cfg(target_arch = "aarch64")]
    {
        let ticks: u64;
        // SAFETY: reading the virtual counter is allowed to user space wherever `counter` says
        // that it is used.
        unsafe { core::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack)) };
        ticks
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        0
    }
}

/// Whether the processor's counter tells time on this machine, and if not, why.
///
/// # Errors
/// The reason, in words: the counter changes its rate, or the kernel itself does not trust it.
pub(crate) fn counter() -> Result<&'static str, &'static str> {
    static ANSWER: OnceLock<Result<&'static str, &'static str>> = OnceLock::new();
    *ANSWER.get_or_init(probe_counter)
}

#[cfg(target_arch = "x86_64")]
fn probe_counter() -> Result<&'static str, &'static str> {
    const POWER: u32 = 0x8000_0007;
    let highest = core::arch::x86_64::__cpuid(0x8000_0000).eax;
    if highest < POWER || core::arch::x86_64::__cpuid(POWER).edx & (1 << 8) == 0 {
        return Err("the time-stamp counter changes its rate with the processor's frequency");
    }
    #[cfg(target_os = "linux")]
    {
        let source = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
        match std::fs::read_to_string(source) {
            Ok(name) if name.trim() == "tsc" => {}
            Ok(_) => return Err("the kernel does not keep its own time by the time-stamp counter"),
            Err(_) => return Err("the kernel does not say which counter it keeps time by"),
        }
    }
    Ok("time-stamp counter (rdtsc)")
}

#[cfg(target_arch = "aarch64")]
fn probe_counter() -> Result<&'static str, &'static str> {
    Ok("virtual counter (cntvct_el0)")
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn probe_counter() -> Result<&'static str, &'static str> {
    Err("this processor has no counter that is read from user space")
}

/// What a registry's ticks are.
#[derive(Debug)]
pub(crate) enum TimeSource {
    /// The processor's counter, against the system's clock.
    Counter {
        /// A moment on both, taken when the registry was made.
        origin: (u64, Duration),
        /// The rate found last, as the bits of an `f64`; 0 before the first.
        ns_per_tick: AtomicU64,
    },
    /// Nanoseconds of this clock.
    Clock(Arc<dyn Clock>),
}

/// No rate is computed from a stretch shorter than this: reading both clocks takes about 50 ns,
/// so the rate is then known to 1 in 20,000, and better with every later look.
const SHORTEST_BASE: Duration = Duration::from_millis(1);

impl TimeSource {
    /// The processor's counter where it tells time, else the system's clock.
    pub(crate) fn system() -> Self {
        match counter() {
            Ok(_) => Self::Counter { origin: pair(), ns_per_tick: AtomicU64::new(0) },
            Err(_) => Self::Clock(Arc::new(SystemClock)),
        }
    }

    /// Whether recording threads may read the counter themselves.
    pub(crate) fn is_counter(&self) -> bool {
        matches!(self, Self::Counter { .. })
    }

    /// Now, in ticks.
    #[inline]
    pub(crate) fn ticks(&self) -> u64 {
        match self {
            Self::Counter { .. } => ticks(),
            Self::Clock(clock) => u64::try_from(clock.now().as_nanos()).unwrap_or(u64::MAX),
        }
    }

    /// Now: ticks, and the same moment since the clock's origin and since 1970.
    pub(crate) fn now(&self) -> Moment {
        match self {
            Self::Counter { .. } => {
                let (ticks, monotonic) = pair();
                Moment { ticks, monotonic, unix: SystemClock.unix() }
            }
            Self::Clock(clock) => {
                let monotonic = clock.now();
                let ticks = u64::try_from(monotonic.as_nanos()).unwrap_or(u64::MAX);
                Moment { ticks, monotonic, unix: clock.unix() }
            }
        }
    }

    /// Nanoseconds in one tick, measured since the registry was made. In its first millisecond
    /// this waits, spinning, until that is over; recording threads ask [`Self::known_rate`].
    pub(crate) fn ns_per_tick(&self) -> f64 {
        let Self::Counter { origin, ns_per_tick } = self else {
            return 1.0;
        };
        loop {
            let (ticks, now) = pair();
            let elapsed = now.saturating_sub(origin.1);
            if elapsed < SHORTEST_BASE {
                std::hint::spin_loop();
                continue;
            }
            let ticked = ticks.saturating_sub(origin.0).max(1);
            let rate = elapsed.as_nanos() as f64 / ticked as f64;
            ns_per_tick.store(rate.to_bits(), Ordering::Relaxed);
            return rate;
        }
    }

    /// The rate found by the last reader; `None` before the first.
    pub(crate) fn known_rate(&self) -> Option<f64> {
        match self {
            Self::Counter { ns_per_tick, .. } => match ns_per_tick.load(Ordering::Relaxed) {
                0 => None,
                bits => Some(f64::from_bits(bits)),
            },
            Self::Clock(_) => Some(1.0),
        }
    }
}

/// One moment on all clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) ticks: u64,
    pub(crate) monotonic: Duration,
    pub(crate) unix: Duration,
}

/// The counter and the system's clock at one moment: the closest of a few attempts, since the
/// thread can be interrupted between the two.
fn pair() -> (u64, Duration) {
    let mut best = (u64::MAX, 0, Duration::ZERO);
    for _ in 0..4 {
        let before = ticks();
        let now = SystemClock.now();
        let after = ticks();
        let apart = after.saturating_sub(before);
        if apart < best.0 {
            best = (apart, before + apart / 2, now);
        }
    }
    (best.1, best.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counters_rate_agrees_with_the_systems_clock() {
        let source = TimeSource::system();
        let rate = source.ns_per_tick();
        let (start, began) = (source.now(), instant());
        while began.elapsed() < Duration::from_millis(5) {
            std::hint::spin_loop();
        }
        let end = source.now();
        let by_ticks = (end.ticks - start.ticks) as f64 * rate;
        let by_clock = (end.monotonic - start.monotonic).as_nanos() as f64;
        assert!((by_ticks / by_clock - 1.0).abs() < 0.01, "{by_ticks} ns against {by_clock} ns");
    }

    #[test]
    fn a_manual_clock_moves_only_by_hand() {
        let clock = ManualClock::new();
        let shared = clock.clone();
        shared.advance(Duration::from_millis(3));
        assert_eq!(clock.now(), Duration::from_millis(3));
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Duration::from_nanos(u64::MAX));
    }
}
