//! `Learner`: calls to a baseline, as they come, in bounded memory.
//!
//! ```text
//!  observe ──► clock ──► the open second ──► the open block ──► blocks (packed, at most 64)
//!                                │                    └───────► all calls by bin
//!                                ▼ at 100, 125, 156, … calls
//!                           evaluation: episodes ──► warm_up ──► shape
//!                                       inflation, trend, wobble ──► confidence ──► forecast
//! ```
//!
//! - `clock`: whole seconds in which there was something to learn.
//! - `counts`: calls by bin of the grid.
//! - `blocks`: the same in stretches of time, packed; `pool`: several of them together.
//! - `episodes`, `warm_up`: what is no part of what is normal.
//! - `shape`: the distribution function of what is kept.
//! - `inflation`, `trend`, `wobble`: why many calls may say as little as few.
//! - `confidence`: how sure it is; `forecast`: how many calls it will take.
//! - `evaluation`: one look at all of it.

mod blocks;
mod clock;
mod confidence;
mod counts;
mod episodes;
mod evaluation;
mod forecast;
mod inflation;
mod pool;
mod shape;
#[cfg(test)]
mod tests;
mod trend;
mod warm_up;
mod wobble;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::baseline::pause::Pauses;
use crate::baseline::{Baseline, ENOUGH, ESTABLISHED, Lack, Learning, Pause, sound};
use crate::catalog::SizeClass;
use crate::stats::LogBin;

use blocks::Blocks;
use clock::LearningClock;
use counts::BinCounts;
use evaluation::{Evaluation, Evidence};

/// Learns what is normal for one operation and size class, from the calls that ended well.
///
/// It is fed batch by batch, in the order of time; a batch is one call, or everything that ended
/// in a tick of a second. At 100, 125, 156, ... calls (by 1.25) it looks at all it was told:
///
/// 1. An *episode*, a short stretch of time in which calls were much slower, is removed in whole
///    blocks; single values never are. What happens twice belongs to the operation.
/// 2. *Warm-up* is dropped: the oldest quarter, for as long as it ranks differently from the
///    newest half.
/// 3. The *confidence* is the distribution-free probability that p50, p95 and p99 are within 5,
///    10 and 20 % of the truth, with the number of independent calls that the calls are worth.
///    Above 0.95 over at least a minute the baseline is established.
///
/// What it says holds for whole seconds: the second that is still open counts when it is over.
/// So batches of a second and the same calls one by one give the same answers, and the order
/// of calls inside a second does not matter.
///
/// # Limits
/// What is slower than the time that was learned in cannot be seen in it: a wobble of 5 % that lasts
/// a minute is known after five or six, and at ten calls a second and more, where a baseline is
/// established earlier, one in seven such baselines has a p50 that is off by more than 5 %. The
/// same is true of a cache that fills over hours, and of a tail made by collections of which only a
/// few were seen.
///
/// # Cost
/// A call costs a search among the bins in use: tens of nanoseconds told one by one, a few in a
/// batch. A look costs some tens of microseconds; there are 21 of them up to 10,000 calls. The
/// memory is bounded: see [`Learner::bytes`]. `benches/baseline.rs` shows all three, and how often
/// an established baseline is right.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::baseline::{Learner, Learning};
/// use kgas_perf_runtime::catalog::SizeClass;
/// use kgas_perf_runtime::stats::LogBin;
///
/// let mut learner = Learner::new();
/// for second in 1..=240 {
///     let at = Duration::from_secs(second);
///     let calls = [9, 10, 10, 11].map(|millis| (LogBin::of(Duration::from_millis(millis)), 1));
///     learner.observe(at, &calls, 0);
///     learner.settle(at);
/// }
/// assert!(matches!(learner.learning(), Learning::Established { .. }));
/// let now = Duration::from_secs(1_800_000_000);
/// let baseline = learner.baseline("import", SizeClass::Small, now).unwrap();
/// assert!(baseline.is_mature());
/// assert!((baseline.p50.as_secs_f64() / 0.010 - 1.0).abs() < 0.01);
/// assert_eq!(baseline.calls_per_second, Some(4.0));
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Learner {
    clock: LearningClock,
    /// Blocks that are over, and their calls.
    blocks: Blocks,
    all: BinCounts,
    /// The block that is not over, and the second of the clock at which it began.
    open: BinCounts,
    open_errors: u32,
    open_since: u64,
    /// Calls that ended well, and at how many the next look is due.
    calls: u64,
    due_at: f64,
    last: Option<Evaluation>,
    /// The second of the clock of the last look.
    looked_at: u64,
    /// Calls that the last look left out.
    left_out: u64,
    /// Oldest seconds that the last look found to be warm-up.
    warm_up_seconds: u64,
    /// Calls in blocks that were let go as warm-up.
    forgotten: u64,
    pauses: Pauses,
}

sound!(Learner);

/// No learner counts further: a double has every whole number up to it.
pub(crate) const MOST: u64 = 1 << 53;

/// The next look is due at so many times as many calls.
const LOOK_AGAIN: f64 = 1.25;

impl Default for Learner {
    fn default() -> Self {
        Self::new()
    }
}

impl Learner {
    /// A learner that knows nothing yet.
    pub fn new() -> Self {
        Self {
            clock: LearningClock::default(),
            blocks: Blocks::new(),
            all: BinCounts::default(),
            open: BinCounts::default(),
            open_errors: 0,
            open_since: 0,
            calls: 0,
            due_at: ENOUGH as f64,
            last: None,
            looked_at: 0,
            left_out: 0,
            warm_up_seconds: 0,
            forgotten: 0,
            pauses: Pauses::default(),
        }
    }

    /// Learns calls that ended at `at`, or in the second up to it: those that ended well by bin of
    /// their duration, in any order, and how many ended in an error or a panic.
    ///
    /// `at` is a time of the stream's own clock, which never goes back; if it does, it is taken to
    /// stand still. While learning is paused the calls are counted and nothing else.
    pub fn observe(&mut self, at: Duration, ok: &[(LogBin, u32)], errors: u32) {
        if self.pauses.any() {
            let calls: u64 = ok.iter().map(|(_, count)| u64::from(*count)).sum();
            self.pauses.count(calls + u64::from(errors));
            return;
        }
        if ok.is_empty() && errors == 0 {
            return;
        }
        if self.clock.is_behind(at) {
            self.look_if_due();
            self.clock.advance(at);
            self.close_blocks();
        }
        for (bin, count) in ok {
            self.open.add(bin.index(), *count);
            self.calls += u64::from(*count);
        }
        self.open_errors = self.open_errors.saturating_add(errors);
    }

    /// Says that the stream's clock has come to `at`: the second that was open counts if it is
    /// over. Without it, it counts with the next call.
    pub fn settle(&mut self, at: Duration) {
        if self.clock.has_ended(at) {
            self.look_if_due();
        }
    }

    /// Learns nothing until [`Learner::resume`] is called for the same reason.
    pub fn pause(&mut self, reason: Pause) {
        self.look_if_due();
        self.clock.pause();
        self.pauses.set(reason, true);
    }

    /// Takes back a reason not to learn. Learning goes on when none is left.
    pub fn resume(&mut self, reason: Pause) {
        self.pauses.set(reason, false);
    }

    /// Whether nothing is learned for this reason.
    pub fn is_paused(&self, reason: Pause) -> bool {
        self.pauses.has(reason)
    }

    /// Calls, however they ended, that were not learned for this reason.
    pub fn unlearned(&self, reason: Pause) -> u64 {
        self.pauses.calls(reason)
    }

    /// Calls that ended well and were learned, those dropped or removed since included.
    pub fn calls(&self) -> u64 {
        self.calls
    }

    /// How far the baseline has come.
    pub fn learning(&self) -> Learning {
        let kept = self.calls.saturating_sub(self.left_out);
        let Some(last) = &self.last else {
            return Learning::Collecting { calls: kept };
        };
        let until_then = last.seconds_to_go as f64 * last.calls as f64 / last.seconds.max(1) as f64;
        let lack = if !last.steady {
            Lack::Steadiness
        } else if last.confidence <= ESTABLISHED && last.calls_to_go as f64 >= until_then {
            // At least those until the next look: it will not be believed before.
            let next = (self.due_at as u64).saturating_sub(self.calls);
            Lack::Calls((last.calls_to_go + last.calls).saturating_sub(kept).max(next))
        } else if last.seconds_to_go > 0 {
            let since = self.clock.now() - self.looked_at;
            Lack::Time(Duration::from_secs(last.seconds_to_go.saturating_sub(since).max(1)))
        } else {
            return Learning::Established { confidence: last.confidence };
        };
        Learning::Estimating { confidence: last.confidence_told(), lack }
    }

    /// What is normal, as of the last look; `None` while fewer than [`ENOUGH`] calls are left of
    /// those that were learned. `now` is the time since 1970-01-01 00:00 UTC.
    ///
    /// The baseline is mature if [`Learner::learning`] says `Established`. If that lacks time or
    /// steadiness, its confidence is told as 0.94 at most.
    pub fn baseline(
        &self,
        operation: &str,
        size_class: SizeClass,
        now: Duration,
    ) -> Option<Baseline> {
        self.last.as_ref().map(|last| last.baseline(operation, size_class, now))
    }

    /// The memory it takes, in bytes: at most 8 KiB for durations in 340 bins of 2 % or fewer,
    /// which is 1 to 900 without a gap, and at most 32 KiB for durations all over the grid; however
    /// many calls there are. A look takes some tens of KiB more until it is over.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.blocks.heap_bytes()
            + self.all.heap_bytes()
            + self.open.heap_bytes()
    }

    /// Whether what was read back can have been written by a learner.
    fn is_sound(&self) -> bool {
        let now = self.clock.now();
        let numbers = [
            now,
            self.calls,
            self.left_out,
            self.warm_up_seconds,
            self.forgotten,
            self.pauses.most_calls(),
        ];
        numbers.into_iter().all(|number| number <= MOST)
            && self.open_since.max(self.looked_at) <= now
            && (ENOUGH as f64..=MOST as f64).contains(&self.due_at)
            && self.last.as_ref().is_none_or(Evaluation::is_sound)
    }

    /// Learns again, except while an alert is open: the other reasons not to learn were those of
    /// the process that wrote it down.
    pub(crate) fn go_on(&mut self) {
        for reason in Pause::ALL.into_iter().filter(|reason| *reason != Pause::Alert) {
            self.resume(reason);
        }
    }

    /// Looks, if so many calls are there.
    fn look_if_due(&mut self) {
        if (self.calls as f64) < self.due_at.floor() {
            return;
        }
        while self.due_at.floor() <= self.calls as f64 {
            self.due_at *= LOOK_AGAIN;
        }
        let found = Evaluation::of(&Evidence {
            blocks: &self.blocks,
            all: &self.all,
            open: (&self.open, self.open_errors, self.clock.now() + 1 - self.open_since),
            forgotten: self.forgotten,
        });
        let (Ok(kept) | Err(kept)) = found.as_ref().map(|found| found.calls).map_err(|kept| *kept);
        self.left_out = self.calls.saturating_sub(kept);
        self.last = found.ok();
        self.looked_at = self.clock.now();
        let warm_up = self.last.as_ref().map_or(0, |last| last.warm_up_blocks as u64);
        self.warm_up_seconds = warm_up * self.blocks.seconds();
    }

    /// Closes the open block, and as many empty ones as fit, up to the clock's second.
    fn close_blocks(&mut self) {
        while self.clock.now() >= self.open_since + self.blocks.seconds() {
            if self.blocks.is_full() {
                self.make_room();
                continue;
            }
            self.open_since += self.blocks.seconds();
            self.blocks.push(&self.open, self.open_errors);
            self.all.merge(&self.open);
            self.open.clear();
            self.open_errors = 0;
        }
    }

    /// Lets go of what the last look found to be warm-up, or makes the blocks longer.
    fn make_room(&mut self) {
        let warm_up = (self.warm_up_seconds / self.blocks.seconds()) as usize;
        self.warm_up_seconds = 0;
        if warm_up == 0 {
            self.blocks.double();
            return;
        }
        let width = self.blocks.bin_width();
        for block in self.blocks.iter().take(warm_up) {
            self.forgotten += block.calls;
            for (bin, count) in block.bins {
                self.all.take(bin * width, width, count);
            }
        }
        self.all.tidy();
        self.blocks.shorten(warm_up);
    }
}
