use kgas_perf_runtime::measure_performance;

struct Tool;

#[measure_performance("tool_simple", size = 3, poll = true)]
impl Tool {
    fn call(&self) {}
}

fn main() {}
