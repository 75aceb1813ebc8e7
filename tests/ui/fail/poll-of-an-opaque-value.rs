use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple", poll = true)]
async fn call() -> impl Iterator<Item = u8> {
    0..3
}

fn main() {}
