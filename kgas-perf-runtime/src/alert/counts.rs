//! `Counts`: what happened so far, with nothing lost silently.

use serde::{Deserialize, Serialize};

use crate::alert::reason::Reason;

/// What happened so far, restarts included.
///
/// What is counted adds up: `opened` is `lapsed` and `resolved` and the alerts that are open;
/// `incidents_opened` is `incidents_closed` and `dropped.untold_ends` and the incidents that are
/// not closed; `evaluations` is those that were taken and those in `refused`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Evaluations handed in.
    pub evaluations: u64,
    /// Evaluations that were not taken.
    pub refused: Refused,
    /// Alerts that began, pending or firing.
    pub opened: u64,
    /// Alerts that were over before they fired.
    pub lapsed: u64,
    /// Alerts that had fired and are over.
    pub resolved: u64,
    /// Incidents that began.
    pub incidents_opened: u64,
    /// Incidents that are over and told so, or of which nobody was told.
    pub incidents_closed: u64,
    /// Notifications recorded as sent, by the [`Reason`]'s place in [`Reason::ALL`].
    pub told: [u64; Reason::ALL.len()],
    /// What was kept from people.
    pub suppressed: Suppressed,
    /// What was dropped to stay within the caps.
    pub dropped: Dropped,
}

/// Evaluations that were not taken, by why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// They name a rule that is not there.
    pub unknown_rule: u64,
    /// They hold what the rule does not look at: a severity for a rule on a number, a number of
    /// another dimension.
    pub mismatched: u64,
    /// They are the second of their rule and subject in one round.
    pub duplicate: u64,
    /// Another rule and subject has the same fingerprint.
    pub collision: u64,
    /// As many alerts are open as may be, and none of them is milder and untold.
    pub full: u64,
}

impl Refused {
    /// All of them.
    pub fn total(&self) -> u64 {
        let Self { unknown_rule, mismatched, duplicate, collision, full } = self;
        unknown_rule + mismatched + duplicate + collision + full
    }
}

/// How often something that would have been told was not, by why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppressed {
    /// A firing alert came under a silence.
    pub silence: u64,
    /// A firing alert came under another that speaks for it.
    pub inhibit: u64,
    /// An alert fired again before its end was told, and so whoever was told knows it already.
    pub dedup: u64,
    /// An alert was cut to an info, since its baseline is immature.
    pub immature: u64,
    /// A condition went, or was seen no longer, before it had held for as long as its rule asks.
    pub hold: u64,
    /// A condition came back before it had been gone for as long as its alert is kept.
    pub flap: u64,
    /// An incident was over before its window was.
    pub window: u64,
}

impl Suppressed {
    /// All of them, with the names used in tables and metric labels.
    pub const fn by_reason(&self) -> [(&'static str, u64); 7] {
        [
            ("silence", self.silence),
            ("inhibit", self.inhibit),
            ("dedup", self.dedup),
            ("immature", self.immature),
            ("hold", self.hold),
            ("flap", self.flap),
            ("window", self.window),
        ]
    }
}

/// What was dropped to stay within the caps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    /// Open alerts that made room for worse ones; they are among the lapsed or resolved.
    pub made_room: u64,
    /// Alerts that are over, from their list.
    pub closed_alerts: u64,
    /// Closed incidents, from their list.
    pub closed_incidents: u64,
    /// Incidents that were over, and whose end was not told yet: somebody may wait for it.
    pub untold_ends: u64,
    /// Alerts that are over, from their incident.
    pub members: u64,
    /// Marks.
    pub marks: u64,
    /// Silences that were over.
    pub silences: u64,
}
