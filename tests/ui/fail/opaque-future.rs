use kgas_perf_runtime::measure_performance;

use std::future::{Future, ready};

#[measure_performance("tool_simple")]
fn call() -> impl Future<Output = u8> {
    ready(7)
}

fn main() {}
