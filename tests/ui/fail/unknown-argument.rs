use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple", basline = 3, memory = "off")]
fn call() {}

fn main() {}
