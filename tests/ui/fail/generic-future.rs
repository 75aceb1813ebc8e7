use kgas_perf_runtime::measure_performance;

use std::future::Future;

#[measure_performance("tool_simple", ok = |_| true)]
fn call<F: Future>(future: F) -> F {
    future
}

fn main() {}
