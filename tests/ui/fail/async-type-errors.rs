use kgas_perf_runtime::measure_performance;

struct Problem;

#[measure_performance("tool_simple")]
async fn tail() -> Result<u8, u8> {
    7
}

#[measure_performance("tool_simple")]
async fn returned(early: bool) -> u8 {
    if early {
        return "early";
    }
    "seven"
}

#[measure_performance("tool_simple")]
async fn unit() {
    7
}

#[measure_performance("tool_simple")]
async fn question() -> Result<u8, Problem> {
    let number: u8 = "7".parse()?;
    Ok(number?)
}

#[measure_performance("tool_simple", poll = true)]
async fn polled() -> Result<u8, u8> {
    7
}

fn main() {}
