#![deny(warnings)]

use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple")]
#[deprecated = "call another"]
fn call() {}

fn main() {
    call();
}
