//! What the kernel says of the host: `stat`, `meminfo`, `diskstats`, `loadavg` and `pressure`.

use std::io;

use crate::resource::host::{Core, Pressure};
use crate::resource::linux::kept::Kept;
use crate::resource::linux::numbers::{lines, number, of_key, words};
use crate::resource::missing::unreadable;

/// More cores are not kept one by one.
const MOST_CORES: usize = 1_024;
/// What `/proc/diskstats` counts in, whatever a disk's own sectors are.
const SECTOR_BYTES: u64 = 512;

#[derive(Debug, PartialEq)]
pub(super) struct Stat {
    pub(super) all: Core,
    pub(super) cores: Vec<Core>,
    pub(super) switches: Option<u64>,
}

/// Reads `/proc/stat` (proc_stat(5)), whose times are in ticks. A container's file system may
/// leave lines and columns out, and a core that is switched off has no line.
pub(super) fn stat(text: &[u8], ticks_a_second: u64) -> io::Result<Stat> {
    let mut all = None;
    let mut cores = Vec::new();
    let mut switches = None;
    for line in lines(text) {
        let mut fields = words(line);
        match fields.next() {
            Some(b"cpu") => all = core(fields, ticks_a_second),
            Some(name) if name.starts_with(b"cpu") => {
                cores.extend(core(fields, ticks_a_second).filter(|_| cores.len() < MOST_CORES));
            }
            Some(b"ctxt") => switches = fields.next().and_then(number),
            _ => {}
        }
    }
    // Some sandboxes show the file with nothing in it but zeros.
    let all = all.filter(|all| all.total_ns > 0).ok_or_else(unreadable)?;
    Ok(Stat { all, cores, switches })
}

/// The columns are user, nice, system, idle, iowait, irq, softirq, steal, guest and guest nice;
/// user and nice hold the guests already.
fn core<'a>(fields: impl Iterator<Item = &'a [u8]>, ticks_a_second: u64) -> Option<Core> {
    let mut times = [0_u64; 8];
    let mut known = 0;
    for (time, field) in times.iter_mut().zip(fields) {
        *time = number(field)?;
        known += 1;
    }
    let ns = 1_000_000_000_u64.checked_div(ticks_a_second).filter(|_| known >= 4)?;
    let total = times.iter().fold(0_u64, |sum, time| sum.saturating_add(*time));
    let idle = times[3].saturating_add(times[4]);
    Some(Core {
        busy_ns: total.saturating_sub(idle).saturating_mul(ns),
        total_ns: total.saturating_mul(ns),
    })
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) total: u64,
    pub(super) available: Option<u64>,
    pub(super) swap: Option<u64>,
    pub(super) free_swap: Option<u64>,
}

/// Reads `/proc/meminfo` (proc_meminfo(5)). Before Linux 3.14 nobody knew what is available.
pub(super) fn memory(text: &[u8]) -> io::Result<Memory> {
    let bytes = |key| of_key(text, key).and_then(|kib| kib.checked_mul(1_024));
    Ok(Memory {
        total: bytes("MemTotal:").ok_or_else(unreadable)?,
        available: bytes("MemAvailable:"),
        swap: bytes("SwapTotal:"),
        free_swap: bytes("SwapFree:"),
    })
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Disks {
    pub(super) reads: u64,
    pub(super) read_bytes: u64,
    pub(super) writes: u64,
    pub(super) written_bytes: u64,
}

/// Sums `/proc/diskstats` (the kernel's admin-guide/iostats) over the disks at the bottom: what
/// goes through a partition, a loop, a RAID or an encrypted volume is counted where it ends.
pub(super) fn disks(text: &[u8]) -> io::Result<Disks> {
    let mut sum = Disks::default();
    let mut last = Vec::new();
    let mut found = false;
    for line in lines(text) {
        let fields: Vec<&[u8]> = words(line).collect();
        let field = |index: usize| fields.get(index).and_then(|word| number(word));
        let (Some(name), Some(reads), Some(read), Some(writes), Some(written)) =
            (fields.get(2), field(3), field(5), field(7), field(9))
        else {
            continue;
        };
        found = true;
        if is_above_a_disk(name, &last) {
            continue;
        }
        last = name.to_vec();
        let bytes = |sectors: u64| sectors.saturating_mul(SECTOR_BYTES);
        sum.reads = sum.reads.saturating_add(reads);
        sum.read_bytes = sum.read_bytes.saturating_add(bytes(read));
        sum.writes = sum.writes.saturating_add(writes);
        sum.written_bytes = sum.written_bytes.saturating_add(bytes(written));
    }
    if found { Ok(sum) } else { Err(io::ErrorKind::NotFound.into()) }
}

/// Whether a device lies above a disk: made of software, or a partition of the disk before it,
/// which the kernel lists right after it.
fn is_above_a_disk(name: &[u8], disk: &[u8]) -> bool {
    let virtual_ones: [&[u8]; 6] = [b"loop", b"ram", b"zram", b"dm-", b"md", b"drbd"];
    let number = |rest: &[u8]| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit);
    let of_disk = |rest: &[u8]| {
        // `nvme0n1p2`, where the disk's name ends in a digit; `sda2`, where it does not.
        if disk.last().is_some_and(u8::is_ascii_digit) {
            rest.strip_prefix(b"p").is_some_and(number)
        } else {
            number(rest)
        }
    };
    virtual_ones.iter().any(|kind| name.starts_with(kind))
        || (!disk.is_empty() && name.strip_prefix(disk).is_some_and(of_disk))
}

/// Reads `/proc/loadavg`.
pub(super) fn load(text: &[u8]) -> io::Result<[f64; 3]> {
    let mut numbers = words(text).map(|word| {
        let number = std::str::from_utf8(word).ok()?.parse::<f64>().ok()?;
        (number.is_finite() && number >= 0.0).then_some(number)
    });
    let mut next = || numbers.next().flatten().ok_or_else(unreadable);
    Ok([next()?, next()?, next()?])
}

/// Reads the files of `/proc/pressure`; an error where none of them is there.
pub(super) fn pressure(files: &mut [Kept; 3]) -> io::Result<Pressure> {
    let mut pressure = Pressure::default();
    let [cpu, memory, io] = files;
    let cpu = cpu.read().map(|text| pressure.cpu_some_ns = waited(text, b"some"));
    let memory = memory.read().map(|text| {
        pressure.memory_some_ns = waited(text, b"some");
        pressure.memory_full_ns = waited(text, b"full");
    });
    let io = io.read().map(|text| {
        pressure.io_some_ns = waited(text, b"some");
        pressure.io_full_ns = waited(text, b"full");
    });
    cpu.or(memory).or(io).map(|()| pressure)
}

/// The total of one line (the kernel's accounting/psi), which is in microseconds.
fn waited(text: &[u8], kind: &[u8]) -> Option<u64> {
    let line = lines(text).find(|line| words(line).next() == Some(kind))?;
    let total = words(line).find_map(|word| word.strip_prefix(b"total="))?;
    number(total)?.checked_mul(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steal_counts_as_busy_and_waiting_for_a_disk_does_not() {
        let text = b"cpu  100 5 20 800 50 3 2 20 60 0\ncpu0 60 5 20 300 50 3 2 10 60 0\n\
                     cpu3 40 0 0 500 0 0 0 10\nintr 5 1 2\nctxt 4711\nbtime 1\n";
        let stat = stat(text, 100).unwrap();
        let core = |busy: u64, total: u64| Core {
            busy_ns: busy * 10_000_000,
            total_ns: total * 10_000_000,
        };
        assert_eq!(stat.all, core(150, 1_000));
        assert_eq!(stat.cores, [core(100, 450), core(50, 550)]);
        assert_eq!(stat.switches, Some(4_711));
    }

    #[test]
    fn an_old_kernel_has_fewer_columns_and_a_sandbox_has_zeros() {
        assert_eq!(stat(b"cpu 1 2 3 4\n", 100).unwrap().all.busy_ns, 60_000_000);
        for text in ["", "cpu\n", "cpu 0 0 0 0 0 0\n", "cpu 1 2 x 4\n", "ctxt 1\n"] {
            assert!(stat(text.as_bytes(), 100).is_err(), "{text:?}");
        }
        assert!(stat(b"cpu 1 2 3 4\n", 0).is_err());
    }

    #[test]
    fn what_a_kernel_does_not_know_is_none() {
        let memory = memory(b"MemTotal:       1000 kB\nMemFree: 10 kB\n").unwrap();
        assert_eq!((memory.total, memory.available, memory.swap), (1_024_000, None, None));
        assert!(super::memory(b"MemFree: 10 kB\n").is_err());
    }

    #[test]
    fn each_byte_of_a_disk_is_counted_once() {
        let text = b"   7       0 loop0 9 0 9 0 9 0 9 0 0 0 0\n\
            259 0 nvme0n1 10 0 100 5 20 0 200 5 0 0 0 0 0 0 0\n\
            259 1 nvme0n1p1 4 0 40 5 4 0 40 5 0 0 0\n\
            259 2 nvme0n1p12 4 0 40 5 4 0 40 5 0 0 0\n\
            8 0 sda 1 0 8 0 2 0 16 0 0 0 0\n   8 1 sda1 1 0 8 0 2 0 16 0 0 0 0\n\
            8 16 sdaa 1 0 1 0 1 0 1 0 0 0 0\n   253 0 dm-0 5 0 5 0 5 0 5 0 0 0 0\n   8 32 odd\n";
        let expected =
            Disks { reads: 12, read_bytes: 109 * 512, writes: 23, written_bytes: 217 * 512 };
        assert_eq!(disks(text).unwrap(), expected);
        assert_eq!(disks(b"").unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn loads_are_three_numbers_that_are_ones() {
        assert_eq!(load(b"0.35 0.80 1.59 1/85 14765\n").unwrap(), [0.35, 0.80, 1.59]);
        for bad in ["", "0.1 0.2", "0.1 nan 0.3", "0.1 -1 0.3", "inf 1 1"] {
            assert!(load(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn pressure_is_a_total_in_microseconds() {
        let text = b"some avg10=1.77 avg60=1.77 avg300=5.11 total=8625133723\n\
                     full avg10=0.00 avg60=0.00 avg300=0.00 total=12\n";
        assert_eq!(waited(text, b"some"), Some(8_625_133_723_000));
        assert_eq!(waited(text, b"full"), Some(12_000));
        assert_eq!(waited(b"some avg10=0.00\n", b"some"), None);
    }
}
