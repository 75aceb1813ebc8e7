use kgas_perf_runtime::measure_performance;

use std::future::{Future, ready};
use std::pin::Pin;

#[measure_performance("tool_simple")]
fn call(early: bool) -> Pin<Box<dyn Future<Output = u8>>> {
    if early {
        return Box::pin(ready(7));
    }
    Box::pin(async { 7 })
}

fn main() {}
