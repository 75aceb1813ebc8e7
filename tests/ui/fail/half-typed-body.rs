use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple")]
async fn call(name: &str) -> Result<usize, u8> {
    let length = name.
    Ok(length?)
}

fn caller() {
    let _: u8 = call("a");
}

fn main() {}
