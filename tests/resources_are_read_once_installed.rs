//! An installed runtime reads resources on a thread of its own, until it is taken down; a process
//! made by `fork` reads none until it installs.
#![cfg(unix)]

use std::sync::mpsc;
use std::time::Duration;

use kgas_perf_runtime::install::{Builder, InstallError};
use kgas_perf_runtime::{Handle, Registry};

const ENOUGH: Duration = Duration::from_secs(20);

/// Waits, in short steps, until there are so many readings.
fn wait_for(handle: &Handle, readings: usize) -> bool {
    let (_keep, never) = mpsc::channel::<()>();
    (0..2_000).any(|_| {
        let _ = never.recv_timeout(Duration::from_millis(5));
        handle.resources().is_some_and(|known| known.all().len() >= readings)
    })
}

fn every(millis: u64) -> Builder {
    Builder::new().registry(Registry::new()).resources_every(Duration::from_millis(millis))
}

/// Exit codes of the child name what did not hold.
fn in_child(inherited: &Handle) -> i32 {
    if inherited.resources().is_some() || inherited.read_resources().is_some() {
        return 2;
    }
    if inherited.shutdown(ENOUGH).is_err() {
        return 3;
    }
    // One thread, whatever the parent had.
    #[cfg(target_os = "linux")]
    if std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count) != 1 {
        return 4;
    }
    let Ok(own) = every(10).install() else { return 5 };
    if !wait_for(&own, 2) {
        return 6;
    }
    if own.shutdown(ENOUGH).is_err() { 7 } else { 0 }
}

#[test]
fn readings_come_by_themselves_until_it_is_shut_down() {
    let handle = every(10).install().unwrap();
    assert!(wait_for(&handle, 3), "three readings");
    handle.shutdown(ENOUGH).unwrap();
    let readings = handle.resources().unwrap();
    let last = readings.latest().unwrap();
    let before = readings.all().len();
    assert!(last.process.resident_bytes.is_some() || !last.missing.is_empty());
    assert_eq!(readings.cost().readings, before as u64);
    let (_keep, never) = mpsc::channel::<()>();
    let _ = never.recv_timeout(Duration::from_millis(40));
    assert_eq!(readings.all().len(), before, "nobody reads any more");
    // By hand it goes on.
    assert!(handle.read_resources().is_some());
    assert_eq!(readings.all().len(), before + 1);
}

#[test]
fn who_wants_no_resources_has_none_and_a_rhythm_without_length_is_refused() {
    let handle = Builder::new().registry(Registry::new()).no_resources().install().unwrap();
    assert!(handle.resources().is_none() && handle.read_resources().is_none());
    handle.shutdown(ENOUGH).unwrap();
    let by_hand = Builder::new().registry(Registry::new()).tick_by_hand().install().unwrap();
    assert!(by_hand.resources().unwrap().all().is_empty());
    let error = every(1).install().unwrap_err();
    assert!(matches!(error, InstallError::Resources { .. }));
    assert_eq!(error.to_string(), "reading resources every 1ms is shorter than the shortest, 10ms");
}

#[test]
fn a_process_made_by_fork_reads_none_until_it_installs() {
    let handle = every(10).install().unwrap();
    assert!(wait_for(&handle, 1));
    // SAFETY: the child calls the runtime alone, which takes no lock that another thread of the
    // parent can hold at this point, and ends with `_exit`.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork failed");
    if child == 0 {
        let code = in_child(&handle);
        // SAFETY: ends the child without running the parent's destructors.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: waits for the child made above.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child);
    assert_eq!(libc::WEXITSTATUS(status), 0, "the child's first complaint");
    assert!(libc::WIFEXITED(status));
    handle.shutdown(ENOUGH).unwrap();
}
