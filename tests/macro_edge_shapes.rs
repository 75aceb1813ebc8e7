//! Every shape of a function that is done when it returns: it compiles without a warning, and its
//! whole body is timed.
#![allow(
    clippy::multiple_bound_locations,
    clippy::type_complexity,
    clippy::ptr_arg,
    clippy::diverging_sub_expression,
    reason = "the attribute must take programs as people write them"
)]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt::{Debug, Display};

use kgas_perf_runtime::measure_performance;
use macro_support::{assert_one_nap, nap, outcomes};

#[measure_performance("tool_simple")]
fn nothing() {
    nap();
}

#[measure_performance("tool_simple")]
#[rustfmt::skip]
fn one_line() -> u64 { std::hint::black_box(7) }

#[measure_performance("tool_simple")]
fn generic<T: Clone + Debug, const N: usize>(value: T) -> [T; N]
where
    T: Copy,
{
    nap();
    [value; N]
}

#[measure_performance("tool_simple")]
fn opaque_argument(reader: &mut impl std::io::Read, name: impl Display) -> String {
    nap();
    let mut text = name.to_string();
    reader.read_to_string(&mut text).unwrap();
    text
}

#[measure_performance("tool_simple")]
fn opaque_return(upto: u32) -> impl Iterator<Item = u32> + Debug {
    nap();
    0..upto
}

#[measure_performance("tool_simple")]
fn opaque_pair(step: u32) -> (impl Fn(u32) -> u32, impl Iterator<Item = u32>) {
    nap();
    (move |x| x + step, 0..step)
}

#[measure_performance("tool_simple")]
fn opaque_use<'a>(names: &'a [String], _other: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    nap();
    names.iter().map(String::as_str)
}

#[measure_performance("tool_simple")]
fn opaque_in_result(step: u32) -> Result<impl Fn(u32) -> u32, String> {
    nap();
    if step == 0 {
        return Err("no step".into());
    }
    Ok(move |x| x + step)
}

#[measure_performance("tool_simple")]
fn coerced(step: u32) -> Result<Box<dyn Fn(u32) -> u32>, Box<dyn std::error::Error>> {
    nap();
    if step == 0 {
        return Err("no step".into());
    }
    if step == 1 {
        return Ok(Box::new(|x| x + 1));
    }
    Ok(Box::new(move |x| x + step))
}

#[measure_performance("tool_simple")]
fn borrowed<'a>(counts: &'a mut HashMap<String, u32>, key: &str) -> &'a mut u32 {
    nap();
    counts.entry(key.to_owned()).or_default()
}

#[measure_performance("tool_simple")]
fn borrowed_in_result<'a>(
    counts: &'a mut HashMap<String, u32>,
    key: &str,
) -> Result<&'a mut u32, String> {
    nap();
    match counts.get_mut(key) {
        Some(count) => Ok(count),
        None => Err(key.to_owned()),
    }
}

#[measure_performance("tool_simple")]
fn slice_option(values: &Vec<u32>) -> Option<&[u32]> {
    nap();
    Some(values)
}

#[measure_performance("tool_simple")]
fn patterns(
    (a, _): (u32, u32),
    [b, ..]: [u32; 3],
    Point { x, .. }: Point,
    &c: &u32,
    mut d: u32,
) -> u32 {
    nap();
    d += 1;
    a + b + x + c + d
}

struct Point {
    x: u32,
    #[allow(dead_code, reason = "left out by the pattern")]
    y: u32,
}

extern "C" fn plain_c() {}

#[measure_performance("tool_simple")]
extern "C" fn called_from_c(callback: extern "C" fn(), number: i32) -> i32 {
    nap();
    callback();
    number
}

#[measure_performance("tool_simple")]
fn never(reason: &str) -> ! {
    panic!("{reason}")
}

#[measure_performance("tool_simple")]
fn infallible(reason: &str) -> Infallible {
    panic!("{reason}")
}

#[measure_performance("tool_simple")]
fn endless(mut left: u32) -> Result<u32, Infallible> {
    loop {
        left -= 1;
        if left == 0 {
            nap();
            return Ok(left);
        }
    }
}

#[measure_performance("tool_simple")]
fn inner_attributes(argument: u32) -> u32 {
    #![allow(unused_variables, reason = "an attribute inside the body")]
    //! A comment inside the body.
    let unused = argument;
    nap();
    7
}

#[measure_performance("tool_simple")]
fn inner_attributes_in_result(argument: u32) -> Result<u32, String> {
    #![allow(unused_variables, reason = "an attribute inside the body")]
    let unused = argument;
    nap();
    return Ok(7);
}

#[test]
fn functions_are_timed_whole() {
    assert_one_nap(nothing);
    assert_one_nap(|| generic::<_, 3>('x'));
    assert_one_nap(|| opaque_argument(&mut &b"abc"[..], 7));
    assert_one_nap(|| opaque_return(3).count());
    assert_one_nap(|| opaque_pair(3).0(1));
    assert_one_nap(|| opaque_use(&["a".into()], "b").count());
    assert_one_nap(|| opaque_in_result(3).map(|add| add(1)));
    assert_one_nap(|| coerced(3).map(|add| add(1)));
    assert_one_nap(|| *borrowed(&mut HashMap::new(), "a"));
    assert_one_nap(|| borrowed_in_result(&mut HashMap::from([("a".into(), 1)]), "a").copied());
    assert_one_nap(|| slice_option(&vec![1]).map(<[_]>::len));
    assert_one_nap(|| patterns((1, 2), [1, 2, 3], Point { x: 1, y: 2 }, &3, 4));
    assert_one_nap(|| called_from_c(plain_c, 3));
    assert_one_nap(|| endless(3));
    assert_one_nap(|| inner_attributes(3));
    assert_one_nap(|| inner_attributes_in_result(3));
    assert_eq!(outcomes(one_line), [1, 0, 0, 0]);
}

#[test]
fn what_never_returns_panicked() {
    let panics = |call: fn()| outcomes(|| std::panic::catch_unwind(call));
    assert_eq!(panics(|| never("over")), [0, 0, 1, 0]);
    assert_eq!(panics(|| match infallible("over") {}), [0, 0, 1, 0]);
    assert_eq!(outcomes(|| opaque_in_result(0).is_err()), [0, 1, 0, 0]);
    assert_eq!(outcomes(|| coerced(0).is_err()), [0, 1, 0, 0]);
}
