use kgas_perf_runtime::measure_performance;

use std::future::{Future, ready};
use std::pin::Pin;

type Job = Pin<Box<dyn Future<Output = u8>>>;

#[measure_performance("tool_simple")]
fn call() -> Job {
    Box::pin(ready(7))
}

fn main() {}
