use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple")]
const TOOLS: u8 = 7;

fn main() {}
