use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple", memory = exact)]
fn call() {}

fn main() {}
