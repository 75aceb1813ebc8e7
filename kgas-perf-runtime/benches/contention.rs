//! What happens when many threads call the same measured function?

mod harness;
#[path = "harness/many.rs"]
mod many;
#[path = "harness/subjects.rs"]
mod subjects;

use std::sync::atomic::{AtomicU64, Ordering};

use harness::{Contender, compare, plain, print, two_raw_reads, work};
use many::{MEASURED, PLAIN, in_turn, one_function};
use subjects::*;

static SHARED: AtomicU64 = AtomicU64::new(0);

/// For comparison: one counter that all threads share.
#[inline(never)]
fn shared_counter(number: u64) -> u64 {
    SHARED.fetch_add(1, Ordering::Relaxed);
    work(number)
}

fn main() {
    let contenders = [
        two_raw_reads(),
        Contender::new("default", plain, sampled),
        Contender::new("1,024 call sites in turn, in one function", plain, one_function),
        Contender::new(
            "1,024 functions in turn",
            |number| in_turn(&PLAIN, number),
            |number| in_turn(&MEASURED, number),
        ),
        Contender::new("async, polled twice", plain_polled_twice, async_polled_twice),
        Contender::new("for comparison, one shared counter", plain, shared_counter),
    ];
    for threads in [1, 2, 8] {
        print(&format!("Contention, threads: {threads}"), &compare(threads, &contenders));
    }
}
