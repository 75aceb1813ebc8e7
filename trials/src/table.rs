//! The table: what was promised beside what was measured.

use std::fmt::Write;

use crate::goal::{Goal, Measure};
use crate::score::poisson_upper;
use crate::trial::{Ledger, Tally};

/// The table as text, one block for each rate, false alarms first.
///
/// With `by_regime`, every row is followed by its regimes. A row that misses its goal is marked.
pub fn render(ledger: &Ledger, by_regime: bool) -> String {
    let mut text = String::new();
    for rate in ledger.rates() {
        let _ = writeln!(text, "{rate} calls a second");
        let _ =
            writeln!(text, "  {:<34} {:>8} {:>9}   {:<22} ", "", "goal", "measured", "behind it");
        for (measure, tally) in ledger.rows(rate) {
            let Some(figure) = tally.figure(measure) else { continue };
            let goal = measure.goal(rate);
            let mark = match goal {
                Some(goal) if !measure.keeps(figure, goal) => "MISSED",
                Some(_) => "",
                None => "",
            };
            let _ = writeln!(
                text,
                "  {:<34} {:>8} {:>9}   {:<34} {mark}",
                measure.to_string(),
                goal.map_or_else(|| "-".to_owned(), |it| goal_text(measure, it)),
                figure_text(measure, figure),
                behind(measure, &tally),
            );
            if by_regime {
                for (regime, tally) in ledger.by_regime(rate, measure) {
                    let Some(figure) = tally.figure(measure) else { continue };
                    let figure = figure_text(measure, figure);
                    let behind = behind(measure, tally);
                    let _ = writeln!(text, "    {regime:<32} {:>8} {figure:>9}   {behind}", "");
                }
            }
        }
        text.push('\n');
    }
    text
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
        Measure::Delay => format!("{figure:.0}"),
        Measure::Escalated | Measure::SpikePaged | Measure::ImprovementPaged => {
            format!("{figure:.3}")
        }
        _ => format!("{figure:.2}"),
    }
}

/// How much was run for a figure, and how sure it is.
fn behind(measure: Measure, tally: &Tally) -> String {
    match measure {
        _ if measure.is_per_week() => format!(
            "{} in {:.1} op-weeks, < {:.2} at 95 %",
            tally.hits,
            tally.chances,
            poisson_upper(tally.hits as u64) / tally.chances
        ),
        Measure::Delay => format!("{} streams", tally.values.len()),
        Measure::F1 => format!(
            "{} of {} found, {} false alarms",
            tally.hits, tally.chances, tally.false_alarms
        ),
        _ => format!("{} of {}", tally.hits, tally.chances),
    }
}
