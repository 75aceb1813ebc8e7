use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple", crate = "kgas")]
fn call() {}

fn main() {}
