use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple", ok = |_| true)]
fn call() -> ! {
    loop {}
}

fn main() {}
