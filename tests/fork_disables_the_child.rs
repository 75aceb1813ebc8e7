//! A process made by `fork` measures nothing until it installs, and starts empty then; the
//! parent does not notice.
#![cfg(unix)]

use std::time::Duration;

use kgas_perf_runtime::measure::{Measurement, Outcome, is_on};
use kgas_perf_runtime::{Registry, install};

fn call() {
    Measurement::start("import").finish(Outcome::Ok);
}

fn calls() -> u64 {
    let snapshot = Registry::global().snapshot();
    snapshot.operation("import").map_or(0, |operation| operation.calls())
}

/// Exit codes of the child name what did not hold.
fn in_child() -> i32 {
    if is_on() {
        return 2;
    }
    call();
    let Ok(handle) = install() else {
        return 3;
    };
    if !is_on() || calls() != 0 {
        return 4;
    }
    call();
    if calls() != 1 {
        return 5;
    }
    if handle.shutdown(Duration::from_secs(5)).is_err() {
        return 6;
    }
    0
}

#[test]
fn the_child_is_off_until_it_installs() {
    let handle = install().unwrap();
    call();
    let across = Measurement::start("import");
    // SAFETY: the child calls the runtime alone, which takes no lock that another thread of the
    // parent can hold at this point, and ends with `_exit`.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork failed");
    if child == 0 {
        let code = in_child();
        // SAFETY: ends the child without running the parent's destructors.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: waits for the child made above.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child);
    assert_eq!(libc::WEXITSTATUS(status), 0, "the child's first complaint");
    assert!(libc::WIFEXITED(status));
    across.finish(Outcome::Ok);
    assert_eq!(calls(), 2);
    handle.shutdown(Duration::from_secs(5)).unwrap();
}
