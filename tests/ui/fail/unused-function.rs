#![deny(dead_code)]

use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple")]
fn never_called() -> Result<u8, u8> {
    Ok(7)
}

#[measure_performance("tool_simple")]
async fn never_called_either() {}

struct Tool;

#[measure_performance("tool_simple")]
impl Tool {
    fn method_never_called(&self) {}
}

fn main() {}
