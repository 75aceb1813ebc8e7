//! `RuleBuilder`: a rule in the making.

use std::time::Duration;

use crate::alert::damping::Damping;
use crate::alert::error::AlertError;
use crate::alert::rule::{NoData, Rule, Watch, between, words};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3_600);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3_600);
/// The longest id, so that keys made of it stay short.
const LONGEST_ID: usize = 100;
/// The longest next step.
const LONGEST_STEP: usize = 500;

/// A rule in the making.
#[derive(Clone, Debug)]
#[must_use = "`build` makes the rule"]
pub struct RuleBuilder {
    id: String,
    watch: Watch,
    hold_for: Duration,
    keep_firing: Duration,
    damping: Option<Damping>,
    no_data: NoData,
    stale_after: Duration,
    give_up_after: Duration,
    next_step: Option<String>,
}

impl RuleBuilder {
    pub(super) fn new(id: &str, watch: Watch) -> Self {
        Self {
            id: id.to_owned(),
            watch,
            hold_for: Duration::ZERO,
            keep_firing: 5 * MINUTE,
            damping: None,
            no_data: NoData::Keep,
            stale_after: 5 * MINUTE,
            give_up_after: 24 * HOUR,
            next_step: None,
        }
    }

    /// A severity must hold for so long before it is fired, or raised to: 0 s (the default) to 7
    /// days.
    pub fn hold_for(mut self, hold_for: Duration) -> Self {
        self.hold_for = hold_for;
        self
    }

    /// A severity is kept for so long after its condition has gone: 0 s to 7 days; by default 5
    /// minutes.
    pub fn keep_firing(mut self, keep_firing: Duration) -> Self {
        self.keep_firing = keep_firing;
        self
    }

    /// How that time grows when the condition comes and goes; by default 1.5 times each time, to
    /// an hour at most.
    pub fn damping(mut self, damping: Damping) -> Self {
        self.damping = Some(damping);
        self
    }

    /// What missing data means; by default [`NoData::Keep`].
    pub fn no_data(mut self, no_data: NoData) -> Self {
        self.no_data = no_data;
        self
    }

    /// Without an evaluation for so long an alert is stale: 10 s to 7 days; by default 5 minutes.
    pub fn stale_after(mut self, stale_after: Duration) -> Self {
        self.stale_after = stale_after;
        self
    }

    /// Without data or stale for so long an alert resolves, and says why: 1 minute to 7 days; by
    /// default a day.
    pub fn give_up_after(mut self, give_up_after: Duration) -> Self {
        self.give_up_after = give_up_after;
        self
    }

    /// What to do about it, in a sentence of 1 to 500 characters.
    pub fn next_step(mut self, sentence: &str) -> Self {
        self.next_step = Some(sentence.to_owned());
        self
    }

    /// Makes the rule.
    ///
    /// # Errors
    /// If a value is out of its range; the error names the rule, the field, the value and what is
    /// accepted. An id is 1 to 100 characters of a-z, 0-9, `.`, `_` and `-`.
    pub fn build(self) -> Result<Rule, AlertError> {
        if let Some((field, value, accepted)) = self.mistake() {
            return Err(AlertError::Rule { rule: self.id, field, value, accepted });
        }
        let damping = self.damping.unwrap_or_else(|| Damping::default_for(self.keep_firing));
        Ok(Rule {
            id: self.id,
            watch: self.watch,
            hold_for: self.hold_for,
            keep_firing: self.keep_firing,
            damping,
            no_data: self.no_data,
            stale_after: self.stale_after,
            give_up_after: self.give_up_after,
            next_step: self.next_step,
        })
    }

    fn mistake(&self) -> Option<(&'static str, String, String)> {
        let named = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
        if self.id.is_empty() || self.id.len() > LONGEST_ID || !self.id.bytes().all(named) {
            let accepted = "1 to 100 characters of a-z, 0-9, `.`, `_` and `-`";
            return Some(("id", format!("`{}`", self.id), accepted.to_owned()));
        }
        let watched = match &self.watch {
            Watch::Verdicts(kinds) => {
                kinds.is_empty().then(|| ("kinds", "empty".into(), "at least one kind".into()))
            }
            Watch::Number { what, thresholds } => {
                words("what", what, LONGEST_ID).or_else(|| thresholds.mistake())
            }
        };
        let damping = || self.damping.and_then(|damping| damping.mistake(self.keep_firing));
        let step = || words("next_step", self.next_step.as_deref()?, LONGEST_STEP);
        watched
            .or_else(|| between("hold_for", self.hold_for, Duration::ZERO, WEEK))
            .or_else(|| between("keep_firing", self.keep_firing, Duration::ZERO, WEEK))
            .or_else(damping)
            .or_else(|| between("stale_after", self.stale_after, Duration::from_secs(10), WEEK))
            .or_else(|| between("give_up_after", self.give_up_after, MINUTE, WEEK))
            .or_else(step)
    }
}
