//! `Rows`: calls and gauges by minute, hour and day.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::catalog::{Category, SizeClass};
use crate::store::Tidied;
use crate::store::archive::{Available, Sums};
use crate::store::calls::Calls;
use crate::store::gauge::Gauge;
use crate::store::resolution::Resolution;
use crate::store::retention::Retention;

/// The calls of one resolution, by when they begin, operation and size class.
pub(super) type ByStart = BTreeMap<(u64, String, SizeClass), (Category, Sums)>;

/// The gauges of one resolution, by when they begin, and name.
pub(super) type Gauges = BTreeMap<(u64, String), Gauge>;

/// Calls and gauges by minute, hour and day: each is added to all three.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) calls: [ByStart; 3],
    pub(super) gauges: [Gauges; 3],
    /// From when on there are rows of each resolution, and until when; `None` before the first.
    there: Option<[(u64, u64); 3]>,
    bytes: usize,
}

impl Rows {
    pub(super) fn add_calls(&mut self, calls: &Calls) {
        let sums = Sums::from(&calls.series);
        for resolution in self.takes(calls.minute_unix_s) {
            let start = resolution.start_of(calls.minute_unix_s);
            let key = (start, calls.operation.clone(), calls.size_class());
            let rows = &mut self.calls[resolution as usize];
            self.bytes += merge_calls(rows, key, calls.category, &sums);
        }
    }

    pub(super) fn add_gauge(&mut self, gauge: &Gauge) {
        for resolution in self.takes(gauge.minute_unix_s) {
            let key = (resolution.start_of(gauge.minute_unix_s), gauge.name.clone());
            self.bytes += merge_gauge(&mut self.gauges[resolution as usize], key, gauge);
        }
    }

    /// The resolutions that take something of this minute: all but those whose rows of that time
    /// were dropped.
    fn takes(&mut self, minute: u64) -> Vec<Resolution> {
        let from = |resolution: Resolution| resolution.start_of(minute);
        let new = || Resolution::ALL.map(|resolution| (from(resolution), 0));
        let there = self.there.get_or_insert_with(new);
        let takes = Resolution::ALL.into_iter().filter(|resolution| {
            let (first, until) = &mut there[*resolution as usize];
            *until = (*until).max(from(*resolution) + resolution.seconds());
            from(*resolution) >= *first
        });
        takes.collect()
    }

    /// From when until when there are rows.
    pub(super) fn available(&self) -> Available {
        Available(self.there.unwrap_or_default())
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Drops what is too old, and then what does not fit.
    pub(super) fn tidy(&mut self, now: u64, retention: &Retention) -> Tidied {
        let mut tidied = Tidied::default();
        for resolution in Resolution::ALL {
            let age = retention.of(resolution).as_secs();
            let until = resolution.start_of(now.saturating_sub(age));
            tidied.expired += self.drop_until(resolution, until);
        }
        while self.bytes as u64 > retention.most_bytes {
            let Some((resolution, start)) = self.oldest() else { break };
            tidied.evicted += self.drop_until(resolution, start + resolution.seconds());
        }
        tidied
    }

    fn drop_until(&mut self, resolution: Resolution, until: u64) -> u64 {
        let at = resolution as usize;
        let mut dropped = 0;
        while let Some(first) = self.calls[at].first_entry().filter(|row| row.key().0 < until) {
            let (key, (_, sums)) = first.remove_entry();
            self.bytes -= bytes_of_calls(&key.1, &sums);
            dropped += 1;
        }
        while let Some(first) = self.gauges[at].first_entry().filter(|row| row.key().0 < until) {
            self.bytes -= first.remove().bytes();
            dropped += 1;
        }
        if let Some(there) = &mut self.there {
            there[at].0 = there[at].0.max(until);
        }
        dropped
    }

    /// The oldest row. What is kept of it in coarser rows goes after all that is younger.
    fn oldest(&self) -> Option<(Resolution, u64)> {
        let first = |resolution: Resolution| {
            let calls = self.calls[resolution as usize].keys().next().map(|key| key.0);
            let gauges = self.gauges[resolution as usize].keys().next().map(|key| key.0);
            let start = [calls, gauges].into_iter().flatten().min()?;
            Some((resolution, start))
        };
        let end = |(resolution, start): &(Resolution, u64)| start + resolution.seconds();
        Resolution::ALL.into_iter().filter_map(first).min_by_key(end)
    }
}

fn merge_calls(
    rows: &mut ByStart,
    key: (u64, String, SizeClass),
    category: Category,
    sums: &Sums,
) -> usize {
    let name = key.1.clone();
    let row = rows.entry(key).or_insert_with(|| (category, Sums::default()));
    let before = if row.1 == Sums::default() { 0 } else { bytes_of_calls(&name, &row.1) };
    row.1.merge(sums);
    bytes_of_calls(&name, &row.1).saturating_sub(before)
}

fn merge_gauge(gauges: &mut Gauges, key: (u64, String), gauge: &Gauge) -> usize {
    let start = key.0;
    match gauges.entry(key) {
        Entry::Vacant(place) => {
            let gauge = Gauge { minute_unix_s: start, ..gauge.clone() };
            place.insert(gauge).bytes()
        }
        Entry::Occupied(mut place) => {
            place.get_mut().merge(gauge);
            0
        }
    }
}

fn bytes_of_calls(operation: &str, sums: &Sums) -> usize {
    size_of::<((u64, String, SizeClass), (Category, Sums))>() + operation.len() + sums.heap_bytes()
}
