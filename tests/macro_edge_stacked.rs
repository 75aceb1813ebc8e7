//! The attribute above and below other attributes, and attributes that must survive it.
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;

use kgas_perf_runtime::{Registry, measure_performance};
use macro_support::{assert_one_async_nap, assert_one_nap, nap, nap_async, outcomes};
use tracing::instrument;

#[measure_performance("tool_simple")]
#[instrument(skip_all, err)]
fn above_instrument(fails: bool) -> Result<u32, String> {
    nap();
    if fails { Err("as asked".into()) } else { Ok(7) }
}

#[instrument(ret)]
#[measure_performance("tool_simple")]
fn below_instrument(fails: bool) -> Result<u32, String> {
    nap();
    if fails {
        return Err("as asked".into());
    }
    Ok(7)
}

#[measure_performance("tool_simple")]
#[instrument]
async fn async_above_instrument(fails: bool) -> Result<u32, String> {
    nap_async().await;
    if fails {
        return Err("as asked".into());
    }
    Ok(7)
}

#[instrument]
#[measure_performance("tool_simple")]
async fn async_below_instrument(fails: bool) -> Result<u32, String> {
    nap_async().await;
    if fails {
        return Err("as asked".into());
    }
    Ok(7)
}

#[measure_performance("tool_simple")]
#[instrument]
fn boxed_above_instrument() -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move {
        nap_async().await;
        7
    })
}

#[instrument]
#[measure_performance("tool_simple")]
fn boxed_below_instrument() -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move {
        nap_async().await;
        7
    })
}

#[tokio::main(flavor = "current_thread")]
#[measure_performance("tool_simple")]
async fn below_main() -> Result<u32, String> {
    nap_async().await;
    Ok(7)
}

#[measure_performance("tool_simple")]
#[tokio::main(flavor = "current_thread")]
async fn above_main() -> Result<u32, String> {
    nap_async().await;
    Ok(7)
}

#[measure_performance("tool_simple")]
#[test]
fn above_test() {
    assert_one_nap(|| above_instrument(false));
}

#[test]
#[measure_performance("tool_simple")]
fn below_test() -> Result<(), String> {
    assert_one_nap(|| below_instrument(false));
    Ok(())
}

#[measure_performance("tool_simple")]
#[tokio::test]
async fn above_tokio_test() {
    nap_async().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[measure_performance("tool_simple")]
async fn below_tokio_test() -> Result<(), String> {
    let registry = Registry::new();
    let calls = (0..8).map(|_| tokio::spawn(registry.scope(async_above_instrument(false))));
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), Ok(7));
    }
    assert_eq!(macro_support::outcomes_in(&registry.snapshot(), "tool_simple"), [8, 0, 0, 0]);
    Ok(())
}

#[test]
fn instrumented_functions_are_timed_whole() {
    let run = |fails| move || macro_support::run(async_above_instrument(fails));
    assert_one_async_nap(async_above_instrument(false));
    assert_one_async_nap(async_below_instrument(false));
    assert_one_async_nap(async { boxed_above_instrument().await });
    assert_one_async_nap(async { boxed_below_instrument().await });
    assert_eq!(outcomes(run(true)), [0, 1, 0, 0]);
    assert_eq!(outcomes(|| macro_support::run(async_below_instrument(true))), [0, 1, 0, 0]);
    assert_eq!(outcomes(|| above_instrument(true)), [0, 1, 0, 0]);
    assert_eq!(outcomes(|| below_instrument(true)), [0, 1, 0, 0]);
}

#[test]
fn a_main_function_is_timed_whole() {
    assert_one_nap(below_main);
    assert_one_nap(above_main);
}

#[track_caller]
#[measure_performance("tool_simple")]
fn where_called() -> &'static Location<'static> {
    Location::caller()
}

#[measure_performance("tool_simple")]
#[track_caller]
fn where_called_in_result(fails: bool) -> Result<&'static Location<'static>, String> {
    if fails {
        return Err("as asked".into());
    }
    Ok(Location::caller())
}

#[test]
fn the_caller_stays_the_caller() {
    let line = line!() + 1;
    assert_eq!(where_called().line(), line);
    assert_eq!(where_called_in_result(false).unwrap().line(), line + 1);
}

/// A documented function.
#[measure_performance("tool_simple")]
#[must_use]
#[inline]
#[cold]
#[doc(alias = "seven")]
pub fn attributed() -> u32 {
    7
}

#[measure_performance("tool_simple")]
#[cfg(any())]
fn configured_away() -> Missing {
    missing()
}

#[test]
fn attributes_are_kept() {
    assert_eq!(outcomes(attributed), [1, 0, 0, 0]);
    #[expect(unused_must_use, reason = "the lint is what is tested")]
    {
        attributed();
    }
}
