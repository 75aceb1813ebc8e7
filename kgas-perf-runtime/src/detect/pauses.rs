//! `Pauses`: time in which nobody looked.

use std::collections::VecDeque;
use std::time::Duration;

/// So many are remembered.
const MOST: usize = 8;

/// Times without a look on them. A suspended machine makes everything old that is not late.
#[derive(Clone, Debug)]
pub(crate) struct Pauses {
    /// From how long on a time without a look is a pause.
    pub(crate) after: Duration,
    last: Option<Duration>,
    /// From when to when, oldest first.
    known: VecDeque<(Duration, Duration)>,
}

impl Pauses {
    pub(crate) fn new(after: Duration) -> Self {
        Self { after, last: None, known: VecDeque::new() }
    }

    /// Notes a look; answers how long ago the one before it was.
    pub(crate) fn look(&mut self, now: Duration) -> Duration {
        let last = self.last.replace(now).unwrap_or(now);
        let passed = now.saturating_sub(last);
        if passed > self.after {
            self.known.push_back((last, now));
            if self.known.len() > MOST {
                self.known.pop_front();
            }
        }
        passed
    }

    /// How much of the time since `start` nobody looked.
    pub(crate) fn since(&self, start: Duration) -> Duration {
        self.known.iter().map(|(from, to)| to.saturating_sub(*from.max(&start))).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_longer_than_a_few_ticks_is_a_pause() {
        let second = Duration::from_secs(1);
        let mut pauses = Pauses::new(10 * second);
        for now in [1, 2, 12, 112, 113] {
            pauses.look(now * second);
        }
        assert_eq!(pauses.since(Duration::ZERO), 100 * second);
        // Of what began within a pause, only the rest of it does not count.
        assert_eq!(pauses.since(62 * second), 50 * second);
        assert_eq!(pauses.since(112 * second), Duration::ZERO);
    }
}
