//! `StreamClock`: the time of a stream, which goes on when the process's clock begins anew.

use std::time::Duration;

/// How far the time of a stream is from the clock of the process: nothing where the stream
/// began in it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StreamClock {
    ahead: Duration,
    behind: Duration,
}

impl StreamClock {
    /// Such that the process's `now` is the stream's `then`.
    pub(super) fn of(now: Duration, then: Duration) -> Self {
        Self { ahead: then.saturating_sub(now), behind: now.saturating_sub(then) }
    }

    /// The stream's time at a time of the process.
    pub(super) fn stream(self, process: Duration) -> Duration {
        process.saturating_add(self.ahead).saturating_sub(self.behind)
    }

    /// The process's time at a time of the stream; its beginning for what was before that.
    pub(super) fn process(self, stream: Duration) -> Duration {
        stream.saturating_add(self.behind).saturating_sub(self.ahead)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_there_and_back_and_stop_at_the_beginning() {
        let secs = Duration::from_secs;
        for (now, then) in [(5, 5), (3, 1_000), (1_000, 3)] {
            let clock = StreamClock::of(secs(now), secs(then));
            assert_eq!(clock.stream(secs(now)), secs(then));
            assert_eq!(clock.process(secs(then + 7)), secs(now + 7));
        }
        let young = StreamClock::of(secs(3), secs(1_000));
        assert_eq!(young.process(secs(10)), Duration::ZERO);
        assert_eq!(young.stream(Duration::MAX), Duration::MAX - Duration::ZERO);
    }
}
