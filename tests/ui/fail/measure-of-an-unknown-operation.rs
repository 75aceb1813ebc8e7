use kgas_perf_runtime::measure;

fn main() {
    let seven: u8 = measure!("tool_simpel", memory = "exakt", poll = true, { 7 });
    drop(seven);
}
