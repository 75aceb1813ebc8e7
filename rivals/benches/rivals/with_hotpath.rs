//! hotpath, as its guard starts it: calls are sent to a thread that adds them up.

use std::time::Duration;

use crate::harness::{Contender, plain, work};

#[hotpath::measure]
#[inline(never)]
fn measured(number: u64) -> u64 {
    work(number)
}

pub(crate) fn contender() -> Contender {
    let guard = hotpath::HotpathGuardBuilder::new("rivals").build();
    // Its report is not wanted.
    std::mem::forget(guard);
    // Its thread sweeps every 50 ms, and may leave a part for the next time.
    Contender::new("hotpath", plain, measured)
        .settled_by(|| std::thread::sleep(Duration::from_millis(160)))
}
