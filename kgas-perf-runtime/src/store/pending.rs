//! `Pending`: what waits to be kept.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::alert::Saved;
use crate::baseline::Baseline;
use crate::catalog::SizeClass;
use crate::store::batch::Batch;
use crate::store::calls::Calls;
use crate::store::gauge::Gauge;
use crate::store::loaded::JudgeState;
use crate::store::note::Note;

/// Notes that wait, at most.
const MOST_NOTES: usize = 10_000;

/// What waits to be kept. Calls of the same minute and series are added up while they wait, so
/// what a store misses that fails for an hour is 60 minutes of each operation, and not 3,600
/// batches.
///
/// It is bounded: when it holds more than it may, the oldest minute goes, and is counted.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    at: Duration,
    calls: BTreeMap<(u64, String, SizeClass), Calls>,
    gauges: BTreeMap<(u64, String), Gauge>,
    baselines: Vec<Baseline>,
    alerts: Option<(Arc<Saved>, u64)>,
    notes: VecDeque<Note>,
    judges: BTreeMap<(String, SizeClass), (JudgeState, u64)>,
    /// How many entries were ever added.
    offered: u64,
    /// About as much memory as all this holds.
    bytes: usize,
}

impl Pending {
    /// Adds one that comes after all others of its kind.
    pub(crate) fn calls(&mut self, calls: Calls) {
        self.offered += calls.entries;
        self.merge_calls(calls, |known, new| known.merge(&new));
    }

    pub(crate) fn gauge(&mut self, gauge: Gauge) {
        self.offered += gauge.count;
        self.merge_gauge(gauge, |known, new| known.merge(&new));
    }

    pub(crate) fn baseline(&mut self, baseline: Baseline) {
        self.offered += 1;
        self.bytes += bytes_of(&baseline);
        self.baselines.push(baseline);
    }

    pub(crate) fn alerts(&mut self, alerts: Arc<Saved>) {
        self.offered += 1;
        let entries = self.alerts.take().map_or(0, |(_, entries)| entries);
        self.alerts = Some((alerts, entries + 1));
    }

    pub(crate) fn note(&mut self, note: Note) {
        self.offered += 1;
        self.bytes += bytes_of(&note);
        self.notes.push_back(note);
    }

    pub(crate) fn judge(&mut self, judge: JudgeState) {
        self.offered += 1;
        let key = (judge.operation.clone(), judge.size_class);
        self.bytes += judge.state.len() + judge.operation.len() * 2;
        let before = self.judges.remove(&key);
        self.bytes -=
            before.as_ref().map_or(0, |(old, _)| old.state.len() + old.operation.len() * 2);
        let entries = before.map_or(0, |(_, entries)| entries);
        self.judges.insert(key, (judge, entries + 1));
    }

    /// Everything that waits is of this time or before it.
    pub(crate) fn until(&mut self, at: Duration) {
        self.at = self.at.max(at);
    }

    /// How many entries were ever added, one by one.
    pub(crate) fn entries_offered(&self) -> u64 {
        self.offered
    }

    /// How many entries wait.
    pub(crate) fn entries(&self) -> u64 {
        let calls = self.calls.values().map(|calls| calls.entries).sum::<u64>();
        let gauges = self.gauges.values().map(|gauge| gauge.count).sum::<u64>();
        let alerts = self.alerts.as_ref().map_or(0, |(_, entries)| *entries);
        let judges = self.judges.values().map(|(_, entries)| entries).sum::<u64>();
        calls + gauges + alerts + judges + (self.baselines.len() + self.notes.len()) as u64
    }

    /// About as much memory as it holds, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Drops the oldest until it holds no more than this; answers how many entries that were.
    ///
    /// Baselines and alerts are few, and the last to go: they stay.
    pub(crate) fn shrink(&mut self, most_bytes: usize) -> u64 {
        let mut dropped = 0;
        while self.notes.len() > MOST_NOTES {
            dropped += self.drop_note();
        }
        while self.bytes > most_bytes {
            let calls = self.calls.first_key_value().map(|((minute, _, _), _)| *minute);
            let gauge = self.gauges.first_key_value().map(|((minute, _), _)| *minute);
            let oldest = match (calls, gauge) {
                (Some(calls), Some(gauge)) => Some(calls.min(gauge)),
                (calls, gauge) => calls.or(gauge),
            };
            dropped += match oldest {
                Some(minute) => self.drop_minute(minute),
                None if !self.notes.is_empty() => self.drop_note(),
                None => match self.judges.pop_first() {
                    Some((_, (judge, entries))) => {
                        self.bytes -= judge.state.len() + judge.operation.len() * 2;
                        entries
                    }
                    None => break,
                },
            };
        }
        dropped
    }

    /// Takes everything that waits.
    pub(crate) fn take(&mut self) -> Batch {
        let entries = self.entries();
        let Self { at, calls, gauges, baselines, alerts, notes, judges, .. } = std::mem::take(self);
        self.at = at;
        Batch {
            at,
            calls: calls.into_values().collect(),
            gauges: gauges.into_values().collect(),
            baselines,
            alerts: alerts.map(|(alerts, _)| alerts),
            notes: notes.into(),
            judges: judges.into_values().map(|(judge, _)| judge).collect(),
            entries,
        }
    }

    /// Gives back what was taken and not kept; what came since stands after it.
    pub(crate) fn give_back(&mut self, batch: Batch) {
        let before = self.entries();
        for calls in batch.calls {
            self.merge_calls(calls, |known, mut older| {
                older.merge(known);
                *known = older;
            });
        }
        for gauge in batch.gauges {
            self.merge_gauge(gauge, |known, mut older| {
                older.merge(known);
                *known = older;
            });
        }
        self.bytes += batch.baselines.iter().map(bytes_of).sum::<usize>();
        self.baselines.splice(..0, batch.baselines);
        self.bytes += batch.notes.iter().map(bytes_of).sum::<usize>();
        for note in batch.notes.into_iter().rev() {
            self.notes.push_front(note);
        }
        if let (None, Some(alerts)) = (&self.alerts, batch.alerts) {
            self.alerts = Some((alerts, 0));
        }
        for judge in batch.judges {
            let key = (judge.operation.clone(), judge.size_class);
            if let Entry::Vacant(place) = self.judges.entry(key) {
                self.bytes += judge.state.len() + judge.operation.len() * 2;
                place.insert((judge, 0));
            }
        }
        // A newer one of these stands for those that it replaced: they are kept when it is.
        let replaced = (before + batch.entries).saturating_sub(self.entries());
        if let Some((_, entries)) = &mut self.alerts {
            *entries += replaced;
        } else if let Some((_, entries)) = self.judges.values_mut().next() {
            *entries += replaced;
        }
    }

    fn merge_calls(&mut self, calls: Calls, merge: impl FnOnce(&mut Calls, Calls)) {
        let key = (calls.minute_unix_s, calls.operation.clone(), calls.size_class());
        match self.calls.entry(key) {
            Entry::Vacant(place) => self.bytes += place.insert(calls).bytes(),
            Entry::Occupied(mut place) => {
                let known = place.get_mut();
                self.bytes -= known.bytes();
                merge(known, calls);
                self.bytes += known.bytes();
            }
        }
    }

    fn merge_gauge(&mut self, gauge: Gauge, merge: impl FnOnce(&mut Gauge, Gauge)) {
        match self.gauges.entry((gauge.minute_unix_s, gauge.name.clone())) {
            Entry::Vacant(place) => self.bytes += place.insert(gauge).bytes(),
            Entry::Occupied(mut place) => merge(place.get_mut(), gauge),
        }
    }

    fn drop_minute(&mut self, minute: u64) -> u64 {
        let mut dropped = 0;
        while let Some(first) = self.calls.first_entry().filter(|first| first.key().0 == minute) {
            let calls = first.remove();
            self.bytes -= calls.bytes();
            dropped += calls.entries;
        }
        while let Some(first) = self.gauges.first_entry().filter(|first| first.key().0 == minute) {
            let gauge = first.remove();
            self.bytes -= gauge.bytes();
            dropped += gauge.count;
        }
        dropped
    }

    fn drop_note(&mut self) -> u64 {
        let note = self.notes.pop_front();
        self.bytes -= note.as_ref().map_or(0, bytes_of);
        u64::from(note.is_some())
    }
}

/// About as much memory as one of these holds: what they hold beside themselves is bounded.
fn bytes_of<T>(_: &T) -> usize {
    size_of::<T>() + 512
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::measure::{ManualClock, Metadata, record_operation};
    use crate::registry::Registry;
    use crate::store::note::Noted;

    fn calls(minute: u64, millis: u64) -> Calls {
        let registry = Registry::with_clock(ManualClock::new());
        let duration = Duration::from_millis(millis);
        registry.run(|| record_operation("import", duration, Metadata::default()));
        let operation = registry.snapshot().operations()[0].clone();
        let series = operation.by_class[0].clone();
        let (operation, category) = (operation.name, operation.category);
        Calls { operation, category, minute_unix_s: minute * 60, series, entries: 1 }
    }

    fn note() -> Note {
        let mark = crate::alert::Mark {
            at: Default::default(),
            what: crate::alert::Change::Deploy,
            text: "v2".to_owned(),
        };
        Note { at: Duration::ZERO, what: Noted::Mark(mark) }
    }

    fn judge(operation: &str) -> JudgeState {
        let size_class = SizeClass::Unsized;
        JudgeState {
            operation: operation.to_owned(),
            size_class,
            at: Duration::ZERO,
            state: vec![7],
        }
    }

    #[test]
    fn calls_of_one_minute_are_one_row_and_as_many_entries_as_came() {
        let mut pending = Pending::default();
        for millis in 1..=60 {
            pending.calls(calls(1, millis));
        }
        assert_eq!(pending.entries(), 60);
        let batch = pending.take();
        assert_eq!((batch.calls.len(), batch.entries, pending.entries()), (1, 60, 0));
        assert_eq!(batch.calls[0].series.calls(), 60);
        assert_eq!(pending.bytes(), 0);
    }

    #[test]
    fn the_oldest_minute_goes_first_and_is_counted() {
        let mut pending = Pending::default();
        for minute in 1..=10 {
            pending.calls(calls(minute, 1));
            pending.calls(calls(minute, 2));
            pending.gauge(Gauge::read("load", "1", minute * 60, 0.5).unwrap());
        }
        let half = pending.bytes() / 2;
        assert_eq!(pending.shrink(half), 15);
        let kept = pending.take();
        assert_eq!(kept.calls.first().map(|calls| calls.minute_unix_s), Some(360));
        assert_eq!(kept.gauges.first().map(|gauge| gauge.minute_unix_s), Some(360));
        assert_eq!(kept.entries, 15);
    }

    #[test]
    fn what_was_given_back_stands_before_what_came_since() {
        let mut pending = Pending::default();
        let load = |value| Gauge::read("load", "1", 60, value).unwrap();
        pending.gauge(load(1.0));
        pending.alerts(Arc::default());
        let batch = pending.take();
        pending.gauge(load(2.0));
        pending.give_back(batch);
        let batch = pending.take();
        assert_eq!((batch.gauges[0].last, batch.gauges[0].count), (2.0, 2));
        assert!(batch.alerts.is_some());
        assert_eq!(batch.entries, 3);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        /// Whatever is offered, taken, given back and dropped: it adds up, and so do the bytes.
        #[test]
        fn no_entry_is_lost_uncounted(steps in proptest::collection::vec(0_u8..9, 1..80)) {
            let mut pending = Pending::default();
            let (mut accepted, mut stored, mut dropped) = (0, 0, 0);
            let mut taken: Option<Batch> = None;
            for (number, step) in steps.into_iter().enumerate() {
                accepted += u64::from(step < 6);
                match step {
                    0 => pending.calls(calls(number as u64 / 10, 1)),
                    1 => pending.gauge(Gauge::read("load", "1", number as u64, 1.0).unwrap()),
                    2 => pending.alerts(Arc::default()),
                    3 => pending.note(note()),
                    4 => pending.judge(judge(["a", "b"][number % 2])),
                    5 => pending.calls(calls(0, number as u64)),
                    6 if taken.is_none() => taken = Some(pending.take()),
                    6 => stored += taken.take().map_or(0, |batch| batch.entries),
                    7 => if let Some(batch) = taken.take() { pending.give_back(batch) },
                    _ => dropped += pending.shrink(pending.bytes() * 2 / 3),
                }
                let written = taken.as_ref().map_or(0, |batch| batch.entries);
                prop_assert_eq!(accepted, stored + dropped + written + pending.entries());
            }
            if let Some(batch) = taken { pending.give_back(batch) }
            pending.take();
            prop_assert_eq!(pending.bytes(), 0);
        }
    }
}
