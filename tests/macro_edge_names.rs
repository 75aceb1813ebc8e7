//! Whatever the user's names are, and whatever they hide, the attribute means its own.
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

/// A crate whose modules and types are called like those of the standard library.
#[allow(dead_code, reason = "they are there to be in the way")]
mod shadowed {
    mod std {}
    mod core {}
    mod alloc {}
    mod kgas_perf_runtime {}
    mod __private {}
    struct Result;
    struct Option;
    struct String;
    struct Box;
    struct Ok;
    struct Type;
    struct Outcome;
    struct Some;
    #[derive(Debug)]
    pub(crate) struct None;

    #[allow(unused_macros, reason = "in the way")]
    macro_rules! file {
        () => {
            compile_error!("the user's own macro")
        };
    }
    #[allow(unused_macros, reason = "in the way")]
    macro_rules! line {
        () => {
            compile_error!("the user's own macro")
        };
    }
    #[allow(unused_macros, reason = "in the way")]
    macro_rules! include_str {
        ($file:expr) => {
            compile_error!("the user's own macro")
        };
    }

    type Given = ::core::result::Result<u32, None>;

    #[::kgas_perf_runtime::measure_performance("tool_simple", size = 7)]
    pub(crate) fn sync(fails: bool) -> Given {
        if fails {
            return ::core::result::Result::Err(None);
        }
        ::core::result::Result::Ok(7)
    }

    #[::kgas_perf_runtime::measure_performance("tool_simple", ok = |given| given.is_ok())]
    pub(crate) async fn asynchronous(fails: bool) -> Given {
        sync(fails)?;
        ::core::result::Result::Ok(7)
    }

    #[::kgas_perf_runtime::measure_performance("tool_simple", poll = true)]
    pub(crate) async fn polled(fails: bool) -> Given {
        sync(fails)?;
        ::core::result::Result::Ok(7)
    }

    pub(crate) fn region() -> u32 {
        ::kgas_perf_runtime::measure!("tool_simple", { 7 })
    }
}

use kgas_perf_runtime::measure_performance;
use macro_support::{assert_one_nap, nap, outcomes, run};

/// The attribute under another name of its crate.
mod renamed {
    use kgas_perf_runtime as performance;

    #[performance::measure_performance("tool_simple", crate = performance)]
    pub(crate) fn call() -> Result<u32, String> {
        Ok("7".parse::<u32>().map_err(|error| error.to_string())?)
    }

    #[performance::measure_performance("tool_simple", crate = crate::renamed::performance)]
    pub(crate) async fn asynchronous() -> Result<u32, String> {
        Ok("7".parse::<u32>().map_err(|error| error.to_string())?)
    }
}

#[measure_performance("tool_simple", size = start)]
#[expect(clippy::too_many_arguments, reason = "each is a name that generated code might use")]
fn arguments(
    _guard: u32,
    guard: u32,
    start: u32,
    result: u32,
    caller: u32,
    elapsed: u32,
    e: u32,
    x: u32,
    value: u32,
    call: u32,
    __kgas_call: u32,
    __kgas_value: u32,
    __kgas_type: u32,
) -> Result<u32, String> {
    nap();
    if x == 0 {
        return Err(String::new());
    }
    let sum = guard + start + result + caller + elapsed + e + x + value + call;
    Ok(sum + __kgas_call + __kgas_value + __kgas_type)
}

#[measure_performance("tool_simple")]
async fn locals(input: u32) -> Result<u32, std::num::TryFromIntError> {
    let __kgas_call = input;
    let __kgas_value = __kgas_call;
    let __kgas_type = u8::try_from(__kgas_value)?;
    if input == 1 {
        return Ok(u32::from(__kgas_type));
    }
    let p = u32::from(__kgas_type);
    Ok(p)
}

#[measure_performance("tool_simple")]
fn r#match(r#type: u32) -> u32 {
    r#type
}

/// A body whose names hide those of the signature.
#[derive(Debug, PartialEq)]
struct Answer(u32);

#[measure_performance("tool_simple")]
fn hidden_by_the_body(early: bool) -> Answer {
    #[allow(dead_code, reason = "in the way")]
    struct Answer;
    #[allow(non_camel_case_types, dead_code, reason = "in the way")]
    struct u32;
    #[allow(unused_imports, reason = "in the way")]
    use elsewhere::*;
    if early {
        return self::Answer(1);
    }
    self::Answer(2)
}

#[measure_performance("tool_simple")]
async fn hidden_by_an_async_body(early: bool) -> Result<Answer, std::num::ParseIntError> {
    #[allow(unused_imports, reason = "in the way")]
    use elsewhere::*;
    if early {
        return Ok(self::Answer(1));
    }
    "7".parse::<i8>()?;
    Ok(self::Answer(2))
}

mod elsewhere {
    #[allow(dead_code, reason = "in the way")]
    pub(crate) struct Answer;
}

macro_rules! made_by_a_macro {
    ($($name:ident = $body:expr;)*) => {$(
        #[measure_performance("tool_simple")]
        fn $name(number: u32) -> Result<u32, String> {
            if number == 0 {
                return Err("zero".into());
            }
            Ok(number + $body)
        }
    )*};
}

made_by_a_macro! {
    first = 1;
    second = { 2 };
}

#[measure_performance("tool_simple")]
fn nested<T: Into<u64>>(number: T) -> u64 {
    #[measure_performance("tool_simple")]
    fn nested<T: Into<u64>>(number: T) -> u64 {
        number.into() + 1
    }
    struct Local<T>(T);
    impl<T: Into<u64>> Local<T> {
        #[measure_performance("tool_simple")]
        fn nested(self) -> u64 {
            self.0.into()
        }
    }
    Local(nested(number)).nested()
}

#[test]
fn the_users_names_do_not_matter() {
    assert_eq!(outcomes(|| shadowed::sync(false).is_ok()), [1, 0, 0, 0]);
    assert_eq!(outcomes(|| shadowed::sync(true).is_ok()), [0, 1, 0, 0]);
    assert_eq!(outcomes(|| run(shadowed::asynchronous(true)).is_ok()), [0, 2, 0, 0]);
    assert_eq!(outcomes(|| run(shadowed::polled(true)).is_ok()), [0, 2, 0, 0]);
    assert_eq!(outcomes(shadowed::region), [1, 0, 0, 0]);
    assert_eq!(outcomes(renamed::call), [1, 0, 0, 0]);
    assert_eq!(outcomes(|| run(renamed::asynchronous())), [1, 0, 0, 0]);
    assert_one_nap(|| arguments(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));
    assert_eq!(arguments(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13), Ok(90));
    assert_eq!(run(locals(1)), Ok(1));
    assert_eq!(outcomes(|| run(locals(300)).is_err()), [0, 1, 0, 0]);
    assert_eq!(outcomes(|| r#match(1)), [1, 0, 0, 0]);
}

#[test]
fn a_body_may_hide_the_return_type() {
    assert_eq!(hidden_by_the_body(true), Answer(1));
    assert_eq!(hidden_by_the_body(false), Answer(2));
    assert_eq!(run(hidden_by_an_async_body(true)), Ok(Answer(1)));
    assert_eq!(run(hidden_by_an_async_body(false)), Ok(Answer(2)));
}

#[test]
fn functions_of_one_source_position_are_counted_apart() {
    let snapshot = macro_support::snapshot_of(|| {
        assert_eq!(first(1), Ok(2));
        assert_eq!(second(1), Ok(3));
        assert_eq!(first(0), Err("zero".into()));
    });
    let operation = snapshot.operation("tool_simple").unwrap();
    let mut counted: Vec<_> =
        operation.call_sites.iter().map(|site| (site.function, site.calls)).collect();
    counted.sort_unstable();
    assert_eq!(counted, [("macro_edge_names::first", 2), ("macro_edge_names::second", 1)]);
}

#[test]
fn nested_functions_have_paths_of_their_own() {
    let snapshot = macro_support::snapshot_of(|| assert_eq!(nested(1_u32) + nested(1_u8), 4));
    let operation = snapshot.operation("tool_simple").unwrap();
    let mut counted: Vec<_> =
        operation.call_sites.iter().map(|site| (site.function, site.calls)).collect();
    counted.sort_unstable();
    assert_eq!(
        counted,
        [
            ("macro_edge_names::nested", 2),
            ("macro_edge_names::nested::Local<_>::nested", 2),
            ("macro_edge_names::nested::nested", 2),
        ]
    );
}
