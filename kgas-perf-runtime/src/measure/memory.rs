//! RSS readings on a kept-open file, their sampling budget and label.
//!
//! A reading of the process's resident set costs about a microsecond, fifty times what the rest
//! of a measurement does. So by default (`memory = "sampled"`) a thread reads on a *budget*: two
//! readings for one call a *window*, and a window is [`WINDOW`] times the price of a reading as
//! measured on the spot; that is 1 % of the thread's time. It is spent on
//!
//! - the first call that starts when a window is over,
//! - every call that follows one longer than a window, and
//! - a call of an operation that was not read for [`RARE`] windows, while the budget allows.
//!
//! A call that turned out longer than [`LONG`] windows and was not read at its start is read at
//! its end, against the thread's last reading, which is at most a window older than the call.
//! All other calls have no reading: they are *not measured*, which is not 0.

use crate::histogram::atomics::{AtomicU64, Ordering, add_owned, fence};

/// A window is so many prices of one reading.
pub(crate) const WINDOW: u64 = 200;
/// An operation not read for so many windows is read again.
pub(crate) const RARE: u64 = 1_000;
/// A call of so many windows is worth a reading at its end alone.
pub(crate) const LONG: u64 = 8;

/// What RSS deltas one recorder has seen. One thread writes, any reads.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct MemoryRecord {
    /// Odd while the owner writes.
    version: AtomicU64,
    read: AtomicU64,
    /// Deltas in pages, two's complement.
    sum: AtomicU64,
    min: AtomicU64,
    max: AtomicU64,
    /// Of the read calls, those during which another measured call ran.
    overlapped: AtomicU64,
    /// Of the read calls, those with a reading at the end alone.
    end_only: AtomicU64,
}

/// RSS deltas of the calls that were read, in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct MemoryRead {
    pub(crate) read: u64,
    pub(crate) sum: i64,
    pub(crate) min: i64,
    pub(crate) max: i64,
    pub(crate) overlapped: u64,
    pub(crate) end_only: u64,
}

impl MemoryRecord {
    pub(crate) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            version: zero(),
            read: zero(),
            sum: zero(),
            min: zero(),
            max: zero(),
            overlapped: zero(),
            end_only: zero(),
        }
    }

    /// Adds the delta of one call. Only the owner of the recorder may call this.
    pub(crate) fn record(&self, delta: i64, overlapped: bool, end_only: bool) {
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        let first = self.read.load(Ordering::Relaxed) == 0;
        add_owned(&self.read, 1);
        add_owned(&self.sum, delta as u64);
        if first || delta < self.min.load(Ordering::Relaxed) as i64 {
            self.min.store(delta as u64, Ordering::Relaxed);
        }
        if first || delta > self.max.load(Ordering::Relaxed) as i64 {
            self.max.store(delta as u64, Ordering::Relaxed);
        }
        add_owned(&self.overlapped, u64::from(overlapped));
        add_owned(&self.end_only, u64::from(end_only));
        self.version.store(version.wrapping_add(2), Ordering::Release);
    }

    /// A copy. Tries again while the owner writes, which takes it nanoseconds; should the owner
    /// have been stopped in the middle, the copy may mix two calls after a while.
    pub(crate) fn read(&self) -> MemoryRead {
        const ATTEMPTS: usize = 1_000;
        for _ in 1..ATTEMPTS {
            if let (copy, true) = self.look() {
                return copy;
            }
            std::hint::spin_loop();
        }
        self.look().0
    }

    /// A copy, and whether the owner left the record alone meanwhile.
    fn look(&self) -> (MemoryRead, bool) {
        let before = self.version.load(Ordering::Acquire);
        let copy = MemoryRead {
            read: self.read.load(Ordering::Relaxed),
            sum: self.sum.load(Ordering::Relaxed) as i64,
            min: self.min.load(Ordering::Relaxed) as i64,
            max: self.max.load(Ordering::Relaxed) as i64,
            overlapped: self.overlapped.load(Ordering::Relaxed),
            end_only: self.end_only.load(Ordering::Relaxed),
        };
        // The reads above stay above the second look at the version.
        fence(Ordering::Acquire);
        let same = self.version.load(Ordering::Relaxed) == before;
        (copy, same && before.is_multiple_of(2))
    }
}

/// The file that a thread keeps open to read the process's resident set.
#[derive(Debug)]
#[cfg(target_os = "linux")]
pub(crate) struct ResidentSet {
    /// `None` where it cannot be opened.
    file: Option<std::fs::File>,
}

#[cfg(target_os = "linux")]
impl ResidentSet {
    pub(crate) fn open() -> Self {
        Self { file: std::fs::File::open("/proc/self/statm").ok() }
    }

    /// Resident pages of the process; `None` when they cannot be read.
    pub(crate) fn pages(&self) -> Option<i64> {
        use std::os::unix::fs::FileExt as _;
        let mut text = [0_u8; 128];
        let length = self.file.as_ref()?.read_at(&mut text, 0).ok()?;
        let second = text.get(..length)?.split(|byte| *byte == b' ').nth(1)?;
        second.iter().try_fold(0_i64, |pages, byte| {
            byte.is_ascii_digit().then(|| pages * 10 + i64::from(byte - b'0'))
        })
    }
}

/// The process's resident set through sysinfo.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(crate) struct ResidentSet {
    system: Option<(std::cell::RefCell<sysinfo::System>, sysinfo::Pid)>,
}

#[cfg(not(target_os = "linux"))]
impl ResidentSet {
    pub(crate) fn open() -> Self {
        let system = sysinfo::get_current_pid().ok().and_then(|pid| {
            let system = sysinfo::System::new().ok()?;
            Some((std::cell::RefCell::new(system), pid))
        });
        Self { system }
    }

    /// Resident pages of the process; `None` when they cannot be read.
    pub(crate) fn pages(&self) -> Option<i64> {
        let (system, pid) = self.system.as_ref()?;
        let mut system = system.try_borrow_mut().ok()?;
        system.refresh_processes_specifics(
            sysinfo::ProcessesToUpdate::Some(&[*pid]),
            false,
            sysinfo::ProcessRefreshKind::nothing().with_memory(),
        );
        i64::try_from(system.process(*pid)?.memory() / page_bytes()).ok()
    }
}

/// Bytes in a page.
pub(crate) fn page_bytes() -> u64 {
    #[cfg(unix)]
    {
        // SAFETY: asks for a constant of the system.
        let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        u64::try_from(bytes).ok().filter(|bytes| *bytes > 0).unwrap_or(4_096)
    }
    #[cfg(not(unix))]
    {
        4_096
    }
}

/// How finely this machine reports the resident set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryResolution {
    /// Bytes that were made resident, and by how much the reading then grew, for one page.
    pub one_page: (u64, i64),
    /// The same for 64 pages.
    pub sixty_four_pages: (u64, i64),
}

impl MemoryResolution {
    /// Touches fresh pages and reads before and after: kernels between 2012 and 2026 have let
    /// the figure lag by up to 64 pages a thread or more a processor. `None` when the resident
    /// set cannot be read here.
    ///
    /// Other threads that grow meanwhile show in the result; of three looks the closest counts.
    pub fn probe() -> Option<Self> {
        let closest = |pages: u64| {
            let bytes = pages * page_bytes();
            (0..3)
                .filter_map(|_| grown_by(bytes as usize))
                .min_by_key(|grown| grown.abs_diff(bytes as i64))
                .map(|grown| (bytes, grown))
        };
        Some(Self { one_page: closest(1)?, sixty_four_pages: closest(64)? })
    }

    /// Whether both readings were right to the byte.
    pub fn is_exact(&self) -> bool {
        [self.one_page, self.sixty_four_pages].iter().all(|(bytes, grown)| *bytes as i64 == *grown)
    }
}

fn grown_by(bytes: usize) -> Option<i64> {
    use crate::histogram::arena::{map_zeroed, unmap};
    let resident = ResidentSet::open();
    resident.pages()?;
    let pages = map_zeroed(bytes)?;
    let before = resident.pages();
    for offset in (0..bytes).step_by(page_bytes() as usize) {
        // SAFETY: the offset lies inside the fresh mapping.
        unsafe { pages.as_ptr().add(offset).write_volatile(1) };
    }
    let after = resident.pages();
    // SAFETY: the mapping of above, used by nobody else.
    unsafe { unmap(pages.as_ptr(), bytes) };
    Some((after? - before?) * page_bytes() as i64)
}

#[cfg(all(test, loom))]
mod model;

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn keeps_count_sum_and_extremes_of_deltas_of_both_signs() {
        let record = MemoryRecord::new();
        assert_eq!(record.read(), MemoryRead::default());
        record.record(-3, false, false);
        record.record(-5, true, false);
        record.record(-4, false, true);
        let read = MemoryRead { read: 3, sum: -12, min: -5, max: -3, overlapped: 1, end_only: 1 };
        assert_eq!(record.read(), read);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_resident_set_grows_by_at_least_half_of_what_is_touched() {
        // Other tests of this process allocate and free meanwhile, so not by exactly that much.
        let grown = (0..5).filter_map(|_| grown_by(64 << 20)).max();
        assert!(grown.is_some_and(|bytes| bytes > 32 << 20), "{grown:?}");
    }
}
