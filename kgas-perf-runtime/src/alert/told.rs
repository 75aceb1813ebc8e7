//! `Told`: what somebody knows of an incident.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::alert::decide::{Case, Part};
use crate::alert::fingerprint::Fingerprint;
use crate::alert::moment::Moment;
use crate::alert::reason::Reason;
use crate::measure::Severity;

/// What somebody was told of an incident.
///
/// It is recorded after the message has arrived, and kept over restarts. So a message is told
/// again only if the process died between sending and recording, under the same dedup key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// When something was sent last; what is recorded without being sent does not count.
    pub at: Moment,
    /// Why.
    pub reason: Reason,
    /// The alerts that they know to fire, and how severe they know each to be.
    pub firing: BTreeMap<Fingerprint, Severity>,
    /// The worst that they were ever told of. Whoever hears of severities up to this one has
    /// heard of the incident, and is told when it gets better.
    pub peak: Severity,
    /// How many messages this is the sum of, those included that were recorded and not sent.
    pub times: u64,
}

/// Messages of which nobody knows whether they have arrived: their sending was begun, and the
/// process died or waited in vain.
///
/// So there are two bounds to what people know, and they are told what may be new by either: what
/// fires is told again, and the end of what they may wait for is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    /// The last message: the alerts that it says to fire, and how severe.
    pub last: Option<BTreeMap<Fingerprint, Severity>>,
    /// The alerts that any message before it says to fire, and the worst that it says each to be.
    pub most: BTreeMap<Fingerprint, Severity>,
    /// The alerts that all messages before it say to fire, and the mildest that they say each to
    /// be; `None` if there was none before it.
    pub least: Option<BTreeMap<Fingerprint, Severity>>,
}

impl UnderWay {
    /// Another message is about to be sent, and nobody knows about the last.
    pub(crate) fn begin(&mut self, told: &Told) {
        let Some(lost) = self.last.replace(told.firing.clone()) else { return };
        for (fingerprint, severity) in &lost {
            let most = self.most.entry(*fingerprint).or_insert(*severity);
            *most = (*most).max(*severity);
        }
        let Some(least) = &mut self.least else {
            self.least = Some(lost);
            return;
        };
        least.retain(|fingerprint, least| {
            let severity = lost.get(fingerprint).copied();
            *least = severity.map_or(*least, |severity| severity.min(*least));
            severity.is_some()
        });
    }

    /// The last message is certain not to have arrived.
    pub(crate) fn withdraw(&mut self) {
        self.last = None;
    }

    /// Whether there is no message.
    pub(crate) fn is_empty(&self) -> bool {
        self.last.is_none() && self.least.is_none()
    }

    /// How severe they may believe an alert to be.
    pub(crate) fn most(&self, fingerprint: &Fingerprint) -> Option<Severity> {
        let last = self.last.as_ref().and_then(|last| last.get(fingerprint));
        last.max(self.most.get(fingerprint)).copied()
    }

    /// How severe an alert is at least by all these messages, after it was `told`.
    pub(crate) fn least(
        &self,
        fingerprint: &Fingerprint,
        told: Option<Severity>,
    ) -> Option<Severity> {
        let messages = self.last.iter().chain(&self.least);
        messages.map(|firing| firing.get(fingerprint).copied()).fold(told, Ord::min)
    }

    /// The alerts that they may know of.
    pub(crate) fn alerts(&self) -> impl Iterator<Item = &Fingerprint> {
        self.last.iter().flat_map(BTreeMap::keys).chain(self.most.keys())
    }
}

impl Told {
    /// What they know after one more message.
    pub(crate) fn after(case: &Case<'_>, reason: Reason, send: bool, at: Moment) -> Self {
        let (before, parts) = (case.told, case.parts);
        let known = |fingerprint| case.at_most(fingerprint);
        let firing: BTreeMap<_, _> = parts
            .iter()
            .filter_map(|(fingerprint, part)| {
                let knows = match part {
                    Part::Speaks(severity) => Some(*severity),
                    // Nobody is told that it is worse.
                    Part::Quiet(severity) => known(fingerprint).map(|known| known.min(*severity)),
                    Part::Muted | Part::MutedEnd => known(fingerprint),
                    Part::Ended => None,
                };
                knows.map(|severity| (*fingerprint, severity))
            })
            .collect();
        let worst = firing.values().copied().max().unwrap_or(Severity::Info);
        Self {
            at: before.filter(|_| !send).map_or(at, |told| told.at),
            reason,
            peak: before.map_or(worst, |told| told.peak.max(worst)),
            firing,
            times: before.map_or(0, |told| told.times) + 1,
        }
    }
}
