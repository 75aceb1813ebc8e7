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
    let (answer, counted) = count(work);
    Ok((answer, counted?))
}

/// The same; the work is done where nobody counts, too.
#[cfg(target_os = "linux")]
pub(super) fn count<T>(work: impl FnOnce() -> T) -> (T, Result<u64, String>) {
    use perf_event::Builder;
    use perf_event::events::Hardware;

    let begun = Builder::new(Hardware::INSTRUCTIONS)
        .build()
        .and_then(|mut counter| counter.enable().map(|()| counter));
    let answer = work();
    let counted = begun.and_then(|mut counter| counter.disable().and_then(|()| counter.read()));
    let counted = counted.map_err(|error| {
        format!(
            "this machine does not count instructions: {error}; virtual machines often have no \
             counters, and /proc/sys/kernel/perf_event_paranoid above 2 forbids them"
        )
    });
    (answer, counted)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn count<T>(work: impl FnOnce() -> T) -> (T, Result<u64, String>) {
    (
        work(),
        Err("this machine does not count instructions: only Linux is asked for them".to_owned()),
    )
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
