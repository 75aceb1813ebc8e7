//! How often does a bound that holds count as exceeded, and how often is one found that is
//! exceeded by a class?
//!
//! Times are formulae with seeded noise. An argument that is a number is how many runs each cell
//! gets, 200 without one. An assertion measures a second time where the first exceeds the bound,
//! so both must say so.

#[path = "../src/dice.rs"]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "the kit and its tests use the rest")]
mod dice;
#[path = "../src/scaling/simulation.rs"]
#[allow(dead_code, reason = "the bench `scaling` uses the rest")]
mod simulation;

/// Where the simulation looks for the classes.
mod scaling {
    pub(crate) use kgas_perf_testkit::scaling::Complexity;
}

use kgas_perf_testkit::scaling::{Bound, Complexity, Scaling};
use simulation::{Chance, Setting, Truth};

fn main() {
    let runs = std::env::args().skip(1).find_map(|each| each.parse().ok()).unwrap_or(200);
    println!("| sizes | noise | overhead | falsely, at worst | found, a class above its bound |");
    println!("|---|--:|--:|--:|---|");
    for (sizes, step) in [(5, 2), (5, 4), (6, 2), (6, 4), (8, 2)] {
        for noise in [0.01, 0.05, 0.10] {
            for overhead in [0.0, 5.0] {
                let usual = Setting { sizes, step, repeats: 9, ..Setting::USUAL };
                row(&Setting { noise, overhead, ..usual }, runs);
            }
        }
    }
}

fn row(setting: &Setting, runs: u64) {
    let share = |truth: Complexity, bound: Complexity| {
        let exceeded = (0..runs).filter(|run| is_exceeded_twice(setting, truth, bound, *run));
        exceeded.count() as f64 / runs as f64
    };
    let falsely = Complexity::ALL.map(|class| share(class, class)).into_iter().fold(0.0, f64::max);
    let found = Complexity::ALL.windows(2).map(|pair| format!("{:.2}", share(pair[1], pair[0])));
    let Setting { sizes, step, noise, overhead, .. } = setting;
    println!(
        "| {sizes}, × {step} | {:.0} % | {overhead} | {falsely:.3} | {} |",
        100.0 * noise,
        found.collect::<Vec<_>>().join(" ")
    );
}

fn is_exceeded_twice(setting: &Setting, truth: Complexity, bound: Complexity, run: u64) -> bool {
    let exceeds = |seed: u64| {
        let measured = setting.measure(Truth::Class(truth), &mut Chance::new(seed));
        let scaling = Scaling::analyse(&measured);
        scaling.is_ok_and(|scaling| Bound::Class(bound).holds_for(&scaling) == Some(false))
    };
    exceeds(2 * run) && exceeds(2 * run + 1)
}
