//! Carries a course out, with the real clock.

use std::hint::black_box;
use std::time::Duration;

use kgas_perf_runtime::measure::{Clock, SystemClock};

use super::course::{Course, Next};
use super::session::Session;
use super::waiting;
use super::yardstick::Yardstick;
use crate::check::Check;

/// Readings that are looked at for the clock's step.
const READINGS: usize = 1_000;

/// The smallest difference of two readings of the clock that differ, at most a second.
pub(crate) fn clock_step(clock: &impl Clock) -> Duration {
    let mut before = clock.now();
    let mut least = Duration::from_secs(1);
    for _ in 0..READINGS {
        let now = clock.now();
        if now > before {
            least = least.min(now - before);
        }
        before = now;
    }
    least
}

/// Carries a course out. What a call returns is dropped within its time.
pub(crate) fn drive<T>(mut course: Course, work: &mut impl FnMut() -> T) -> Session {
    let mut yardstick = Yardstick::new();
    let waited = waiting::of_this_thread();
    while let Some(next) = course.next() {
        let start = SystemClock.now();
        match next {
            Next::Operation(calls) => {
                for _ in 0..calls {
                    black_box(work());
                }
            }
            Next::Yardstick(part, times) => measure(&mut yardstick, part, times),
        }
        course.took(SystemClock.now().saturating_sub(start));
    }
    course.finish(waiting::since(waited))
}

/// The same for futures: each call makes one, which is then awaited.
///
/// The check comes beside the work: a closure around both makes futures that no other thread can
/// be shown to take.
pub(crate) async fn drive_async<T>(
    mut course: Course,
    work: &mut impl AsyncFnMut() -> T,
    check: impl Check<T>,
) -> Session {
    let mut yardstick = Yardstick::new();
    while let Some(next) = course.next() {
        let start = SystemClock.now();
        match next {
            Next::Operation(calls) => {
                for _ in 0..calls {
                    black_box(check.done(work().await));
                }
            }
            Next::Yardstick(part, times) => measure(&mut yardstick, part, times),
        }
        course.took(SystemClock.now().saturating_sub(start));
    }
    // A future may change threads, so whose waiting it would be is not known.
    course.finish(None)
}

fn measure(yardstick: &mut Yardstick, part: usize, times: u64) {
    for _ in 0..times {
        black_box(yardstick.run(part));
    }
}

#[cfg(test)]
mod tests {
    use kgas_perf_runtime::measure::ManualClock;

    use super::*;

    #[test]
    fn a_clock_that_stands_still_has_the_longest_step() {
        assert_eq!(clock_step(&ManualClock::new()), Duration::from_secs(1));
        assert!(clock_step(&SystemClock) < Duration::from_secs(1));
    }
}
