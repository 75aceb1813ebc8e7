//! `Timeline`: what happened when, in a bounded number of slices of time.

use std::time::Duration;

use crate::load::tally::{Durations, Ended};

/// So many slices at most; when a run outlasts them, two become one.
const SLICES: usize = 240;

/// What happened when.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    width: Duration,
    slices: Vec<Slice>,
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
    /// Latencies of what ended.
    pub(crate) latency: Durations,
}

impl Timeline {
    /// One whose slices suit a run of this length, if it is known.
    pub(crate) fn new(length: Option<Duration>) -> Self {
        let width = length.map_or(Duration::ZERO, |length| length / SLICES as u32);
        Self { width: width.max(Duration::from_millis(10)), slices: Vec::new() }
    }

    /// The slice of a time.
    fn at(&mut self, now: Duration) -> &mut Slice {
        let mut at = (now.as_nanos() / self.width.as_nanos()) as usize;
        while at >= SLICES {
            self.halve();
            at = (now.as_nanos() / self.width.as_nanos()) as usize;
        }
        if at >= self.slices.len() {
            self.slices.resize_with(at + 1, Slice::default);
        }
        &mut self.slices[at]
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
                first.latency.merge(&second.latency);
            }
            self.slices.push(first);
        }
    }

    pub(crate) fn ended(&mut self, now: Duration, ended: &Ended, latency: Duration) {
        let slice = self.at(now);
        match ended {
            Ended::Ok => slice.ok += 1,
            _ => slice.not_ok += 1,
        }
        slice.latency.record(latency);
    }

    pub(crate) fn dropped(&mut self, now: Duration) {
        self.at(now).dropped += 1;
    }

    pub(crate) fn in_flight(&mut self, now: Duration, many: usize) {
        let slice = self.at(now);
        slice.in_flight = slice.in_flight.max(many);
    }

    /// Where each slice begins, and what happened in it.
    pub(crate) fn slices(&self) -> impl Iterator<Item = (Duration, &Slice)> {
        self.slices.iter().enumerate().map(|(at, slice)| (self.width * at as u32, slice))
    }

    /// How long a slice is.
    pub(crate) fn width(&self) -> Duration {
        self.width
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
        assert_eq!(timeline.width(), Duration::from_millis(160));
        assert_eq!(timeline.slices().map(|(_, slice)| slice.in_flight).max(), Some(8));
    }
}
