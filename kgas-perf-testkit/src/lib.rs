//! Assertions on measured operations, for `cargo test`.
//!
//! ```
//! use kgas_perf_runtime::measure::{Measurement, Outcome};
//! use kgas_perf_runtime::{Collector, Registry};
//! use kgas_perf_testkit::assert_within_baseline;
//!
//! let registry = Registry::new();
//! let import = || Measurement::start("import").finish(Outcome::Ok);
//! let collector = Collector::new(registry.clone());
//!
//! registry.run(|| (0..200).for_each(|_| import()));
//! collector.tick(); // learns what is normal
//! registry.run(|| (0..200).for_each(|_| import()));
//! assert_within_baseline!(collector, "import");
//! ```

mod assert;
pub mod baselines;
mod timing;
mod within;

pub use assert::{NotWithinBaseline, within_baseline};

/// The examples of the README compile and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

#[doc(hidden)]
pub fn __proto(kind: &str, slow: f64) -> (f64, f64, f64, f64) {
    use std::time::Duration;
    let effort = timing::Effort {
        clock_step: timing::clock_step(&kgas_perf_runtime::measure::SystemClock),
        ..Default::default()
    };
    let mut data: Vec<u64> = (0..40_000).map(|x: u64| x.wrapping_mul(0x9E3779B97F4A7C15)).collect();
    let n = |x: f64| (x * slow) as usize;
    let c = timing::Course::new(effort, Duration::from_secs(2));
    let s = match kind {
        "hash20ns" => {
            let k = n(20.0);
            timing::drive(c, &mut || {
                let mut h = 1u64;
                for i in 0..k {
                    h = (h ^ std::hint::black_box(i as u64)).wrapping_mul(0x9E3779B97F4A7C15);
                }
                h
            })
        }
        "map" => {
            let k = n(2000.0);
            timing::drive(c, &mut || {
                let mut m = std::collections::HashMap::new();
                for i in 0..k {
                    *m.entry(data[i]).or_insert(0u64) += 1;
                }
                m
            })
        }
        "strings" => {
            let k = n(1000.0);
            timing::drive(c, &mut || (0..k).map(|i| format!("node {i}")).collect::<Vec<_>>())
        }
        "sort1ms" => {
            let k = n(30_000.0);
            timing::drive(c, &mut || {
                let mut v = data[..k].to_vec();
                v.sort_unstable();
                v
            })
        }
        "mem" => {
            let k = n(20.0);
            data.resize(4_000_000, 1);
            timing::drive(c, &mut || {
                let mut t = 0u64;
                for _ in 0..k {
                    let mut j = 0usize;
                    for i in 0..5000usize {
                        j = (j * 31 + i * 7919 + data[j] as usize) % 4_000_000;
                        t += data[j];
                    }
                }
                t
            })
        }
        _ => panic!(),
    };
    let r = s.in_yardsticks();
    let m = timing::Statistic::Median.of(&mut r.clone()).unwrap();
    let mut dev: Vec<f64> = r.iter().map(|x| (x / m).ln().abs()).collect();
    (
        s.typical_ns(),
        m,
        timing::Statistic::Median.of(&mut dev).unwrap() * 1.48,
        s.share_waited().unwrap_or(-1.0),
    )
}
