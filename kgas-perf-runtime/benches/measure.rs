//! What does a measured call cost, in each way to measure one?

mod harness;
#[path = "harness/many.rs"]
mod many;
#[path = "harness/subjects.rs"]
mod subjects;

use std::time::Duration;

use harness::{Contender, compare, plain, print, two_raw_reads};
use kgas_perf_runtime::install::Builder;
use kgas_perf_runtime::measure::set_on;
use many::{MEASURED, PLAIN, in_turn, one_function};
use subjects::*;

fn main() {
    let contenders = [
        two_raw_reads(),
        Contender::new("default", plain, sampled),
        Contender::new("`memory = \"off\"`", plain, without_memory),
        Contender::new("`memory = \"exact\"`", plain, exact),
        Contender::new("`size = …`", plain, sized),
        Contender::new("returns a `Result`", as_number(plain_result), as_number(result)),
        Contender::new("nested, each of the two", plain_outer, outer).inside(2),
        Contender::new("1,024 call sites in turn, in one function", plain, one_function),
        Contender::new(
            "1,024 functions in turn",
            |number| in_turn(&PLAIN, number),
            |number| in_turn(&MEASURED, number),
        ),
        Contender::new("async, polled twice", plain_polled_twice, async_polled_twice),
        Contender::new("async, polled twice, `poll = true`", plain_polled_twice, poll_by_poll),
        Contender::new("`Measurement` by hand", plain, by_hand),
        Contender::new("`record_operation`", plain, recorded),
        Contender::new("switched off", plain, sampled).between(|| set_on(false), || set_on(true)),
    ];
    print("Each way to measure, 1 thread", &compare(1, &contenders));
    judged();
}

/// The same with a baseline that every call is held against: one in twenty is above its p95.
fn judged() {
    let handle = Builder::new().tick_by_hand().install().expect("nothing else is installed");
    handle.tick();
    assert!(!handle.baselines().is_empty(), "a baseline stands after so many calls");
    let contenders = [
        two_raw_reads(),
        Contender::new("default, against a baseline", plain, sampled),
        Contender::new(
            "async, polled twice, against a baseline",
            plain_polled_twice,
            async_polled_twice,
        ),
    ];
    print("With a baseline, 1 thread", &compare(1, &contenders));
    handle.shutdown(Duration::from_secs(1)).expect("a tick is short");
}

fn as_number(call: fn(u64) -> Result<u64, u32>) -> impl Fn(u64) -> u64 {
    move |number| call(number).unwrap_or_else(u64::from)
}
