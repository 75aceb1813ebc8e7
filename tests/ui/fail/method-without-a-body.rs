use kgas_perf_runtime::measure_performance;

trait Tool {
    #[measure_performance("tool_simple")]
    fn call(&self) -> u8;
}

fn main() {}
