//! What does a round of evaluations cost, quiet and in a storm, and what do alerts hold in memory?

mod harness;

use std::hint::black_box;
use std::time::Duration;

use harness::clocks::{resident_bytes, wall_ns};
use harness::quantile;
use kgas_perf_runtime::alert::{Alerts, Evaluation, Now, Rule, Settings, Subject};
use kgas_perf_runtime::catalog::SizeClass;
use kgas_perf_runtime::detect::Kind;
use kgas_perf_runtime::measure::Severity;

const OPERATIONS: usize = 1_000;
const ROUNDS: u64 = 101;

fn main() {
    println!("\nAlerts: {OPERATIONS} operations, a round each second\n");
    println!("| | |");
    println!("|---|--:|");
    for (name, bad) in [("all are fine", 0), ("10 of them are bad", 10), ("all are bad", 1_000)] {
        let before = resident_bytes();
        let (mut alerts, rule) = alerts();
        let mut evaluating = Vec::new();
        let mut asking = Vec::new();
        for second in 0..ROUNDS {
            let now = at(second);
            let round = round(&rule, bad);
            let start = wall_ns();
            black_box(alerts.evaluate(now, round));
            evaluating.push((wall_ns() - start) as f64 / 1e6);
            let start = wall_ns();
            let due = alerts.due(now);
            for one in &due {
                alerts.record(one, now);
            }
            asking.push((wall_ns() - start) as f64 / 1e6);
        }
        assert_eq!(alerts.saved().open.len(), bad);
        let kib = (resident_bytes().saturating_sub(before)) as f64 / 1024.0;
        evaluating.sort_by(f64::total_cmp);
        asking.sort_by(f64::total_cmp);
        println!("| {name}: a round, ms, median | {:.2} |", quantile(&evaluating, 0.5));
        println!("| {name}: a round, ms, 9 of 10 | {:.2} |", quantile(&evaluating, 0.9));
        println!("| {name}: what is due, ms, median | {:.2} |", quantile(&asking, 0.5));
        if bad == OPERATIONS {
            println!("| {name}: resident set grown, KiB an alert | {:.1} |", kib / bad as f64);
        }
    }
}

fn alerts() -> (Alerts, Rule) {
    let rule = Rule::verdicts("slower", &[Kind::Location]).build().expect("a good rule");
    let alerts = Alerts::new([rule.clone()], Settings::default(), at(0)).expect("good settings");
    (alerts, rule)
}

fn at(second: u64) -> Now {
    let second = Duration::from_secs(second);
    Now { monotonic: second, unix: second }
}

/// A round in which the first `bad` operations are critical and the others are fine.
fn round(rule: &Rule, bad: usize) -> Vec<Evaluation> {
    (0..OPERATIONS)
        .map(|number| {
            let subject = Subject::operation(&format!("operation_{number}"), SizeClass::Small);
            let severity = (number < bad).then_some(Severity::Critical);
            Evaluation::judged(rule, subject, severity, true)
        })
        .collect()
}
