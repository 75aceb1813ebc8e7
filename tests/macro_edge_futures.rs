//! A future counts once, from its first poll to its end or its drop, wherever it is polled.
#![allow(clippy::let_and_return, reason = "the attribute must take programs as people write them")]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use kgas_perf_runtime::measure_performance;
use macro_support::{outcomes, run};

const OK: [u64; 4] = [1, 0, 0, 0];
const ERROR: [u64; 4] = [0, 1, 0, 0];
const CANCELLED: [u64; 4] = [0, 0, 0, 1];

type Answer<T> = Result<T, Problem>;

#[derive(Debug)]
struct Problem;

impl From<std::num::ParseIntError> for Problem {
    fn from(_: std::num::ParseIntError) -> Self {
        Self
    }
}

#[measure_performance("tool_simple")]
async fn waits(times: u32) -> Answer<u32> {
    for _ in 0..times {
        tokio::task::yield_now().await;
        "7".parse::<u32>()?;
    }
    Ok(times)
}

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_future_counts_once_from_its_first_poll() {
    assert_eq!(outcomes(|| drop(waits(1))), [0; 4], "never polled");
    assert_eq!(outcomes(|| assert!(poll(pin!(waits(1))).is_pending())), CANCELLED);
    let cancelled_midway = || {
        let mut future = pin!(waits(3));
        assert!(poll(future.as_mut()).is_pending());
        assert!(poll(future.as_mut()).is_pending());
    };
    assert_eq!(outcomes(cancelled_midway), CANCELLED);
    let completed = || {
        let mut future = pin!(waits(1));
        assert!(poll(future.as_mut()).is_pending());
        assert!(poll(future.as_mut()).is_ready());
    };
    assert_eq!(outcomes(completed), OK);
}

#[test]
fn a_future_may_change_threads() {
    let registry = kgas_perf_runtime::Registry::new();
    registry.run(|| {
        let mut future = Box::pin(waits(1));
        assert!(poll(future.as_mut()).is_pending());
        let registry = registry.clone();
        std::thread::spawn(move || registry.run(|| assert!(poll(future.as_mut()).is_ready())))
            .join()
            .unwrap();
    });
    assert_eq!(macro_support::outcomes_in(&registry.snapshot(), "tool_simple"), OK);
}

#[measure_performance("tool_simple")]
async fn selects(way: &str) -> Answer<u32> {
    let mut rounds = 0;
    loop {
        rounds += 1;
        tokio::select! {
            biased;
            number = std::future::ready(way.len()), if way == "return ok" => return Ok(number as u32),
            _ = std::future::ready(1), if way == "return err" => {
                return Err(Problem);
            }
            Ok(_) | Err(()) = std::future::ready(Ok(1)), if way == "question" => {
                "x".parse::<u32>()?;
            }
            _ = std::future::ready(1), if way == "break" => break Err(Problem),
            () = std::future::pending::<()>(), if way == "cancelled" => {}
            () = tokio::task::yield_now(), if rounds < 3 => continue,
            else => break Ok("7".parse::<u32>()?),
        }
    }
}

#[test]
fn select_is_seen_through() {
    let ways = [
        ("end", OK),
        ("return ok", OK),
        ("return err", ERROR),
        ("question", ERROR),
        ("break", ERROR),
    ];
    for (way, expected) in ways {
        assert_eq!(outcomes(|| run(selects(way)).is_ok()), expected, "{way}");
    }
    let cancelled = || {
        let mut future = pin!(selects("cancelled"));
        for _ in 0..5 {
            assert!(poll(future.as_mut()).is_pending());
        }
    };
    assert_eq!(outcomes(cancelled), CANCELLED);
}
