//! `Stamps`: which minute it is, whatever the wall clock does.

use std::time::Duration;

/// A wall clock that is off by no more than this against the monotonic one is followed as it is
/// set right, little by little.
const SLEW: Duration = Duration::from_secs(2);

/// Ranges that were stamped and left, at most: the clock was set back so often.
const MOST_RANGES: usize = 64;

/// Says what time is written beside what is kept: the wall clock's, but no minute that was left
/// is entered again.
///
/// - While the wall clock goes as the monotonic one does, it is the wall clock's.
/// - A wall clock set forward, or a machine that slept, leaves a gap. One set back into a gap, or
///   to before all that was stamped, is followed.
/// - A wall clock set back into minutes that were stamped by this process already is not followed:
///   they would be there twice. Time goes on by the monotonic clock, until the wall clock comes
///   to a minute that is free.
/// - Where that runs into minutes that were stamped before, stamps stand still before them until
///   the wall clock is past them: nothing is lost, and one minute is a long one.
///
/// All times are UTC, so a change to or from summer time is none here.
#[derive(Clone, Debug)]
pub(crate) struct Stamps {
    /// The last readings of both clocks, and the stamp that was given then.
    monotonic: Duration,
    wall: Duration,
    stamp: Duration,
    /// When the present range of stamps began.
    began: Duration,
    /// Ranges that were left when the wall clock was set to another time, both ends included.
    left: Vec<(Duration, Duration)>,
    steps: u64,
}

impl Stamps {
    pub(crate) fn new(monotonic: Duration, wall: Duration) -> Self {
        Self { monotonic, wall, stamp: wall, began: wall, left: Vec::new(), steps: 0 }
    }

    /// The stamp of what happens now.
    pub(crate) fn at(&mut self, monotonic: Duration, wall: Duration) -> Duration {
        let passed = monotonic.saturating_sub(self.monotonic);
        self.monotonic = self.monotonic.max(monotonic);
        if wall.abs_diff(self.wall.saturating_add(passed)) > SLEW {
            self.steps += 1;
        }
        self.wall = wall;
        let steady = self.stamp.saturating_add(passed);
        let mut next = if wall.abs_diff(steady) <= SLEW {
            wall.max(self.stamp)
        } else if self.is_free(wall) {
            self.leave(wall);
            wall
        } else {
            steady
        };
        // It stands still at the end of what is free.
        while let Some(from) = self.left_at(next).filter(|_| next > self.stamp) {
            next = self.stamp.max(minute(from).saturating_sub(Duration::from_nanos(1)));
        }
        self.stamp = next;
        next
    }

    /// Whether a minute was never stamped, or is the present one and not behind.
    fn is_free(&self, time: Duration) -> bool {
        let present = minute(self.began)..=minute(self.stamp);
        let goes_on = minute(time) == minute(self.stamp) && time >= self.stamp;
        goes_on || !present.contains(&minute(time)) && self.left_at(time).is_none()
    }

    /// How often the wall clock was set to another time by more than it is slewed, sleep of the
    /// machine included.
    pub(crate) fn steps(&self) -> u64 {
        self.steps
    }

    /// The present range ends, and another begins, unless it is of the same minute.
    fn leave(&mut self, wall: Duration) {
        if minute(wall) == minute(self.stamp) {
            return;
        }
        self.left.push((self.began, self.stamp));
        (self.began, self.stamp) = (wall, wall);
        if self.left.len() > MOST_RANGES {
            // Two of them become one: a little more than was stamped counts as stamped.
            self.left.sort_unstable();
            let gap = |pair: &[(Duration, Duration)]| pair[1].0.saturating_sub(pair[0].1);
            let pairs = self.left.windows(2).enumerate();
            if let Some((at, _)) = pairs.min_by_key(|(_, pair)| gap(pair)) {
                let (_, until) = self.left.remove(at + 1);
                self.left[at].1 = self.left[at].1.max(until);
            }
        }
    }

    /// When the range began that was left and holds this minute.
    fn left_at(&self, time: Duration) -> Option<Duration> {
        let holds = |(from, until): &&(Duration, Duration)| {
            (minute(*from)..=minute(*until)).contains(&minute(time))
        };
        self.left.iter().find(holds).map(|(from, _)| *from)
    }
}

fn minute(time: Duration) -> Duration {
    Duration::from_secs(time.as_secs() - time.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: u64 = 86_400;

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn a_clock_that_is_slewed_is_followed_and_never_goes_back() {
        let mut stamps = Stamps::new(secs(5), secs(1_000));
        assert_eq!(stamps.at(secs(6), secs(1_002)), secs(1_002));
        assert_eq!(stamps.at(secs(7), secs(1_001)), secs(1_002));
        assert_eq!(stamps.at(secs(8), secs(1_003)), secs(1_003));
        assert_eq!(stamps.steps(), 0);
    }

    #[test]
    fn a_day_forward_is_a_gap_and_the_day_back_is_followed_from_the_first_free_minute_on() {
        let begin = 10 * DAY;
        let mut stamps = Stamps::new(secs(0), secs(begin));
        for second in 1..=600 {
            stamps.at(secs(second), secs(begin + second));
        }
        assert_eq!(stamps.at(secs(601), secs(begin + 601 + DAY)), secs(begin + 601 + DAY));
        // Back: this minute was stamped, and the next one is free.
        assert_eq!(stamps.at(secs(602), secs(begin + 602)), secs(begin + 602 + DAY));
        assert_eq!(stamps.at(secs(660), secs(begin + 660)), secs(begin + 660));
        assert_eq!(stamps.steps(), 2);
    }

    #[test]
    fn a_day_back_goes_on_by_the_monotonic_clock() {
        let begin = 10 * DAY;
        let mut stamps = Stamps::new(secs(0), secs(begin));
        stamps.at(secs(2 * DAY), secs(begin + 2 * DAY));
        let back = begin + DAY + 1;
        assert_eq!(stamps.at(secs(2 * DAY + 1), secs(back)), secs(begin + 2 * DAY + 1));
        assert_eq!(stamps.at(secs(2 * DAY + 9), secs(back + 8)), secs(begin + 2 * DAY + 9));
    }

    #[test]
    fn a_clock_that_was_wrong_at_the_start_is_put_right_at_once() {
        let right = 10 * DAY;
        let mut stamps = Stamps::new(secs(0), secs(right + DAY));
        stamps.at(secs(3_600), secs(right + DAY + 3_600));
        assert_eq!(stamps.at(secs(3_601), secs(right + 3_601)), secs(right + 3_601));
        // When it comes to what was stamped first, it waits before it, and goes on after it.
        let before = secs(right + DAY) - Duration::from_nanos(1);
        assert_eq!(stamps.at(secs(DAY + 9), secs(right + DAY + 9)), before);
        assert_eq!(stamps.at(secs(DAY + 3_659), secs(right + DAY + 3_659)), before);
        let past = secs(right + DAY + 3_660);
        assert_eq!(stamps.at(secs(DAY + 3_660), past), past);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn no_minute_is_there_twice(
            jumps in proptest::collection::vec((1_u64..4_000, -3 * DAY as i64..3 * DAY as i64), 1..120),
            quiet in 0_u8..4,
        ) {
            let (mut monotonic, mut offset) = (0, 100 * DAY as i64);
            let mut stamps = Stamps::new(secs(0), secs(offset as u64));
            let mut minutes = vec![offset as u64 / 60];
            for (number, (passed, jump)) in jumps.into_iter().enumerate() {
                monotonic += passed;
                if number as u8 % (quiet + 1) == quiet {
                    offset = (offset + jump).max(0);
                }
                let wall = secs(monotonic + offset as u64);
                let stamp = stamps.at(secs(monotonic), wall);
                minutes.push(stamp.as_secs() / 60);
            }
            minutes.dedup();
            let visits = minutes.len();
            minutes.sort_unstable();
            minutes.dedup();
            prop_assert_eq!(minutes.len(), visits, "a minute was left and entered again");
        }
    }
}
