//! `Row`: one operation in two saved runs.

use crate::baselines::Class;
use crate::timing::Statistic;
use crate::within::{Answer, Before, Doubt, Rule, judge};

use super::claim::Claim;
use super::saved::{SavedOperation, SavedRun};

/// One operation in two saved runs.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// The operation.
    pub operation: String,
    /// What may be said.
    pub claim: Claim,
    /// Why nothing may be; `None` otherwise.
    pub doubt: Option<String>,
    /// The relative change, 0.1 for a tenth slower; `None` where there is nothing to compare.
    pub effect: Option<f64>,
    /// The bounds between which it lies.
    pub interval: Option<(f64, f64)>,
    /// The typical call of the first run, in nanoseconds at the second's pace of the machine.
    pub before_ns: Option<f64>,
    /// The typical call of the second run, in nanoseconds.
    pub after_ns: Option<f64>,
    /// Samples of the first and of the second run.
    pub samples: (usize, usize),
    /// Exact numbers that differ: what, before, after.
    pub counts: Vec<(String, u64, u64)>,
}

impl Row {
    pub(crate) fn of(name: &str, (before, after): (&SavedRun, &SavedRun), rule: &Rule) -> Self {
        let mut row = Self {
            operation: name.to_owned(),
            claim: Claim::Inconclusive,
            doubt: None,
            effect: None,
            interval: None,
            before_ns: None,
            after_ns: None,
            samples: (0, 0),
            counts: Vec::new(),
        };
        let (Some(one), Some(other)) = (before.operations.get(name), after.operations.get(name))
        else {
            let only = if before.operations.contains_key(name) { "first" } else { "second" };
            row.doubt = Some(format!("it is in the {only} run only"));
            return row;
        };
        for (what, count) in &one.counts {
            match other.counts.get(what) {
                Some(now) if now != count => row.counts.push((what.clone(), *count, *now)),
                _ => {}
            }
        }
        row.durations((before, one), (after, other), rule);
        // What is exact needs no samples.
        if row.counts.iter().any(|(_, before, after)| after > before) {
            row.claim = Claim::Regressed;
            row.doubt = None;
        }
        row
    }

    fn durations(
        &mut self,
        (before, one): (&SavedRun, &SavedOperation),
        (after, other): (&SavedRun, &SavedOperation),
        rule: &Rule,
    ) {
        if one.samples_ns.is_empty() && other.samples_ns.is_empty() && !one.counts.is_empty() {
            self.claim = Claim::NoChange;
            return;
        }
        let (first, second) = (one.sessions(), other.sessions());
        let count =
            |sessions: &[crate::timing::Session]| sessions.iter().map(|s| s.samples()).sum();
        self.samples = (count(&first), count(&second));
        if one.statistic != other.statistic || Statistic::from_name(&one.statistic).is_none() {
            self.doubt =
                Some(format!("its statistics are `{}` and `{}`", one.statistic, other.statistic));
            return;
        }
        if self.samples.0 == 0 || self.samples.1 == 0 {
            self.doubt = Some(Doubt::TooFewSamples.as_str().to_owned());
            return;
        }
        let classes = [before, after].map(|run| Class::from_text(&run.class));
        if !classes[0].is_relative_to(&classes[1]) {
            self.doubt = Some(format!("its classes are {} and {}", classes[0], classes[1]));
            return;
        }
        let first = Before::taken(first, before.yardstick, classes[0] == classes[1]);
        let beside = judge(&first, &second, rule);
        let judged = match beside.answer {
            Answer::Inconclusive(Doubt::NotSure | Doubt::TooNoisy)
            | Answer::Kept
            | Answer::Slower
            | Answer::Faster => true,
            Answer::Inconclusive(doubt) => {
                self.doubt = Some(doubt.as_str().to_owned());
                false
            }
            Answer::New | Answer::NotJudged => false,
        };
        self.claim = Claim::of(beside.effect, beside.interval, rule.threshold, judged);
        if self.claim == Claim::Inconclusive && self.doubt.is_none() {
            self.doubt = Some("the interval is too wide to tell; take more samples".to_owned());
        }
        self.effect = Some(beside.effect);
        self.interval = Some(beside.interval);
        self.before_ns = Some(beside.normal_ns);
        self.after_ns = Some(beside.now_ns);
    }
}
