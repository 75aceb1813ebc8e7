//! `Alert`: one rule on one subject, from its first doubt to its end.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::evaluation::Evaluation;
use crate::alert::evidence::Evidence;
use crate::alert::fingerprint::Fingerprint;
use crate::alert::hold::Hold;
use crate::alert::inhibition::Inhibited;
use crate::alert::mark::Mark;
use crate::alert::moment::Moment;
use crate::alert::rule::Rule;
use crate::alert::state::{State, Transition};
use crate::alert::subject::Subject;
use crate::catalog::Quantity;
use crate::measure::Severity;

/// What keeps an alert quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Muted {
    /// Its baseline is immature.
    Immature,
    /// Another alert speaks for it.
    Inhibited,
    /// The silence of this number.
    Silenced(u64),
}

/// One rule on one subject: what is wrong, since when, how sure that is, and what to do.
///
/// It is plain data, so that a store can keep it. What is not known is `None`, never zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Which of all alerts it is; never used again.
    pub id: u64,
    /// Which rule and subject it is of; an alert that comes again has the same.
    pub fingerprint: Fingerprint,
    /// The rule's id.
    pub rule: String,
    /// What it is about.
    pub subject: Subject,
    /// Where in its life it is.
    pub state: State,
    /// How severe it is; while it is pending, how severe it would be; at the end, how it was last.
    pub severity: Severity,
    /// The worst that it ever was.
    pub peak: Severity,
    /// Whether what judged it last was fit to page by. While it is not, nobody is told.
    pub mature: bool,
    /// How severe its condition would be if its baseline were not immature; `None` if that
    /// changes nothing.
    pub but_immature: Option<Severity>,
    /// When the condition was first seen.
    pub opened: Moment,
    /// When it fired, if it did.
    pub fired: Option<Moment>,
    /// When it ended, if it did.
    pub ended: Option<Moment>,
    /// When the condition began, as estimated by what found it; else when it was first seen.
    pub onset: Option<Moment>,
    /// When it was last evaluated.
    pub evaluated: Moment,
    /// Since when it has had no data or no evaluation.
    pub missing_since: Option<Moment>,
    /// What spoke for it when the condition was last seen.
    pub evidence: Evidence,
    /// The latest value, even if it is fine again.
    pub latest: Option<Quantity>,
    /// What the condition was at the last evaluation with data, whatever the alert made of it.
    pub condition: Option<Severity>,
    /// How long each severity has held.
    pub hold: Hold,
    /// Which alert speaks for it, if one does.
    pub inhibited: Option<Inhibited>,
    /// What kept it quiet after the last round, if anything did.
    pub muted: Option<Muted>,
    /// What changed shortly before it began, and until it was found; the latest first.
    pub marks: Vec<Mark>,
    /// What to do about it.
    pub next_step: String,
    /// The incident it belongs to, once it fired.
    pub incident: Option<u64>,
    /// Its steps, oldest first.
    pub history: VecDeque<Transition>,
    /// Steps that were dropped from the beginning of its history.
    pub history_dropped: u64,
}

impl Alert {
    /// An alert without a state yet: the first step gives it one.
    pub(crate) fn unborn(id: u64, rule: &Rule, evaluation: &Evaluation, at: Moment) -> Self {
        Self {
            id,
            fingerprint: Fingerprint::of(rule.id(), &evaluation.subject),
            rule: rule.id().to_owned(),
            subject: evaluation.subject.clone(),
            state: State::Pending,
            severity: Severity::Info,
            peak: Severity::Info,
            mature: true,
            but_immature: None,
            opened: at,
            fired: None,
            ended: None,
            onset: None,
            evaluated: at,
            missing_since: None,
            evidence: Evidence::default(),
            latest: None,
            condition: None,
            hold: Hold::new(rule.keep_firing()),
            inhibited: None,
            muted: None,
            marks: Vec::new(),
            next_step: String::new(),
            incident: None,
            history: VecDeque::new(),
            history_dropped: 0,
        }
    }

    /// Keeps a step in the history, of which at most `most` are kept.
    pub(crate) fn remember(&mut self, transition: Transition, most: usize) {
        self.history.push_back(transition);
        while self.history.len() > most {
            self.history.pop_front();
            self.history_dropped += 1;
        }
    }

    /// Whether people are told of it, unless somebody or something keeps it quiet. An info is
    /// shown and told nobody, and so is what an immature baseline says.
    pub fn is_told(&self) -> bool {
        self.state.counts_as_firing() && self.severity > Severity::Info && self.mature
    }

    /// How long it has lasted, or did.
    pub fn lasted(&self, now: Moment) -> Duration {
        self.ended.unwrap_or(now).since(self.onset.unwrap_or(self.opened))
    }
}

#[cfg(test)]
pub(crate) mod tests;
