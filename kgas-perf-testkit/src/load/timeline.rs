//! `Timeline`: what happened when, in a bounded number of slices of time.

use std::time::Duration;

use crate::load::tally::{Durations, Ended};

/// So many slices at most, and one more for what comes after a planned end. A run whose length is
/// not known may outlast them: then two become one.
const SLICES: usize = 240;
/// Ends are told by so many slices late at most; older slices keep their quantiles alone.
const OPEN: usize = 8;

/// What happened when.
///
/// Where the length is known, what is kept hardly grows while a run goes on: a soak must not find
/// the books of its own test.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    width: Duration,
    slices: Vec<Slice>,
    length_is_known: bool,
    /// So many slices have their quantiles.
    settled: usize,
}

/// What happened in one slice of time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slice {
    /// Operations that ended well.
    pub(crate) ok: u64,
    /// Operations that ended in another way.
    pub(crate) not_ok: u64,
    pub(crate) dropped: u64,
    /// The most operations in flight.
    pub(crate) in_flight: usize,
    latency: Latency,
}

/// Latencies of what ended.
#[derive(Clone, Debug)]
enum Latency {
    Open(Durations),
    Settled(Quantiles),
}

impl Default for Latency {
    fn default() -> Self {
        Self::Open(Durations::default())
    }
}

/// Of the latencies in one slice; `None` where nothing ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quantiles {
    pub(crate) p50: Option<Duration>,
    pub(crate) p95: Option<Duration>,
}

impl Slice {
    pub(crate) fn quantiles(&self) -> Quantiles {
        match &self.latency {
            Latency::Open(durations) => {
                let all = durations.distribution();
                Quantiles { p50: all.quantile(0.5), p95: all.quantile(0.95) }
            }
            Latency::Settled(quantiles) => *quantiles,
        }
    }
}

impl Timeline {
    /// One whose slices suit a run of this length, if it is known.
    pub(crate) fn new(length: Option<Duration>) -> Self {
        let width = length.map_or(Duration::ZERO, |length| length / SLICES as u32);
        Self {
            width: width.max(Duration::from_millis(10)),
            slices: Vec::with_capacity(SLICES + 1),
            length_is_known: length.is_some(),
            settled: 0,
        }
    }

    /// The position of the slice of a time.
    fn position(&mut self, now: Duration) -> usize {
        let mut at = (now.as_nanos() / self.width.as_nanos()) as usize;
        if self.length_is_known {
            // The last lasts until all is over.
            at = at.min(SLICES);
        }
        while !self.length_is_known && at >= SLICES {
            self.halve();
            at = (now.as_nanos() / self.width.as_nanos()) as usize;
        }
        if at >= self.slices.len() {
            self.slices.resize_with(at + 1, Slice::default);
            self.settle();
        }
        at
    }

    fn settle(&mut self) {
        while self.length_is_known && self.settled + OPEN < self.slices.len() {
            let slice = &mut self.slices[self.settled];
            slice.latency = Latency::Settled(slice.quantiles());
            self.settled += 1;
        }
    }

    /// Makes one slice of two.
    fn halve(&mut self) {
        self.width *= 2;
        let mut old = std::mem::take(&mut self.slices).into_iter();
        while let Some(mut first) = old.next() {
            if let Some(second) = old.next() {
                first.ok += second.ok;
                first.not_ok += second.not_ok;
                first.dropped += second.dropped;
                first.in_flight = first.in_flight.max(second.in_flight);
                if let (Latency::Open(all), Latency::Open(more)) =
                    (&mut first.latency, &second.latency)
                {
                    all.merge(more);
                }
            }
            self.slices.push(first);
        }
    }

    pub(crate) fn ended(&mut self, now: Duration, ended: &Ended, latency: Duration) {
        let at = self.position(now);
        match ended {
            Ended::Ok => self.slices[at].ok += 1,
            _ => self.slices[at].not_ok += 1,
        }
        let open = at.max(self.settled);
        if let Latency::Open(durations) = &mut self.slices[open].latency {
            durations.record(latency);
        }
    }

    pub(crate) fn dropped(&mut self, now: Duration) {
        let at = self.position(now);
        self.slices[at].dropped += 1;
    }

    pub(crate) fn in_flight(&mut self, now: Duration, many: usize) {
        let at = self.position(now);
        let most = &mut self.slices[at].in_flight;
        *most = many.max(*most);
    }

    /// Where each slice begins, and what happened in it.
    pub(crate) fn slices(&self) -> impl Iterator<Item = (Duration, &Slice)> {
        self.slices.iter().enumerate().map(|(at, slice)| (self.width * at as u32, slice))
    }

    /// How long a slice is that begins then, in a run that was over at `end`.
    pub(crate) fn length(&self, begins: Duration, end: Duration) -> Duration {
        let last = self.width * SLICES as u32;
        if begins >= last { end.saturating_sub(begins).max(self.width) } else { self.width }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_outlasts_its_slices_keeps_every_operation() {
        let mut timeline = Timeline::new(None);
        for n in 0..5_000_u64 {
            let now = Duration::from_millis(7 * n);
            timeline.ended(now, &Ended::Ok, Duration::from_millis(1));
            timeline.in_flight(now, n as usize % 9);
        }
        let (slices, ok) =
            timeline.slices().fold((0, 0), |(many, ok), (_, slice)| (many + 1, ok + slice.ok));
        assert!(slices <= SLICES);
        assert_eq!(ok, 5_000);
        let width = timeline.length(Duration::ZERO, Duration::from_secs(35));
        assert_eq!(width, Duration::from_millis(160));
        assert_eq!(timeline.slices().map(|(_, slice)| slice.in_flight).max(), Some(8));
    }

    #[test]
    fn a_run_of_known_length_keeps_quantiles_and_what_comes_after_its_end() {
        let mut timeline = Timeline::new(Some(Duration::from_secs(24)));
        let ms = Duration::from_millis;
        // 100 in each slice of 100 ms: 1 to 100 ms, and the slice's number besides.
        for n in 0..24_000_u64 {
            timeline.ended(ms(n), &Ended::Ok, ms(1_000 * (n / 100) + n % 100 + 1));
        }
        for (at, (begins, slice)) in timeline.slices().enumerate() {
            assert_eq!((begins, slice.ok), (ms(100 * at as u64), 100));
            let Quantiles { p50: Some(p50), p95: Some(p95) } = slice.quantiles() else { panic!() };
            for (found, true_ms) in [(p50, 50), (p95, 95)] {
                let truth = ms(1_000 * at as u64 + true_ms);
                assert!(found.abs_diff(truth) <= truth / 64, "{at}: {found:?} for {truth:?}");
            }
        }
        let settled = timeline.slices.iter().filter(|it| matches!(it.latency, Latency::Settled(_)));
        assert_eq!(settled.count(), SLICES - OPEN);
        // An end that is told late is counted where it was; a time beyond the plan is one slice.
        timeline.ended(ms(150), &Ended::TimedOut, ms(1));
        timeline.ended(ms(25_000), &Ended::Ok, ms(1));
        timeline.ended(ms(90_000), &Ended::Ok, ms(1));
        assert_eq!((timeline.slices.len(), timeline.slices[1].not_ok), (SLICES + 1, 1));
        assert_eq!(timeline.slices[SLICES].ok, 2);
        assert_eq!(timeline.length(ms(24_000), ms(90_000)), ms(66_000));
    }
}
