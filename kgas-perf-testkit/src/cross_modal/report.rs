//! `CrossModalReport`: sizes, steps, objectives and scaling.

use std::fmt;
use std::time::Duration;

use kgas_perf_runtime::catalog::{Catalogue, Metric, Objective, Quantity, SizeClass, Statistic};
use serde::Serialize;

use crate::cross_modal::conversions::Step;
use crate::scaling::{Scaling, seconds};

/// An objective of the catalogue, held against the calls of one size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ObjectiveCheck {
    /// The objective in words, as the catalogue writes it.
    pub objective: String,
    /// Whether it was met; `None` where so few calls don't say, or it bounds no duration.
    pub met: Option<bool>,
}

/// The calls of one step at one size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// The step.
    pub step: Step,
    /// Entities of the graph.
    pub entities: u32,
    /// The size class, by the catalogue's bounds.
    pub size_class: SizeClass,
    /// How many calls there were.
    pub calls: usize,
    /// The shortest.
    pub min_seconds: f64,
    /// The median.
    pub p50_seconds: f64,
    /// The 95 % quantile; `None` below 20 calls, where it would be the longest.
    pub p95_seconds: Option<f64>,
    /// The longest.
    pub max_seconds: f64,
    /// Objectives of the operation for this size class.
    pub objectives: Vec<ObjectiveCheck>,
}

/// How one step scales.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepScaling {
    /// The step.
    pub step: Step,
    /// The analysis; `None` if there is none.
    pub scaling: Option<Scaling>,
    /// Why there is none.
    pub why_not: Option<String>,
}

/// What a run of conversions came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CrossModalReport {
    /// Each size and step, by step and then by size.
    pub cells: Vec<Cell>,
    /// How each step scales.
    pub scaling: Vec<StepScaling>,
}

impl CrossModalReport {
    pub(super) fn of(measured: &[(Step, u32, Duration)], catalogue: &Catalogue) -> Self {
        let mut sorted = measured.to_vec();
        sorted.sort();
        let same = |a: &(Step, u32, Duration), b: &(Step, u32, Duration)| (a.0, a.1) == (b.0, b.1);
        let cells = sorted.chunk_by(same).map(|calls| Cell::of(calls, catalogue)).collect();
        let scaling = Step::ALL.map(|step| {
            let of_step = sorted.iter().filter(|call| call.0 == step);
            let points: Vec<(u64, f64)> =
                of_step.map(|call| (u64::from(call.1), call.2.as_secs_f64())).collect();
            let (scaling, why_not) = match Scaling::analyse(&points) {
                Ok(scaling) => (Some(scaling), None),
                Err(error) => (None, Some(error.to_string())),
            };
            StepScaling { step, scaling, why_not }
        });
        Self { cells, scaling: scaling.to_vec() }
    }

    /// Objectives that were not met, with the cell of each.
    pub fn broken(&self) -> impl Iterator<Item = (&Cell, &ObjectiveCheck)> {
        self.cells.iter().flat_map(|cell| {
            let broken = |check: &&ObjectiveCheck| check.met == Some(false);
            cell.objectives.iter().filter(broken).map(move |check| (cell, check))
        })
    }

    /// The report as JSON, indented; durations in seconds.
    pub fn to_json(&self) -> String {
        // Numbers, names and lists: nothing here can fail to be written.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl Cell {
    /// Calls of one step and size, by ascending duration; there is one at least.
    fn of(calls: &[(Step, u32, Duration)], catalogue: &Catalogue) -> Self {
        let (step, entities, _) = calls[0];
        let seconds: Vec<f64> = calls.iter().map(|call| call.2.as_secs_f64()).collect();
        let size_class = catalogue.size_bounds().classify(u64::from(entities));
        let declared = catalogue.get(step.operation()).map_or(&[][..], |spec| &spec.objectives);
        let meant = |objective: &&Objective| objective.size_class.is_none_or(|c| c == size_class);
        Self {
            step,
            entities,
            size_class,
            calls: seconds.len(),
            min_seconds: seconds[0],
            p50_seconds: quantile(&seconds, 0.5),
            p95_seconds: (seconds.len() >= 20).then(|| quantile(&seconds, 0.95)),
            max_seconds: seconds[seconds.len() - 1],
            objectives: declared
                .iter()
                .filter(meant)
                .map(|objective| ObjectiveCheck {
                    objective: objective.to_string(),
                    met: is_met(objective, &seconds),
                })
                .collect(),
        }
    }
}

/// The duration that a share of the sorted calls does not exceed: the one of rank `⌈share·n⌉`.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64 * (1.0 - 2.0 * f64::EPSILON)).ceil() as usize;
    sorted[rank.clamp(1, sorted.len()) - 1]
}

/// Whether an upper bound on durations is met by sorted calls.
fn is_met(objective: &Objective, sorted: &[f64]) -> Option<bool> {
    if objective.metric != Metric::Duration {
        return None;
    }
    let Some(Quantity::DurationNs(at_most)) = objective.at_most else { return None };
    let at_most = at_most as f64 * 1e-9;
    let share = match objective.statistic? {
        Statistic::Mean => {
            return Some(sorted.iter().sum::<f64>() / sorted.len() as f64 <= at_most);
        }
        Statistic::Max => return Some(sorted[sorted.len() - 1] <= at_most),
        Statistic::P50 => 0.5,
        Statistic::P90 => 0.9,
        Statistic::P95 => 0.95,
        Statistic::P99 => 0.99,
        Statistic::P999 => 0.999,
        _ => return None,
    };
    // So few calls have no such quantile. Where all keep to the bound it is met by what was seen,
    // and where most do not it is broken; else they don't say.
    if (sorted.len() as f64) * (1.0 - share) < 1.0 - 1e-9 {
        return match sorted.iter().filter(|seconds| **seconds > at_most).count() {
            0 => Some(true),
            above if 2 * above > sorted.len() => Some(false),
            _ => None,
        };
    }
    Some(quantile(sorted, share) <= at_most)
}

/// A table of sizes and steps, then how each step scales.
impl fmt::Display for CrossModalReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<16} {:>9} {:<7} {:>5} {:>11} {:>11} {:>11}  objectives",
            "step", "entities", "class", "calls", "p50", "p95", "max"
        )?;
        for cell in &self.cells {
            let p95 = cell.p95_seconds.map_or_else(|| "too few".to_owned(), seconds);
            write!(
                f,
                "{:<16} {:>9} {:<7} {:>5} {:>11} {p95:>11} {:>11} ",
                cell.step.operation(),
                cell.entities,
                cell.size_class.as_str(),
                cell.calls,
                seconds(cell.p50_seconds),
                seconds(cell.max_seconds)
            )?;
            for check in &cell.objectives {
                let met = match check.met {
                    Some(true) => "met",
                    Some(false) => "NOT MET",
                    None => "not known",
                };
                write!(f, " {met} ({})", check.objective)?;
            }
            writeln!(f)?;
        }
        for step in &self.scaling {
            write!(f, "{:<16} ", step.step.operation())?;
            match (&step.scaling, &step.why_not) {
                (Some(s), _) => writeln!(
                    f,
                    "{}; exponent {:.2} ({:.2} to {:.2})",
                    s.answer, s.exponent.estimate, s.exponent.lower, s.exponent.upper
                )?,
                (None, why) => writeln!(f, "not analysed: {}", why.as_deref().unwrap_or(""))?,
            }
        }
        Ok(())
    }
}
