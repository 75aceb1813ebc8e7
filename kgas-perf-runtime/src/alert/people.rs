//! What people do to alerts: acknowledge, resolve, silence, mark.

use std::time::Duration;

use crate::alert::alerts::Alerts;
use crate::alert::error::{AlertError, check_who, check_why};
use crate::alert::fingerprint::Fingerprint;
use crate::alert::incident::{Acknowledged, Incident};
use crate::alert::mark::{self, Change};
use crate::alert::moment::Now;
use crate::alert::silence::Silence;
use crate::alert::state::{Transition, Why};

/// A silence that lasts, and what it keeps quiet.
#[derive(Clone, Debug, PartialEq)]
pub struct Silenced<'a> {
    /// Its number.
    pub id: u64,
    /// The silence.
    pub silence: &'a Silence,
    /// How long it still lasts.
    pub remaining: Duration,
    /// The alerts that it keeps quiet.
    pub alerts: Vec<Fingerprint>,
}

impl Alerts {
    /// Says that somebody is on it. What goes on is not told again until it gets worse than it is
    /// now; news is told all the same.
    ///
    /// # Errors
    /// If no alert of such an incident fires, or nobody says who they are.
    pub fn acknowledge(&mut self, incident: u64, who: &str, now: Now) -> Result<(), AlertError> {
        check_who("who", who)?;
        let at = self.timeline.at(now);
        let fires = |incident: &&mut Incident| incident.ended.is_none();
        let Some(found) = self.saved.incidents.get_mut(&incident).filter(fires) else {
            return Err(AlertError::NoSuchIncident { incident });
        };
        let severity = found.severity;
        found.acknowledged = Some(Acknowledged { who: who.to_owned(), at, severity });
        self.advance(now);
        Ok(())
    }

    /// Ends an alert by hand. If its condition is still there in the next round, the next alert
    /// begins, and is held again: who wants quiet asks for a [silence](Self::silence).
    ///
    /// # Errors
    /// If no such alert is open, or nobody says who they are and why.
    pub fn resolve(
        &mut self,
        fingerprint: Fingerprint,
        who: &str,
        why: &str,
        now: Now,
    ) -> Result<Transition, AlertError> {
        check_who("who", who)?;
        check_why("why", why)?;
        let at = self.timeline.at(now);
        let by_hand = Why::ByHand { who: who.to_owned(), why: why.to_owned() };
        let alert = self.saved.open.get_mut(&fingerprint);
        let Some(transition) = alert.and_then(|alert| alert.end(by_hand, at)) else {
            return Err(AlertError::NoSuchAlert { fingerprint });
        };
        self.advance(now);
        self.follow(transition.clone(), &mut Vec::new());
        self.settle(at);
        Ok(transition)
    }

    /// Asks for quiet, and answers the silence's number.
    ///
    /// # Errors
    /// If it is over already, or there are as many as may be and none of them is over.
    pub fn silence(&mut self, silence: Silence, now: Now) -> Result<u64, AlertError> {
        if silence.is_over(now.unix) {
            return Err(AlertError::Silence {
                field: "end",
                value: format!("{:?} ago", now.unix - silence.end),
                accepted: "a time to come".to_owned(),
            });
        }
        let saved = &mut self.saved;
        let most = self.settings.caps.silences;
        while saved.silences.len() >= most {
            let over = saved.silences.iter().filter(|(_, silence)| silence.is_over(now.unix));
            let Some((_, oldest)) = over.map(|(id, silence)| (silence.end, *id)).min() else {
                return Err(AlertError::Setting {
                    field: "silences".to_owned(),
                    value: format!("{most} already"),
                    accepted: format!("at most {most}; end one that is no longer needed"),
                });
            };
            saved.silences.remove(&oldest);
            saved.counts.dropped.silences += 1;
        }
        let at = self.advance(now);
        let id = self.next_id();
        self.saved.silences.insert(id, silence);
        self.settle(at);
        Ok(id)
    }

    /// Ends a silence before its time.
    ///
    /// # Errors
    /// If there is no such silence, it is over, or nobody says who they are.
    pub fn end_silence(&mut self, silence: u64, who: &str, now: Now) -> Result<(), AlertError> {
        check_who("who", who)?;
        let lasts = |found: &&mut Silence| !found.is_over(now.unix);
        let Some(found) = self.saved.silences.get_mut(&silence).filter(lasts) else {
            return Err(AlertError::NoSuchSilence { silence });
        };
        found.end_now(who, now.unix);
        let at = self.advance(now);
        self.settle(at);
        Ok(())
    }

    /// The silences that last, what they keep quiet, and for how long still.
    pub fn silenced(&self, now: Now) -> Vec<Silenced<'_>> {
        let lasting = self.saved.silences.iter().filter_map(|(id, silence)| {
            let remaining = silence.remaining(now.unix)?;
            let quiet = self.saved.open.values().filter(|a| silence.silences(a, now.unix));
            let alerts = quiet.map(|alert| alert.fingerprint).collect();
            Some(Silenced { id: *id, silence, remaining, alerts })
        });
        lasting.collect()
    }

    /// Notes that something was changed, and answers whether that was news: the same change told
    /// again within a minute is the same.
    pub fn mark(&mut self, what: Change, text: &str, now: Now) -> bool {
        let at = self.advance(now);
        let most = self.settings.caps.marks;
        let (is_new, dropped) = mark::add(&mut self.saved.marks, at, what, text, most);
        self.saved.counts.dropped.marks += dropped;
        is_new
    }
}
