//! The measured functions, by the attribute as users write it, and what they are without it.

// Each benchmark uses a part of this.
#![allow(dead_code, reason = "compiled into several benchmarks, and none uses all of it")]

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use kgas_perf_runtime::{Measurement, Metadata, Outcome, measure_performance, record_operation};

use crate::harness::{plain, work};

#[measure_performance("tool_simple")]
#[inline(never)]
pub(crate) fn sampled(number: u64) -> u64 {
    work(number)
}

#[measure_performance("tool_simple", memory = "exact")]
#[inline(never)]
pub(crate) fn exact(number: u64) -> u64 {
    work(number)
}

#[measure_performance("tool_simple", memory = "off")]
#[inline(never)]
pub(crate) fn without_memory(number: u64) -> u64 {
    work(number)
}

#[measure_performance("tool_simple", size = number)]
#[inline(never)]
pub(crate) fn sized(number: u64) -> u64 {
    work(number)
}

#[inline(never)]
pub(crate) fn plain_result(number: u64) -> Result<u64, u32> {
    if number == u64::MAX { Err(7) } else { Ok(work(number)) }
}

#[measure_performance("tool_simple")]
#[inline(never)]
pub(crate) fn result(number: u64) -> Result<u64, u32> {
    if number == u64::MAX { Err(7) } else { Ok(work(number)) }
}

#[inline(never)]
pub(crate) fn plain_outer(number: u64) -> u64 {
    plain(number)
}

#[measure_performance("tool_complex")]
#[inline(never)]
pub(crate) fn outer(number: u64) -> u64 {
    sampled(number)
}

/// Ready when it is polled for the second time.
struct Second(bool);

impl Future for Second {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

async fn plain_async(number: u64) -> u64 {
    Second(false).await;
    work(number)
}

#[measure_performance("tool_simple")]
async fn measured_async(number: u64) -> u64 {
    Second(false).await;
    work(number)
}

#[measure_performance("tool_simple", poll = true)]
async fn measured_polls(number: u64) -> u64 {
    Second(false).await;
    work(number)
}

/// Polls a future twice, as a runtime would whose task was woken once.
#[inline(always)]
fn polled_twice(future: impl Future<Output = u64>) -> u64 {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let first = future.as_mut().poll(&mut context);
    assert!(first.is_pending(), "the first poll leaves it waiting");
    match future.poll(&mut context) {
        Poll::Ready(done) => done,
        Poll::Pending => unreachable!("the second poll ends it"),
    }
}

#[inline(never)]
pub(crate) fn plain_polled_twice(number: u64) -> u64 {
    polled_twice(plain_async(number))
}

#[inline(never)]
pub(crate) fn async_polled_twice(number: u64) -> u64 {
    polled_twice(measured_async(number))
}

#[inline(never)]
pub(crate) fn poll_by_poll(number: u64) -> u64 {
    polled_twice(measured_polls(number))
}

#[inline(never)]
pub(crate) fn by_hand(number: u64) -> u64 {
    let call = Measurement::start("by_hand");
    let done = work(number);
    call.finish(Outcome::Ok);
    done
}

#[inline(never)]
pub(crate) fn recorded(number: u64) -> u64 {
    record_operation("recorded", Duration::from_nanos(20), Metadata::new(Outcome::Ok));
    work(number)
}
