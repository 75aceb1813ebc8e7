//! How often is a class stated as sure that is wrong, how often the right one, and how long does
//! an analysis take?
//!
//! Every candidate under every noise, from a fixed seed. An argument that is a number is how many
//! runs each cell gets, 200 without one; another picks the settings whose names hold it.

#[path = "../src/dice.rs"]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "the kit and its tests use the rest")]
mod dice;
#[path = "../src/scaling/simulation.rs"]
mod simulation;

/// Where the simulation looks for the classes.
mod scaling {
    pub(crate) use kgas_perf_testkit::scaling::Complexity;
}

use kgas_perf_testkit::scaling::{Answer, Complexity, Scaling};
use simulation::{Chance, Setting, Truth};

fn main() {
    let given: Vec<String> =
        std::env::args().skip(1).filter(|each| !each.starts_with('-')).collect();
    let runs = given.iter().find_map(|each| each.parse().ok()).unwrap_or(200);
    let picked = given.iter().find(|each| each.parse::<u64>().is_err());
    let mut truths: Vec<Truth> = Complexity::ALL.map(Truth::Class).to_vec();
    truths.extend([1.5, 0.5, 2.5, 1.25, 1.75].map(Truth::Power));
    truths.extend([
        Truth::Exponential(3_000.0),
        Truth::Cliff(2.0),
        Truth::Cliff(5.0),
        Truth::Step(2.0),
    ]);
    println!(
        "| setting | truth | right and sure | near | wrong and sure | undecided | none fits |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|");
    let (mut worst, mut all, mut wrong_all) = (0.0_f64, 0_u64, 0_u64);
    for (name, setting) in settings() {
        if picked.is_some_and(|picked| !name.contains(picked)) {
            continue;
        }
        for &truth in &truths {
            let cell = Cell::of(&setting, truth, runs);
            let share = |count: u64| count as f64 / runs as f64;
            println!(
                "| {name} | {truth:?} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} |",
                share(cell.right),
                share(cell.near),
                share(cell.wrong),
                share(cell.undecided),
                share(cell.none),
            );
            worst = worst.max(share(cell.wrong));
            all += runs;
            wrong_all += cell.wrong;
        }
    }
    println!("\nwrong and sure: {wrong_all} of {all}, at most {worst:.3} in a cell");
}

#[derive(Default)]
struct Cell {
    right: u64,
    near: u64,
    wrong: u64,
    undecided: u64,
    none: u64,
}

impl Cell {
    fn of(setting: &Setting, truth: Truth, runs: u64) -> Self {
        let mut cell = Self::default();
        for run in 0..runs {
            let mut chance = Chance::new(0x5ca1_ab1e ^ run);
            let measured = setting.measure(truth, &mut chance);
            match Scaling::analyse(&measured).map(|scaling| scaling.answer) {
                Ok(Answer::Sure(class)) => match worth(class, truth, setting) {
                    Worth::Right => cell.right += 1,
                    Worth::Near => cell.near += 1,
                    Worth::Wrong => cell.wrong += 1,
                },
                Ok(Answer::NoneFits(_)) => cell.none += 1,
                Ok(Answer::Undecided(_)) | Err(_) => cell.undecided += 1,
            }
        }
        cell
    }
}

/// What a class that was stated as sure is worth.
#[derive(PartialEq)]
enum Worth {
    Right,
    /// A power no further from the class than a quarter, which is what a class stands for.
    Near,
    Wrong,
}

/// Besides the truth itself, the constant class is right for what grows by less than a quarter
/// over all sizes, and the linear one for what is linear on both sides of a cliff.
fn worth(class: Complexity, truth: Truth, setting: &Setting) -> Worth {
    let sizes = setting.step.pow(setting.sizes as u32 - 1) as f64;
    let (smallest, largest) = (100.0, 100.0 * sizes);
    let grown = truth.at(largest, 1_000.0) / truth.at(smallest, 1_000.0);
    let flat = (setting.overhead + grown) / (setting.overhead + 1.0) < 1.25;
    match truth {
        _ if class == Complexity::Constant && flat => Worth::Right,
        Truth::Class(truth) if truth == class => Worth::Right,
        Truth::Cliff(_) if class == Complexity::N => Worth::Right,
        Truth::Power(exponent)
            if (class.exponent_between(smallest, largest) - exponent).abs() <= 0.25 =>
        {
            Worth::Near
        }
        _ => Worth::Wrong,
    }
}

fn settings() -> Vec<(String, Setting)> {
    let usual = Setting::USUAL;
    let mut all = Vec::new();
    for noise in [0.01, 0.05, 0.10, 0.20] {
        all.push((format!("noise {:.0} %", noise * 100.0), Setting { noise, ..usual }));
    }
    for overhead in [1.0, 10.0, 100.0] {
        all.push((format!("overhead {overhead}"), Setting { overhead, ..usual }));
    }
    let default = Setting { sizes: 8, repeats: 9, ..usual };
    all.push(("8 sizes".into(), default));
    all.push(("8 sizes, noise 10 %".into(), Setting { noise: 0.1, ..default }));
    all.push(("5 sizes".into(), Setting { sizes: 5, step: 4, ..usual }));
    all.push(("6 sizes × 4".into(), Setting { sizes: 6, step: 4, ..usual }));
    all.push(("3 repeats".into(), Setting { repeats: 3, ..usual }));
    all.push(("outliers 10 %".into(), Setting { outliers: 0.1, ..usual }));
    all.push(("between 5 %".into(), Setting { between: 0.05, noise: 0.02, ..usual }));
    all.push(("between 10 %".into(), Setting { between: 0.10, ..usual }));
    all.push(("walk 3 %".into(), Setting { walk: 0.03, noise: 0.02, ..usual }));
    all.push(("timer".into(), Setting { tick: 0.3, ..usual }));
    all.push((
        "all of it".into(),
        Setting {
            overhead: 10.0,
            outliers: 0.05,
            between: 0.03,
            walk: 0.02,
            noise: 0.10,
            tick: 0.1,
            ..usual
        },
    ));
    all
}
