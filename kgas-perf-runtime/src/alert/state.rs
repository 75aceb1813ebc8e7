//! `State` of an alert, and `Transition` from one to the next.

use serde::{Deserialize, Serialize};

use crate::alert::fingerprint::Fingerprint;
use crate::alert::moment::Moment;
use crate::measure::Severity;

/// Where an alert is in its life. The room's documentation has it drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The condition holds, and not for long enough yet. Nobody is told.
    Pending,
    /// The condition holds.
    Firing,
    /// The condition has gone, and not for long enough yet. It counts as firing.
    Keeping,
    /// Nothing can be said about the condition. It counts as firing.
    NoData,
    /// Nobody looked at the condition for too long. It counts as firing.
    Stale,
    /// It had fired, and is over.
    Resolved,
    /// It never fired, and is over.
    Lapsed,
}

impl State {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Firing,
        Self::Keeping,
        Self::NoData,
        Self::Stale,
        Self::Resolved,
        Self::Lapsed,
    ];

    /// The name used in tables, JSON and metric labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Keeping => "keeping",
            Self::NoData => "no_data",
            Self::Stale => "stale",
            Self::Resolved => "resolved",
            Self::Lapsed => "lapsed",
        }
    }

    /// Whether the alert's life has ended.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Resolved | Self::Lapsed)
    }

    /// Whether it counts as firing.
    pub const fn counts_as_firing(self) -> bool {
        matches!(self, Self::Firing | Self::Keeping | Self::NoData | Self::Stale)
    }

    /// Whether an alert can begin so.
    pub const fn may_begin(self) -> bool {
        matches!(self, Self::Pending | Self::Firing | Self::NoData)
    }

    /// Whether an arrow of the drawing leads from here to there. To the same state leads one
    /// where the severity can change on the way.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Pending => matches!(next, Self::Firing | Self::NoData | Self::Lapsed),
            Self::Firing | Self::Keeping | Self::NoData => {
                next.counts_as_firing() || matches!(next, Self::Resolved)
            }
            Self::Stale => {
                matches!(next, Self::Firing | Self::Keeping | Self::NoData | Self::Resolved)
            }
            Self::Resolved | Self::Lapsed => false,
        }
    }
}

/// Why a state or severity changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The condition began.
    Began,
    /// It held for as long as the rule asks.
    Held,
    /// It got worse, and held so for as long as the rule asks.
    Worse,
    /// It got better, and stayed so for as long as the alert is kept.
    Better,
    /// It has gone; at the end, for as long as the alert is kept.
    Cleared,
    /// It came back before the alert resolved.
    CameBack,
    /// There is no data; at the end, for as long as the rule waits for some.
    NoData,
    /// There is data again.
    DataReturned,
    /// No evaluation came for as long as the rule accepts; at the end, for as long as it waits.
    NotEvaluated,
    /// A person resolved it.
    ByHand {
        /// Who.
        who: String,
        /// For what reason.
        why: String,
    },
    /// Its rule is no longer there.
    RuleRemoved,
    /// It made room for a worse one: as many alerts are open as may be.
    MadeRoom,
}

/// One step in an alert's life.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Transition {
    /// Of which alert.
    pub fingerprint: Fingerprint,
    /// Of which of its lives: an alert that comes again has the same fingerprint and another
    /// number.
    pub alert: u64,
    /// When.
    pub at: Moment,
    /// From which state; `None` at the beginning.
    pub from: Option<State>,
    /// To which.
    pub to: State,
    /// How severe it was before; `None` at the beginning.
    pub severity_before: Option<Severity>,
    /// How severe it is from now on; at the end, how severe it was last.
    pub severity: Severity,
    /// Why.
    pub why: Why,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The drawing in `mod.rs`, arrow by arrow.
    #[test]
    fn the_arrows_are_those_of_the_drawing() {
        use State::{Firing, Keeping, Lapsed, NoData, Pending, Resolved, Stale};
        let drawn: &[(State, &[State])] = &[
            (Pending, &[Firing, NoData, Lapsed]),
            (Firing, &[Firing, Keeping, NoData, Stale, Resolved]),
            (Keeping, &[Firing, Keeping, NoData, Stale, Resolved]),
            (NoData, &[Firing, Keeping, NoData, Stale, Resolved]),
            (Stale, &[Firing, Keeping, NoData, Resolved]),
            (Resolved, &[]),
            (Lapsed, &[]),
        ];
        for (from, to) in drawn {
            let found: Vec<State> =
                State::ALL.into_iter().filter(|next| from.may_become(*next)).collect();
            assert_eq!(found, *to, "from {from:?}");
        }
        let begins: Vec<State> = State::ALL.into_iter().filter(|state| state.may_begin()).collect();
        assert_eq!(begins, [Pending, Firing, NoData]);
    }
}
