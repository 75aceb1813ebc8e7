use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple")]
fn local() -> Result<&'static str, u8> {
    let name = String::new();
    Ok(&name)
}

#[measure_performance("tool_simple")]
fn moved(name: String) -> Result<String, u8> {
    drop(name);
    Ok(name)
}

#[measure_performance("tool_simple")]
async fn twice(names: &mut Vec<String>) -> Option<&mut String> {
    let first = names.first_mut();
    names.clear();
    first
}

fn main() {}
