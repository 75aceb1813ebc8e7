use kgas_perf_runtime::measure_performance;

const NAME: &str = "tool_simple";

#[measure_performance(self::NAME)]
fn call() {}

fn main() {}
