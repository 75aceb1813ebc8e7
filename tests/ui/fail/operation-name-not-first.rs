use kgas_perf_runtime::measure_performance;

#[measure_performance(memory = "off", "tool_simple")]
fn call() {}

fn main() {}
