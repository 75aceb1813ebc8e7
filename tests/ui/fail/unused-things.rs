#![deny(warnings)]

use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple")]
fn call(argument: u8, opaque: impl Sized) -> Result<u8, u8> {
    let local = 7;
    let mut constant = 7;
    other(1);
    Ok(constant)
}

#[measure_performance("tool_simple")]
#[must_use]
fn other(mut number: u8) -> u8 {
    return 7;
    number
}

#[measure_performance("tool_simple", poll = true)]
async fn polled(argument: u8, mut mutable: u8) -> u8 {
    { mutable }
}

fn main() {
    call(1, 2).ok();
    drop(polled(1, 2));
}
