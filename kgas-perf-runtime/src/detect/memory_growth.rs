//! `MemoryGrowth`: whether calls take, or leave behind, more memory than they did.

use crate::detect::estimate::Estimate;
use crate::detect::growth::Growth;
use crate::detect::standing::{Standing, Unknown};
use crate::registry::Window;

/// The least normal that growth of the resident set is held against, in bytes: it is counted in
/// pages.
const PAGE: f64 = 4_096.0;

/// The least normal that allocations are held against, in bytes.
const SMALL: f64 = 64.0;

/// Judges how many bytes a call of one operation and size class takes against what it took.
///
/// Two numbers are judged: by how much the resident set grew during calls that were read, and
/// what calls allocated, where a [`TallyAllocator`](crate::measure::TallyAllocator) counts it.
/// Calls that were not read are missing; they are not calls without growth.
///
/// # How
/// Calls are averaged in batches of a minute and more. After five batches of warm-up 32 become
/// the normal; while their newer half lies above or below the older, warm-up goes on and the
/// older half is dropped. From then on the last 12 are held against them by Hodges and Lehmann's
/// shift, whose interval assumes no distribution: one large call, or one wild minute, does not
/// move it.
///
/// Growth is raised when even the lower limit of the shift (1 in 100,000) is beyond a wobble of
/// 20 % of the normal: as info, and as a warning from twice the normal on. It never pages louder,
/// since memory that grows a call at a time leaves time. A change takes some 11 batches to show:
/// growth is what is sustained. Where most of the calls that were read ran beside others, whose
/// growth it was is not known, and it is info at most.
///
/// What has grown from the first call on is the normal. That a process grows without end is for
/// readings of the process to show.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::Registry;
/// use kgas_perf_runtime::detect::{MemoryGrowth, Standing};
/// use kgas_perf_runtime::measure::{ManualClock, Metadata, Severity, record_operation};
/// use std::time::Duration;
///
/// let clock = ManualClock::new();
/// let registry = Registry::with_clock(clock.clone());
/// let (mut growth, mut last) = (MemoryGrowth::new(), registry.snapshot());
/// for minute in 0..60 {
///     // From minute 45 on calls allocate three times as much.
///     let bytes = if minute < 45 { 10_000 } else { 30_000 };
///     registry.run(|| {
///         for call in 0..20 {
///             let metadata = Metadata::default().allocated(bytes + call, 1);
///             record_operation("import", Duration::from_millis(1), metadata);
///         }
///     });
///     clock.advance(Duration::from_secs(60));
///     let now = registry.snapshot();
///     growth.observe(&now.since(&last)[0]);
///     last = now;
///     if minute < 50 {
///         assert_eq!(growth.standing().level(), None);
///     }
/// }
/// assert_eq!(growth.standing().level(), Some(Severity::Warning));
/// ```
#[derive(Clone, Debug)]
pub struct MemoryGrowth {
    resident: Growth,
    allocated: Growth,
}

impl Default for MemoryGrowth {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryGrowth {
    /// Knows no normal yet.
    pub fn new() -> Self {
        Self { resident: Growth::new(PAGE), allocated: Growth::new(SMALL) }
    }

    /// Adds a window, and judges. Windows without readings add nothing. Answers whether it is
    /// worse than before.
    ///
    /// A window counts when it ended: it does not matter how time is cut, as long as one ends
    /// with every minute.
    pub fn observe(&mut self, window: &Window) -> bool {
        let before = self.standing().level();
        let (memory, allocations) = (window.series.memory, window.series.allocations);
        let (mut read, mut overlapped, mut bytes) = (0, 0, 0.0);
        if let Some(memory) = memory {
            (read, overlapped) = (memory.read, memory.overlapped);
            bytes = memory.sum_bytes as f64;
        }
        self.resident.add(window.end, read, overlapped, bytes);
        let counted = allocations.map_or((0, 0.0), |all| (all.calls, all.bytes as f64));
        self.allocated.add(window.end, counted.0, 0, counted.1);
        self.standing().level() > before
    }

    /// How it stands after the last window: the worse of the two numbers.
    pub fn standing(&self) -> Standing {
        match [&self.resident, &self.allocated].map(Growth::standing) {
            [Standing::Unknown(one), Standing::Unknown(other)] => {
                Standing::Unknown(more_known(*one, *other))
            }
            [Standing::Unknown(_), known] | [known, Standing::Unknown(_)] => known.clone(),
            [one, other] => one.clone().or_worse(other.clone()),
        }
    }

    /// By how many bytes more than normal the resident set grows in a call, of late; `None`
    /// while that is not known.
    pub fn resident(&self) -> Option<Estimate> {
        self.resident.estimate()
    }

    /// How many bytes more than normal a call allocates, of late; `None` while that is not known.
    pub fn allocated(&self) -> Option<Estimate> {
        self.allocated.estimate()
    }

    /// Forgets what is normal, and learns it anew: the growth was meant.
    pub fn accept(&mut self) {
        *self = Self::new();
    }
}

/// The reason that is nearer to a judgement.
fn more_known(one: Unknown, other: Unknown) -> Unknown {
    let found = |unknown| match unknown {
        Unknown::Learning { found, .. } => Some(found),
        _ => None,
    };
    if found(other) > found(one) { other } else { one }
}

#[cfg(test)]
mod tests;
