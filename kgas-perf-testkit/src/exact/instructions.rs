//! Instructions, where the machine counts them.

/// Runs something once and counts the instructions that this thread executed for it in user
/// space.
///
/// They are the same from run to run to about one in a thousand, on any machine of the same
/// architecture with the same build; which is much less than times are off.
///
/// # Errors
/// A sentence that says why the machine does not count them: it is not Linux, a virtual machine
/// has no counters, or the kernel does not let programs use them.
pub fn instructions<T>(work: impl FnOnce() -> T) -> Result<(T, u64), String> {
    count(work)
}

#[cfg(target_os = "linux")]
fn count<T>(work: impl FnOnce() -> T) -> Result<(T, u64), String> {
    use perf_event::Builder;
    use perf_event::events::Hardware;

    let no_counters = |error: std::io::Error| {
        format!(
            "this machine does not count instructions: {error}; virtual machines often have no \
             counters, and /proc/sys/kernel/perf_event_paranoid above 2 forbids them"
        )
    };
    let mut counter = Builder::new(Hardware::INSTRUCTIONS).build().map_err(no_counters)?;
    counter.enable().map_err(no_counters)?;
    let answer = work();
    counter.disable().map_err(no_counters)?;
    Ok((answer, counter.read().map_err(no_counters)?))
}

#[cfg(not(target_os = "linux"))]
fn count<T>(_: impl FnOnce() -> T) -> Result<(T, u64), String> {
    Err("instructions are counted on Linux only".to_owned())
}

#[cfg(test)]
mod tests {
    use std::hint::black_box;

    use super::*;

    #[test]
    fn twice_the_work_is_twice_the_instructions_or_it_is_said_why_not() {
        let work = |rounds: u64| {
            instructions(|| (0..rounds).fold(1_u64, |all, each| black_box(all ^ each)))
        };
        match (work(100_000), work(200_000)) {
            (Ok((_, once)), Ok((_, twice))) => {
                let ratio = twice as f64 / once as f64;
                assert!((1.9..2.1).contains(&ratio), "{once} {twice}");
            }
            (Err(why), _) | (_, Err(why)) => assert!(why.contains("instructions"), "{why}"),
        }
    }
}
