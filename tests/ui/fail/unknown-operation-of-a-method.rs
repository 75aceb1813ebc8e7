use kgas_perf_runtime::measure_performance;

struct Tool;

#[measure_performance]
impl Tool {
    fn graph_to_table(&self) {}
    fn tool_simpel(&self) {}
}

fn main() {}
