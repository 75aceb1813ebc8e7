use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple", poll = true)]
fn call() {}

fn main() {}
