use kgas_perf_runtime::measure_performance;

#[measure_performance]
fn call() {}

fn main() {}
