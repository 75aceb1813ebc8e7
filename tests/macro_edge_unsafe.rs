//! Functions that may only be called in `unsafe` blocks, or from elsewhere; and calls at the very
//! end of a thread.
#![deny(warnings, missing_docs)]

mod macro_support;

use std::cell::RefCell;

use kgas_perf_runtime::{Registry, measure_performance};
use macro_support::{assert_one_async_nap, assert_one_nap, nap, nap_async, outcomes, outcomes_in};

/// # Safety
/// None is needed.
#[measure_performance("tool_simple")]
pub unsafe fn plain(number: u32) -> u32 {
    nap();
    number
}

#[measure_performance("tool_simple")]
unsafe extern "C" fn called_from_c(number: *const u32) -> u32 {
    nap();
    // SAFETY: the test passes a valid pointer.
    unsafe { *number }
}

#[measure_performance("tool_simple")]
async unsafe fn asynchronous(number: u32) -> Result<u32, String> {
    nap_async().await;
    if number == 0 {
        return Err("zero".into());
    }
    Ok(number)
}

/// A symbol of the program.
#[measure_performance("tool_simple")]
#[unsafe(no_mangle)]
pub extern "C" fn kgas_perf_test_symbol() -> u32 {
    nap();
    7
}

struct Owner;

impl Owner {
    #[measure_performance("tool_simple")]
    async unsafe fn method(&self) -> u32 {
        nap_async().await;
        7
    }
}

#[test]
fn unsafe_functions_are_timed_whole() {
    // SAFETY: `plain` needs nothing, and the pointer is to a local variable.
    unsafe {
        assert_one_nap(|| plain(7));
        assert_one_nap(|| called_from_c(&7));
        assert_one_async_nap(asynchronous(7));
        assert_one_async_nap(async { Owner.method().await });
        assert_eq!(outcomes(|| macro_support::run(asynchronous(0)).is_err()), [0, 1, 0, 0]);
    }
    assert_one_nap(|| kgas_perf_test_symbol());
}

#[measure_performance("tool_simple")]
fn last_words() -> Result<u32, String> {
    Ok(7)
}

/// Calls a measured function when its thread ends.
struct AtTheEnd;

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        let _ = last_words();
    }
}

thread_local! {
    static AT_THE_END: RefCell<Option<AtTheEnd>> = const { RefCell::new(None) };
}

#[test]
fn a_call_while_a_thread_ends_does_no_harm() {
    let registry = Registry::new();
    let in_thread = registry.clone();
    std::thread::spawn(move || {
        AT_THE_END.with(|end| *end.borrow_mut() = Some(AtTheEnd));
        in_thread.run(|| last_words().unwrap());
    })
    .join()
    .unwrap();
    // The call at the end is the global registry's, if it is counted at all.
    assert_eq!(outcomes_in(&registry.snapshot(), "tool_simple"), [1, 0, 0, 0]);
}
