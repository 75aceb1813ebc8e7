//! `Watchdog`: calls that run longer than they may are told before they return.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::catalog::SizeClass;
use crate::detect::limits::{Limits, Norm};
use crate::detect::pauses::Pauses;
use crate::detect::standing::{Standing, Unknown};
use crate::detect::watch::Watch;
use crate::measure::Severity;
use crate::registry::{InFlight, Window};

/// Watches the calls in flight, and tells those that have not returned when they should have:
/// as a warning, then critical, then as an emergency, each once.
///
/// # How long a call may run
/// With `A` as the larger of the baseline's p99 and what the objectives on duration allow at
/// p99, a level is raised when the oldest call has been running longer than *all* of
///
/// | | warning | critical | emergency |
/// |---|---|---|---|
/// | times `A` | 2 | 5 | 10 |
/// | what the baseline's [tail](crate::detect::Tail) lets one healthy call reach, at the operation's rate of calls, in | 10 weeks | 1 year | 10 years |
/// | the floor | 1 | 2.5 | 5 |
/// | the level below, and 1.5 times what three episodes of healthy calls reached this week | 1.5 | 1.5 | 1.5 |
///
/// The ratios alone would not do: of ten log-normal calls a second (sigma 0.5) some 80 a day run
/// longer than twice their p99. The tail is not believed beyond 100, 250 and 500 times `A`. The
/// last line is for what no tail shows, such as a rare mode: an operation whose calls keep
/// returning late is told a few times, and then has shown that this is how it is.
///
/// - A bound on the longest call (`max`), from the catalogue or [given here](Self::bound), is a
///   warning itself, and 2.5 and 5 times it are worse.
/// - A baseline that is not mature raises nothing above info, unless there is an objective.
/// - Where there is neither baseline nor objective, a call is info after 6 hours: three times the
///   longest bound of the built-in catalogue. It may be hung and it may be meant so; nobody is
///   woken for not knowing. See [`Self::unknown`].
/// - An operation that runs as long as the process does is [declared endless](Self::endless).
///
/// # What does not count
/// A call that was seen once only; time in which nobody looked, since a suspended machine makes
/// calls old that are not slow; a future that was dropped, which is cancelled and no longer in
/// flight. A future that is kept and never polled again is hung as far as anybody can tell.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kgas_perf_runtime::detect::{Norm, Watchdog};
/// use kgas_perf_runtime::measure::{ManualClock, Measurement, Severity};
/// use kgas_perf_runtime::Registry;
///
/// let clock = ManualClock::new();
/// let registry = Registry::with_clock(clock.clone());
/// let mut watchdog = Watchdog::new().bound("import", Duration::from_secs(3));
/// let (mut last, scope) = (registry.snapshot(), registry.enter());
/// let call = Measurement::start("import");
/// let mut told = Vec::new();
/// for _ in 0..20 {
///     clock.advance(Duration::from_secs(1));
///     let now = registry.snapshot();
///     let windows = now.since(&last);
///     let worse = watchdog.look(now.monotonic, &windows, |_, _| Norm::default());
///     told.extend(worse.iter().filter_map(|watched| watched.standing.level()));
///     last = now;
/// }
/// assert_eq!(told, [Severity::Warning, Severity::Critical, Severity::Emergency]);
/// # drop((call, scope));
/// ```
#[derive(Clone, Debug)]
pub struct Watchdog {
    floor: Duration,
    unknown: Option<Duration>,
    pauses: Pauses,
    endless: BTreeSet<String>,
    bounds: BTreeMap<String, Duration>,
    watched: BTreeMap<String, [Option<Box<Watch>>; SizeClass::ALL.len()]>,
    look: u64,
}

/// What is in flight of one operation and size class, and how that stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Watched<'a> {
    /// The operation's name.
    pub operation: &'a str,
    /// The size class.
    pub size_class: SizeClass,
    /// What is in flight.
    pub in_flight: InFlight,
    /// What a call is allowed: the baseline's p99, or what the objectives allow.
    pub allowed: Option<Duration>,
    /// How that stands.
    pub standing: &'a Standing,
}

impl Default for Watchdog {
    fn default() -> Self {
        Self::new()
    }
}

impl Watchdog {
    /// A floor of 5 seconds, 6 hours where nothing is known, and a pause after 15 seconds
    /// without a look.
    pub fn new() -> Self {
        Self {
            floor: Duration::from_secs(5),
            unknown: Some(Duration::from_secs(6 * 3_600)),
            pauses: Pauses::new(Duration::from_secs(15)),
            endless: BTreeSet::new(),
            bounds: BTreeMap::new(),
            watched: BTreeMap::new(),
            look: 0,
        }
    }

    /// Sets the shortest time that is ever a warning. What is slow, and not hung, is for others
    /// to tell.
    pub fn floor(mut self, floor: Duration) -> Self {
        self.floor = floor;
        self
    }

    /// Sets after how long a call is info of which there is neither baseline nor objective;
    /// never with `None`.
    pub fn unknown(mut self, after: Option<Duration>) -> Self {
        self.unknown = after;
        self
    }

    /// Sets from how long a time without a look on it counts as time in which the process did
    /// not run. Some ten ticks.
    pub fn pause(mut self, after: Duration) -> Self {
        self.pauses.after = after;
        self
    }

    /// Leaves an operation alone whose calls are not meant to return.
    pub fn endless(mut self, operation: &str) -> Self {
        self.endless.insert(operation.to_owned());
        self
    }

    /// Says how long a call of an operation may run at most, whatever its baseline and its
    /// objectives say.
    pub fn bound(mut self, operation: &str, at_most: Duration) -> Self {
        self.bounds.insert(operation.to_owned(), at_most);
        self
    }

    /// Looks at what is in flight at the end of a tick. `windows` are all of the tick's, `norm`
    /// answers what is known of an operation and size class.
    ///
    /// Answers what is worse than at the look before: each call once an escalation.
    pub fn look<'n>(
        &mut self,
        now: Duration,
        windows: &[Window],
        mut norm: impl FnMut(&str, SizeClass) -> Norm<'n>,
    ) -> Vec<Watched<'_>> {
        self.look += 1;
        let passed = self.pauses.look(now);
        for watch in self.watched.values_mut().flatten().flatten() {
            watch.pass(passed);
        }
        let mut worse = Vec::new();
        for window in windows {
            let (operation, class) = (window.operation.as_str(), window.series.size_class);
            let norm = norm(operation, class);
            let before = self.see(now, window, &norm);
            if self.watch(operation, class).is_some_and(|watch| watch.standing.level() > before) {
                worse.push((operation, class));
            }
        }
        // What is in no window is not in flight.
        let look = self.look;
        for watch in self.watched.values_mut().flatten().flatten() {
            if watch.look != look {
                watch.judge(now, InFlight::default(), |_| Duration::ZERO);
            }
        }
        let watched = |(operation, class)| self.watched(operation, class);
        worse.into_iter().filter_map(watched).collect()
    }

    /// Judges one window; answers the level that there was before.
    fn see(&mut self, now: Duration, window: &Window, norm: &Norm<'_>) -> Option<Severity> {
        let (operation, class) = (window.operation.as_str(), window.series.size_class);
        if !self.watched.contains_key(operation) {
            self.watched.insert(operation.to_owned(), Default::default());
        }
        let watch = self
            .watched
            .get_mut(operation)
            .map(|classes| &mut classes[class as usize])?
            .get_or_insert_with(|| Box::new(Watch::new()));
        watch.look = self.look;
        watch.ended(window);
        let before = watch.standing.level();
        let in_flight = window.series.in_flight;
        if self.endless.contains(operation) {
            watch.in_flight = in_flight;
            watch.standing = Standing::Unknown(Unknown::NotJudged("declared to be endless"));
            return before;
        }
        // What is not in flight needs no limits.
        watch.limits = in_flight.oldest.and_then(|_| match self.bounds.get(operation) {
            Some(bound) => Some(Limits::of_bound(*bound)),
            None => {
                let (rate, often) = (watch.rate(), watch.longest.often());
                Limits::of(norm, class, rate, often, self.floor)
                    .or_else(|| self.unknown.map(Limits::of_nothing))
            }
        });
        watch.judge(now, in_flight, |started| self.pauses.since(started));
        if in_flight.calls > 0 && watch.limits.is_none() {
            let why = "no baseline, no objective, and no limit for what is unknown";
            watch.standing = Standing::Unknown(Unknown::NotJudged(why));
        }
        before
    }

    fn watch(&self, operation: &str, class: SizeClass) -> Option<&Watch> {
        self.watched.get(operation)?[class as usize].as_deref()
    }

    fn watched(&self, operation: &str, class: SizeClass) -> Option<Watched<'_>> {
        let (operation, classes) = self.watched.get_key_value(operation)?;
        Some(shown(operation, class, classes[class as usize].as_deref()?))
    }

    /// How everything stands that was ever in flight or has ended, by operation and size class.
    pub fn standings(&self) -> impl Iterator<Item = Watched<'_>> {
        self.watched.iter().flat_map(|(operation, classes)| {
            let all = SizeClass::ALL.into_iter().zip(classes);
            all.filter_map(|(class, watch)| Some(shown(operation, class, watch.as_deref()?)))
        })
    }
}

fn shown<'a>(operation: &'a str, size_class: SizeClass, watch: &'a Watch) -> Watched<'a> {
    Watched {
        operation,
        size_class,
        in_flight: watch.in_flight,
        allowed: watch.limits.map(|limits| limits.allowed),
        standing: &watch.standing,
    }
}

#[cfg(test)]
mod tests;
