//! Measured futures stay small, and measured functions need little stack: neither a chain of
//! futures nor a deep recursion overflows.
#![deny(warnings, missing_docs)]
#![forbid(unsafe_code)]
// Twenty futures measured poll by poll are sixty futures to the compiler.
#![recursion_limit = "256"]

mod macro_support;

use kgas_perf_runtime::{Registry, measure, measure_performance};
use macro_support::{outcomes, outcomes_in, run};

/// What one measured level may add to a future, in bytes.
const MOST_A_LEVEL: usize = 96;

async fn leaf(fails: bool) -> Result<u64, String> {
    let kept = std::hint::black_box([7_u64; 16]);
    tokio::task::yield_now().await;
    if fails { Err("as asked".into()) } else { Ok(kept.iter().sum()) }
}

/// A chain of functions, each of which awaits the next.
macro_rules! chain {
    ($($attribute:meta)?; $last:ident) => {};
    ($($attribute:meta)?; $name:ident $next:ident $($more:ident)*) => {
        $(#[$attribute])?
        pub(crate) async fn $name(fails: bool) -> Result<u64, String> {
            if fails && stringify!($name) == "level7" {
                return Err("early".into());
            }
            let sum = $next(fails).await?;
            tokio::task::yield_now().await;
            Ok(sum + 1)
        }
        chain!($($attribute)?; $next $($more)*);
    };
}

macro_rules! levels {
    ($module:ident: $($attribute:meta)?) => {
        mod $module {
            use super::leaf;
            chain!($($attribute)?; level1 level2 level3 level4 level5 level6 level7 level8 level9 level10
                level11 level12 level13 level14 level15 level16 level17 level18 level19 level20 leaf);
        }
    };
}

levels!(plain:);
levels!(measured: kgas_perf_runtime::measure_performance("tool_simple"));
levels!(polled: kgas_perf_runtime::measure_performance("tool_simple", poll = true));

#[test]
fn a_level_adds_little_to_a_future() {
    let size = |future: &dyn std::any::Any| size_of_val(future);
    let levels = |low: usize, high: usize| (high - low) / 19;
    let plain = levels(size(&plain::level20(false)), size(&plain::level1(false)));
    let measured = levels(size(&measured::level20(false)), size(&measured::level1(false)));
    println!("bytes a level: plain {plain}, measured {measured}");
    assert!(
        measured <= plain + MOST_A_LEVEL,
        "{measured} bytes a level, {plain} without the attribute"
    );
    let last = size(&measured::level20(false)) - size(&plain::level20(false));
    assert!(last <= MOST_A_LEVEL, "{last} bytes for the last level");
}

#[test]
fn a_future_measured_poll_by_poll_stays_small_too() {
    let size = |future: &dyn std::any::Any| size_of_val(future);
    let one = size(&polled::level19(false)) - size(&polled::level20(false));
    let all = size(&polled::level1(false)) - size(&polled::level20(false));
    println!("bytes a level: polled {one}");
    assert_eq!(all, one * 19, "it grows by a constant a level");
}

#[test]
fn twenty_levels_run_on_a_small_stack() {
    let run_all = || {
        let registry = Registry::new();
        registry.run(|| {
            assert_eq!(run(measured::level1(false)), Ok(132));
            assert_eq!(run(polled::level1(false)), Ok(132));
            assert!(run(measured::level1(true)).is_err());
        });
        outcomes_in(&registry.snapshot(), "tool_simple")
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run_all).unwrap();
    assert_eq!(thread.join().unwrap(), [40, 7, 0, 0]);
}

#[measure_performance("tool_simple")]
fn recursive(depth: u32) -> Result<u32, String> {
    if depth == 0 {
        return Ok(0);
    }
    Ok(recursive(depth - 1)? + 1)
}

#[test]
fn recursion_is_counted_to_any_depth() {
    assert_eq!(outcomes(|| recursive(1_000)), [1_001, 0, 0, 0]);
    assert_eq!(outcomes(|| measure!("tool_simple", { recursive(100) })), [102, 0, 0, 0]);
}
