//! `Reading`: one look at what this process uses; `Readings`: a bounded series of them.

use std::time::Duration;

use kgas_perf_runtime::resource::OwnProcess;

/// One look at what this process uses. What cannot be read here is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// Since the start of the run.
    pub at: Duration,
    /// Processor time of the process since it began.
    pub processor_time: Option<Duration>,
    /// Resident memory, in bytes.
    pub resident_bytes: Option<u64>,
    /// The most resident memory since the process began, in bytes.
    pub peak_resident_bytes: Option<u64>,
    /// Threads.
    pub threads: Option<u64>,
    /// Open files, sockets and pipes.
    pub file_handles: Option<u64>,
}

impl Reading {
    pub(crate) fn take(process: &mut OwnProcess, at: Duration) -> Self {
        let process = process.read();
        Self {
            at,
            processor_time: process.cpu_ns.map(Duration::from_nanos),
            resident_bytes: process.resident_bytes,
            peak_resident_bytes: process.peak_resident_bytes,
            threads: process.threads,
            file_handles: process.file_handles,
        }
    }
}

/// By how much the resident memory of the process rose above what it was when a run began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rise {
    /// So many bytes, for sure: some reading says so, or the highest that ever was is of this run.
    pub(crate) seen: u64,
    /// So many bytes at most, between readings too.
    pub(crate) at_most: u64,
}

/// So many readings are kept; when there are more, every other one goes.
const KEPT: usize = 400;

/// Readings over a run, in bounded memory.
#[derive(Clone, Debug)]
pub(crate) struct Readings {
    kept: Vec<Reading>,
    /// At least this long between two.
    gap: Duration,
}

impl Default for Readings {
    fn default() -> Self {
        Self { kept: Vec::new(), gap: Duration::from_millis(100) }
    }
}

impl Readings {
    /// When the next is due.
    pub(crate) fn due(&self) -> Duration {
        self.kept.last().map_or(Duration::ZERO, |last| last.at + self.gap)
    }

    pub(crate) fn push(&mut self, reading: Reading) {
        if self.kept.len() >= KEPT {
            let mut keep = false;
            self.kept.retain(|_| {
                keep = !keep;
                keep
            });
            self.gap *= 2;
        }
        self.kept.push(reading);
    }

    pub(crate) fn all(&self) -> &[Reading] {
        &self.kept
    }

    /// The share of the machine's processors in use from one time to another, where 1 is all.
    ///
    /// Readings are a tenth of a second apart or more: a stretch below half a second has no answer.
    pub(crate) fn processor_share(&self, from: Duration, to: Duration) -> Option<f64> {
        let within: Vec<_> = self
            .kept
            .iter()
            .filter(|reading| (from..=to).contains(&reading.at))
            .filter_map(|reading| Some((reading.at, reading.processor_time?)))
            .collect();
        let ((began, before), (ended, after)) = (within.first()?, within.last()?);
        let span = ended.saturating_sub(*began);
        let processors = std::thread::available_parallelism().ok()?.get() as f64;
        (span >= Duration::from_millis(500))
            .then(|| after.saturating_sub(*before).div_duration_f64(span) / processors)
    }

    /// By how much resident memory rose; `None` where it cannot be read.
    pub(crate) fn rise(&self) -> Option<Rise> {
        let first = self.kept.first()?;
        let before = first.resident_bytes?;
        let most = self.kept.iter().filter_map(|reading| reading.resident_bytes).max()?;
        let highest = self.kept.last()?.peak_resident_bytes?.max(most);
        // A peak that is higher than when the run began is of this run.
        let seen = if Some(highest) > first.peak_resident_bytes { highest } else { most };
        Some(Rise { seen: seen - before, at_most: highest.saturating_sub(before) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Readings of resident memory and of the highest so far, in MB.
    fn rise(memory: &[(u64, u64)]) -> Option<Rise> {
        let mut readings = Readings::default();
        for (resident, peak) in memory {
            readings.push(Reading {
                resident_bytes: Some(resident * 1_000_000),
                peak_resident_bytes: Some(peak * 1_000_000),
                ..Reading::default()
            });
        }
        readings.rise()
    }

    #[test]
    fn a_rise_is_what_was_seen_and_what_an_older_peak_may_hide() {
        let mb = |seen: u64, at_most: u64| {
            Some(Rise { seen: seen * 1_000_000, at_most: at_most * 1_000_000 })
        };
        // Between two readings it was at 70 MB, which the peak tells.
        assert_eq!(rise(&[(10, 10), (30, 70)]), mb(60, 60));
        // The peak of 70 MB is older than the run: what was between the readings is not known.
        assert_eq!(rise(&[(10, 70), (30, 70), (20, 70)]), mb(20, 60));
        // It fell.
        assert_eq!(rise(&[(50, 50), (30, 50)]), mb(0, 0));
        assert_eq!(rise(&[]), None);
        let mut unread = Readings::default();
        unread.push(Reading::default());
        assert_eq!(unread.rise(), None);
    }

    #[test]
    fn a_long_series_stays_bounded_and_reaches_from_end_to_end() {
        let mut readings = Readings::default();
        for second in 0..100_000 {
            let at = Duration::from_secs(second);
            let processor_time = Some(at / 2);
            if at >= readings.due() {
                readings.push(Reading { at, processor_time, ..Reading::default() });
            }
        }
        assert!(readings.all().len() <= KEPT);
        assert_eq!(readings.all()[0].at, Duration::ZERO);
        let share = readings.processor_share(Duration::ZERO, Duration::MAX).unwrap();
        let processors = std::thread::available_parallelism().unwrap().get() as f64;
        assert!((share * processors - 0.5).abs() < 1e-9);
        let short = Duration::from_secs(10);
        assert_eq!(readings.processor_share(short, short), None);
    }
}
