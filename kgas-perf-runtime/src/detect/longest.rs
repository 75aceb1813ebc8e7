//! `Longest`: how long healthy calls of one operation have run, of late and more than once.

use std::collections::VecDeque;
use std::time::Duration;

/// Calls that end within the same 5 minutes are one episode, however many.
const EPISODE: Duration = Duration::from_secs(300);

/// Days that are remembered.
const DAYS: u64 = 7;

const DAY: Duration = Duration::from_secs(86_400);

/// A length is part of how an operation is when so many episodes have reached it.
const OFTEN: usize = 3;

/// The longest calls that ended well, in a week of episodes.
///
/// A distribution would not do: one outage makes hundreds of calls long, and all of them return
/// in the end. Three such episodes within a week are another matter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Longest {
    episode: u64,
    /// The longest of the current episode.
    newest: Duration,
    /// By day, the longest of as many episodes as it takes.
    days: VecDeque<(u64, [Duration; OFTEN])>,
}

impl Longest {
    /// Notes the longest of some calls that ended well by now.
    pub(crate) fn note(&mut self, now: Duration, longest: Duration) {
        let episode = now.as_secs() / EPISODE.as_secs();
        if episode != self.episode {
            let day = self.episode * EPISODE.as_secs() / DAY.as_secs();
            if self.days.back().is_none_or(|(known, _)| *known != day) {
                self.days.push_back((day, [Duration::ZERO; OFTEN]));
            }
            if let Some((_, longest)) = self.days.back_mut() {
                // Ascending: the least makes room.
                longest[0] = longest[0].max(self.newest);
                longest.sort_unstable();
            }
            (self.episode, self.newest) = (episode, Duration::ZERO);
        }
        let today = now.as_secs() / DAY.as_secs();
        while self.days.front().is_some_and(|(day, _)| day + DAYS < today) {
            self.days.pop_front();
        }
        self.newest = self.newest.max(longest);
    }

    /// The length that enough episodes have reached; zero while there are too few.
    pub(crate) fn often(&self) -> Duration {
        let episodes = self.days.iter().flat_map(|(_, longest)| longest).copied();
        let mut longest: Vec<_> = episodes.chain([self.newest]).collect();
        longest.sort_unstable_by(|one, other| other.cmp(one));
        longest.get(OFTEN - 1).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(60 * minutes)
    }

    #[test]
    fn one_outage_of_many_long_calls_is_one_episode() {
        let mut longest = Longest::default();
        for minute in 0..60 {
            let length = if minute == 20 { minutes(3) } else { Duration::from_secs(1) };
            for _ in 0..100 {
                longest.note(minutes(minute), length);
            }
        }
        assert_eq!(longest.often(), Duration::from_secs(1));
    }

    #[test]
    fn what_three_episodes_reach_is_healthy_for_a_week() {
        let mut longest = Longest::default();
        for (minute, seconds) in [(0, 30), (60, 50), (120, 40), (180, 1)] {
            longest.note(minutes(minute), Duration::from_secs(seconds));
        }
        assert_eq!(longest.often(), Duration::from_secs(30));
        longest.note(minutes(60 * 24 * 6), Duration::from_secs(1));
        assert_eq!(longest.often(), Duration::from_secs(30));
        longest.note(minutes(60 * 24 * 9), Duration::from_secs(1));
        assert!(longest.often() <= Duration::from_secs(1));
    }

    #[test]
    fn too_few_episodes_say_nothing() {
        let mut longest = Longest::default();
        longest.note(minutes(1), minutes(5));
        longest.note(minutes(61), minutes(5));
        assert_eq!(longest.often(), Duration::ZERO);
    }
}
