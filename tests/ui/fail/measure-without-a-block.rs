use kgas_perf_runtime::measure;

fn main() {
    measure!("tool_simple", 7);
    measure!("tool_simple");
    measure!({ 7 });
}
