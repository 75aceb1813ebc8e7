//! `StoreWatch`: whether what was measured is kept.

use std::time::Duration;

use crate::alert::{Evidence, Subject};
use crate::catalog::Quantity;
use crate::collector::round::Round;
use crate::detect::{Component, Kind, Stake, Standing, Verdict};
use crate::measure::Severity;
use crate::store::{Failing, Status};

/// For how long after the last write nothing is said: a disk may be slow.
const ALLOWED: Duration = Duration::from_secs(15);

/// One failure may be a moment's; from so many in a row on it is not.
const ATTEMPTS: u64 = 2;

/// For how long it is told that a store began anew.
const TOLD: Duration = Duration::from_secs(300);

/// Watches the store: a store that fails, hangs, or had to begin anew is an emergency, for what
/// is not kept is lost when the process ends.
#[derive(Debug, Default)]
pub(super) struct StoreWatch {
    begun_anew: u64,
    begun_at: Option<Duration>,
    before: Option<Severity>,
}

impl StoreWatch {
    /// How the store stands at this time, for the alerts.
    pub(super) fn look(&mut self, now: Duration, status: &Status, round: &mut Round<'_>) {
        if status.begun_anew > self.begun_anew {
            (self.begun_anew, self.begun_at) = (status.begun_anew, Some(now));
        }
        let standing = self.standing(now, status);
        let subject = Subject::component("store");
        if let Standing::Raised(verdict) = &standing
            && standing.level() > self.before
        {
            round.found(&subject, verdict, true);
        }
        self.before = standing.level();
        let evidence = |_| Evidence {
            what: Some(what(status)),
            value: Some(Quantity::Count(status.accounts.pending)),
            ..Evidence::default()
        };
        round.stands(&subject, &[Kind::DataLoss], &standing, evidence);
    }

    fn standing(&self, now: Duration, status: &Status) -> Standing {
        let raised = |since: Duration| {
            Standing::Raised(Verdict {
                at: now,
                severity: Severity::Emergency,
                kind: Kind::DataLoss,
                effect: None,
                since: Some(since),
                score: 1.0,
            })
        };
        if let Some(Failing { since, attempts, retryable, .. }) = &status.failing
            && (*attempts >= ATTEMPTS || !retryable)
        {
            return raised(*since);
        }
        if let Some(begun) = self.begun_at.filter(|begun| now.saturating_sub(*begun) < TOLD) {
            return raised(begun);
        }
        let component = Component {
            name: "store",
            stake: Stake::Data,
            last_beat: status.kept_until,
            allowed: ALLOWED,
            idle: status.accounts.pending == 0,
        };
        component.standing(now)
    }
}

fn what(status: &Status) -> String {
    match &status.failing {
        Some(failing) => format!("entries that wait for the store ({})", failing.error),
        None if status.begun_anew > 0 => {
            "entries that wait for the store, which had to begin anew".to_owned()
        }
        None => "entries that wait for the store".to_owned(),
    }
}
