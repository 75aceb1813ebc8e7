//! `Due`: what people are to be told now, and that it has arrived.

use std::collections::BTreeMap;

use crate::alert::alerts::Alerts;
use crate::alert::decide::{Case, Decision, Part};
use crate::alert::fingerprint::Fingerprint;
use crate::alert::incident::Incident;
use crate::alert::moment::{Moment, Now};
use crate::alert::reason::Reason;
use crate::alert::told::Told;
use crate::measure::Severity;

/// One message about one incident, to be told now.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    /// The incident's number.
    pub incident: u64,
    /// The key under which receivers take all messages of the incident as one.
    pub dedup_key: String,
    /// Why.
    pub reason: Reason,
    /// The alerts that are news.
    pub news: Vec<Fingerprint>,
    /// Whether it is sent. If not, it is only recorded.
    pub send: bool,
    /// How severe the worst alert is that may be told; `None` if none fires any more. Who hears
    /// of this severity is told.
    pub severity: Option<Severity>,
    /// What all alerts of the incident have to say.
    pub parts: BTreeMap<Fingerprint, Part>,
    /// What people will know when it has arrived. Whoever was told of anything up to its `peak`
    /// is told when it gets better, once.
    pub told: Told,
}

impl Alerts {
    /// What is to be told now, by incident. It changes nothing: who asks twice is answered twice.
    pub fn due(&self, now: Now) -> Vec<Due> {
        let at = self.timeline.at(now);
        self.saved.incidents.values().filter_map(|incident| self.due_of(incident, at)).collect()
    }

    fn due_of(&self, incident: &Incident, at: Moment) -> Option<Due> {
        let parts = incident.parts(&self.saved.open, &self.saved.silences, at.unix);
        let case = Case::of(incident, &parts, at);
        let decision = case.decide(&self.settings.tiers, self.settings.send_resolved);
        let Decision::Tell { reason, send } = decision else { return None };
        let speaks = |part: &Part| match part {
            Part::Speaks(severity) => Some(*severity),
            _ => None,
        };
        Some(Due {
            incident: incident.id,
            dedup_key: incident.dedup_key.clone(),
            reason,
            news: case.news().map(|news| news.about).unwrap_or_default(),
            send,
            severity: parts.values().filter_map(speaks).max(),
            told: Told::after(&case, reason, send, at),
            parts,
        })
    }

    /// Notes that a message is about to be sent. Answers whether it is still news.
    ///
    /// Who then [saves](Self::saved) and sends loses nothing, wherever the process dies: the
    /// message is due again until it is [recorded](Self::record), under the same dedup key, and if
    /// everything is over before that, the end is told.
    pub fn begin_sending(&mut self, due: &Due, now: Now) -> bool {
        self.advance(now);
        let Some(incident) = self.news_of(due) else { return false };
        incident.under_way.get_or_insert_default().begin(&due.told);
        true
    }

    /// Notes that a message is certain not to have arrived, after its sending was
    /// [begun](Self::begin_sending): it was refused, or nobody was reached. If that is not
    /// certain, nothing is to be noted.
    pub fn withdraw(&mut self, due: &Due, now: Now) {
        let at = self.advance(now);
        let Some(incident) = self.news_of(due) else { return };
        if let Some(under_way) = &mut incident.under_way {
            under_way.withdraw();
        }
        incident.under_way.take_if(|under_way| under_way.is_empty());
        self.refresh(due.incident, at);
    }

    /// Records that a message has arrived, or that it was due and is not sent. Answers whether it
    /// was news: a message that is recorded twice counts once.
    pub fn record(&mut self, due: &Due, now: Now) -> bool {
        let at = self.advance(now);
        let Some(incident) = self.news_of(due) else { return false };
        let at_if_sent = if due.send { at } else { due.told.at };
        incident.told = Some(Told { at: at_if_sent, ..due.told.clone() });
        incident.under_way = None;
        incident.news_since = None;
        self.saved.counts.told[due.reason as usize] += u64::from(due.send);
        self.refresh(due.incident, at);
        true
    }

    /// The incident of a message, unless that message or a later one is recorded.
    fn news_of(&mut self, due: &Due) -> Option<&mut Incident> {
        let is_news = |incident: &&mut Incident| {
            incident.told.as_ref().is_none_or(|told| told.times < due.told.times)
        };
        self.saved.incidents.get_mut(&due.incident).filter(is_news)
    }
}
