//! `Thresholds`: from a number to a severity, with one bound to raise it and another to clear it.

use std::cmp::Ordering;

use crate::catalog::{Dimension, Quantity};
use crate::measure::Severity;

/// On which side of its bounds a number is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The larger the worse: a share of memory in use.
    Above,
    /// The smaller the worse: the time until a disk is full.
    Below,
}

/// From where on a number is so severe, and from where on no longer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// How severe.
    pub severity: Severity,
    /// Past this bound it becomes so.
    pub raise: Quantity,
    /// It stays so for as long as it is past this bound, which is as far out or nearer.
    pub clear: Quantity,
}

/// The thresholds of a number, by severity.
///
/// A number between the two bounds of a severity keeps what it had. So one that wavers about a
/// bound raises an alert once. These are the two thresholds of Netdata's health rules, which
/// raise a warning of the processor at 85 % and clear it at 75 %. A number *at* a bound is not
/// past it.
///
/// # Examples
/// ```
/// use kgas_perf_runtime::alert::Thresholds;
/// use kgas_perf_runtime::catalog::Quantity::Ratio;
/// use kgas_perf_runtime::measure::Severity;
///
/// let cpu = Thresholds::above()
///     .step(Severity::Warning, Ratio(0.85), Ratio(0.75))
///     .step(Severity::Critical, Ratio(0.95), Ratio(0.85));
/// assert_eq!(cpu.severity(Ratio(0.80), None), Some(None));
/// assert_eq!(cpu.severity(Ratio(0.80), Some(Severity::Warning)), Some(Some(Severity::Warning)));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Thresholds {
    side: Side,
    steps: Vec<Threshold>,
}

impl Thresholds {
    /// Thresholds of a number that is bad when it is large; without a step yet.
    pub fn above() -> Self {
        Self { side: Side::Above, steps: Vec::new() }
    }

    /// Thresholds of a number that is bad when it is small; without a step yet.
    pub fn below() -> Self {
        Self { side: Side::Below, steps: Vec::new() }
    }

    /// With one more severity. Whether the bounds make sense is checked when a rule is built.
    pub fn step(mut self, severity: Severity, raise: Quantity, clear: Quantity) -> Self {
        self.steps.push(Threshold { severity, raise, clear });
        self
    }

    /// On which side a number is bad.
    pub fn side(&self) -> Side {
        self.side
    }

    /// The steps, in the order they were given.
    pub fn steps(&self) -> &[Threshold] {
        &self.steps
    }

    /// What the numbers are quantities of; `None` without a step.
    pub fn dimension(&self) -> Option<Dimension> {
        self.steps.first().map(|step| step.raise.dimension())
    }

    /// How severe a number is, after it was `last` before. `None` if nothing can be said: the
    /// number is not one, or is of another dimension than the bounds.
    pub fn severity(&self, value: Quantity, last: Option<Severity>) -> Option<Option<Severity>> {
        let mut condition = None;
        for step in &self.steps {
            let bound = if last >= Some(step.severity) { step.clear } else { step.raise };
            if self.is_past(value, bound)? {
                condition = condition.max(Some(step.severity));
            }
        }
        Some(condition)
    }

    /// Whether a value lies further out than a bound.
    fn is_past(&self, value: Quantity, bound: Quantity) -> Option<bool> {
        let order = value.partial_cmp(&bound)?;
        Some(match self.side {
            Side::Above => order == Ordering::Greater,
            Side::Below => order == Ordering::Less,
        })
    }

    /// The first mistake in them: of which field, what it is, and what is accepted.
    pub(crate) fn mistake(&self) -> Option<(&'static str, String, String)> {
        let dimension = match self.dimension() {
            Some(dimension) => dimension,
            None => return Some(("thresholds", "empty".into(), "at least one severity".into())),
        };
        for step in &self.steps {
            for (field, bound) in [("raise", step.raise), ("clear", step.clear)] {
                if bound.dimension() != dimension {
                    let accepted = format!("{} like the other bounds", dimension.as_str());
                    return Some((field, bound.to_string(), accepted));
                }
                if bound.partial_cmp(&bound).is_none() || is_infinite(bound) {
                    return Some((field, bound.to_string(), "a finite number".into()));
                }
            }
            if self.is_past(step.clear, step.raise) == Some(true) {
                let accepted = format!("{} or {}", step.raise, self.nearer());
                return Some(("clear", step.clear.to_string(), accepted));
            }
        }
        self.steps.windows(2).find_map(|pair| {
            let [mild, bad] = pair else { return None };
            let severity = bad.severity.as_str();
            if bad.severity <= mild.severity {
                let accepted = "each severity once, mildest first";
                return Some(("thresholds", severity.to_owned(), accepted.to_owned()));
            }
            [("raise", mild.raise, bad.raise), ("clear", mild.clear, bad.clear)]
                .into_iter()
                .find(|(_, mild, bad)| self.is_past(*mild, *bad) == Some(true))
                .map(|(field, mild, bad)| {
                    let accepted = format!("for {severity}, {mild} or {}", self.further());
                    (field, bad.to_string(), accepted)
                })
        })
    }

    fn nearer(&self) -> &'static str {
        match self.side {
            Side::Above => "less",
            Side::Below => "more",
        }
    }

    fn further(&self) -> &'static str {
        match self.side {
            Side::Above => "more",
            Side::Below => "less",
        }
    }
}

fn is_infinite(bound: Quantity) -> bool {
    matches!(bound, Quantity::Ratio(number) | Quantity::PerSecond(number) if number.is_infinite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Quantity::{Bytes, Count, DurationNs, Ratio};
    use Severity::{Critical, Emergency, Info, Warning};

    fn cpu() -> Thresholds {
        Thresholds::above().step(Warning, Ratio(0.85), Ratio(0.75)).step(
            Critical,
            Ratio(0.95),
            Ratio(0.85),
        )
    }

    /// The severities of a series of numbers, each after the one before.
    fn severities<const N: usize>(of: &Thresholds, values: [Quantity; N]) -> [Option<Severity>; N] {
        let mut last = None;
        values.map(|value| {
            last = of.severity(value, last).expect("a number");
            last
        })
    }

    #[test]
    fn the_processor_is_judged_as_netdata_judges_it() {
        let values = [84.0, 86.0, 80.0, 75.5, 75.0, 84.0, 96.0, 90.0, 85.0, 76.0, 74.0, 100.0];
        let expected = [
            None,
            Some(Warning),
            Some(Warning),
            Some(Warning),
            None,
            None,
            Some(Critical),
            Some(Critical),
            Some(Warning),
            Some(Warning),
            None,
            Some(Critical),
        ];
        assert_eq!(severities(&cpu(), values.map(|percent| Ratio(percent / 100.0))), expected);
    }

    #[test]
    fn a_disk_that_fills_is_judged_by_the_hours_left() {
        let hours = |h: u64| DurationNs(h * 3_600_000_000_000);
        let disk = Thresholds::below().step(Warning, hours(8), hours(48)).step(
            Critical,
            hours(2),
            hours(24),
        );
        let expected =
            [None, None, Some(Warning), Some(Warning), Some(Critical), Some(Critical), None];
        assert_eq!(disk.mistake(), None);
        assert_eq!(severities(&disk, [100, 8, 7, 47, 1, 23, 48].map(hours)), expected);
    }

    #[test]
    fn what_is_no_number_is_not_judged() {
        assert_eq!(cpu().severity(Ratio(f64::NAN), None), None);
        assert_eq!(cpu().severity(Bytes(1), None), None);
        assert_eq!(cpu().severity(Ratio(f64::INFINITY), None), Some(Some(Critical)));
    }

    #[test]
    fn bounds_that_contradict_each_other_are_named() {
        let mistake = |thresholds: Thresholds| {
            let (field, value, accepted) = thresholds.mistake().expect("a mistake");
            format!("{field} is {value}; accepted: {accepted}")
        };
        assert_eq!(
            mistake(Thresholds::above()),
            "thresholds is empty; accepted: at least one severity"
        );
        assert_eq!(
            mistake(Thresholds::above().step(Info, Ratio(0.5), Ratio(0.6))),
            "clear is 60 %; accepted: 50 % or less"
        );
        assert_eq!(
            mistake(Thresholds::below().step(Info, Count(5), Count(4))),
            "clear is 4; accepted: 5 or more"
        );
        assert_eq!(
            mistake(Thresholds::above().step(Info, Ratio(0.5), Count(4))),
            "clear is 4; accepted: a share like the other bounds"
        );
        assert_eq!(
            mistake(Thresholds::above().step(Info, Ratio(f64::NAN), Ratio(0.1))),
            "raise is NaN %; accepted: a finite number"
        );
        let twice = cpu().step(Critical, Ratio(0.99), Ratio(0.98));
        assert_eq!(
            mistake(twice),
            "thresholds is critical; accepted: each severity once, mildest first"
        );
        let easier = cpu().step(Emergency, Ratio(0.90), Ratio(0.86));
        assert_eq!(mistake(easier), "raise is 90 %; accepted: for emergency, 95 % or more");
        let sooner = cpu().step(Emergency, Ratio(0.99), Ratio(0.80));
        assert_eq!(mistake(sooner), "clear is 80 %; accepted: for emergency, 85 % or more");
    }
}
