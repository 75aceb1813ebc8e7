//! `Watch`: the calls in flight of one operation and size class, from look to look.

use std::time::Duration;

use crate::detect::limits::Limits;
use crate::detect::longest::Longest;
use crate::detect::standing::Standing;
use crate::detect::verdict::{Kind, Verdict};
use crate::measure::Outcome;
use crate::registry::{InFlight, Window};

/// A rate of calls is taken over at least so many seconds.
const SHORTEST: f64 = 60.0;

/// The rate of calls forgets half of what it was from in so many seconds.
const FORGET: f64 = 86_400.0;

/// The start of a call is known as well as this, and as a thousandth of its age: ticks are
/// converted by a rate that is still being measured.
const SAME: Duration = Duration::from_millis(10);

#[derive(Clone, Debug)]
pub(crate) struct Watch {
    calls: f64,
    seconds: f64,
    pub(crate) longest: Longest,
    /// What was in flight at the last look.
    pub(crate) in_flight: InFlight,
    /// When the oldest of it had started.
    started: Option<Duration>,
    pub(crate) limits: Option<Limits>,
    pub(crate) standing: Standing,
    /// The look it was seen in last.
    pub(crate) look: u64,
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self {
            calls: 0.0,
            seconds: 0.0,
            longest: Longest::default(),
            in_flight: InFlight::default(),
            started: None,
            limits: None,
            standing: Standing::Clear,
            look: 0,
        }
    }

    /// Calls a second, of late.
    pub(crate) fn rate(&self) -> f64 {
        self.calls / self.seconds.max(SHORTEST)
    }

    /// Lets time pass without a call.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.seconds += time.as_secs_f64();
        if self.seconds > 2.0 * FORGET {
            (self.calls, self.seconds) = (self.calls / 2.0, self.seconds / 2.0);
        }
    }

    /// Takes what has ended. Calls that failed or were given up do not show what is healthy.
    pub(crate) fn ended(&mut self, window: &Window) {
        self.calls += window.series.calls() as f64;
        if let Some(longest) = window.series.outcome(Outcome::Ok).max() {
            self.longest.note(window.end, longest);
        }
    }

    /// Judges what is in flight now. `unwatched` is how much of the time since a start nobody
    /// looked.
    pub(crate) fn judge(
        &mut self,
        now: Duration,
        in_flight: InFlight,
        unwatched: impl Fn(Duration) -> Duration,
    ) {
        let before = std::mem::replace(&mut self.in_flight, in_flight);
        let was_raised = self.standing.level().is_some();
        let started = in_flight.oldest.map(|age| now.saturating_sub(age));
        let seen_before = std::mem::replace(&mut self.started, started);
        self.standing = Standing::Clear;
        let (Some(age), Some(started), Some(limits)) = (in_flight.oldest, started, self.limits)
        else {
            return;
        };
        // A call that is just starting may show the start of the one before it. So a call counts
        // from its second look on, or when it was there behind an older one that was told.
        let near = SAME.max(age / 1_000);
        let is_known = seen_before.is_some_and(|before| before.abs_diff(started) <= near)
            || (was_raised && before.calls > 1);
        let age = age.saturating_sub(unwatched(started));
        let Some(severity) = limits.level(age).filter(|_| is_known) else { return };
        let ratio = age.as_secs_f64() / limits.allowed.as_secs_f64().max(1e-9);
        self.standing = Standing::Raised(Verdict {
            at: now,
            severity,
            kind: Kind::Unresponsive,
            effect: Some(ratio - 1.0),
            since: Some(started),
            score: limits.score(age),
        });
    }
}
