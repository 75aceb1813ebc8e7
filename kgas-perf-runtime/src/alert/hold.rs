//! `Hold`: how long each severity has held, or has been gone.
//!
//! Each severity switches on once its condition has held for the rule's hold time, and off once
//! it has been gone for as long as the alert is kept. An alert is as severe as the worst that is
//! on. So a rise is held as long as the first firing was, and a fall is kept as long as a
//! resolve is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::alert::damping::Damping;
use crate::measure::Severity;

/// The clocks of one alert; all times are those that the alerts had [lived](crate::alert::Moment)
/// by then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Since when it has been at least so severe; by severity.
    pub there_since: [Option<Duration>; Severity::ALL.len()],
    /// Since when it has been less severe than that; by severity. Neither is known after a gap.
    pub gone_since: [Option<Duration>; Severity::ALL.len()],
    /// How long a severity is kept now.
    pub keep: Duration,
    /// When the condition last came back or went.
    pub turned: Option<Duration>,
    /// Whether the condition is less severe than the alert.
    pub below: bool,
    /// How often it came back while the alert was kept.
    pub flaps: u64,
}

impl Hold {
    pub(crate) fn new(keep: Duration) -> Self {
        Self { keep, ..Self::default() }
    }

    /// The condition was seen, this severe or not at all.
    pub(crate) fn see(&mut self, condition: Option<Severity>, now: Duration) {
        for severity in Severity::ALL {
            let [there, gone] =
                [&mut self.there_since[severity as usize], &mut self.gone_since[severity as usize]];
            if condition >= Some(severity) {
                there.get_or_insert(now);
                *gone = None;
            } else {
                gone.get_or_insert(now);
                *there = None;
            }
        }
    }

    /// Nothing was seen, which counts as this severe: it neither holds nor is it gone.
    pub(crate) fn miss(&mut self, floor: Option<Severity>, now: Duration) {
        for severity in Severity::ALL {
            let there = &mut self.there_since[severity as usize];
            if floor >= Some(severity) {
                there.get_or_insert(now);
            } else {
                *there = None;
            }
            self.gone_since[severity as usize] = None;
        }
    }

    /// Notes that the condition came back to an alert that was kept, or went from one that fires.
    /// Answers whether it came back.
    pub(crate) fn turn(
        &mut self,
        below: bool,
        now: Duration,
        keep: Duration,
        damping: Damping,
    ) -> bool {
        if below == self.below {
            return false;
        }
        let calm = self.turned.is_none_or(|turned| now.saturating_sub(turned) > self.keep);
        self.below = below;
        self.turned = Some(now);
        if !below {
            self.keep = damping.after(self.keep);
            self.flaps += 1;
        } else if calm {
            self.keep = keep;
        }
        !below
    }

    /// How severe the condition was when it was seen last; `None` if it was not there, or not seen.
    pub(crate) fn worst_there(&self) -> Option<Severity> {
        let there = |severity: &Severity| self.there_since[*severity as usize].is_some();
        Severity::ALL.into_iter().rev().find(there)
    }

    /// How severe the alert is, after it was `fired` before (`None`: it has not fired yet). `None`
    /// if nothing holds long enough and nothing is kept.
    pub(crate) fn severity(
        &self,
        now: Duration,
        hold_for: Duration,
        fired: Option<Severity>,
    ) -> Option<Severity> {
        let holds = |severity: &Severity| {
            self.there_since[*severity as usize]
                .is_some_and(|since| now.saturating_sub(since) >= hold_for)
        };
        let kept = |severity: &Severity| {
            let over = |since| now.saturating_sub(since) >= self.keep;
            fired >= Some(*severity) && !self.gone_since[*severity as usize].is_some_and(over)
        };
        Severity::ALL.into_iter().rev().find(|severity| holds(severity) || kept(severity))
    }

    /// When a pending alert of this severity will have held long enough.
    pub(crate) fn fires_at(&self, severity: Severity, hold_for: Duration) -> Option<Duration> {
        Some(self.there_since[severity as usize]?.saturating_add(hold_for))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Severity::{Critical, Warning};

    const KEEP: Duration = Duration::from_secs(100);
    const HOLD: Duration = Duration::from_secs(60);
    const DAMPING: Damping = Damping { multiplier: 2.0, max: Duration::from_secs(500) };

    /// Shows conditions at times, and answers the severities.
    fn severities<const N: usize>(
        hold_for: Duration,
        seen: [(u64, Option<Severity>); N],
    ) -> [Option<Severity>; N] {
        let mut hold = Hold::new(KEEP);
        let mut fired = None;
        seen.map(|(at, condition)| {
            let now = Duration::from_secs(at);
            hold.see(condition, now);
            if fired.is_some() {
                hold.turn(condition < fired, now, KEEP, DAMPING);
            }
            fired = hold.severity(now, hold_for, fired);
            hold.below = condition < fired;
            fired
        })
    }

    #[test]
    fn a_severity_must_hold_before_it_is_raised_to() {
        let w = Some(Warning);
        let c = Some(Critical);
        let seen = [(0, w), (59, w), (60, w), (70, c), (129, c), (130, c)];
        assert_eq!(severities(HOLD, seen), [None, None, w, w, w, c]);
    }

    #[test]
    fn a_break_begins_the_hold_anew() {
        let w = Some(Warning);
        assert_eq!(
            severities(HOLD, [(0, w), (50, None), (51, w), (110, w), (111, w)]),
            [None, None, None, None, w]
        );
    }

    #[test]
    fn a_fall_is_kept_as_long_as_a_resolve() {
        let w = Some(Warning);
        let c = Some(Critical);
        let seen = [(0, c), (10, w), (109, w), (110, w), (120, None), (219, None), (220, None)];
        assert_eq!(severities(Duration::ZERO, seen), [c, c, c, w, w, w, None]);
    }

    #[test]
    fn a_fall_in_two_steps_stops_at_the_worst_that_was_there_meanwhile() {
        let w = Some(Warning);
        let c = Some(Critical);
        let seen = [(0, c), (10, w), (90, None), (110, None), (189, None), (190, None)];
        assert_eq!(severities(Duration::ZERO, seen), [c, c, c, w, w, None]);
    }

    #[test]
    fn what_flaps_is_kept_twice_as_long_each_time_up_to_the_maximum() {
        let mut hold = Hold::new(KEEP);
        let mut keeps = Vec::new();
        for at in [10, 20, 30, 40, 50, 60, 70, 80] {
            hold.turn(!hold.below, Duration::from_secs(at), KEEP, DAMPING);
            keeps.push(hold.keep.as_secs());
        }
        assert_eq!(keeps, [100, 200, 200, 400, 400, 500, 500, 500]);
        assert_eq!(hold.flaps, 4);
    }

    #[test]
    fn calm_for_the_whole_time_ends_the_series() {
        let mut hold = Hold::new(KEEP);
        let at = Duration::from_secs;
        hold.turn(true, at(10), KEEP, DAMPING);
        hold.turn(false, at(20), KEEP, DAMPING);
        assert_eq!(hold.keep, at(200));
        // It stays bad for exactly 200 s: that is not longer than it is kept.
        let mut same = hold.clone();
        same.turn(true, at(220), KEEP, DAMPING);
        assert_eq!(same.keep, at(200));
        hold.turn(true, at(221), KEEP, DAMPING);
        assert_eq!(hold.keep, KEEP);
    }

    #[test]
    fn a_gap_neither_holds_nor_clears() {
        let at = Duration::from_secs;
        let mut hold = Hold::new(KEEP);
        hold.see(Some(Warning), at(0));
        hold.miss(None, at(10));
        assert_eq!(hold.severity(at(1_000), HOLD, None), None);
        assert_eq!(hold.severity(at(1_000), HOLD, Some(Warning)), Some(Warning));
        hold.see(None, at(1_000));
        assert_eq!(hold.severity(at(1_099), HOLD, Some(Warning)), Some(Warning));
        assert_eq!(hold.severity(at(1_100), HOLD, Some(Warning)), None);
    }
}
