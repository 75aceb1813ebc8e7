use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple", ok = |count| count + 1)]
fn call() -> u8 {
    7
}

fn main() {}
