//! `Reading`: one look at what this process uses; `Readings`: a bounded series of them.

use std::time::Duration;

/// One look at what this process uses. What cannot be read here is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// Since the start of the run.
    pub at: Duration,
    /// Processor time of the process since it began.
    pub processor_time: Option<Duration>,
    /// Resident memory, in bytes.
    pub resident_bytes: Option<u64>,
    /// Threads.
    pub threads: Option<u64>,
    /// Open files, sockets and pipes.
    pub file_handles: Option<u64>,
}

impl Reading {
    /// Reads now; on Linux, from `/proc/self`.
    pub(crate) fn take(at: Duration) -> Self {
        #[cfg(target_os = "linux")]
        {
            let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
            let fields = fields(&stat);
            let field = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok());
            let memory = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
            let pages = memory.split_whitespace().nth(1).and_then(|pages| pages.parse().ok());
            let handles = std::fs::read_dir("/proc/self/fd").ok();
            Self {
                at,
                // Of proc(5): 14 utime and 15 stime in hundredths of a second, 20 num_threads.
                processor_time: field(11)
                    .zip(field(12))
                    .map(|(user, system)| Duration::from_millis(10 * (user + system))),
                threads: field(17),
                resident_bytes: page_bytes()
                    .zip(pages)
                    .map(|(size, pages): (u64, u64)| size * pages),
                // The folder itself is open while it is read.
                file_handles: handles.map(|open| (open.count() as u64).saturating_sub(1)),
            }
        }
        #[cfg(not(target_os = "linux"))]
        {
            Self { at, ..Self::default() }
        }
    }
}

/// What stands behind the command's name, which may hold spaces and brackets itself.
#[cfg(any(target_os = "linux", test))]
fn fields(stat: &str) -> Vec<&str> {
    stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().collect()).unwrap_or_default()
}

/// The size of a page, as the kernel says it to every process (`AT_PAGESZ`).
#[cfg(target_os = "linux")]
fn page_bytes() -> Option<u64> {
    static BYTES: std::sync::OnceLock<Option<u64>> = std::sync::OnceLock::new();
    const AT_PAGESZ: usize = 6;
    const WORD: usize = size_of::<usize>();
    *BYTES.get_or_init(|| {
        let vector = std::fs::read("/proc/self/auxv").ok()?;
        let word = |bytes: &[u8]| bytes.try_into().map(usize::from_ne_bytes).ok();
        vector
            .chunks_exact(2 * WORD)
            .find(|pair| word(&pair[..WORD]) == Some(AT_PAGESZ))
            .and_then(|pair| word(&pair[WORD..]))
            .map(|bytes| bytes as u64)
    })
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
    /// Processor time is counted in hundredths of a second: a stretch below half a second has no
    /// answer.
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_with_brackets_and_spaces_does_not_move_the_fields() {
        assert_eq!(fields("42 (a) b (c) S 1 2"), ["S", "1", "2"]);
        assert_eq!(fields(""), [""; 0]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_reading_sees_a_file_and_memory_that_were_taken() {
        let before = Reading::take(Duration::ZERO);
        let file = std::fs::File::open("/proc/self/stat").unwrap();
        let touched = vec![1_u8; 64 << 20];
        let after = Reading::take(Duration::ZERO);
        // Other tests of this process come and go: only what they cannot hide is asserted.
        let grown = after.resident_bytes.unwrap() as i64 - before.resident_bytes.unwrap() as i64;
        assert!(grown > 32 << 20, "{grown}");
        assert!(after.file_handles.unwrap() >= 4 && after.threads.unwrap() >= 1);
        drop((file, touched));
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
