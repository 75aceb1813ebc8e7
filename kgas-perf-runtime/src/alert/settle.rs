//! What is worked out when a round is over: who speaks for whom, and what is one event.

use std::collections::BTreeMap;
use std::mem::discriminant;

use crate::alert::alerts::Alerts;
use crate::alert::decide::Case;
use crate::alert::fingerprint::Fingerprint;
use crate::alert::incident::{Incident, group_of};
use crate::alert::inhibition::inhibited;
use crate::alert::life::{Alert, Muted};
use crate::alert::moment::Moment;
use crate::measure::Severity;

impl Alerts {
    /// Brings everything that depends on several alerts up to date.
    pub(crate) fn settle(&mut self, at: Moment) {
        self.inhibit();
        self.count_muted(at);
        self.group(at);
        let numbers: Vec<u64> = self.saved.incidents.keys().copied().collect();
        for id in numbers {
            self.refresh(id, at);
        }
    }

    fn inhibit(&mut self) {
        let alerts: Vec<&Alert> = self.saved.open.values().collect();
        let found = inhibited(&alerts, &self.settings.inhibitions);
        for (alert, inhibited) in self.saved.open.values_mut().zip(found) {
            alert.inhibited = inhibited;
        }
    }

    /// Notes what keeps each alert quiet, and counts where that is new.
    fn count_muted(&mut self, at: Moment) {
        let saved = &mut self.saved;
        for alert in saved.open.values_mut().filter(|alert| alert.state.counts_as_firing()) {
            let silence = || saved.silences.iter().find(|(_, s)| s.silences(alert, at.unix));
            let is_cut = alert.severity > Severity::Info || alert.but_immature.is_some();
            let muted = if !alert.mature && is_cut {
                Some(Muted::Immature)
            } else if alert.inhibited.is_some() {
                Some(Muted::Inhibited)
            } else if alert.is_told() {
                silence().map(|(id, _)| Muted::Silenced(*id))
            } else {
                None
            };
            if muted.as_ref().map(discriminant) != alert.muted.as_ref().map(discriminant) {
                let suppressed = &mut saved.counts.suppressed;
                match muted {
                    Some(Muted::Immature) => suppressed.immature += 1,
                    Some(Muted::Inhibited) => suppressed.inhibit += 1,
                    Some(Muted::Silenced(_)) => suppressed.silence += 1,
                    None => {}
                }
            }
            alert.muted = muted;
        }
    }

    /// Gives every alert that fires and belongs to no incident one.
    fn group(&mut self, at: Moment) {
        let is_alone = |alert: &&Alert| {
            let there = alert.incident.is_some_and(|id| self.saved.incidents.contains_key(&id));
            alert.state.counts_as_firing() && !there
        };
        let alone: Vec<Fingerprint> =
            self.saved.open.values().filter(is_alone).map(|alert| alert.fingerprint).collect();
        if alone.is_empty() {
            return;
        }
        let tiers = &self.settings.tiers;
        let takes = |incident: &&Incident| {
            incident.ended.is_none_or(|ended| at.since(ended) <= tiers.of(incident.peak).window)
        };
        let mut by_group: BTreeMap<BTreeMap<String, String>, u64> = self
            .saved
            .incidents
            .values()
            .filter(takes)
            .map(|incident| (incident.group.clone(), incident.id))
            .collect();
        for fingerprint in alone {
            let Some(alert) = self.saved.open.get(&fingerprint) else { continue };
            let group = group_of(&alert.subject, &self.settings.group_by);
            let id = match by_group.get(&group) {
                Some(id) => *id,
                None => {
                    let id = self.next_id();
                    by_group.insert(group.clone(), id);
                    self.keep_new(Incident::open(id, group, &self.settings.source, at));
                    id
                }
            };
            let saved = &mut self.saved;
            if let (Some(incident), Some(alert)) =
                (saved.incidents.get_mut(&id), saved.open.get_mut(&fingerprint))
            {
                let known =
                    incident.told.as_ref().is_some_and(|t| t.firing.contains_key(&fingerprint));
                saved.counts.suppressed.dedup += u64::from(known);
                incident.join(alert, at);
                alert.incident = Some(id);
            }
        }
    }

    /// Keeps a new incident; one that is over makes room for it if there are too many.
    fn keep_new(&mut self, incident: Incident) {
        let saved = &mut self.saved;
        saved.counts.incidents_opened += 1;
        saved.incidents.insert(incident.id, incident);
        while saved.incidents.len() > self.settings.caps.incidents {
            let over = saved.incidents.values().filter_map(|i| Some((i.ended?, i.id))).min();
            let Some((_, oldest)) = over else { return };
            saved.incidents.remove(&oldest);
            saved.counts.dropped.untold_ends += 1;
        }
    }

    /// Takes over what an incident's alerts have become, notes whether there is news, and closes
    /// it if there is nothing left to tell.
    pub(crate) fn refresh(&mut self, id: u64, at: Moment) {
        let saved = &mut self.saved;
        let Some(incident) = saved.incidents.get_mut(&id) else { return };
        let over = incident.follow(&saved.open, at);
        saved.counts.dropped.members += incident.trim(self.settings.caps.members_over);
        let parts = incident.parts(&saved.open, &saved.silences, at.unix);
        let is_news = Case::of(incident, &parts, at).news().is_some();
        if over && !incident.is_known() {
            saved.counts.incidents_closed += 1;
            // There was something to say, and it was over before it was said.
            saved.counts.suppressed.window += u64::from(incident.news_since.is_some());
            incident.news_since = None;
            incident.closed = Some(at);
            if let Some(closed) = saved.incidents.remove(&id) {
                saved.closed_incidents.push_back(closed);
            }
            while saved.closed_incidents.len() > self.settings.caps.closed_incidents {
                saved.closed_incidents.pop_front();
                saved.counts.dropped.closed_incidents += 1;
            }
        } else if is_news {
            incident.news_since.get_or_insert(at.lived);
        } else {
            incident.news_since = None;
        }
    }
}
