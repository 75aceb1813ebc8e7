//! The table: what was promised beside what was measured.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::goal::{Goal, Measure};
use crate::score::{Outcome, poisson_lower, poisson_upper};
use crate::trial::{Ledger, Tally};

/// The table as text, one block for each rate, false alarms first.
///
/// With `by_regime`, every row is followed by its regimes. A row that does not keep its goal is
/// marked; where as much may come by chance from a detector that keeps it, the mark says so.
pub fn text(ledger: &Ledger, by_regime: bool) -> String {
    let mut text = String::new();
    for rate in ledger.rates() {
        let title = format!("{rate} calls a second");
        let _ = writeln!(text, "{title:<36} {:>8} {:>9}   behind it", "goal", "measured");
        for (measure, tally) in ledger.rows(rate) {
            let Some(figure) = tally.figure(measure) else { continue };
            let goal = measure.goal(rate);
            let name = measure.to_string();
            let goal_text = goal.map_or_else(|| "-".to_owned(), |it| goal_text(measure, it));
            let mark = goal.map_or("", |goal| mark(measure, &tally, figure, goal));
            let figure = figure_text(measure, figure);
            let behind = behind(measure, &tally);
            let row = format!("  {name:<34} {goal_text:>8} {figure:>9}   {behind:<34} {mark}");
            let _ = writeln!(text, "{}", row.trim_end());
            if by_regime {
                for (regime, tally) in ledger.by_regime(rate, measure) {
                    let Some(figure) = tally.figure(measure) else { continue };
                    let figure = figure_text(measure, figure);
                    let behind = self::behind(measure, tally);
                    let _ = writeln!(text, "    {regime:<32} {:>8} {figure:>9}   {behind}", "");
                }
            }
        }
        text.push('\n');
    }
    text
}

/// The table as JSON: a list of rows, each with its regimes.
pub fn json(ledger: &Ledger) -> Value {
    let mut rows = Vec::new();
    for rate in ledger.rates() {
        for (measure, tally) in ledger.rows(rate) {
            let figure = tally.figure(measure);
            let goal = measure.goal(rate);
            let regimes: serde_json::Map<String, Value> = ledger
                .by_regime(rate, measure)
                .into_iter()
                .map(|(regime, tally)| (regime.to_owned(), counted(measure, tally)))
                .collect();
            rows.push(json!({
                "rate": rate,
                "measure": measure.to_string(),
                "at_most": goal.and_then(|it| if let Goal::AtMost(it) = it { Some(it) } else { None }),
                "at_least": goal.and_then(|it| if let Goal::AtLeast(it) = it { Some(it) } else { None }),
                "kept": goal.zip(figure).map(|(goal, figure)| measure.keeps(figure, goal)),
                "all": counted(measure, &tally),
                "regimes": regimes,
            }));
        }
    }
    Value::Array(rows)
}

/// Every false alarm and every miss as one line, with the arguments that run its stream again.
pub fn cases(ledger: &Ledger) -> String {
    let mut text = String::new();
    for it in &ledger.false_alarms {
        let alarm = it.alarm;
        let _ = writeln!(
            text,
            "false alarm: --only {} --rate {} --regime {} --seed-of-stream {}: at {:.1} s, \
             {:?}, {:?}",
            it.topic,
            it.rate,
            it.regime,
            it.seed,
            alarm.opened_by.t,
            alarm.opened_by.kind,
            alarm.severity
        );
    }
    for it in &ledger.misses {
        let Outcome { silent_before, delay, worst } = it.outcome;
        let noise = if silent_before { "" } else { ", not silent before" };
        let first =
            delay.map_or_else(|| "nothing".to_owned(), |it| format!("an alert after {it:.1} s"));
        let worst = worst.map_or_else(String::new, |it| format!(", at worst {it:?}"));
        let _ = writeln!(
            text,
            "{}: --only {} --rate {} --regime {} --seed-of-stream {}: change at {:.1} s, {first}\
             {worst}{noise}",
            it.measure, it.topic, it.rate, it.regime, it.seed, it.at
        );
    }
    text
}

fn counted(measure: Measure, tally: &Tally) -> Value {
    json!({ "figure": tally.figure(measure), "hits": tally.hits, "of": tally.chances })
}

/// What is written beside a row that has a goal.
fn mark(measure: Measure, tally: &Tally, figure: f64, goal: Goal) -> &'static str {
    if measure.keeps(figure, goal) {
        return "";
    }
    let (Goal::AtMost(bound) | Goal::AtLeast(bound)) = goal;
    let by_chance = if measure.is_per_week() {
        poisson_lower(tally.hits as u64) <= bound * tally.chances
    } else {
        let variance = figure * (1.0 - figure) / tally.chances;
        measure.is_share() && (figure - bound).abs() <= 2.0 * variance.sqrt()
    };
    if by_chance { "missed, perhaps by chance" } else { "MISSED" }
}

fn goal_text(measure: Measure, goal: Goal) -> String {
    match goal {
        Goal::AtMost(bound) => format!("<= {}", figure_text(measure, bound)),
        Goal::AtLeast(bound) => format!(">= {}", figure_text(measure, bound)),
    }
}

fn figure_text(measure: Measure, figure: f64) -> String {
    match measure {
        Measure::Delay if figure.is_infinite() => "never".to_owned(),
        Measure::Delay => format!("{figure:.1}"),
        _ if measure.is_bad() && measure.is_share() => format!("{figure:.3}"),
        _ => format!("{figure:.2}"),
    }
}

/// How much was run for a figure, and how sure it is.
fn behind(measure: Measure, tally: &Tally) -> String {
    let Tally { hits, chances, false_alarms, values } = tally;
    match measure {
        _ if measure.is_per_week() => {
            let upper = poisson_upper(*hits as u64) / chances;
            format!("{hits} in {chances:.1} op-weeks, < {upper:.2} at 95 %")
        }
        Measure::Delay => format!("{} streams", values.len()),
        Measure::F1 => format!("{hits} of {chances} found, {false_alarms} false alarms"),
        _ => format!("{hits} of {chances}"),
    }
}
