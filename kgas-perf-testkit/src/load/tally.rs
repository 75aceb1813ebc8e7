//! `Tally`: how many operations ended how, and how long they took.

use std::time::Duration;

use kgas_perf_runtime::histogram::Distribution;

use crate::load::kinds::Kinds;

/// Durations as they come, in bounded memory.
///
/// They are gathered and added to the distribution many at a time, which is far cheaper than one
/// at a time; counts and sum stay exact.
#[derive(Clone, Debug, Default)]
pub(crate) struct Durations {
    added: Distribution,
    gathered: Vec<Duration>,
}

/// How many durations are gathered.
const GATHERED: usize = 256;

impl Durations {
    pub(crate) fn record(&mut self, duration: Duration) {
        if self.gathered.len() >= GATHERED {
            self.added.merge(&self.gathered.drain(..).collect());
        }
        self.gathered.push(duration);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.added.merge(&other.distribution());
    }

    pub(crate) fn distribution(&self) -> Distribution {
        let mut all = self.added.clone();
        all.merge(&self.gathered.iter().copied().collect());
        all
    }
}

/// How an operation ended, as it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Ok,
    /// With an error of this kind.
    Error(String),
    /// With this message.
    Panicked(String),
    /// Its deadline was over first.
    TimedOut,
    /// By itself.
    Cancelled,
    /// Because the run was stopped; it counts as cancelled, and may have lasted longer.
    Stopped,
}

/// How many operations ended how. Each ends as exactly one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Operations that were to start.
    pub planned: u64,
    /// They ended well.
    pub ok: u64,
    /// They returned an error.
    pub error: u64,
    /// They panicked.
    pub panicked: u64,
    /// Their deadline was over before they had ended.
    pub timed_out: u64,
    /// They were cancelled, by themselves or because the run was stopped.
    pub cancelled: u64,
    /// They never started: nothing was free for them.
    pub dropped: u64,
}

impl Counts {
    /// Operations that started and have ended, in one way or another.
    pub fn ended(&self) -> u64 {
        self.ok + self.error + self.panicked + self.timed_out + self.cancelled
    }

    /// Operations that started and did not end well. One that was cancelled has not failed.
    pub fn failed(&self) -> u64 {
        self.error + self.panicked + self.timed_out
    }

    /// The share of started operations that failed, in `0.0..=1.0`; `None` where none started.
    pub fn error_rate(&self) -> Option<f64> {
        let ended = self.ended();
        (ended > 0).then(|| self.failed() as f64 / ended as f64)
    }

    /// Whether every planned operation is counted once.
    pub fn agree(&self) -> bool {
        self.planned == self.ended() + self.dropped
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.planned += other.planned;
        self.ok += other.ok;
        self.error += other.error;
        self.panicked += other.panicked;
        self.timed_out += other.timed_out;
        self.cancelled += other.cancelled;
        self.dropped += other.dropped;
    }
}

/// What became of the operations of one scenario in one stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) counts: Counts,
    /// From the intended start; of all that started.
    pub(crate) latency: Durations,
    /// From the actual start; of all that started.
    pub(crate) service: Durations,
    /// From the intended start; of those that ended well.
    pub(crate) ok_latency: Durations,
    /// From the intended start; of those that timed out.
    pub(crate) timed_out: Durations,
    /// The shortest latency of which only a lower bound is known.
    pub(crate) censored_from: Option<Duration>,
    /// The same of service times.
    pub(crate) censored_service_from: Option<Duration>,
    pub(crate) censored: u64,
    pub(crate) errors: Kinds,
    pub(crate) panics: Kinds,
}

impl Tally {
    /// Counts an operation that started.
    pub(crate) fn record(&mut self, ended: &Ended, latency: Duration, service: Duration) {
        self.latency.record(latency);
        self.service.record(service);
        let counts = &mut self.counts;
        match ended {
            Ended::Ok => {
                counts.ok += 1;
                self.ok_latency.record(latency);
            }
            Ended::Error(kind) => {
                counts.error += 1;
                self.errors.count(kind);
            }
            Ended::Panicked(message) => {
                counts.panicked += 1;
                self.panics.count(message);
            }
            Ended::TimedOut => {
                counts.timed_out += 1;
                self.timed_out.record(latency);
            }
            Ended::Cancelled | Ended::Stopped => counts.cancelled += 1,
        }
        if matches!(ended, Ended::TimedOut | Ended::Stopped) {
            self.censored += 1;
            self.censored_from = shorter(self.censored_from, Some(latency));
            self.censored_service_from = shorter(self.censored_service_from, Some(service));
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.counts.add(&other.counts);
        for (here, there) in [
            (&mut self.latency, &other.latency),
            (&mut self.service, &other.service),
            (&mut self.ok_latency, &other.ok_latency),
            (&mut self.timed_out, &other.timed_out),
        ] {
            here.merge(there);
        }
        self.censored += other.censored;
        self.censored_from = shorter(self.censored_from, other.censored_from);
        self.censored_service_from =
            shorter(self.censored_service_from, other.censored_service_from);
        self.errors.merge(&other.errors);
        self.panics.merge(&other.panics);
    }
}

fn shorter(one: Option<Duration>, two: Option<Duration>) -> Option<Duration> {
    one.into_iter().chain(two).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_gathered_and_added_are_all_there_with_an_exact_sum() {
        let mut durations = Durations::default();
        for n in 1..=1_000_u64 {
            durations.record(Duration::from_nanos(n * 1_000));
        }
        let all = durations.distribution();
        assert_eq!((all.count(), all.sum()), (1_000, Duration::from_nanos(500_500_000)));
    }
}
