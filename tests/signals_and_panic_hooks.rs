//! Measured functions may be called where little else may: in a signal handler, in a panic hook,
//! in a destructor while a panic unwinds.
#![cfg(unix)]

use std::sync::atomic::{AtomicU64, Ordering};

use kgas_perf_runtime::measure::Outcome;
use kgas_perf_runtime::{Registry, measure_performance};

static HANDLED: AtomicU64 = AtomicU64::new(0);

#[measure_performance("tool_simple")]
fn in_handler() {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

#[measure_performance("tool_complex")]
fn interrupted(rounds: u64) -> u64 {
    (0..rounds).fold(0, |sum, round| std::hint::black_box(sum ^ round))
}

#[measure_performance("tool_initialisation")]
fn in_hook() {}

#[measure_performance("graph_to_table")]
fn panics() {
    panic!("expected");
}

extern "C" fn handle(_: libc::c_int) {
    in_handler();
}

fn calls(operation: &str, outcome: Outcome) -> u64 {
    let snapshot = Registry::global().snapshot();
    snapshot.operation(operation).map_or(0, |known| known.outcome(outcome).count())
}

#[test]
fn a_signal_handler_may_call_measured_functions() {
    // The handler's thread has measured before, as a program's threads have.
    in_handler();
    // SAFETY: installs a handler that only touches atomics and memory of its own thread, and
    // asks for signals in a rhythm.
    unsafe {
        let handler = handle as extern "C" fn(libc::c_int);
        libc::signal(libc::SIGUSR1, handler as libc::sighandler_t);
    }
    for _ in 0..2_000 {
        interrupted(100);
        // SAFETY: the handler is installed.
        unsafe { libc::raise(libc::SIGUSR1) };
    }
    assert_eq!(calls("tool_simple", Outcome::Ok), HANDLED.load(Ordering::Relaxed));
    assert_eq!(HANDLED.load(Ordering::Relaxed), 2_001);
    assert_eq!(calls("tool_complex", Outcome::Ok), 2_000);
    assert_eq!(Registry::global().snapshot().losses.calls, 0);
}

#[test]
fn a_panic_hook_may_be_measured_and_panics_are_counted() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| in_hook()));
    for _ in 0..10 {
        assert!(std::panic::catch_unwind(panics).is_err());
    }
    std::panic::set_hook(before);
    assert_eq!(calls("tool_initialisation", Outcome::Ok), 10);
    assert_eq!(calls("graph_to_table", Outcome::Panicked), 10);
    assert_eq!(calls("graph_to_table", Outcome::Ok), 0);
}
