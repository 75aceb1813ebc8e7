//! `Rule`: what is watched, and how patiently.
//!
//! - `builder`: a rule in the making.
//! - `standard`, `resources`: the rules for whoever writes none.

mod builder;
mod resources;
mod standard;

use std::time::Duration;

use crate::alert::damping::Damping;
use crate::alert::threshold::Thresholds;
use crate::detect::Kind;
use crate::measure::Severity;

pub use builder::RuleBuilder;

/// What a rule watches.
#[derive(Clone, Debug, PartialEq)]
pub enum Watch {
    /// Verdicts of these kinds; each brings its severity.
    Verdicts(Vec<Kind>),
    /// A number, whose severity the thresholds say.
    Number {
        /// What the number is, in words that can stand before it: `memory in use`.
        what: String,
        /// From where on it is how severe.
        thresholds: Thresholds,
    },
}

/// What it means that nothing can be said about a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoData {
    /// Nothing: an alert that fires stays as severe as it is, and says that it has no data.
    /// Missing is not clear.
    Keep,
    /// Missing data is itself bad, and at least so severe.
    Alert(Severity),
    /// Missing data is as good as clear: what is not there has no problem.
    Resolve,
}

/// What is watched, and how patiently: from evaluations to the life of an alert.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::alert::{Rule, Thresholds};
/// use kgas_perf_runtime::catalog::Quantity::Ratio;
/// use kgas_perf_runtime::measure::Severity;
///
/// let memory = Thresholds::above().step(Severity::Warning, Ratio(0.9), Ratio(0.8));
/// let rule = Rule::number("memory", "memory in use", memory)
///     .hold_for(Duration::from_secs(60))
///     .build()?;
/// assert_eq!(rule.id(), "memory");
/// # Ok::<(), kgas_perf_runtime::alert::AlertError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    id: String,
    watch: Watch,
    hold_for: Duration,
    keep_firing: Duration,
    damping: Damping,
    no_data: NoData,
    stale_after: Duration,
    give_up_after: Duration,
    next_step: Option<String>,
}

impl Rule {
    /// Begins a rule on verdicts of these kinds. They were held already by what found them, so
    /// the rule does not hold them again.
    pub fn verdicts(id: &str, kinds: &[Kind]) -> RuleBuilder {
        RuleBuilder::new(id, Watch::Verdicts(kinds.to_vec()))
    }

    /// Begins a rule on a number.
    pub fn number(id: &str, what: &str, thresholds: Thresholds) -> RuleBuilder {
        RuleBuilder::new(id, Watch::Number { what: what.to_owned(), thresholds })
    }

    /// Its id, which is part of every alert's identity.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it watches.
    pub fn watch(&self) -> &Watch {
        &self.watch
    }

    /// How long a severity must hold before it is fired, or raised to.
    pub fn hold_for(&self) -> Duration {
        self.hold_for
    }

    /// How long a severity is kept after its condition has gone, at least.
    pub fn keep_firing(&self) -> Duration {
        self.keep_firing
    }

    /// How keeping grows with flapping.
    pub fn damping(&self) -> Damping {
        self.damping
    }

    /// What missing data means.
    pub fn no_data(&self) -> NoData {
        self.no_data
    }

    /// How long an alert may go without an evaluation before it is stale.
    pub fn stale_after(&self) -> Duration {
        self.stale_after
    }

    /// How long an alert stays open that has no data or is stale.
    pub fn give_up_after(&self) -> Duration {
        self.give_up_after
    }

    /// What to do about it, where the rule's author knows better than the kind of verdict.
    pub fn next_step(&self) -> Option<&str> {
        self.next_step.as_deref()
    }
}

/// The mistake that a time is out of its range.
pub(crate) fn between(
    field: &'static str,
    value: Duration,
    least: Duration,
    most: Duration,
) -> Option<(&'static str, String, String)> {
    let in_range = (least..=most).contains(&value);
    (!in_range).then(|| (field, format!("{value:?}"), format!("{least:?} to {most:?}")))
}

/// The mistake that a text is empty or too long.
fn words(field: &'static str, text: &str, most: usize) -> Option<(&'static str, String, String)> {
    let length = text.chars().count();
    let in_range = !text.trim().is_empty() && length <= most;
    (!in_range)
        .then(|| (field, format!("{length} characters long"), format!("1 to {most} characters")))
}

#[cfg(test)]
mod tests;
