use kgas_perf_runtime::measure_performance;

#[measure_performance("graph_to_tabel", memory = "exakt", memory = "off", bucket = 3)]
const fn call() {}

fn main() {}
