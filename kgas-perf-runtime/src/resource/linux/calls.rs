//! What the kernel answers by a call.

use std::io;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::resource::mount::Mount;
use crate::resource::unix::clock_ns;

/// Nanoseconds that the process has spent on processors.
pub(crate) fn process_cpu_ns() -> io::Result<u64> {
    clock_ns(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// The same of one of its threads, by its number; `None` when that has ended.
pub(crate) fn thread_cpu_ns(thread: libc::pid_t) -> Option<u64> {
    // The kernel's own numbering of such clocks (clock_getcpuclockid(3) speaks of it): the
    // thread's number, inverted, and three bits that say "of a thread, as it was scheduled".
    const OF_A_THREAD: libc::clockid_t = 0b110;
    clock_ns((!thread << 3) | OF_A_THREAD).ok()
}

/// Voluntary and involuntary context switches of all threads of the process, also of those that
/// have ended.
pub(crate) fn switches() -> io::Result<(u64, u64)> {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the pointer is to a live `rusage`.
    if unsafe { libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: zeroed, which is a value of this struct of integers, and then written.
    let usage = unsafe { usage.assume_init() };
    let count = |number: libc::c_long| u64::try_from(number).unwrap_or_default();
    Ok((count(usage.ru_nvcsw), count(usage.ru_nivcsw)))
}

/// How many files may be open; `None` where there is no limit.
pub(crate) fn file_handle_limit() -> io::Result<Option<u64>> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a live `rlimit`.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok((limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur))
}

/// Bytes in a page.
pub(crate) fn page_bytes() -> u64 {
    constant(libc::_SC_PAGESIZE).unwrap_or(4_096)
}

/// What the kernel counts a second of CPU time in.
pub(crate) fn ticks_a_second() -> u64 {
    constant(libc::_SC_CLK_TCK).unwrap_or(100)
}

fn constant(name: libc::c_int) -> Option<u64> {
    // SAFETY: asks for a constant of the system.
    u64::try_from(unsafe { libc::sysconf(name) }).ok().filter(|value| *value > 0)
}

/// The file systems of some folders, each once. A folder that is not there is left out.
///
/// This can block for as long as a file system that does not answer lets it.
///
/// # Errors
/// The first one, if no folder can be looked at.
pub(crate) fn mounts(folders: &[Arc<str>]) -> io::Result<Vec<Mount>> {
    use std::os::unix::fs::MetadataExt as _;
    let mut seen = Vec::new();
    let mut mounts = Vec::new();
    let mut failed = None;
    for folder in folders {
        let path = Path::new(folder.as_ref());
        let looked = std::fs::metadata(path).and_then(|metadata| {
            let device = metadata.dev();
            if !seen.contains(&device) {
                mounts.push(space(path, place(path, device))?);
                seen.push(device);
            }
            Ok(())
        });
        if let Err(error) = looked {
            failed.get_or_insert(error);
        }
    }
    match failed {
        Some(error) if mounts.is_empty() => Err(error),
        _ => Ok(mounts),
    }
}

/// The highest folder above a path that is on the same device.
fn place(path: &Path, device: u64) -> PathBuf {
    use std::os::unix::fs::MetadataExt as _;
    let absolute = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let same = |above: &&Path| std::fs::metadata(above).is_ok_and(|m| m.dev() == device);
    let highest = absolute.ancestors().take_while(same).last();
    highest.map_or_else(|| absolute.clone(), Path::to_owned)
}

fn space(path: &Path, place: PathBuf) -> io::Result<Mount> {
    use std::os::unix::ffi::OsStrExt as _;
    let name = std::ffi::CString::new(path.as_os_str().as_bytes())?;
    let mut space = MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: the name ends with a zero byte, and the pointer is to a live `statvfs`.
    if unsafe { libc::statvfs(name.as_ptr(), space.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: zeroed, which is a value of this struct of integers, and then written.
    let space = unsafe { space.assume_init() };
    #[expect(clippy::unnecessary_cast, reason = "the fields are narrower where addresses are")]
    let (unit, all, free, available, inodes, free_inodes) = (
        space.f_frsize as u64,
        space.f_blocks as u64,
        space.f_bfree as u64,
        space.f_bavail as u64,
        space.f_files as u64,
        space.f_favail as u64,
    );
    let bytes = |blocks: u64| blocks.saturating_mul(unit);
    let has_inodes = inodes > 0;
    Ok(Mount {
        place: place.to_string_lossy().into_owned(),
        bytes: bytes(all),
        used_bytes: bytes(all.saturating_sub(free)),
        available_bytes: bytes(available),
        read_only: space.f_flag & libc::ST_RDONLY != 0,
        inodes: has_inodes.then_some(inodes),
        free_inodes: has_inodes.then_some(free_inodes),
    })
}
