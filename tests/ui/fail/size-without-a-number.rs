use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple", size = name)]
fn call(name: &str) {
    drop(name.len());
}

fn main() {}
