//! Functions that return a future they make in sight: the future is timed, from its first poll
//! on, and never its making.
#![allow(clippy::type_complexity, reason = "the attribute must take programs as people write them")]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, LocalBoxFuture};
use kgas_perf_runtime::measure_performance;
use macro_support::{assert_one_async_nap, nap_async, outcomes, run};

#[measure_performance("tool_simple")]
fn opaque(number: u32) -> impl Future<Output = u32> {
    async move {
        nap_async().await;
        number
    }
}

#[measure_performance("tool_simple")]
fn boxed(number: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move {
        nap_async().await;
        number
    })
}

#[measure_performance("tool_simple")]
fn fallible(number: u32) -> Pin<Box<dyn Future<Output = Result<u32, Box<dyn std::error::Error>>>>> {
    Box::pin(async move {
        nap_async().await;
        if number == 1 {
            return Err("one".into());
        }
        let parsed: u8 = number.to_string().parse()?;
        Ok(parsed.into())
    })
}

#[measure_performance("tool_simple", size = names.len())]
fn statements_before(names: Vec<String>) -> BoxFuture<'static, usize> {
    let first = names.first().cloned();
    let length = first.map_or(0, |first| first.len());
    async move {
        nap_async().await;
        names.len() + length
    }
    .boxed()
}

#[measure_performance("tool_simple")]
fn local<'a>(number: &'a u32) -> LocalBoxFuture<'a, Result<&'a u32, String>> {
    async move {
        nap_async().await;
        Ok(number)
    }
    .boxed_local()
}

type Job = Pin<Box<dyn Future<Output = Result<u32, String>>>>;

#[measure_performance("tool_simple")]
fn alias(number: u32) -> Job {
    Box::pin(async move {
        nap_async().await;
        let number: u32 = number.to_string().parse().map_err(|_| String::new())?;
        if number > 7 {
            return Err("too much".into());
        }
        Ok(number)
    })
}

#[measure_performance("tool_simple")]
fn named_first(number: u32) -> Pin<Box<dyn Future<Output = u32>>> {
    let work = async move {
        nap_async().await;
        number
    };
    Box::pin(work)
}

#[measure_performance("tool_simple")]
fn several(number: u32) -> Pin<Box<dyn Future<Output = u32>>> {
    if number == 0 {
        return Box::pin(async move {
            nap_async().await;
            0
        });
    }
    match number {
        1 => Box::pin(async {
            nap_async().await;
            1
        }),
        2 => panic!("two"),
        _ => {
            let more = number + 1;
            Box::pin(async move {
                nap_async().await;
                more
            })
        }
    }
}

struct Owner(u32);

#[async_trait]
trait Work {
    async fn by_reference(&self, name: &str) -> Result<u32, String>;
    async fn by_mutable_reference(&mut self) -> &mut u32;
    async fn by_box(self: Box<Self>) -> u32;
    async fn by_arc(self: Arc<Self>, names: Vec<String>) -> usize;
    async fn nothing(&self);
    async fn generic<T: Send + Sync + Clone + 'static>(&self, value: &T) -> T;

    #[measure_performance("tool_simple")]
    async fn with_default(&self) -> u32 {
        nap_async().await;
        1
    }
}

#[async_trait]
impl Work for Owner {
    #[measure_performance("tool_simple")]
    async fn by_reference(&self, name: &str) -> Result<u32, String> {
        nap_async().await;
        let number: u32 = name.parse().map_err(|_| name.to_owned())?;
        if number == 1 {
            return Err("one".into());
        }
        Ok(number + self.0)
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

    #[measure_performance("tool_simple", size = names.len())]
    async fn by_arc(self: Arc<Self>, mut names: Vec<String>) -> usize {
        nap_async().await;
        names.push(self.0.to_string());
        names.len()
    }

    #[measure_performance("tool_simple")]
    async fn nothing(&self) {
        nap_async().await;
    }

    #[measure_performance("tool_simple")]
    async fn generic<T: Send + Sync + Clone + 'static>(&self, value: &T) -> T {
        nap_async().await;
        value.clone()
    }
}

struct Above(u32);

#[measure_performance("tool_simple")]
#[async_trait]
impl Work for Above {
    async fn by_reference(&self, name: &str) -> Result<u32, String> {
        nap_async().await;
        let number: u32 = name.parse().map_err(|_| name.to_owned())?;
        if number == 1 {
            return Err("one".into());
        }
        Ok(number + self.0)
    }

    async fn by_mutable_reference(&mut self) -> &mut u32 {
        nap_async().await;
        &mut self.0
    }

    async fn by_box(self: Box<Self>) -> u32 {
        nap_async().await;
        self.0
    }

    async fn by_arc(self: Arc<Self>, mut names: Vec<String>) -> usize {
        nap_async().await;
        names.push(self.0.to_string());
        names.len()
    }

    async fn nothing(&self) {
        nap_async().await;
    }

    async fn generic<T: Send + Sync + Clone + 'static>(&self, value: &T) -> T {
        nap_async().await;
        value.clone()
    }
}

#[test]
fn futures_made_in_sight_are_timed() {
    assert_one_async_nap(opaque(7));
    // Made elsewhere, polled here: what is timed belongs to the poll.
    assert_one_async_nap(async { boxed(7).await });
    assert_one_async_nap(async { fallible(7).await.ok() });
    assert_one_async_nap(async { statements_before(vec!["a".into(); 150]).await });
    assert_one_async_nap(async { local(&7).await.copied() });
    assert_one_async_nap(async { alias(7).await });
    assert_one_async_nap(async { named_first(7).await });
    for number in [0, 1, 3] {
        assert_one_async_nap(async { several(number).await });
    }
    assert_eq!(outcomes(|| run(async { fallible(1).await.is_err() })), [0, 1, 0, 0]);
    assert_eq!(outcomes(|| run(async { fallible(300).await.is_err() })), [0, 1, 0, 0]);
    assert_eq!(outcomes(|| run(async { alias(8).await.is_err() })), [0, 1, 0, 0]);
    assert_eq!(outcomes(|| drop(boxed(7))), [0; 4], "a future that is never polled is no call");
}

#[test]
fn statements_before_the_future_run_when_they_ran() {
    use kgas_perf_runtime::catalog::SizeClass;

    let snapshot = macro_support::snapshot_of(|| {
        assert_eq!(run(async { statements_before(vec!["ab".into(); 150]).await }), 152);
    });
    let operation = snapshot.operation("tool_simple").unwrap();
    assert_eq!(operation.class(SizeClass::Small).unwrap().calls(), 1);
}

#[test]
fn async_trait_inside_and_above() {
    fn check<W: Work + Sync + 'static>(make: fn(u32) -> W) {
        assert_one_async_nap(async { make(1).by_reference("7").await });
        assert_one_async_nap(async { *make(1).by_mutable_reference().await });
        assert_one_async_nap(async { Box::new(make(1)).by_box().await });
        assert_one_async_nap(async { Arc::new(make(1)).by_arc(Vec::new()).await });
        assert_one_async_nap(async { make(1).nothing().await });
        assert_one_async_nap(async { make(1).generic(&"a").await });
        assert_one_async_nap(async { make(1).with_default().await });
        let fails = |name: &'static str| {
            outcomes(|| run(async { make(1).by_reference(name).await.is_err() }))
        };
        assert_eq!(fails("1"), [0, 1, 0, 0]);
        assert_eq!(fails("x"), [0, 1, 0, 0]);
    }
    check(Owner);
    check(Above);
}
