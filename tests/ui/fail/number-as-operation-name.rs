use kgas_perf_runtime::measure_performance;

#[measure_performance(7)]
fn call() {}

fn main() {}
