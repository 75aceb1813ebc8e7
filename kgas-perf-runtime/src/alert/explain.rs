//! `Alerts::explain`: why an alert was told, or was not.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::alert::alerts::Alerts;
use crate::alert::decide::{Case, Decision};
use crate::alert::fingerprint::Fingerprint;
use crate::alert::incident::Incident;
use crate::alert::life::Alert;
use crate::alert::moment::{Moment, Now};
use crate::alert::next_step::spoken;
use crate::alert::reason::Reason;
use crate::alert::state::State;
use crate::measure::Severity;

/// Why an alert was told, or was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Which alert.
    pub fingerprint: Fingerprint,
    /// Its state and severity; `None` if no such alert is kept.
    pub alert: Option<(State, Severity)>,
    /// What its incident was told as last, and how long ago.
    pub told: Option<(Reason, Duration)>,
    /// Why nothing is told at this moment, or what will be.
    pub because: Vec<Because>,
    /// Which resources rose when it began, in words.
    pub rose: Option<String>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// There is no such alert: its condition was never seen, or it is over and no longer kept.
    Unknown,
    /// Its condition has not held for as long as its rule asks; so long is left.
    Held(Duration),
    /// Its condition went before that, or it was ended by hand.
    Lapsed,
    /// An info is told nobody.
    Info,
    /// Its baseline is immature; else it would be this severe.
    Immature(Severity),
    /// Another alert speaks for it.
    Inhibited {
        /// Which.
        by: Fingerprint,
        /// By which inhibition; `None` where it is worse, and on the same subject.
        inhibition: Option<String>,
    },
    /// Somebody asked for quiet.
    Silenced {
        /// The silence's number.
        silence: u64,
        /// Who asked.
        author: String,
        /// Why.
        reason: String,
        /// How long it still lasts.
        remaining: Duration,
    },
    /// Its incident is to be told now.
    Due(Reason),
    /// Its incident is to be told later, if nothing changes.
    Waits {
        /// Why it will be told.
        reason: Reason,
        /// How long it waits: until the window is over, or until the repeat.
        remaining: Duration,
    },
    /// It is known, and somebody is on it.
    Acknowledged(String),
    /// It is known, and not told again.
    NeverRepeats,
    /// It is over, and that was told to whoever had to know.
    Over,
    /// It was over before anybody was told.
    OverUntold,
}

impl Alerts {
    /// Says why an alert was told or was not, and what will be told if nothing changes.
    pub fn explain(&self, fingerprint: Fingerprint, now: Now) -> Explanation {
        let at = self.timeline.at(now);
        let Some(alert) = self.alert(fingerprint) else {
            let because = vec![Because::Unknown];
            return Explanation { fingerprint, alert: None, told: None, because, rose: None };
        };
        let incident = alert.incident.and_then(|id| self.incident(id));
        let told = incident.and_then(|incident| incident.told.as_ref());
        Explanation {
            fingerprint,
            alert: Some((alert.state, alert.severity)),
            told: told.map(|told| (told.reason, at.since(told.at))),
            because: match alert.state {
                State::Pending => vec![Because::Held(self.left_to_hold(alert, at))],
                State::Lapsed => vec![Because::Lapsed],
                _ => self.because(alert, incident, at),
            },
            rose: alert.evidence.rose_in_words(),
        }
    }

    fn left_to_hold(&self, alert: &Alert, at: Moment) -> Duration {
        let hold_for = self.rules.get(&alert.rule).map_or(Duration::ZERO, |rule| rule.hold_for());
        let until = alert.hold.fires_at(alert.severity, hold_for);
        until.map_or(hold_for, |until| until.saturating_sub(at.lived))
    }

    fn because(&self, alert: &Alert, incident: Option<&Incident>, at: Moment) -> Vec<Because> {
        let mut because = Vec::new();
        let Some(incident) = incident else { return because };
        if incident.closed.is_some() {
            return vec![if incident.told.is_some() { Because::Over } else { Because::OverUntold }];
        }
        let told = incident.told.as_ref();
        let known = Case::of(incident, &BTreeMap::new(), at).at_most(&alert.fingerprint);
        if alert.state.is_over() && known.is_none() {
            return vec![if told.is_some() { Because::Over } else { Because::OverUntold }];
        }
        if !alert.state.is_over() && !alert.mature {
            because.push(Because::Immature(alert.but_immature.unwrap_or(alert.severity)));
        } else if !alert.state.is_over() && !alert.is_told() && known.is_none() {
            because.push(Because::Info);
        }
        if let Some(inhibited) = alert.inhibited.clone() {
            let (by, inhibition) = (inhibited.by, inhibited.inhibition);
            because.push(Because::Inhibited { by, inhibition });
        }
        for (id, silence) in &self.saved.silences {
            let remaining = silence.remaining(at.unix);
            if let Some(remaining) = remaining.filter(|_| silence.matcher.matches(alert)) {
                because.push(Because::Silenced {
                    silence: *id,
                    author: silence.author.clone(),
                    reason: silence.reason.clone(),
                    remaining,
                });
            }
        }
        if because.is_empty() {
            because.extend(self.of_incident(incident, at));
        }
        because
    }

    /// What is decided about the incident of an alert that nothing keeps quiet.
    fn of_incident(&self, incident: &Incident, at: Moment) -> Option<Because> {
        let parts = incident.parts(&self.saved.open, &self.saved.silences, at.unix);
        let case = Case::of(incident, &parts, at);
        match case.decide(&self.settings.tiers, self.settings.send_resolved) {
            Decision::Tell { reason, .. } => Some(Because::Due(reason)),
            Decision::Wait { reason, until } => {
                Some(Because::Waits { reason, remaining: until.saturating_sub(at.lived) })
            }
            Decision::Acknowledged => {
                incident.acknowledged.as_ref().map(|by| Because::Acknowledged(by.who.clone()))
            }
            Decision::NeverRepeats => Some(Because::NeverRepeats),
            Decision::NothingToSay => None,
        }
    }
}

/// Sentences for a person.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Alert {}", self.fingerprint)?;
        if let Some((state, severity)) = self.alert {
            write!(f, " is {}, {}", state.as_str(), severity.as_str())?;
        }
        match self.told {
            Some((reason, ago)) => {
                write!(f, "; last told {} ago ({}).", spoken(ago), reason.as_str())?;
            }
            None if self.alert.is_some() => f.write_str("; nobody was told.")?,
            None => f.write_str(":")?,
        }
        for because in &self.because {
            write!(f, " {because}")?;
        }
        match &self.rose {
            Some(rose) => write!(f, " Since it began: {rose}."),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => {
                f.write_str("its condition was not seen, or it is over and no longer kept.")
            }
            Self::Held(left) => write!(f, "Its condition must hold {} more.", spoken(*left)),
            Self::Lapsed => f.write_str("It was over before it fired."),
            Self::Info => f.write_str("An info is told nobody."),
            Self::Immature(severity) => {
                write!(f, "Its baseline is immature, or it would be {}.", severity.as_str())
            }
            Self::Inhibited { by, inhibition: Some(name) } => {
                write!(f, "Alert {by} speaks for it, by the inhibition {name}.")
            }
            Self::Inhibited { by, inhibition: None } => {
                write!(f, "Alert {by} speaks for it: it is worse, and on the same subject.")
            }
            Self::Silenced { silence, author, reason, remaining } => {
                let left = spoken(*remaining);
                write!(f, "Silence {silence} of {author} ({reason}) lasts {left} more.")
            }
            Self::Due(reason) => write!(f, "It is to be told now ({}).", reason.as_str()),
            Self::Waits { reason, remaining } => {
                write!(f, "It will be told in {} ({}).", spoken(*remaining), reason.as_str())
            }
            Self::Acknowledged(who) => write!(f, "{who} is on it."),
            Self::NeverRepeats => f.write_str("It is known, and is not repeated."),
            Self::Over => f.write_str("Whoever was told knows that it is over."),
            Self::OverUntold => f.write_str("It was over before anybody was told."),
        }
    }
}
