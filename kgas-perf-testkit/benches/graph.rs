//! How long does it take to make a graph?

use std::hint::black_box;
use std::time::Duration;

use kgas_perf_runtime::measure::{Clock, SystemClock};
use kgas_perf_testkit::graph::Generator;

fn main() {
    println!("| entities | statements | with names | statements alone |\n|--:|--:|--:|--:|");
    for entities in [100, 1_000, 10_000, 100_000, 1_000_000] {
        let generator = Generator::new(entities);
        let named = median(|| drop(black_box(generator.generate())));
        let alone = median(|| _ = black_box(generator.statements().count()));
        println!("| {entities} | {} | {named:?} | {alone:?} |", generator.statements().count());
    }
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut taken = [(); 5].map(|()| {
        let start = SystemClock.now();
        work();
        SystemClock.now() - start
    });
    taken.sort();
    taken[2]
}
