//! How many instructions does a measured call take? Run by `cargo xtask callgrind`, which counts
//! them under valgrind: `callgrind CALLS measured` against `callgrind CALLS plain`.

mod harness;
#[path = "harness/subjects.rs"]
mod subjects;

use std::hint::black_box;

use harness::plain;
use subjects::sampled;

fn main() {
    // Cargo adds `--bench`; without arguments of ours there is nothing to count.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [calls, which] = words.as_slice() else {
        println!("callgrind: run by `cargo xtask callgrind`");
        return;
    };
    let Ok(calls) = calls.parse::<u64>() else {
        panic!("`{calls}` is no number of calls");
    };
    let call = match which.as_str() {
        "plain" => plain,
        "measured" => sampled,
        _ => panic!("`{which}` is neither `plain` nor `measured`"),
    };
    for number in 0..calls {
        black_box(call(black_box(number)));
    }
}
