//! Ours, as `install` leaves it.

use kgas_perf_runtime::measure_performance;

use crate::harness::{Contender, plain, work};

#[measure_performance("tool_simple")]
#[inline(never)]
fn measured(number: u64) -> u64 {
    work(number)
}

pub(crate) fn contender() -> Contender {
    let handle = kgas_perf_runtime::install().expect("nothing else is installed");
    // It works as long as the process does.
    std::mem::forget(handle);
    Contender::new("kgas-perf", plain, measured)
}
