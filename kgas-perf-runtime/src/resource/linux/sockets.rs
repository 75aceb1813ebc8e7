//! The TCP sockets that the process holds.

use std::io;

use crate::resource::network::TcpStates;

/// More handles are not asked one by one.
const MOST_HANDLES: usize = 65_536;

/// Asks every handle of the process whether it is a TCP socket, and in which state. That costs
/// less than to look each of them up in the host's list, and changes nothing about them.
pub(super) fn of_this_process() -> io::Result<TcpStates> {
    let mut states = TcpStates::default();
    for (index, entry) in std::fs::read_dir("/proc/self/fd")?.enumerate() {
        if index >= MOST_HANDLES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let Ok(entry) = entry else { continue };
        let name = entry.file_name();
        let handle = name.to_str().and_then(|name| name.parse::<libc::c_int>().ok());
        if let Some(state) = handle.and_then(state) {
            states.count(state);
        }
    }
    Ok(states)
}

/// The state of a TCP socket: the first byte of what the kernel knows of it (tcp(7), `TCP_INFO`).
/// `None` where the handle is none of TCP, or was closed meanwhile.
fn state(handle: libc::c_int) -> Option<u8> {
    let protocol: libc::c_int = option(handle, libc::SOL_SOCKET, libc::SO_PROTOCOL, 0)?;
    if protocol != libc::IPPROTO_TCP {
        return None;
    }
    option(handle, libc::IPPROTO_TCP, libc::TCP_INFO, 0_u8)
}

fn option<T: Copy>(
    handle: libc::c_int,
    level: libc::c_int,
    name: libc::c_int,
    mut value: T,
) -> Option<T> {
    let mut length = size_of::<T>() as libc::socklen_t;
    // SAFETY: the pointers are to a live integer of `length` bytes and to that length; the kernel
    // writes no more than that, and reads nothing. A handle that is no socket is an error.
    let failed =
        unsafe { libc::getsockopt(handle, level, name, (&raw mut value).cast(), &raw mut length) };
    (failed == 0 && length as usize == size_of::<T>()).then_some(value)
}
