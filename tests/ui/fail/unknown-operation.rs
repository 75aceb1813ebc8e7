use kgas_perf_runtime::measure_performance;

#[measure_performance("graph_to_tabel")]
fn call() {}

fn main() {}
