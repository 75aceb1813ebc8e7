//! `Growth`: one number of bytes a call, in batches, against what is normal.

use std::collections::VecDeque;
use std::time::Duration;

use crate::detect::estimate::Estimate;
use crate::detect::shift::Shift;
use crate::detect::standing::{Standing, Unknown};
use crate::detect::verdict::{Kind, Verdict};
use crate::measure::Severity;

/// Batches are at least so long.
const LENGTH: Duration = Duration::from_secs(60);

/// And hold at least so many calls.
const FEWEST: u64 = 10;

/// The first batches are warm-up: caches fill, pools grow.
const WARM_UP: usize = 5;

/// Batches of what is normal.
const NORMAL: usize = 32;

/// Batches of the present.
const PRESENT: usize = 12;

/// What is raised is beyond the wobble with a probability of all but this.
const RAISE: f64 = 1e-5;

/// What is raised stays so with all but this.
const KEEP: f64 = 1e-2;

/// Up to this share of the normal, growth is wobble.
const WOBBLE: f64 = 0.2;

/// From this share of the normal on, it is a warning: twice as much as normal.
const WARNING: f64 = 1.0;

/// What is raised stays so above this part of its threshold.
const CLEAR: f64 = 0.5;

/// Halves of the normal may differ by so much of it, and as surely as three standard deviations.
const SETTLED: (f64, f64) = (0.05, 1.35e-3);

/// Bytes a call, in batches, against what is normal. Some 700 bytes.
#[derive(Clone, Debug)]
pub(crate) struct Growth {
    /// The least that counts as normal.
    least: f64,
    /// The number of the minute in which the newest batch began.
    minute: u64,
    newest: Batch,
    warm_up: usize,
    normal: Vec<f64>,
    present: VecDeque<Batch>,
    standing: Standing,
}

/// Calls of a minute or more.
#[derive(Clone, Copy, Debug, Default)]
struct Batch {
    began: Duration,
    calls: u64,
    /// Calls beside which others ran.
    overlapped: u64,
    bytes: f64,
}

impl Batch {
    fn mean(&self) -> f64 {
        self.bytes / self.calls as f64
    }
}

impl Growth {
    pub(crate) fn new(least: f64) -> Self {
        Self {
            least,
            minute: 0,
            newest: Batch::default(),
            warm_up: 0,
            normal: Vec::new(),
            present: VecDeque::new(),
            standing: Standing::Unknown(Unknown::NotJudged("no call was read for its memory")),
        }
    }

    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Adds calls, their bytes, and how many of them ran beside others. Judges when that ends a
    /// batch.
    pub(crate) fn add(&mut self, end: Duration, calls: u64, overlapped: u64, bytes: f64) {
        let minute = end.saturating_sub(Duration::from_nanos(1)).as_secs() / LENGTH.as_secs();
        if minute > self.minute {
            if self.newest.calls >= FEWEST {
                let batch = std::mem::take(&mut self.newest);
                self.close(end, batch);
            }
            if self.newest.calls == 0 {
                self.minute = minute;
                self.newest.began = Duration::from_secs(minute.saturating_mul(LENGTH.as_secs()));
            }
        }
        self.newest.calls += calls;
        self.newest.overlapped += overlapped.min(calls);
        self.newest.bytes += bytes;
    }

    fn close(&mut self, now: Duration, batch: Batch) {
        if self.warm_up < WARM_UP {
            self.warm_up += 1;
        } else if self.normal.len() < NORMAL {
            self.normal.push(batch.mean());
            self.drop_warm_up();
        } else {
            self.present.push_back(batch);
            if self.present.len() > PRESENT {
                self.present.pop_front();
            }
        }
        self.standing = self.judge(now);
    }

    /// Drops the older half of the normal if the newer differs from it.
    fn drop_warm_up(&mut self) {
        if self.normal.len() < NORMAL {
            return;
        }
        let (older, newer) = self.normal.split_at(NORMAL / 2);
        let (share, tail) = SETTLED;
        let margin = share * self.usual();
        let differs = Shift::between(older, newer, tail)
            .is_some_and(|shift| shift.interval.low > margin || shift.interval.high < -margin);
        if differs {
            self.normal.drain(..NORMAL / 2);
        }
    }

    fn judge(&self, now: Duration) -> Standing {
        if self.present.len() < PRESENT {
            let found = self.warm_up + self.normal.len() + self.present.len();
            let needed = WARM_UP + NORMAL + PRESENT;
            return Standing::Unknown(Unknown::Learning {
                found: found as u64,
                needed: needed as u64,
            });
        }
        let usual = self.usual();
        let low = |tail| self.shift(tail).map_or(0.0, |shift| shift.interval.low / usual);
        let (sure, likely) = (low(RAISE), low(KEEP));
        let raised = self.standing.level();
        let passes = |severity, share: f64| {
            sure > share || (raised >= Some(severity) && likely > share * CLEAR)
        };
        let severity = if passes(Severity::Warning, WARNING) && !self.is_beside_others() {
            Severity::Warning
        } else if passes(Severity::Info, WOBBLE) {
            Severity::Info
        } else {
            return Standing::Clear;
        };
        let since = self.standing.verdict().and_then(|verdict| verdict.since);
        Standing::Raised(Verdict {
            at: now,
            severity,
            kind: Kind::Memory,
            effect: self.shift(RAISE).map(|shift| shift.by / usual),
            since: Some(since.unwrap_or_else(|| self.began().unwrap_or(now))),
            score: 1.0 - if sure > WOBBLE { RAISE } else { KEEP },
        })
    }

    /// Whether most of the calls ran beside others, so that the bytes may be theirs.
    fn is_beside_others(&self) -> bool {
        let sum = |part: fn(&Batch) -> u64| self.present.iter().map(part).sum::<u64>();
        2 * sum(|batch| batch.overlapped) > sum(|batch| batch.calls)
    }

    /// When the newest of the batches began of which all are beyond the wobble.
    fn began(&self) -> Option<Duration> {
        let mut normal = self.normal.clone();
        normal.sort_unstable_by(f64::total_cmp);
        let threshold = normal.get(NORMAL / 2)? + WOBBLE * self.usual();
        let above = self.present.iter().rev().take_while(|batch| batch.mean() > threshold);
        above.last().map(|batch| batch.began)
    }

    /// What growth is a share of: the median of the normal, or the least.
    fn usual(&self) -> f64 {
        let mut normal = self.normal.clone();
        normal.sort_unstable_by(f64::total_cmp);
        normal.get(normal.len() / 2).map_or(0.0, |median| median.abs()).max(self.least)
    }

    fn shift(&self, tail: f64) -> Option<Shift> {
        let present: Vec<f64> = self.present.iter().map(Batch::mean).collect();
        Shift::between(&self.normal, &present, tail)
    }

    /// By how many bytes a call is above the normal, with 95 % confidence.
    pub(crate) fn estimate(&self) -> Option<Estimate> {
        let Shift { by, interval } = self.shift(0.025)?;
        let (first, last) = (self.present.front()?, self.present.back()?);
        Some(Estimate {
            value: by,
            interval,
            calls: self.present.iter().map(|batch| batch.calls).sum(),
            over: last.began.saturating_sub(first.began) + LENGTH,
        })
    }
}
