use kgas_perf_runtime::measure_performance;

#[measure_performance(skip)]
fn call() {}

fn main() {}
