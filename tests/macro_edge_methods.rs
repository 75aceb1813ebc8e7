//! Methods with every kind of receiver, in types, traits and their implementations.
#![allow(clippy::boxed_local, reason = "the attribute must take programs as people write them")]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use kgas_perf_runtime::measure_performance;
use macro_support::{assert_one_nap, nap, outcomes};

struct Owner(u32);

impl Owner {
    #[measure_performance("tool_simple")]
    fn by_value(self) -> u32 {
        nap();
        self.0
    }

    #[measure_performance("tool_simple")]
    fn by_mutable_value(mut self) -> u32 {
        self.0 += 1;
        nap();
        self.0
    }

    #[measure_performance("tool_simple")]
    fn by_reference(&self) -> Result<&u32, String> {
        nap();
        Ok(&self.0)
    }

    #[measure_performance("tool_simple")]
    fn by_mutable_reference(&mut self) -> &mut u32 {
        nap();
        &mut self.0
    }

    #[measure_performance("tool_simple")]
    fn by_box(self: Box<Self>) -> u32 {
        nap();
        self.0
    }

    #[measure_performance("tool_simple")]
    fn by_arc(self: Arc<Self>) -> u32 {
        nap();
        self.0
    }

    #[measure_performance("tool_simple")]
    fn by_borrowed_rc(self: &Rc<Self>) -> u32 {
        nap();
        self.0
    }

    #[measure_performance("tool_simple")]
    fn by_pin(self: Pin<&mut Self>) -> u32 {
        nap();
        self.0
    }

    #[measure_performance("tool_simple")]
    fn new() -> Self {
        nap();
        Self(1)
    }

    #[measure_performance("tool_simple")]
    fn checked(number: u32) -> Result<Self, std::num::TryFromIntError> {
        nap();
        u8::try_from(number)?;
        Ok(Self(number))
    }
}

trait Work {
    type Given;

    fn name(&self) -> &str;

    fn given(&self) -> Result<Self::Given, String>;

    #[measure_performance("tool_simple")]
    fn with_default(&self) -> usize {
        nap();
        self.name().len()
    }

    #[measure_performance("tool_simple")]
    fn sized_default(self) -> u32
    where
        Self: Sized,
    {
        nap();
        1
    }

    fn numbers(&self) -> impl Iterator<Item = u32>;
}

impl Work for Owner {
    type Given = u32;

    #[measure_performance("tool_simple")]
    fn name(&self) -> &str {
        "owner"
    }

    #[measure_performance("tool_simple")]
    fn given(&self) -> Result<Self::Given, String> {
        nap();
        Ok(self.0)
    }

    #[measure_performance("tool_simple")]
    fn numbers(&self) -> impl Iterator<Item = u32> {
        nap();
        0..self.0
    }
}

#[test]
fn methods_are_timed_whole() {
    assert_one_nap(|| Owner(1).by_value());
    assert_one_nap(|| Owner(1).by_mutable_value());
    assert_one_nap(|| Owner(1).by_reference().copied());
    assert_one_nap(|| *Owner(1).by_mutable_reference());
    assert_one_nap(|| Box::new(Owner(1)).by_box());
    assert_one_nap(|| Arc::new(Owner(1)).by_arc());
    assert_one_nap(|| Rc::new(Owner(1)).by_borrowed_rc());
    assert_one_nap(|| Pin::new(&mut Owner(1)).by_pin());
    assert_one_nap(Owner::new);
    assert_one_nap(|| Owner::checked(3).map(|owner| owner.0));
    assert_one_nap(|| Owner(1).sized_default());
    assert_one_nap(|| Owner(1).given());
    assert_one_nap(|| Owner(1).numbers().count());
    assert_eq!(outcomes(|| Owner(1).with_default()), [2, 0, 0, 0], "the default and `name`");
    assert_eq!(outcomes(|| Owner::checked(300).is_err()), [0, 1, 0, 0]);
}
