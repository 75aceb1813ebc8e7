use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple", "tool_complex")]
fn call() {}

fn main() {}
