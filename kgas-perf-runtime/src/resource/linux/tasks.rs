//! The process's threads: their names, and their CPU time by the kernel's clocks of them.

use std::io;

use crate::resource::linux::calls;
use crate::resource::threads::{Groups, ThreadGroup};

/// More threads are not looked at one by one.
const MOST_THREADS: usize = 16_384;

/// Looks at every thread of the process. One that ends meanwhile is left out.
///
/// A thread's time is read from its clock, to the nanosecond and for a tenth of what its file
/// costs; its name is read when it is new, and seldom after that.
pub(super) fn read(groups: &mut Groups) -> io::Result<Vec<ThreadGroup>> {
    let folder = std::fs::read_dir("/proc/self/task")?;
    groups.begin();
    for (index, entry) in folder.enumerate() {
        if index >= MOST_THREADS {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let Ok(entry) = entry else { continue };
        let name = entry.file_name();
        let Some(thread) = name.to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        let Some(cpu_ns) = calls::thread_cpu_ns(thread) else { continue };
        groups.see(u64::from(thread.unsigned_abs()), cpu_ns, || {
            let text = std::fs::read(format!("/proc/self/task/{thread}/comm")).ok()?;
            Some(String::from_utf8_lossy(&text).into_owned())
        });
    }
    Ok(groups.end())
}
