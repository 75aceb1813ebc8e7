//! What goes into a `Judged`: the windows of a tick, and what no window holds.

use std::time::Duration;

use crate::detect::border::{Border, Side, is_share};
use crate::detect::gathered::Gathered;
use crate::detect::judged::Judged;
use crate::detect::source::{Form, Source};
use crate::detect::stretch::Stretches;
use crate::histogram::Distribution;
use crate::measure::{Outcome, Severity};
use crate::registry::Window;

impl Judged {
    /// Adds what the windows of a tick hold. The windows are those of the operation; there is
    /// none where nothing happened.
    pub(crate) fn observe(&mut self, start: Duration, end: Duration, windows: &[&Window]) {
        let mut gathered = Gathered::default();
        let class = self.objective.size_class;
        let meant = windows
            .iter()
            .filter(|window| class.is_none_or(|class| class == window.series.size_class));
        let mut in_flight = 0;
        for window in meant {
            in_flight += window.series.in_flight.calls;
            self.take(window, &mut gathered);
        }
        match self.source {
            Source::InFlight => {
                gathered.note(in_flight as f64, 1, &self.borders, self.unit);
            }
            Source::Calls => {
                // How many wait shows whether more was asked for than was done.
                gathered.sum = 1.0;
                (gathered.low, gathered.high) = (in_flight as f64, in_flight as f64);
            }
            _ => {}
        }
        self.add(start, end, &gathered);
    }

    /// Adds numbers that no window holds: a share, or values. Answers `false` where windows hold
    /// them, and where they are the other of the two.
    pub(crate) fn tell(
        &mut self,
        at: Duration,
        share: bool,
        add: impl FnOnce(&mut Gathered, &[Border], f64),
    ) -> bool {
        let by_windows = match self.source {
            Source::Told => false,
            // Who reads memory knows more of it than windows do.
            Source::MemoryGrowth | Source::LargestGrowth => false,
            _ => true,
        };
        if by_windows || share != is_share(self.objective.metric) {
            return false;
        }
        if !self.told {
            (self.told, self.source) = (true, Source::Told);
            if self.form == Form::MeanOfSums {
                self.form = Form::Mean;
            }
            self.stretches = Stretches::new();
        }
        let mut gathered = Gathered::default();
        add(&mut gathered, &self.borders, self.unit);
        self.add(at, at, &gathered);
        true
    }

    fn take(&mut self, window: &Window, gathered: &mut Gathered) {
        let series = &window.series;
        match self.source {
            Source::OkDurations => self.note_durations(series.outcome(Outcome::Ok), gathered),
            Source::AllDurations => {
                for outcome in Outcome::ALL {
                    self.note_durations(series.outcome(outcome), gathered);
                }
            }
            Source::Errors => {
                let count = |outcome| series.outcome(outcome).count();
                let bad = count(Outcome::Error) + count(Outcome::Panicked);
                gathered.note_share(bad, count(Outcome::Ok) + bad, &self.borders);
            }
            Source::Calls => {
                let calls = u32::try_from(series.calls()).unwrap_or(u32::MAX / 8);
                gathered.count = gathered.count.saturating_add(calls).min(u32::MAX / 8);
                // Bursts are told by what lies beyond a border.
                gathered.beyond[0] = gathered.count;
            }
            Source::MemoryGrowth => {
                if let Some(memory) = &series.memory {
                    gathered.count += u32::try_from(memory.read).unwrap_or(u32::MAX / 8);
                    gathered.sum += memory.sum_bytes as f64;
                }
            }
            Source::LargestGrowth => {
                let Some(memory) = &series.memory else { return };
                // A window's extremes are those of all calls so far: only what is larger than
                // before has happened in it.
                let class = series.size_class;
                let known = self.largest.iter().position(|(known, _)| *known == class);
                let at = known.unwrap_or_else(|| {
                    self.largest.push((class, i64::MIN));
                    self.largest.len() - 1
                });
                if memory.max_bytes > self.largest[at].1 {
                    self.largest[at].1 = memory.max_bytes;
                    self.overlapped = memory.overlapped > 0;
                    gathered.note(memory.max_bytes as f64, 1, &self.borders, self.unit);
                }
            }
            Source::InFlight | Source::Told => {}
        }
    }

    /// Notes durations by the ends of their buckets that are nearer to the objective, so that a
    /// call is beyond a border only if all of its bucket is.
    fn note_durations(&self, durations: &Distribution, gathered: &mut Gathered) {
        let from_below = self.borders.iter().all(|border| border.side == Side::Below);
        for bucket in durations.buckets() {
            let nearer = if from_below { bucket.high_ns } else { bucket.low_ns };
            gathered.note(nearer, bucket.count, &self.borders, self.unit);
        }
    }

    fn add(&mut self, start: Duration, end: Duration, gathered: &Gathered) {
        self.started.get_or_insert(start);
        self.now = self.now.max(end);
        self.stretches.add(self.now, gathered);
        let warning = self.borders.iter().position(|border| border.severity == Severity::Warning);
        if let (Some(budget), Some(border)) = (&mut self.budget, warning) {
            let beyond = u64::from(gathered.beyond[border]);
            budget.observe(start, end, u64::from(gathered.count), beyond);
        }
    }
}
