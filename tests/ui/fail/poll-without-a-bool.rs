use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple", poll = "yes")]
async fn call() {}

fn main() {}
