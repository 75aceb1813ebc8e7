use kgas_perf_runtime::measure_performance;

use std::future::{Future, ready};
use std::pin::Pin;

#[measure_performance("tool_simple")]
fn call() -> Pin<Box<dyn Future<Output = u8>>> {
    Box::pin(ready(7))
}

fn main() {}
