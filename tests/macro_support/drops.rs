// Included by tests of both editions. Every function stands here twice, with and without the
// attribute, and tells in which order it drops things.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Mutex;

use kgas_perf_runtime::measure;

type Log = Rc<RefCell<Vec<&'static str>>>;

/// Tells when it is dropped.
struct Told(&'static str, Log);

impl Drop for Told {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

impl Told {
    fn number(&self) -> u32 {
        7
    }

    fn fails(&self) -> Result<u32, u32> {
        Err(7)
    }
}

macro_rules! twice {
    ($([$($async:tt)?] fn $name:ident $arguments:tt -> $returns:ty $body:block)*) => {
        mod bare {
            use super::*;
            $(pub(super) $($async)? fn $name $arguments -> $returns $body)*
        }
        mod measured {
            use super::*;
            $(
                #[kgas_perf_runtime::measure_performance("tool_simple")]
                pub(super) $($async)? fn $name $arguments -> $returns $body
            )*
        }
    };
}

twice! {
    [] fn plain(_unused: Told, _: Told, (_a, _): (Told, Told), log: &Log) -> u32 {
        let _local = Told("local", log.clone());
        Told("temporary", log.clone()).number()
    }
    [] fn fallible(_unused: Told, _: Told, (_a, _): (Told, Told), log: &Log) -> Result<u32, u32> {
        let _local = Told("local", log.clone());
        Told("temporary", log.clone()).fails()
    }
    [] fn question(_unused: Told, _: Told, (_a, _): (Told, Told), log: &Log) -> Result<u32, u32> {
        let _local = Told("local", log.clone());
        let number = Told("temporary", log.clone()).fails()?;
        Ok(number)
    }
    [] fn early(_unused: Told, _: Told, (_a, _): (Told, Told), log: &Log) -> Result<u32, u32> {
        let _local = Told("local", log.clone());
        if log.borrow().is_empty() {
            return Told("temporary", log.clone()).fails();
        }
        Ok(1)
    }
    [async] fn asynchronous(_unused: Told, _: Told, (_a, _): (Told, Told), log: &Log) -> Result<u32, u32> {
        let _local = Told("local", log.clone());
        std::future::ready(()).await;
        if log.borrow().len() > 100 {
            return Ok(2);
        }
        Ok(Told("temporary", log.clone()).fails()? + 1)
    }
    [async] fn asynchronous_end(_unused: Told, _: Told, (_a, _): (Told, Told), log: &Log) -> Result<u32, u32> {
        let _local = Told("local", log.clone());
        std::future::ready(()).await;
        Told("temporary", log.clone()).fails()
    }
    [] fn opaque(_unused: Told, _: Told, (_a, _): (Told, Told), log: &Log) -> Result<impl Sized + use<>, u32> {
        let _local = Told("local", log.clone());
        Told("temporary", log.clone()).fails()
    }
}

#[kgas_perf_runtime::measure_performance("tool_simple", poll = true)]
async fn polled(_unused: Told, _: Told, (_a, _): (Told, Told), log: &Log) -> Result<u32, u32> {
    let _local = Told("local", log.clone());
    std::future::ready(()).await;
    if log.borrow().len() > 100 {
        return Ok(2);
    }
    Ok(Told("temporary", log.clone()).fails()? + 1)
}

#[kgas_perf_runtime::measure_performance("tool_simple")]
fn locked(counter: &Mutex<u32>) -> u32 {
    *counter.lock().unwrap()
}

#[kgas_perf_runtime::measure_performance("tool_simple")]
fn locked_result(counter: &Mutex<Vec<u32>>) -> Option<u32> {
    counter.lock().unwrap().first().copied()
}

#[allow(clippy::unused_unit, reason = "an attribute on the last expression")]
#[kgas_perf_runtime::measure_performance("tool_simple")]
fn attributes_on_the_end(counter: &Mutex<Vec<u32>>) -> Option<u32> {
    #[allow(clippy::let_and_return, reason = "an attribute on the last expression")]
    {
        let first = counter.lock().unwrap().first().copied();
        first
    }
}

#[kgas_perf_runtime::measure_performance("tool_simple")]
async fn conditional_ends() -> Result<u32, u32> {
    #[cfg(test)]
    {
        Ok(1)
    }
    #[cfg(not(test))]
    {
        Ok(2)
    }
}

fn order<T>(call: impl FnOnce(Told, Told, (Told, Told), &Log) -> T) -> Vec<&'static str> {
    let log = Log::default();
    let told = |name| Told(name, log.clone());
    drop(call(told("unused"), told("underscore"), (told("part"), told("other part")), &log));
    log.take()
}

#[test]
fn things_are_dropped_in_the_same_order() {
    assert_eq!(order(bare::plain), order(measured::plain));
    assert_eq!(order(bare::fallible), order(measured::fallible));
    assert_eq!(order(bare::question), order(measured::question));
    assert_eq!(order(bare::early), order(measured::early));
    assert_eq!(order(bare::opaque), order(measured::opaque));
    use macro_support::run;
    let asynchronous = order(|a, b, c, log| run(bare::asynchronous(a, b, c, log)));
    assert_eq!(asynchronous, order(|a, b, c, log| run(measured::asynchronous(a, b, c, log))));
    assert_eq!(asynchronous, order(|a, b, c, log| run(polled(a, b, c, log))));
    assert_eq!(
        order(|a, b, c, log| run(bare::asynchronous_end(a, b, c, log))),
        order(|a, b, c, log| run(measured::asynchronous_end(a, b, c, log)))
    );
    assert_eq!(
        order(|a, b, c, log| drop(Box::pin(bare::asynchronous(a, b, c, log)))),
        order(|a, b, c, log| drop(Box::pin(measured::asynchronous(a, b, c, log)))),
    );
    assert_eq!(asynchronous.len(), 6, "{asynchronous:?}");
}

#[test]
fn temporaries_of_the_last_expression_live_as_they_lived() {
    let outcomes = macro_support::outcomes;
    assert_eq!(locked(&Mutex::new(7)), 7);
    assert_eq!(locked_result(&Mutex::new(vec![7])), Some(7));
    assert_eq!(attributes_on_the_end(&Mutex::new(vec![7])), Some(7));
    assert_eq!(macro_support::run(conditional_ends()), Ok(1));
    assert_eq!(outcomes(|| locked(&Mutex::new(7))), [1, 0, 0, 0]);
    let counter = Mutex::new(7);
    assert_eq!(measure!("tool_simple", { *counter.lock().unwrap() }), 7);
}
