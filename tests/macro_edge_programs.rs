//! Functions as people write them, where several of a language's corners meet.
#![allow(
    clippy::needless_question_mark,
    clippy::toplevel_ref_arg,
    reason = "the attribute must take programs as people write them"
)]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::str::FromStr;
use std::task::Poll;

use kgas_perf_runtime::measure_performance;
use macro_support::{outcomes, run};

const OK: [u64; 4] = [1, 0, 0, 0];
const ERROR: [u64; 4] = [0, 1, 0, 0];

type Answer<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

#[measure_performance("tool_simple")]
fn higher_ranked<'a>(
    cut: &dyn for<'x> Fn(&'x str) -> &'x str,
    other: fn(&str) -> &str,
    text: &'a str,
) -> Result<Cow<'a, str>, Box<dyn Error + 'a>> {
    let Some(first) = text.split(' ').next() else {
        return Err(Box::from(text));
    };
    if let Some(rest) = first.strip_prefix('-')
        && !rest.is_empty()
    {
        return Err(rest.into());
    }
    Ok(Cow::Borrowed(other(cut(first))))
}

#[measure_performance("tool_simple")]
fn no_value_at_the_end(texts: &[&str]) -> Answer {
    for text in texts {
        text.parse::<u32>()?;
    }
    Ok(())
}

#[measure_performance("tool_simple")]
async fn no_value_at_the_end_async(texts: &[&str]) -> Answer {
    for text in texts {
        let parse = async { Ok::<_, std::num::ParseIntError>(text.parse::<u32>()?) };
        let parsed = parse.await;
        let add = |more: u32| -> Option<u32> { Some(parsed.as_ref().ok()? + more) };
        if add(1).is_none() {
            parsed?;
        }
    }
    Ok(())
}

trait Parser {
    type Out: Debug;
    type Failed: Display;

    fn parse(&self, text: &str) -> Result<Self::Out, Self::Failed>;

    #[measure_performance("tool_simple")]
    fn parse_all<'t, I>(&self, texts: I) -> Result<Vec<Self::Out>, (Self::Failed, usize)>
    where
        I: IntoIterator<Item = &'t str>,
        Self: Sized,
    {
        let mut all = Vec::new();
        for (line, text) in texts.into_iter().enumerate() {
            match self.parse(text) {
                Ok(one) => all.push(one),
                Err(failed) => return Err((failed, line)),
            }
        }
        Ok(all)
    }
}

struct Of<T>(std::marker::PhantomData<T>);

impl<T: FromStr<Err: Display> + Debug> Parser for Of<T> {
    type Out = T;
    type Failed = T::Err;

    #[measure_performance("tool_complex")]
    fn parse(&self, text: &str) -> Result<Self::Out, <Self as Parser>::Failed> {
        text.parse()
    }
}

#[measure_performance("tool_simple")]
fn opaque_inside(
    names: &[impl Display],
    each: Option<impl Fn(&str)>,
    ref first: String,
    whole @ [a, ..]: [u8; 3],
) -> Result<impl Iterator<Item = String>, impl Debug> {
    if let Some(each) = each {
        names.iter().for_each(|name| each(&name.to_string()));
    }
    if names.is_empty() {
        return Err("nothing");
    }
    Ok(vec![first.clone(), format!("{whole:?}{a}")].into_iter())
}

#[measure_performance("tool_simple")]
fn control(number: u8) -> ControlFlow<u8, u8> {
    let number = if number > 7 { ControlFlow::Break(number) } else { ControlFlow::Continue(1) }?;
    ControlFlow::Continue(number)
}

#[measure_performance("tool_simple")]
async fn control_async(number: u8) -> ControlFlow<u8, u8> {
    let number = if number > 7 { ControlFlow::Break(number) } else { ControlFlow::Continue(1) }?;
    ControlFlow::Continue(number)
}

#[measure_performance("tool_simple")]
fn poll_like(text: &str) -> Poll<Result<u8, std::num::ParseIntError>> {
    let number = Poll::Ready(text.parse())?;
    number.map(Ok)
}

struct Counter<const N: usize> {
    counts: BTreeMap<String, [u32; N]>,
}

impl<const N: usize> Counter<N> {
    #[measure_performance("tool_simple", size = self.counts.len())]
    fn longest<'s>(mut self: Pin<&'s mut Self>, key: &str) -> Result<&'s mut [u32; N], String> {
        let wanted = 'search: {
            for name in self.counts.keys() {
                if name.starts_with(key) {
                    break 'search name.clone();
                }
            }
            return Err(format!("no `{key}`"));
        };
        self.counts.insert(wanted.clone(), [const { N as u32 }; N]);
        match Pin::into_inner(self).counts.get_mut(&wanted) {
            Some(count) => Ok(count),
            None => unreachable!("it was found"),
        }
    }

    #[measure_performance("tool_simple")]
    fn each<R>(&self, mut visit: impl FnMut(&str) -> Result<R, String>) -> Result<Vec<R>, String> {
        self.counts.keys().map(|name| visit(name)).collect()
    }
}

macro_rules! tail {
    ($value:expr) => {{
        let value = $value;
        Ok(value)
    }};
}

#[measure_performance("tool_simple")]
fn ends_in_a_macro(value: u8) -> Result<u8, String> {
    tail! { value }
}

#[measure_performance("tool_simple")]
async fn ends_in_a_macro_async(value: &str) -> Result<u8, std::num::ParseIntError> {
    if value.is_empty() {
        return tail!(0);
    }
    tail! { value.parse()? }
}

#[measure_performance("tool_simple")]
fn main() -> Result<(), Box<dyn Error>> {
    let number: u8 = "7".parse()?;
    match number {
        0 => return Err("zero".into()),
        7 => {}
        _ => unreachable!(),
    }
    Ok(())
}

#[test]
fn they_compile_and_count() {
    assert_eq!(outcomes(|| higher_ranked(&|a| a, str::trim, "a b").is_ok()), OK);
    assert_eq!(outcomes(|| higher_ranked(&|a| a, str::trim, "-a b").is_err()), ERROR);
    assert_eq!(outcomes(|| no_value_at_the_end(&["1"])), OK);
    assert_eq!(outcomes(|| no_value_at_the_end(&["x"])), ERROR);
    assert_eq!(outcomes(|| run(no_value_at_the_end_async(&["1"]))), OK);
    assert_eq!(outcomes(|| run(no_value_at_the_end_async(&["x"]))), ERROR);
    let parser = Of(std::marker::PhantomData::<u8>);
    assert_eq!(outcomes(|| parser.parse_all(["1", "2"])), OK);
    assert_eq!(outcomes(|| parser.parse_all(["1", "x"])), ERROR);
    let opaque =
        |names: &[u8]| opaque_inside(names, Some(|_: &str| {}), "a".into(), [1; 3]).is_ok();
    assert_eq!(outcomes(|| opaque(&[1])), OK);
    assert_eq!(outcomes(|| opaque(&[])), ERROR);
    assert_eq!(outcomes(|| control(1)), OK);
    assert_eq!(outcomes(|| control(9)), OK);
    assert_eq!(outcomes(|| run(control_async(9))), OK);
    assert_eq!(outcomes(|| poll_like("x")), OK);
    let mut counter = Counter::<2> { counts: BTreeMap::from([("abc".to_owned(), [0; 2])]) };
    assert_eq!(outcomes(|| Pin::new(&mut counter).longest("a").map(|count| count[0])), OK);
    assert_eq!(outcomes(|| Pin::new(&mut counter).longest("x").is_err()), ERROR);
    assert_eq!(outcomes(|| counter.each(|name| Ok(name.len()))), OK);
    assert_eq!(outcomes(|| counter.each(|name| Err::<(), _>(name.to_owned()))), ERROR);
    assert_eq!(outcomes(|| ends_in_a_macro(7)), OK);
    assert_eq!(outcomes(|| run(ends_in_a_macro_async(""))), OK);
    assert_eq!(outcomes(|| run(ends_in_a_macro_async("7"))), OK);
    assert_eq!(outcomes(main), OK);
}
