//! Every shape of an `async fn`: it compiles without a warning, and its whole work is timed.
#![allow(
    clippy::multiple_bound_locations,
    clippy::ptr_arg,
    reason = "the attribute must take programs as people write them"
)]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

use std::convert::Infallible;
use std::fmt::Debug;
use std::future::Future;
use std::panic::UnwindSafe;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::{Stream, StreamExt};
use kgas_perf_runtime::measure_performance;
use macro_support::{assert_one_async_nap, nap_async, outcomes, run};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

#[measure_performance("tool_simple")]
async fn empty() {}

#[measure_performance("tool_simple")]
async fn plain(number: u64) -> u64 {
    nap_async().await;
    number
}

#[measure_performance("tool_simple")]
async fn generic<T: Debug + Clone, const N: usize>(value: &T, other: impl Debug) -> [T; N]
where
    T: Copy,
{
    nap_async().await;
    println!("{value:?} {other:?}");
    [*value; N]
}

#[measure_performance("tool_simple")]
async fn borrowing<'a>(names: &'a mut Vec<String>, name: &str) -> Result<&'a mut String, String> {
    nap_async().await;
    names.push(name.to_owned());
    names.last_mut().ok_or_else(|| name.to_owned())
}

#[measure_performance("tool_simple")]
async fn slice_option(values: &Vec<u32>) -> Option<&[u32]> {
    nap_async().await;
    Some(values)
}

#[measure_performance("tool_simple")]
async fn coerced(fails: bool) -> Result<Boxed<'static, u32>, Box<dyn std::error::Error>> {
    nap_async().await;
    if fails {
        Err("as asked")?;
    }
    Ok(Box::pin(async { 7 }))
}

#[measure_performance("tool_simple")]
async fn gives_a_future() -> Boxed<'static, u32> {
    nap_async().await;
    Box::pin(async { 7 })
}

#[measure_performance("tool_simple")]
async fn opaque() -> Result<impl Iterator<Item = u32>, Infallible> {
    nap_async().await;
    Ok(0..3)
}

#[measure_performance("tool_simple")]
fn stream(upto: u32) -> impl Stream<Item = u32> {
    futures_util::stream::iter(0..upto)
}

#[measure_performance("tool_simple")]
async fn opaque_alone() -> impl Fn(u32) -> u32 {
    nap_async().await;
    |x| x + 1
}

#[measure_performance("tool_simple")]
async fn opaque_with_ways_out(way: u32) -> Result<impl Fn(u32) -> u32, String> {
    nap_async().await;
    let parsed: u32 = way.to_string().parse().map_err(|_| "no number".to_owned())?;
    if parsed > 1 {
        return Err("too far".into());
    }
    Ok(move |x| x + parsed)
}

#[measure_performance("tool_simple")]
async fn patterns((a, _): (u32, u32), [b, ..]: [u32; 3], &c: &u32, mut d: u32, _: String) -> u32 {
    nap_async().await;
    d += 1;
    a + b + c + d
}

#[measure_performance("tool_simple")]
async fn inner_attributes(argument: u32) -> Result<u32, String> {
    #![allow(unused_variables, reason = "an attribute inside the body")]
    let unused = argument;
    nap_async().await;
    Ok("7".parse::<u32>().map_err(|error| error.to_string())?)
}

#[measure_performance("tool_simple")]
async fn not_send() -> Rc<u32> {
    let kept = Rc::new(7);
    nap_async().await;
    kept
}

#[measure_performance("tool_simple")]
async fn never() -> ! {
    loop {
        nap_async().await;
    }
}

#[measure_performance("tool_simple")]
async fn endless(mut left: u32) -> Result<u32, Infallible> {
    loop {
        left -= 1;
        if left == 0 {
            nap_async().await;
            return Ok(left);
        }
    }
}

#[measure_performance("tool_simple")]
async fn leaves_without_a_value(early: bool) {
    nap_async().await;
    if early {
        return;
    }
    std::hint::black_box(early);
}

#[measure_performance("tool_simple")]
async fn recursive(depth: u32) -> u32 {
    if depth == 0 { 0 } else { Box::pin(recursive(depth - 1)).await + 1 }
}

struct Owner(u32);

impl Owner {
    #[measure_performance("tool_simple")]
    async fn by_value(self) -> u32 {
        nap_async().await;
        self.0
    }

    #[measure_performance("tool_simple")]
    async fn by_mutable_value(mut self) -> u32 {
        self.0 += 1;
        nap_async().await;
        self.0
    }

    #[measure_performance("tool_simple")]
    async fn by_reference(&self) -> &u32 {
        nap_async().await;
        &self.0
    }

    #[measure_performance("tool_simple")]
    async fn by_mutable_reference(&mut self) -> &mut u32 {
        nap_async().await;
        &mut self.0
    }

    #[measure_performance("tool_simple")]
    async fn by_box(self: Box<Self>) -> u32 {
        nap_async().await;
        self.0
    }

    #[measure_performance("tool_simple")]
    async fn by_arc(self: Arc<Self>) -> u32 {
        nap_async().await;
        self.0
    }

    #[measure_performance("tool_simple")]
    async fn by_borrowed_rc(self: &Rc<Self>) -> u32 {
        nap_async().await;
        self.0
    }

    #[measure_performance("tool_simple")]
    async fn by_pin(self: Pin<&mut Self>) -> u32 {
        nap_async().await;
        self.0
    }
}

trait Work {
    fn required(&self) -> impl Future<Output = u32> + Send;

    #[measure_performance("tool_simple")]
    async fn with_default(&self) -> u32 {
        nap_async().await;
        1
    }
}

impl Work for Owner {
    #[measure_performance("tool_simple")]
    async fn required(&self) -> u32 {
        nap_async().await;
        self.0
    }
}

#[test]
fn functions_are_timed_whole() {
    assert_one_async_nap(plain(7));
    assert_one_async_nap(async { generic::<_, 3>(&'x', 7).await.len() });
    assert_one_async_nap(async { borrowing(&mut Vec::new(), "a").await.map(|name| name.len()) });
    assert_one_async_nap(async { slice_option(&vec![1]).await.map(<[_]>::len) });
    assert_one_async_nap(async { coerced(false).await.unwrap().await });
    assert_one_async_nap(async { gives_a_future().await.await });
    assert_one_async_nap(async { opaque().await.map(Iterator::count) });
    assert_one_async_nap(async { opaque_alone().await(1) });
    assert_one_async_nap(async { opaque_with_ways_out(1).await.map(|add| add(1)) });
    assert_one_async_nap(patterns((1, 2), [1, 2, 3], &3, 4, String::new()));
    assert_one_async_nap(inner_attributes(7));
    assert_one_async_nap(not_send());
    assert_one_async_nap(endless(3));
    assert_one_async_nap(leaves_without_a_value(true));
    assert_one_async_nap(leaves_without_a_value(false));
}

#[test]
fn methods_are_timed_whole() {
    assert_one_async_nap(Owner(1).by_value());
    assert_one_async_nap(Owner(1).by_mutable_value());
    assert_one_async_nap(async { *Owner(1).by_reference().await });
    assert_one_async_nap(async { *Owner(1).by_mutable_reference().await });
    assert_one_async_nap(Box::new(Owner(1)).by_box());
    assert_one_async_nap(Arc::new(Owner(1)).by_arc());
    assert_one_async_nap(async { Rc::new(Owner(1)).by_borrowed_rc().await });
    assert_one_async_nap(async { Pin::new(&mut Owner(1)).by_pin().await });
    assert_one_async_nap(async { Owner(1).with_default().await });
    assert_one_async_nap(async { Owner(1).required().await });
}

#[test]
fn what_is_counted() {
    assert_eq!(outcomes(|| run(empty())), [1, 0, 0, 0]);
    assert_eq!(outcomes(|| run(stream(3).count())), [1, 0, 0, 0], "making the stream");
    assert_eq!(outcomes(|| run(recursive(100))), [101, 0, 0, 0]);
    assert_eq!(outcomes(|| run(coerced(true)).is_err()), [0, 1, 0, 0]);
    assert_eq!(outcomes(|| run(opaque_with_ways_out(2)).is_err()), [0, 1, 0, 0]);
    let forever = async { tokio::time::timeout(macro_support::NAP / 5, never()).await };
    assert_eq!(outcomes(|| run(forever).is_err()), [0, 0, 0, 1]);
}

#[test]
fn what_a_future_was_it_stays() {
    fn send<F: Future + Send + 'static>(_: F) {}
    fn unwind_safe<F: UnwindSafe>(_: F) {}
    async fn bare(number: u64) -> u64 {
        std::future::ready(number).await
    }
    #[measure_performance("tool_simple")]
    async fn measured(number: u64) -> u64 {
        std::future::ready(number).await
    }
    send(bare(1));
    send(measured(1));
    send(plain(1));
    send(endless(1));
    send(inner_attributes(1));
    unwind_safe(bare(1));
    unwind_safe(measured(1));
}
