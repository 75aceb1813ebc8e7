//! `Component`: a part of the monitor that shows that it lives.

use std::time::Duration;

use crate::detect::standing::Standing;
use crate::detect::verdict::{Kind, Verdict};
use crate::measure::Severity;

/// What there is to lose when a component stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stake {
    /// What was measured: a store, an exporter.
    Data,
    /// That anybody is told: the collector, a channel.
    Attention,
}

/// A part of the monitor that shows by its beats that it lives: the collector by each tick, a
/// channel by each notification delivered, a store by each write that succeeded.
///
/// It is a warning when no beat came for longer than allowed, critical from twice that on, and
/// an emergency from three times that on: `allowed` is a deadline, with slack in it already, and
/// who misses three of them in a row will not make the next.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::detect::{Component, Stake};
/// use kgas_perf_runtime::measure::Severity;
///
/// let second = Duration::from_secs(1);
/// let store = Component {
///     name: "store",
///     stake: Stake::Data,
///     last_beat: 100 * second,
///     allowed: 10 * second,
///     idle: false,
/// };
/// assert_eq!(store.standing(109 * second).level(), None);
/// assert_eq!(store.standing(131 * second).level(), Some(Severity::Emergency));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component<'a> {
    /// Its name, such as `"collector"` or `"channel email"`.
    pub name: &'a str,
    /// What there is to lose.
    pub stake: Stake,
    /// When it last did what it is there for, and did it well; or when work came after it had
    /// none.
    pub last_beat: Duration,
    /// For how long there may be no beat.
    pub allowed: Duration,
    /// It has nothing to do, and so need not beat.
    pub idle: bool,
}

impl Component<'_> {
    /// How it stands, had somebody looked all the time.
    pub fn standing(&self, now: Duration) -> Standing {
        self.standing_after(now, now.saturating_sub(self.last_beat))
    }

    /// How it stands after so much time without a beat.
    pub(crate) fn standing_after(&self, now: Duration, silence: Duration) -> Standing {
        let severity = match silence {
            _ if self.idle || silence <= self.allowed => return Standing::Clear,
            _ if silence > self.allowed * 3 => Severity::Emergency,
            _ if silence > self.allowed * 2 => Severity::Critical,
            _ => Severity::Warning,
        };
        let ratio = silence.as_secs_f64() / self.allowed.as_secs_f64().max(1e-9);
        Standing::Raised(Verdict {
            at: now,
            severity,
            kind: match self.stake {
                Stake::Data => Kind::DataLoss,
                Stake::Attention => Kind::Unresponsive,
            },
            effect: Some(ratio - 1.0),
            since: Some(self.last_beat),
            score: 1.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn channel(idle: bool) -> Component<'static> {
        Component {
            name: "channel email",
            stake: Stake::Attention,
            last_beat: 100 * SECOND,
            allowed: 10 * SECOND,
            idle,
        }
    }

    #[test]
    fn each_deadline_that_is_missed_makes_it_worse() {
        let level = |now| channel(false).standing(now * SECOND).level().map(Severity::as_str);
        let levels = [50, 110, 111, 121, 131].map(level);
        let worse = [Some("warning"), Some("critical"), Some("emergency")];
        assert_eq!(levels, [None, None, worse[0], worse[1], worse[2]]);
    }

    #[test]
    fn who_has_nothing_to_do_need_not_beat() {
        assert_eq!(channel(true).standing(10_000 * SECOND), Standing::Clear);
    }

    #[test]
    fn a_store_puts_data_at_stake_and_a_channel_attention() {
        let kind = |stake| {
            let component = Component { stake, ..channel(false) };
            component.standing(200 * SECOND).verdict().map(|verdict| verdict.kind)
        };
        assert_eq!(kind(Stake::Data), Some(Kind::DataLoss));
        assert_eq!(kind(Stake::Attention), Some(Kind::Unresponsive));
    }
}
