//! What the kernel says of the process: `stat`, `status`, `io` and `fd` in `/proc/self`.

use std::io;

use crate::resource::linux::numbers::{number, of_key, words};
use crate::resource::missing::unreadable;

/// More open files are not counted one by one.
const MOST_FILES: usize = 1 << 20;

/// What `/proc/self/stat` holds of interest.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) minor_faults: u64,
    pub(super) major_faults: u64,
    pub(super) threads: u64,
    pub(super) virtual_bytes: u64,
    pub(super) resident_pages: u64,
}

/// Reads `/proc/PID/stat` (proc_pid_stat(5)). The name of a process stands in parentheses and may
/// hold spaces, parentheses and line ends itself, so its end is the last parenthesis of all.
pub(super) fn stat(text: &[u8]) -> io::Result<Stat> {
    let end = text.iter().rposition(|byte| *byte == b')').ok_or_else(unreadable)?;
    let fields: Vec<&[u8]> = words(&text[end + 1..]).collect();
    // The manual counts from 1, and the state after the name is its third field.
    let field =
        |index: usize| fields.get(index - 3).and_then(|word| number(word)).ok_or_else(unreadable);
    Ok(Stat {
        minor_faults: field(10)?,
        major_faults: field(12)?,
        threads: field(20)?,
        virtual_bytes: field(23)?,
        resident_pages: field(24)?,
    })
}

/// The largest resident set and the bytes in swap, of `/proc/PID/status`. Kernels without swap
/// leave lines out.
pub(super) fn status(text: &[u8]) -> (Option<u64>, Option<u64>) {
    let bytes = |key| of_key(text, key).and_then(|kib| kib.checked_mul(1_024));
    (bytes("VmHWM:"), bytes("VmSwap:"))
}

/// What `/proc/self/io` holds of interest.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Io {
    pub(super) disk_read_bytes: u64,
    pub(super) disk_written_bytes: u64,
    pub(super) read_calls: u64,
    pub(super) write_calls: u64,
}

/// Reads `/proc/PID/io` (proc_pid_io(5)).
pub(super) fn io(text: &[u8]) -> io::Result<Io> {
    let field = |key| of_key(text, key).ok_or_else(unreadable);
    Ok(Io {
        disk_read_bytes: field("read_bytes:")?,
        disk_written_bytes: field("write_bytes:")?,
        read_calls: field("syscr:")?,
        write_calls: field("syscw:")?,
    })
}

/// How many files are open. Since Linux 6.2 the size of the folder says it; before that it is 0,
/// and they are counted.
pub(super) fn file_handles() -> io::Result<u64> {
    let folder = "/proc/self/fd";
    let size = std::fs::metadata(folder)?.len();
    if size > 0 {
        return Ok(size);
    }
    let counted = std::fs::read_dir(folder)?.take(MOST_FILES + 1).count();
    if counted > MOST_FILES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    // One of them is the folder that is being read.
    Ok((counted as u64).saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAIL: &str = " S 1 2 2 0 -1 4194560 101 7 13 9 25 26 27 28 20 0 42 0 900 8192000 333 \
                        18446744073709551615 1 1 0";

    #[test]
    fn a_name_may_hold_what_it_likes() {
        let expected = Stat {
            minor_faults: 101,
            major_faults: 13,
            threads: 42,
            virtual_bytes: 8_192_000,
            resident_pages: 333,
        };
        for name in ["sleep", "a b", "x) R 1 1", "((", "", "tab\tline\nend)", ") S 9 9 9 9 9 9 9"] {
            let text = format!("77 ({name}){TAIL}\n");
            assert_eq!(stat(text.as_bytes()).unwrap(), expected, "{name:?}");
        }
        let not_utf8 = [b"77 (\xff\xfe) ".as_slice(), TAIL.trim_start().as_bytes()].concat();
        assert_eq!(stat(&not_utf8).unwrap(), expected);
    }

    #[test]
    fn a_text_that_is_cut_off_is_unreadable() {
        for text in ["", "77 (sleep", "77 (sleep)", "77 (sleep) S 1 2 3", "77 (x) S 1 2 2 0 -1 0 a"]
        {
            assert_eq!(stat(text.as_bytes()).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
        assert!(io(b"rchar: 1\nwchar: 2\n").is_err());
    }

    #[test]
    fn lines_that_a_kernel_leaves_out_are_none() {
        assert_eq!(status(b"Name:\tx\nVmHWM:\t    2048 kB\n"), (Some(2 << 20), None));
        assert_eq!(status(b"Name:\tkthreadd\n"), (None, None));
    }

    #[test]
    fn reads_and_writes_are_those_of_the_disk_and_calls_those_of_all() {
        let text = b"rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\n\
                     cancelled_write_bytes: 7\n";
        let expected =
            Io { disk_read_bytes: 5, disk_written_bytes: 6, read_calls: 3, write_calls: 4 };
        assert_eq!(io(text).unwrap(), expected);
    }
}
