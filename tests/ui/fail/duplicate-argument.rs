use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple", size = 1, size = 2)]
fn call() {}

fn main() {}
