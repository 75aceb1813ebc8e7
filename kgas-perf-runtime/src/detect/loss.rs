//! `Loss`: what could not be kept, and whether more and more of it is lost.

use std::collections::VecDeque;
use std::time::Duration;

use crate::detect::standing::Standing;
use crate::detect::verdict::{Kind, Verdict};
use crate::measure::Severity;
use crate::registry::{Losses, Snapshot};

/// A counter of what was lost, as it is now. It only ever grows.
///
/// By the share that was lost in the last 5 minutes, it is
///
/// | | |
/// |---|---|
/// | info | when anything was |
/// | a warning | from 0.1 % on |
/// | critical | from 1 % on, and at least 10 |
/// | an emergency | from 10 % on, and at least 10; or when it was critical for 5 minutes |
///
/// and clear when nothing has been lost for 5 minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss<'a> {
    /// What is lost, such as `"calls"` or `"rows of the store"`.
    pub name: &'a str,
    /// How much was lost so far.
    pub lost: u64,
    /// How much there was so far, with what was lost.
    pub of: u64,
    /// The worst that it may be raised as.
    pub worst: Severity,
}

impl Loss<'static> {
    /// What a registry could not keep: whole calls, and the names of some.
    ///
    /// Slow calls that newer ones have pushed out of their list, and those not told as an event,
    /// are bounded by design and counted all the same; they are no loss.
    pub fn of_registry(snapshot: &Snapshot) -> [Self; 2] {
        let Losses { calls, calls_without_a_name, .. } = snapshot.losses;
        let kept: u64 = snapshot.operations().iter().map(crate::registry::Operation::calls).sum();
        let of = kept.saturating_add(calls);
        [
            Self { name: "calls", lost: calls, of, worst: Severity::Emergency },
            // They are counted, under another name.
            Self {
                name: "names of calls",
                lost: calls_without_a_name,
                of,
                worst: Severity::Warning,
            },
        ]
    }
}

/// Blocks of the last 5 minutes.
const BLOCKS: u64 = 10;

/// How long one is.
const BLOCK: Duration = Duration::from_secs(30);

/// Fewer are no matter of shares.
const FEWEST: u64 = 10;

/// One counter, from look to look.
#[derive(Clone, Debug, Default)]
pub(crate) struct LossWatch {
    lost: u64,
    of: u64,
    /// Number, lost, and all, for each block in which there was anything.
    blocks: VecDeque<(u64, u64, u64)>,
    /// Since when it has been critical.
    critical: Option<Duration>,
}

impl LossWatch {
    /// Takes a counter, and answers how it stands.
    pub(crate) fn look(&mut self, now: Duration, loss: &Loss<'_>) -> Standing {
        let block = now.as_nanos().saturating_sub(1) / BLOCK.as_nanos();
        let block = u64::try_from(block).unwrap_or(u64::MAX);
        // A counter that starts over has lost what it says.
        let grown = |now: u64, before: u64| if now < before { now } else { now - before };
        let (lost, of) = (grown(loss.lost, self.lost), grown(loss.of, self.of));
        (self.lost, self.of) = (loss.lost, loss.of);
        match self.blocks.back_mut() {
            Some(newest) if newest.0 >= block => {
                (newest.1, newest.2) = (newest.1 + lost, newest.2 + of)
            }
            _ => self.blocks.push_back((block, lost, of)),
        }
        while self.blocks.front().is_some_and(|(known, _, _)| known + BLOCKS <= block) {
            self.blocks.pop_front();
        }
        self.standing(now, loss.worst)
    }

    fn standing(&mut self, now: Duration, worst: Severity) -> Standing {
        let sum = |part: fn(&(u64, u64, u64)) -> u64| self.blocks.iter().map(part).sum::<u64>();
        let (lost, of) = (sum(|block| block.1), sum(|block| block.2));
        if lost == 0 {
            self.critical = None;
            return Standing::Clear;
        }
        let share = lost as f64 / of.max(lost) as f64;
        let mut severity = match share {
            _ if share >= 0.1 && lost >= FEWEST => Severity::Emergency,
            _ if share >= 0.01 && lost >= FEWEST => Severity::Critical,
            _ if share >= 0.001 => Severity::Warning,
            _ => Severity::Info,
        };
        if severity >= Severity::Critical {
            let since = *self.critical.get_or_insert(now);
            if now.saturating_sub(since) >= BLOCK * BLOCKS as u32 {
                severity = Severity::Emergency;
            }
        } else {
            self.critical = None;
        }
        let first = self.blocks.iter().find(|(_, lost, _)| *lost > 0);
        Standing::Raised(Verdict {
            at: now,
            severity: severity.min(worst),
            kind: Kind::DataLoss,
            effect: None,
            since: first.map(|(block, _, _)| BLOCK.saturating_mul(*block as u32)),
            score: 1.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{Metadata, record_operation};
    use crate::registry::Registry;

    /// The level after each of so many seconds, in each of which so much of 1,000 is lost.
    fn levels(lost: impl Fn(u64) -> u64, seconds: u64) -> Vec<Option<Severity>> {
        let mut watch = LossWatch::default();
        let mut all = 0;
        (1..=seconds)
            .map(|second| {
                all += lost(second);
                let loss = Loss {
                    name: "calls",
                    lost: all,
                    of: 1_000 * second,
                    worst: Severity::Emergency,
                };
                watch.look(Duration::from_secs(second), &loss).level()
            })
            .collect()
    }

    #[test]
    fn it_is_as_bad_as_the_share_that_is_lost() {
        assert_eq!(levels(|_| 0, 60).pop().unwrap(), None);
        for (lost, level) in
            [(2, Severity::Warning), (20, Severity::Critical), (200, Severity::Emergency)]
        {
            assert_eq!(levels(|_| lost, 60).pop().unwrap(), Some(level), "{lost} in 1,000");
        }
    }

    #[test]
    fn one_lost_call_of_many_is_info_and_forgotten_in_five_minutes() {
        let levels = levels(|second| u64::from(second == 100), 420);
        assert_eq!(levels[98], None);
        assert!(levels[99..389].iter().all(|level| *level == Some(Severity::Info)));
        assert_eq!(levels[419], None);
    }

    #[test]
    fn what_stays_critical_becomes_an_emergency() {
        let levels = levels(|_| 20, 400);
        let first = |wanted| levels.iter().position(|level| *level == Some(wanted)).unwrap();
        assert_eq!(first(Severity::Emergency) - first(Severity::Critical), 300);
    }

    #[test]
    fn few_are_no_matter_of_shares() {
        let mut watch = LossWatch::default();
        let loss = Loss { name: "rows", lost: 3, of: 5, worst: Severity::Emergency };
        let standing = watch.look(Duration::from_secs(1), &loss);
        assert_eq!(standing.level(), Some(Severity::Warning));
        // A counter that starts over.
        let loss = Loss { lost: 0, of: 0, ..loss };
        assert_eq!(watch.look(Duration::from_secs(400), &loss), Standing::Clear);
    }

    #[test]
    fn a_registry_that_lost_nothing_says_so() {
        let registry = Registry::new();
        registry.run(|| record_operation("import", Duration::ZERO, Metadata::default()));
        for loss in Loss::of_registry(&registry.snapshot()) {
            assert_eq!((loss.lost, loss.of), (0, 1), "{}", loss.name);
        }
    }
}
