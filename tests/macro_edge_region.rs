//! `measure!` times a block where it stands, and whatever leaves the block leaves it as before.
#![allow(
    clippy::diverging_sub_expression,
    clippy::unnecessary_map_on_constructor,
    reason = "the attribute must take programs as people write them"
)]
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]

mod macro_support;

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::{measure, measure_performance};
use macro_support::{
    assert_one_async_nap, assert_one_nap, nap, nap_async, outcomes, run, snapshot_of,
};

const OK: [u64; 4] = [1, 0, 0, 0];
const ERROR: [u64; 4] = [0, 1, 0, 0];

#[test]
fn a_block_is_timed_and_gives_its_value() {
    assert_one_nap(|| measure!("tool_simple", { nap() }));
    assert_one_nap(|| {
        let seven: u64 = measure!(
            "tool_simple",
            {
                #![allow(unused_variables, reason = "an attribute inside the block")]
                let unused = 1;
                nap();
                "7".parse().unwrap()
            }
        );
        assert_eq!(seven, 7);
    });
    let coerced = || -> Result<Box<dyn Fn(u32) -> u32>, String> {
        measure!("tool_simple", { Ok(Box::new(|x| x + 1)) })
    };
    assert_eq!(outcomes(|| coerced().map(|add| add(1))), OK);
    let one_line = || measure!("tool_simple", { 7 });
    assert_eq!(outcomes(one_line), OK);
}

#[test]
fn arguments_are_the_attributes() {
    let names = vec![1; 100];
    let snapshot = snapshot_of(|| {
        measure!("graph_to_table", size = names.len(), memory = "off", { names.len() });
        measure!("tool_complex", ok = |count| *count > 3, { 3 })
    });
    let operation = snapshot.operation("graph_to_table").unwrap();
    assert_eq!(operation.by_class[0].size_class, SizeClass::Small);
    assert_eq!(macro_support::outcomes_in(&snapshot, "tool_complex"), ERROR);
    let site = &operation.call_sites[0];
    assert_eq!(site.function, "macro_edge_region::arguments_are_the_attributes");
}

fn left(way: &str) -> Result<u32, String> {
    let mut rounds = 0;
    'rounds: loop {
        rounds += 1;
        let given: Result<u32, String> = measure!("tool_simple", {
            for number in 0..3 {
                if number == 1 {
                    continue;
                }
                if number == 2 {
                    break;
                }
            }
            match way {
                "return" => return Ok(rounds),
                "question" => "x".parse::<u32>().map_err(|error| error.to_string())?,
                "break" => break,
                "break a label" => break 'rounds,
                "break with a value" => {
                    let value = 'value: {
                        break 'value 3;
                    };
                    break 'rounds Ok::<u32, String>(value).map(drop).unwrap();
                }
                "continue" if rounds == 1 => continue,
                "error" => 0,
                "panic" => panic!("as asked"),
                _ => 7,
            };
            if way == "error" { Err("as asked".into()) } else { Ok(rounds) }
        });
        return given;
    }
    Ok(rounds)
}

async fn async_left(way: &str) -> Result<u32, String> {
    let mut rounds = 0;
    'rounds: loop {
        rounds += 1;
        let given: Result<u32, String> = measure!("tool_simple", {
            for number in 0..3 {
                if number == 1 {
                    continue;
                }
                if number == 2 {
                    break;
                }
            }
            tokio::task::yield_now().await;
            match way {
                "return" => return Ok(rounds),
                "question" => "x".parse::<u32>().map_err(|error| error.to_string())?,
                "break" => break,
                "break a label" => break 'rounds,
                "break with a value" => {
                    let value = 'value: {
                        break 'value 3;
                    };
                    break 'rounds Ok::<u32, String>(value).map(drop).unwrap();
                }
                "continue" if rounds == 1 => continue,
                "error" => 0,
                "panic" => panic!("as asked"),
                _ => 7,
            };
            if way == "error" { Err("as asked".into()) } else { Ok(rounds) }
        });
        return given;
    }
    Ok(rounds)
}

#[test]
fn every_way_out_has_its_outcome() {
    let ways = [
        ("end", OK),
        ("return", OK),
        ("break", OK),
        ("break a label", OK),
        ("break with a value", OK),
        ("continue", [2, 0, 0, 0]),
        ("question", ERROR),
        ("error", ERROR),
        ("panic", [0, 0, 1, 0]),
    ];
    for (way, expected) in ways {
        let call = || std::panic::catch_unwind(|| left(way).is_ok());
        assert_eq!(outcomes(call), expected, "{way}");
        let call = || std::panic::catch_unwind(|| run(async_left(way)).is_ok());
        assert_eq!(outcomes(call), expected, "async {way}");
    }
}

#[test]
fn a_block_that_waits_is_timed_whole_and_stays_in_a_send_future() {
    fn send<F: Future + Send>(future: F) -> F {
        future
    }
    assert_one_async_nap(send(async { measure!("tool_simple", { nap_async().await }) }));
    assert_one_async_nap(send(async {
        measure!("tool_simple", { tokio::join!(nap_async(), nap_async()) })
    }));
    let dropped = || {
        let future = pin!(async { measure!("tool_simple", { tokio::task::yield_now().await }) });
        assert!(future.poll(&mut Context::from_waker(Waker::noop())).is_pending());
    };
    assert_eq!(outcomes(dropped), [0, 0, 0, 1]);
}

#[measure_performance("tool_complex")]
async fn around(fails: bool) -> Result<u32, String> {
    let number: u32 = measure!("tool_simple", {
        tokio::task::yield_now().await;
        if fails { "x" } else { "7" }.parse::<u32>().map_err(|error| error.to_string())?
    });
    if number == 7 {
        return measure!("tool_simple", { Ok(number) });
    }
    Ok(0)
}

#[test]
fn a_block_in_a_measured_function_leaves_both() {
    let snapshot = snapshot_of(|| run(around(true)).unwrap_err());
    assert_eq!(macro_support::outcomes_in(&snapshot, "tool_simple"), ERROR);
    assert_eq!(macro_support::outcomes_in(&snapshot, "tool_complex"), ERROR);
    let snapshot = snapshot_of(|| run(around(false)));
    assert_eq!(macro_support::outcomes_in(&snapshot, "tool_simple"), [2, 0, 0, 0]);
    assert_eq!(macro_support::outcomes_in(&snapshot, "tool_complex"), OK);
}
