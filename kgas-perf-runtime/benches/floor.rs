//! What could a measurement cost at the very least? Every other figure stands next to these.

mod harness;

use std::sync::atomic::{AtomicU64, Ordering};

use harness::{Contender, compare, plain, print, two_raw_reads, work};
use kgas_perf_runtime::measure::{Clock, SystemClock};

static COUNTER: AtomicU64 = AtomicU64::new(0);

#[inline(never)]
fn relaxed_add(number: u64) -> u64 {
    COUNTER.store(COUNTER.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
    work(number)
}

#[inline(never)]
fn relaxed_fetch_add(number: u64) -> u64 {
    COUNTER.fetch_add(1, Ordering::Relaxed);
    work(number)
}

#[inline(never)]
fn one_raw_read(number: u64) -> u64 {
    std::hint::black_box(harness::clocks::ticks());
    work(number)
}

#[inline(never)]
fn two_system_reads(number: u64) -> u64 {
    let start = SystemClock.now();
    let done = work(number);
    std::hint::black_box(SystemClock.now() - start);
    done
}

fn main() {
    let contenders = [
        two_raw_reads(),
        Contender::new("one raw clock read", plain, one_raw_read),
        Contender::new("two reads of the system's clock", plain, two_system_reads),
        Contender::new("a relaxed load, an addition and a relaxed store", plain, relaxed_add),
        Contender::new("a relaxed fetch_add", plain, relaxed_fetch_add),
    ];
    print("Floor, 1 thread", &compare(1, &contenders));
}
