//! `Alerts`: all alerts, incidents and silences, and the time they have lived.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::alert::counts::Counts;
use crate::alert::error::AlertError;
use crate::alert::fingerprint::Fingerprint;
use crate::alert::incident::Incident;
use crate::alert::life::Alert;
use crate::alert::mark::Mark;
use crate::alert::moment::{Moment, Now, Timeline};
use crate::alert::rule::Rule;
use crate::alert::settings::Settings;
use crate::alert::silence::Silence;

/// All alerts, incidents and silences: takes evaluations, says who is to be told what, and why
/// not.
///
/// It has no clock, does no input or output, and is the same for the same calls. A round goes:
/// [`evaluate`](Self::evaluate) everything, ask what is [`due`](Self::due), send it, and
/// [`record`](Self::record) what has arrived. Everything that must outlive the process is in
/// [`saved`](Self::saved).
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::alert::{
///     Alerts, Evaluation, Now, Reason, Rule, Settings, Subject, Thresholds,
/// };
/// use kgas_perf_runtime::catalog::Quantity::Ratio;
/// use kgas_perf_runtime::measure::Severity;
///
/// let memory = Thresholds::above().step(Severity::Critical, Ratio(0.98), Ratio(0.90));
/// let rule = Rule::number("memory", "memory in use", memory).build()?;
/// let at = |secs| Now { monotonic: Duration::from_secs(secs), unix: Duration::from_secs(secs) };
/// let mut alerts = Alerts::new([rule.clone()], Settings::default(), at(0))?;
///
/// let full = Evaluation::number(&rule, Subject::resource("memory"), Ratio(0.99));
/// alerts.evaluate(at(10), vec![full]);
/// assert!(alerts.due(at(39)).is_empty()); // What is critical is gathered for 30 s.
/// let due = alerts.due(at(40));
/// assert_eq!(due[0].reason, Reason::First);
/// alerts.record(&due[0], at(41));
///
/// // The process ends and begins again: what was told is not told again.
/// let saved = alerts.saved().clone();
/// let alerts = Alerts::restore([rule], Settings::default(), saved, at(50))?;
/// assert!(alerts.due(at(60)).is_empty());
/// # Ok::<(), kgas_perf_runtime::alert::AlertError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Alerts {
    pub(crate) rules: BTreeMap<String, Rule>,
    pub(crate) settings: Settings,
    pub(crate) timeline: Timeline,
    pub(crate) saved: Saved,
    /// How often what must be kept has changed.
    pub(crate) changes: u64,
}

/// What outlives the process, as plain data. Rules and settings are not in it: they are what they
/// are when a process starts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    /// When it was last changed.
    pub at: Moment,
    /// The alerts that are not over.
    pub open: BTreeMap<Fingerprint, Alert>,
    /// The last alerts that are over, oldest first.
    pub closed: VecDeque<Alert>,
    /// The incidents that are not closed, by number.
    pub incidents: BTreeMap<u64, Incident>,
    /// The last incidents that are closed, oldest first.
    pub closed_incidents: VecDeque<Incident>,
    /// The silences, by number.
    pub silences: BTreeMap<u64, Silence>,
    /// What was changed, oldest first.
    pub marks: VecDeque<Mark>,
    /// What happened so far.
    pub counts: Counts,
    /// The last number that an alert, an incident or a silence was given.
    pub last_id: u64,
}

impl Alerts {
    /// Alerts of a process that has none yet.
    ///
    /// # Errors
    /// If two rules have the same id, or a setting is not accepted.
    pub fn new(
        rules: impl IntoIterator<Item = Rule>,
        settings: Settings,
        now: Now,
    ) -> Result<Self, AlertError> {
        let timeline = Timeline::begin(now);
        let saved = Saved { at: timeline.last(), ..Saved::default() };
        let (rules, settings) = (by_id(rules)?, checked(settings)?);
        Ok(Self { rules, settings, timeline, saved, changes: 0 })
    }

    /// The same with rules and settings that are known to be good.
    pub(crate) fn begin(rules: Vec<Rule>, settings: Settings, now: Now) -> Self {
        let timeline = Timeline::begin(now);
        let saved = Saved { at: timeline.last(), ..Saved::default() };
        let rules = rules.into_iter().map(|rule| (rule.id().to_owned(), rule)).collect();
        Self { rules, settings, timeline, saved, changes: 0 }
    }

    /// Whether these rules can be had together.
    ///
    /// # Errors
    /// If two have the same id.
    pub(crate) fn check_rules(rules: &[Rule]) -> Result<(), AlertError> {
        by_id(rules.iter().cloned()).map(drop)
    }

    /// Alerts that go on where another process left off.
    ///
    /// The time in between is what the wall clock says it was. It counts for repeats; it does not
    /// count as time in which a condition held or was gone. An alert whose rule is no longer there
    /// resolves in the next round, and that is told.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn restore(
        rules: impl IntoIterator<Item = Rule>,
        settings: Settings,
        saved: Saved,
        now: Now,
    ) -> Result<Self, AlertError> {
        let (rules, settings) = (by_id(rules)?, checked(settings)?);
        Ok(Self { rules, settings, ..Self::resume(saved, now) })
    }

    /// The same with rules and settings that are known to be good.
    pub(crate) fn go_on(rules: Vec<Rule>, settings: Settings, saved: Saved, now: Now) -> Self {
        let rules = rules.into_iter().map(|rule| (rule.id().to_owned(), rule)).collect();
        Self { rules, settings, ..Self::resume(saved, now) }
    }

    fn resume(mut saved: Saved, now: Now) -> Self {
        let timeline = Timeline::resume(saved.at, now);
        saved.at = timeline.last();
        // What a store hands back may have been written by another version or by hand.
        let open = std::mem::take(&mut saved.open).into_values();
        for alert in open.filter(|alert| !alert.state.is_over()) {
            saved.last_id = saved.last_id.max(alert.id);
            saved.open.insert(Fingerprint::of(&alert.rule, &alert.subject), alert);
        }
        for (fingerprint, alert) in &mut saved.open {
            alert.fingerprint = *fingerprint;
        }
        let numbers = saved.incidents.keys().chain(saved.silences.keys()).copied();
        saved.last_id = numbers.fold(saved.last_id, u64::max);
        let (rules, settings) = (BTreeMap::new(), Settings::default());
        Self { rules, settings, timeline, saved, changes: 0 }
    }

    /// What must be kept for [`restore`](Self::restore).
    pub fn saved(&self) -> &Saved {
        &self.saved
    }

    /// The rules, by id.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The moment that a reading of the clocks is, to be compared with those that were kept.
    pub fn moment(&self, now: Now) -> Moment {
        self.timeline.at(now)
    }

    /// The alert with this fingerprint: the one that is open, else the last that was.
    pub fn alert(&self, fingerprint: Fingerprint) -> Option<&Alert> {
        let over = || self.saved.closed.iter().rev().find(|a| a.fingerprint == fingerprint);
        self.saved.open.get(&fingerprint).or_else(over)
    }

    /// The alert with this number, for as long as it is kept.
    pub fn alert_by_id(&self, id: u64) -> Option<&Alert> {
        self.saved.open.values().chain(&self.saved.closed).find(|alert| alert.id == id)
    }

    /// The incident with this number, for as long as it is kept.
    pub fn incident(&self, id: u64) -> Option<&Incident> {
        let closed = || self.saved.closed_incidents.iter().rev().find(|i| i.id == id);
        self.saved.incidents.get(&id).or_else(closed)
    }

    /// A number that differs whenever anything that must be kept has changed, other than what
    /// speaks for an alert that is open.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    pub(crate) fn advance(&mut self, now: Now) -> Moment {
        self.changes += 1;
        self.saved.at = self.timeline.advance(now);
        self.saved.at
    }

    pub(crate) fn next_id(&mut self) -> u64 {
        self.saved.last_id += 1;
        self.saved.last_id
    }
}

fn by_id(rules: impl IntoIterator<Item = Rule>) -> Result<BTreeMap<String, Rule>, AlertError> {
    let mut by_id = BTreeMap::new();
    for rule in rules {
        let id = rule.id().to_owned();
        if by_id.insert(id.clone(), rule).is_some() {
            return Err(AlertError::Rule {
                rule: id,
                field: "id",
                value: "there twice".to_owned(),
                accepted: "one rule an id".to_owned(),
            });
        }
    }
    Ok(by_id)
}

fn checked(settings: Settings) -> Result<Settings, AlertError> {
    settings.check().map(|()| settings)
}
