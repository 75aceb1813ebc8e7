//! `Case` and `Decision`: whether somebody is to be told of an incident now, and why.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::alert::fingerprint::Fingerprint;
use crate::alert::incident::Incident;
use crate::alert::moment::Moment;
use crate::alert::reason::Reason;
use crate::alert::tiers::Tiers;
use crate::alert::told::{Told, UnderWay};
use crate::measure::Severity;

/// What one alert of an incident has to say now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// It fires and may be told.
    Speaks(Severity),
    /// It is an info, or its baseline is immature: nobody is told of it, except that it was worse
    /// before.
    Quiet(Severity),
    /// It fires, and is silenced or inhibited.
    Muted,
    /// It is over.
    Ended,
    /// It is over and silenced: its end is told when the silence ends.
    MutedEnd,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Tell now.
    Tell {
        /// Why.
        reason: Reason,
        /// Whether it is sent; if not, it is recorded as if it were, so that what comes after it
        /// is told.
        send: bool,
    },
    /// Tell later, if nothing changes.
    Wait {
        /// Why.
        reason: Reason,
        /// Until when, as the alerts will have [lived](crate::alert::Moment) by then.
        until: Duration,
    },
    /// Nothing that may be told fires, and nothing else is news.
    NothingToSay,
    /// They know all of it, and somebody is on it.
    Acknowledged,
    /// They know all of it, and its tier is not repeated.
    NeverRepeats,
}

/// What there is to decide on: what somebody was told, and what there is to tell.
///
/// The decision depends on nothing else. So it is the same for the log of an incident and for that
/// of a single receiver.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// What they were told; `None` if nothing.
    pub told: Option<&'a Told>,
    /// What they may have been told besides; `None` if no message is under way.
    pub under_way: Option<&'a UnderWay>,
    /// What each alert of the incident has to say.
    pub parts: &'a BTreeMap<Fingerprint, Part>,
    /// Since when there is news; `None` if it is of now.
    pub news_since: Option<Duration>,
    /// How severe it was when somebody acknowledged it, if somebody did.
    pub acknowledged: Option<Severity>,
    /// What time it is, as the alerts have lived by now.
    pub now: Duration,
}

/// What they do not know yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct News {
    pub(crate) reason: Reason,
    /// The worst of it, which decides how long it is gathered.
    pub(crate) severity: Severity,
    /// The alerts that it is about.
    pub(crate) about: Vec<Fingerprint>,
}

impl<'a> Case<'a> {
    /// That of the log which an incident keeps.
    pub(crate) fn of(
        incident: &'a Incident,
        parts: &'a BTreeMap<Fingerprint, Part>,
        now: Moment,
    ) -> Self {
        Self {
            told: incident.told.as_ref(),
            under_way: incident.under_way.as_ref(),
            parts,
            news_since: incident.news_since,
            acknowledged: incident.acknowledged.as_ref().map(|by| by.severity),
            now: now.lived,
        }
    }

    /// Whether they are to be told now, and why.
    ///
    /// | they were told | now | then |
    /// |---|---|---|
    /// | nothing | something fires | tell: first |
    /// | nothing | nothing fires | nothing: it came and went within a window |
    /// | of no firing alert | something fires | tell: first |
    /// | of some | one of them is worse | tell: escalated |
    /// | of some | another one fires | tell: new |
    /// | of some | one of them is milder | tell: de-escalated |
    /// | of some | all of them are over, and no other fires | tell: all resolved |
    /// | of some | some of them are over | tell: partly resolved |
    /// | of all that fires | nothing has changed | tell again after the repeat time |
    ///
    /// The first row that applies counts. All but the last wait until the window of the worst
    /// severity concerned is over, or until a repeat is due. These are the rows of Alertmanager's
    /// notification log (`DedupStage`), with severity as a state of one alert added. As there,
    /// the end is recorded even if it is not sent, or the next firing would be swallowed.
    /// While a message is [under way](UnderWay), what may be new by it or without it is news.
    pub fn decide(&self, tiers: &Tiers, send_resolved: bool) -> Decision {
        let repeat = self.repeat(tiers);
        let Some(news) = self.news() else {
            return match repeat {
                Ok(at) if self.now >= at => Decision::Tell { reason: Reason::Repeat, send: true },
                Ok(until) => Decision::Wait { reason: Reason::Repeat, until },
                Err(none) => none,
            };
        };
        let reason = news.reason;
        let gathered =
            self.news_since.unwrap_or(self.now).saturating_add(tiers.of(news.severity).window);
        let until = repeat.map_or(gathered, |repeat| repeat.min(gathered));
        if self.now >= until {
            Decision::Tell { reason, send: send_resolved || !reason.is_resolve() }
        } else {
            Decision::Wait { reason, until }
        }
    }

    /// When what goes on is told again, or why it is not.
    fn repeat(&self, tiers: &Tiers) -> Result<Duration, Decision> {
        let Some(worst) = self.speaking().max() else {
            return Err(Decision::NothingToSay);
        };
        if self.acknowledged >= Some(worst) {
            return Err(Decision::Acknowledged);
        }
        let repeat = tiers.of(worst).repeat.ok_or(Decision::NeverRepeats)?;
        Ok(self.told.map_or(Duration::MAX, |told| told.at.lived.saturating_add(repeat)))
    }

    /// How severe those are that may be told.
    fn speaking(&self) -> impl Iterator<Item = Severity> {
        self.parts.values().filter_map(|part| match part {
            Part::Speaks(severity) => Some(*severity),
            _ => None,
        })
    }

    /// How severe they may believe an alert to be, if they may know of it.
    pub(crate) fn at_most(&self, fingerprint: &Fingerprint) -> Option<Severity> {
        let told = self.told.and_then(|told| told.firing.get(fingerprint));
        told.copied().max(self.under_way.and_then(|under_way| under_way.most(fingerprint)))
    }

    /// How severe they know an alert to be at least, if they certainly know of it.
    fn at_least(&self, fingerprint: &Fingerprint) -> Option<Severity> {
        let told = self.told.and_then(|told| told.firing.get(fingerprint)).copied();
        self.under_way.map_or(told, |under_way| under_way.least(fingerprint, told))
    }

    /// What they do not know yet.
    pub(crate) fn news(&self) -> Option<News> {
        let mut found: BTreeMap<Reason, (Severity, Vec<Fingerprint>)> = BTreeMap::new();
        let mut note = |reason, severity, fingerprint| {
            let (worst, about) = found.entry(reason).or_insert((severity, Vec::new()));
            *worst = severity.max(*worst);
            about.push(fingerprint);
        };
        for (fingerprint, part) in self.parts {
            let (least, most) = (self.at_least(fingerprint), self.at_most(fingerprint));
            match (*part, most) {
                (Part::Speaks(now), _) if least.is_none() => note(Reason::New, now, *fingerprint),
                (Part::Speaks(now), _) if least < Some(now) => {
                    note(Reason::Escalated, now, *fingerprint);
                }
                (Part::Speaks(now) | Part::Quiet(now), Some(most)) if most > now => {
                    note(Reason::DeEscalated, most, *fingerprint);
                }
                _ => {}
            }
        }
        let is_over =
            |key: &&Fingerprint| self.parts.get(*key).is_none_or(|part| *part == Part::Ended);
        let mut known: BTreeSet<_> = self.told.iter().flat_map(|told| told.firing.keys()).collect();
        let is_first = known.is_empty();
        known.extend(self.under_way.iter().flat_map(|under_way| under_way.alerts()));
        for fingerprint in known.iter().copied().filter(is_over) {
            let most = self.at_most(fingerprint).unwrap_or(Severity::Info);
            note(Reason::PartlyResolved, most, *fingerprint);
        }
        // A resolve may be kept from being sent, so what is always sent goes before it.
        let order = [Reason::Escalated, Reason::New, Reason::DeEscalated, Reason::PartlyResolved];
        let first = order.into_iter().find(|reason| found.contains_key(reason))?;
        let ends = found.get(&Reason::PartlyResolved).map_or(0, |(_, about)| about.len());
        let reason = match first {
            Reason::New if is_first => Reason::First,
            Reason::PartlyResolved if ends == known.len() => Reason::AllResolved,
            other => other,
        };
        let severity = found.values().map(|(severity, _)| *severity).max()?;
        let about = found.into_values().flat_map(|(_, about)| about).collect();
        Some(News { reason, severity, about })
    }
}

#[cfg(test)]
mod tests;
