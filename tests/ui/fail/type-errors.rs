use kgas_perf_runtime::measure_performance;

#[measure_performance("tool_simple")]
fn tail() -> Result<u8, u8> {
    7
}

#[measure_performance("tool_simple")]
fn returned(early: bool) -> Result<u8, u8> {
    if early {
        return "early";
    }
    Ok("seven")
}

#[measure_performance("tool_simple")]
fn plain() -> u64 {
    "seven"
}

#[measure_performance("tool_simple")]
fn no_tail() -> Result<u8, u8> {
    let _ = 7;
}

#[measure_performance("tool_simple")]
fn opaque() -> Result<impl Iterator<Item = u8>, u8> {
    Ok(7)
}

fn main() {}
