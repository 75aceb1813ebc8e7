//! How long this thread was ready to run and had no processor.

use std::time::Duration;

/// Since the thread began, as the kernel's scheduler counts it; `None` where it does not say.
///
/// The second number of `schedstat` (Linux, *Documentation/scheduler/sched-stats.rst*), in
/// nanoseconds.
pub(super) fn of_this_thread() -> Option<Duration> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    read(&std::fs::read_to_string("/proc/thread-self/schedstat").ok()?)
}

/// Since an earlier look by the same thread.
pub(super) fn since(earlier: Option<Duration>) -> Option<Duration> {
    Some(of_this_thread()?.saturating_sub(earlier?))
}

fn read(text: &str) -> Option<Duration> {
    text.split_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_number_is_the_time_waited() {
        assert_eq!(read("123 4567 8\n"), Some(Duration::from_nanos(4_567)));
        assert_eq!((read(""), read("1 x 2")), (None, None));
    }
}
