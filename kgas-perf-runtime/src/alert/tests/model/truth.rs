//! What ought to be: each severity of each alert is a switch of its own.

use super::step::Condition;
use super::{NO_DATA_IS, Patience};
use crate::alert::NoData;
use crate::measure::Severity;

/// On once its condition has held, off once it has been gone.
#[derive(Clone, Copy, Debug, Default)]
struct Switch {
    on: bool,
    yes_since: Option<u64>,
    no_since: Option<u64>,
}

impl Switch {
    /// Sees that the condition is there, is not, or (`None`) cannot be seen.
    fn see(&mut self, seen: Option<bool>, now: u64, patience: &Patience) {
        if seen != Some(true) {
            self.yes_since = None;
        }
        if seen != Some(false) {
            self.no_since = None;
        }
        match seen {
            None => {}
            Some(true) => {
                let since = *self.yes_since.get_or_insert(now);
                self.on |= now - since >= patience.hold;
            }
            Some(false) => {
                let since = *self.no_since.get_or_insert(now);
                self.on &= now - since < patience.keep;
            }
        }
    }
}

/// One rule on one subject.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) patience: Patience,
    switches: [Switch; 4],
    evaluated: u64,
    missing_since: Option<u64>,
    stale: bool,
    no_data: bool,
    pub(super) mature: bool,
    /// How severe it was each time it was over.
    pub(super) lasts: Vec<Severity>,
}

impl Life {
    pub(super) fn new(patience: Patience) -> Self {
        Self {
            patience,
            switches: Default::default(),
            evaluated: 0,
            missing_since: None,
            stale: false,
            no_data: false,
            mature: true,
            lasts: Vec::new(),
        }
    }

    /// How severe it is, if it fires.
    pub(super) fn severity(&self) -> Option<Severity> {
        Severity::ALL.into_iter().rev().find(|severity| self.switches[*severity as usize].on)
    }

    /// Whether it is there and does not fire yet.
    pub(super) fn is_pending(&self) -> bool {
        self.severity().is_none() && self.switches.iter().any(|switch| switch.yes_since.is_some())
    }

    fn exists(&self) -> bool {
        self.severity().is_some() || self.is_pending()
    }

    /// It is over.
    pub(super) fn end(&mut self) {
        self.lasts.extend(self.severity());
        let lasts = std::mem::take(&mut self.lasts);
        *self = Self { lasts, mature: self.mature, ..Self::new(self.patience) };
    }

    fn see_all(&mut self, now: u64, seen: impl Fn(Severity) -> Option<bool>) {
        for severity in Severity::ALL {
            self.switches[severity as usize].see(seen(severity), now, &self.patience);
        }
    }

    /// A round at this time.
    pub(super) fn round(&mut self, condition: Condition, now: u64) {
        let before = self.severity();
        match condition {
            Condition::Absent => return self.pass_over(now),
            Condition::Level(level, mature) => {
                self.after_a_gap(now);
                let cap = if mature { Severity::Emergency } else { Severity::Info };
                let level = level.map(|level| level.min(cap));
                self.see_all(now, |severity| Some(level >= Some(severity)));
                (self.missing_since, self.no_data) = (None, false);
                if self.exists() || level.is_some() {
                    self.mature = mature;
                }
            }
            Condition::NoData => {
                self.after_a_gap(now);
                let no_data = self.patience.no_data;
                self.see_all(now, |severity| match no_data {
                    NoData::Keep => None,
                    NoData::Alert(_) => (severity <= NO_DATA_IS).then_some(true),
                    NoData::Resolve => Some(false),
                });
                self.no_data = no_data != NoData::Resolve;
                if self.no_data {
                    self.missing_since.get_or_insert(now);
                } else {
                    self.missing_since = None;
                }
                if matches!(no_data, NoData::Alert(_)) {
                    self.mature = true;
                }
            }
        }
        (self.evaluated, self.stale) = (now, false);
        let waits_in_vain = self.no_data
            && self.patience.no_data == NoData::Keep
            && self.missing_since.is_some_and(|since| now - since >= self.patience.give_up);
        if !self.exists() || waits_in_vain {
            self.lasts.extend(before.filter(|_| self.severity().is_none()));
            self.end();
        }
    }

    /// Nobody looked for too long, so nothing was proven.
    fn after_a_gap(&mut self, now: u64) {
        if self.exists() && now - self.evaluated > self.patience.stale {
            self.see_all(now, |_| None);
        }
    }

    fn pass_over(&mut self, now: u64) {
        if !self.exists() {
            return;
        }
        let fires = self.severity().is_some();
        if self.stale {
            if self.missing_since.is_some_and(|since| now - since >= self.patience.give_up) {
                self.end();
            }
        } else if now - self.evaluated >= self.patience.stale {
            self.see_all(now, |_| None);
            self.stale = true;
            if matches!(self.patience.no_data, NoData::Alert(_)) {
                self.missing_since = None;
            }
            self.missing_since.get_or_insert(now);
            if !fires {
                self.end();
            }
        }
    }
}
