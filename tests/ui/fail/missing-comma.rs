use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple" size = 3)]
fn call() {}

fn main() {}
