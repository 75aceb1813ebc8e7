use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple")]
struct Tool {
    name: String,
}

fn main() {}
