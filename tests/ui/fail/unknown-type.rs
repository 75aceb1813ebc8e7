use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple")]
fn call(argument: Missing) -> Result<Lost, u8> {
    argument.find()
}

fn main() {}
