//! How a call ended: ok, in an error, in a panic, cancelled; by whatever way it was left.
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

use kgas_perf_runtime::measure_performance;
use macro_support::{outcomes, run};

const OK: [u64; 4] = [1, 0, 0, 0];
const ERROR: [u64; 4] = [0, 1, 0, 0];
const PANICKED: [u64; 4] = [0, 0, 1, 0];

type Answer<T> = Result<T, Problem>;

#[derive(Debug)]
struct Problem;

impl From<std::num::ParseIntError> for Problem {
    fn from(_: std::num::ParseIntError) -> Self {
        Self
    }
}

/// As anyhow's.
macro_rules! bail {
    ($($reason:tt)*) => {
        return Err(Problem)
    };
}

/// As anyhow's.
macro_rules! ensure {
    ($holds:expr) => {
        if !$holds {
            return Err(Problem);
        }
    };
}

/// The ways out of a function that are tried below, sync and async.
macro_rules! ways {
    ($name:ident, [$($async:tt)?], [$($await:tt)*]) => {
        #[measure_performance("tool_simple")]
        $($async)? fn $name(way: &str) -> Answer<u32> {
            let three: Answer<u32> = Ok(3);
            if way == "return ok" {
                return Ok(1);
            }
            if way == "return err" {
                return Err(Problem);
            }
            if way == "return call" {
                return three;
            }
            if way == "return in closure" {
                let inner = || -> Answer<u32> { return Err(Problem) };
                return Ok(u32::from(inner().is_ok()));
            }
            if way == "question in closure" {
                let inner = || -> Answer<u32> { Ok("x".parse::<u32>()?) };
                return Ok(u32::from(inner().is_ok()));
            }
            if way == "bail" {
                bail!("no {}", way);
            }
            let _: u32 = match way {
                "bail in an arm" => bail!("no {}", way),
                _ => 1,
            };
            ensure!(way != "ensure");
            if way == "question in a macro" {
                println!("{}", "x".parse::<u32>()?);
            }
            if way == "nested question" {
                return Ok([1_u32, 2][usize::from("1".parse::<u8>()?)] + "x".parse::<u32>()?);
            }
            if way == "panic" {
                panic!("as asked");
            }
            for number in ["1", "x"] {
                if way == "question in a loop" {
                    let _: u32 = number.parse()?;
                }
            }
            $($await)*
            "7".parse::<u32>()?;
            match way {
                "tail question" => Ok("x".parse::<u32>()?),
                "tail err" => Err(Problem),
                _ => three,
            }
        }
    };
}

ways!(sync_ways, [], []);
ways!(async_ways, [async], [tokio::task::yield_now().await;]);

const WAYS: [(&str, [u64; 4]); 15] = [
    ("end", OK),
    ("return ok", OK),
    ("return call", OK),
    ("return in closure", OK),
    ("question in closure", OK),
    ("return err", ERROR),
    ("bail", ERROR),
    ("bail in an arm", ERROR),
    ("ensure", ERROR),
    ("question in a macro", ERROR),
    ("nested question", ERROR),
    ("question in a loop", ERROR),
    ("tail question", ERROR),
    ("tail err", ERROR),
    ("panic", PANICKED),
];

#[test]
fn every_way_out_has_its_outcome() {
    for (way, expected) in WAYS {
        let call = || std::panic::catch_unwind(|| sync_ways(way).is_ok());
        assert_eq!(outcomes(call), expected, "{way}");
        let call = || std::panic::catch_unwind(|| run(async_ways(way)).is_ok());
        assert_eq!(outcomes(call), expected, "async {way}");
    }
}

#[measure_performance("tool_simple")]
fn option(text: Option<&str>) -> Option<u32> {
    text?.parse().ok()
}

#[measure_performance("tool_simple")]
async fn async_option(text: Option<&str>) -> Option<u32> {
    text?.parse().ok()
}

#[measure_performance("tool_simple", ok = Option::is_some)]
fn option_with_predicate(text: Option<&str>) -> Option<u32> {
    text?.parse().ok()
}

#[measure_performance("tool_simple", ok = |answer: &Option<u32>| answer.is_some())]
async fn async_option_with_predicate(text: Option<&str>) -> Option<u32> {
    if text == Some("return") {
        return None;
    }
    text?.parse().ok()
}

#[measure_performance("tool_simple", ok = |count| *count > limit)]
fn number_with_predicate(count: u32, limit: u32) -> u32 {
    if count == 100 {
        return 0;
    }
    count
}

#[measure_performance("tool_simple", ok = |answer| !matches!(answer, Err(5)))]
fn forgiven(code: u32) -> Result<(), u32> {
    if code == 4 {
        return Err(4);
    }
    Err(code)
}

#[measure_performance("tool_simple", ok = |numbers| numbers.clone().count() > 1)]
fn opaque_with_predicate(upto: u32) -> impl Iterator<Item = u32> + Clone {
    if upto == 100 {
        return 0..0;
    }
    0..upto
}

#[test]
fn an_option_is_ok_whatever_it_holds_unless_a_predicate_says_otherwise() {
    for text in [None, Some("x"), Some("7")] {
        assert_eq!(outcomes(|| option(text)), OK);
        assert_eq!(outcomes(|| run(async_option(text))), OK);
    }
    for (text, expected) in
        [(None, ERROR), (Some("x"), ERROR), (Some("return"), ERROR), (Some("7"), OK)]
    {
        assert_eq!(outcomes(|| option_with_predicate(text)), expected);
        assert_eq!(outcomes(|| run(async_option_with_predicate(text))), expected);
    }
}

#[test]
fn a_predicate_decides() {
    assert_eq!(outcomes(|| number_with_predicate(3, 2)), OK);
    assert_eq!(outcomes(|| number_with_predicate(2, 2)), ERROR);
    assert_eq!(outcomes(|| number_with_predicate(100, 2)), ERROR);
    assert_eq!(outcomes(|| forgiven(5).is_err()), ERROR);
    assert_eq!(outcomes(|| forgiven(4).is_err()), OK);
    assert_eq!(outcomes(|| opaque_with_predicate(2).count()), OK);
    assert_eq!(outcomes(|| opaque_with_predicate(1).count()), ERROR);
    assert_eq!(outcomes(|| opaque_with_predicate(100).count()), ERROR);
}

#[measure_performance("tool_simple")]
fn generic<T>(value: T) -> T {
    value
}

#[measure_performance("tool_simple")]
fn written(out: &mut dyn std::io::Write) -> std::io::Result<()> {
    writeln!(out, "a")?;
    out.flush()
}

#[test]
fn aliases_of_result_are_seen_through_and_generics_are_not() {
    assert_eq!(outcomes(|| written(&mut Vec::new())), OK);
    assert_eq!(outcomes(|| written(&mut &mut [0u8; 0][..]).is_err()), ERROR);
    assert_eq!(outcomes(|| generic(Err::<u32, _>(Problem)).is_err()), OK);
}

struct MeasuredDrop;

impl Drop for MeasuredDrop {
    fn drop(&mut self) {
        generic(7);
    }
}

#[measure_performance("tool_complex")]
fn panics_with_a_measured_drop() {
    let _dropped = MeasuredDrop;
    panic!("as asked");
}

#[test]
fn a_call_during_a_panic_ends_as_it_ends() {
    let snapshot =
        macro_support::snapshot_of(|| std::panic::catch_unwind(panics_with_a_measured_drop));
    assert_eq!(macro_support::outcomes_in(&snapshot, "tool_simple"), OK);
    assert_eq!(macro_support::outcomes_in(&snapshot, "tool_complex"), PANICKED);
}
