//! An archive in memory, of what a test put there.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use kgas_perf_runtime::Registry;
use kgas_perf_runtime::alert::{Change, Mark, Moment};
use kgas_perf_runtime::catalog::{Category, SizeClass};
use kgas_perf_runtime::measure::{ManualClock, Measurement, Outcome};
use kgas_perf_runtime::store::{
    Archive, Available, Between, By, Cover, Gauge, Health, KeptAlert, KeptBaseline, KeptCalls,
    KeptGauge, KeptIncident, KeptNote, KeptProcess, KeptSilence, Note, NoteQuery, Noted, Query,
    Resolution, Rows, SeriesKey, StoreError, Summary, Sums,
};

/// 2026-03-01 00:00 UTC.
pub(super) const MARCH: u64 = 1_772_323_200;

/// An archive in memory, of one process.
#[derive(Debug)]
pub(super) struct Fake {
    pub(super) calls: Vec<KeptCalls>,
    pub(super) gauges: Vec<KeptGauge>,
    pub(super) notes: Vec<KeptNote>,
    pub(super) available: Available,
    pub(super) damaged_rows: u64,
}

impl Fake {
    pub(super) fn new() -> Self {
        Self {
            calls: Vec::new(),
            gauges: Vec::new(),
            notes: Vec::new(),
            available: Available([(0, u64::MAX); 3]),
            damaged_rows: 0,
        }
    }

    /// Keeps calls of these durations.
    pub(super) fn call(
        &mut self,
        (resolution, start): (Resolution, u64),
        operation: &str,
        calls: &[(u64, Outcome)],
    ) {
        let series = SeriesKey {
            operation: operation.to_owned(),
            size_class: SizeClass::Unsized,
            category: Category::Custom,
        };
        self.calls.push(KeptCalls {
            series: Arc::new(series),
            process: Arc::new(process()),
            resolution,
            start_unix_s: start,
            sums: sums(calls),
        });
    }

    pub(super) fn gauge(&mut self, unix_s: u64, name: &str, value: f64) {
        let gauge = Gauge::read(name, "1", unix_s, value).unwrap();
        let by = Arc::new(process().by);
        self.gauges.push(KeptGauge { by, resolution: Resolution::Minute, gauge });
    }

    pub(super) fn mark(&mut self, unix_s: u64, what: Change, text: &str) {
        let unix = Duration::from_secs(unix_s);
        let at = Moment { lived: Duration::ZERO, unix };
        let what = Noted::Mark(Mark { at, what, text: text.to_owned() });
        self.notes.push(KeptNote { by: Arc::new(process().by), note: Note { at: unix, what } });
    }
}

/// What is kept of calls of these durations, as they are measured.
pub(super) fn sums(calls: &[(u64, Outcome)]) -> Sums {
    let clock = ManualClock::new();
    let registry = Registry::with_clock(clock.clone());
    registry.run(|| {
        for (ns, outcome) in calls {
            let measurement = Measurement::start("import");
            clock.advance(Duration::from_nanos(*ns));
            measurement.finish(*outcome);
        }
    });
    let snapshot = registry.snapshot();
    Sums::from(&snapshot.operation("import").unwrap().by_class[0])
}

fn process() -> KeptProcess {
    KeptProcess {
        id: "7f3a".to_owned(),
        by: By { host: "ada".to_owned(), instance: "importer".to_owned(), slot: 0 },
        pid: 4_711,
        began: Duration::from_secs(MARCH),
        last_seen: Duration::from_secs(MARCH),
        ended: None,
        boot: None,
        version: Some("1.2.0".to_owned()),
        commit: None,
    }
}

fn rows(table: &'static str, times: impl Iterator<Item = u64> + Clone) -> Rows {
    let (oldest_unix_s, newest_unix_s) = (times.clone().min(), times.clone().max());
    let resolution = Some(Resolution::Minute);
    Rows { table, resolution, count: times.count() as u64, oldest_unix_s, newest_unix_s }
}

impl Archive for Fake {
    fn series(&self) -> Result<Vec<SeriesKey>, StoreError> {
        Ok(self.calls.iter().map(|calls| calls.series.as_ref().clone()).collect())
    }

    fn calls(
        &self,
        query: &Query,
        each: &mut dyn FnMut(KeptCalls) -> ControlFlow<()>,
    ) -> Result<Cover, StoreError> {
        let mut cover = Cover::of(&query.between, &self.available);
        cover.damaged_rows = self.damaged_rows;
        for span in &cover.spans {
            let time = span.from_unix_s..span.until_unix_s;
            let there = self.calls.iter().filter(|calls| {
                calls.resolution == span.resolution
                    && time.contains(&calls.start_unix_s)
                    && query.asks_for(&calls.series.operation, calls.series.size_class)
            });
            for calls in there {
                if each(calls.clone()).is_break() {
                    return Ok(cover);
                }
            }
        }
        Ok(cover)
    }

    fn summary(&self, _query: &Query) -> Result<Summary, StoreError> {
        Ok(Summary::default())
    }

    fn gauge_names(&self) -> Result<Vec<(String, String)>, StoreError> {
        let mut names: Vec<_> = self
            .gauges
            .iter()
            .map(|kept| (kept.gauge.name.clone(), kept.gauge.unit.clone()))
            .collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn gauges(&self, name: &str, between: &Between) -> Result<(Vec<KeptGauge>, Cover), StoreError> {
        let cover = Cover::of(between, &self.available);
        let there = |kept: &&KeptGauge| {
            kept.gauge.name == name
                && cover.spans.iter().any(|span| {
                    kept.resolution == span.resolution
                        && (span.from_unix_s..span.until_unix_s).contains(&kept.gauge.minute_unix_s)
                })
        };
        Ok((self.gauges.iter().filter(there).cloned().collect(), cover))
    }

    fn baselines(&self, _operation: Option<&str>) -> Result<Vec<KeptBaseline>, StoreError> {
        Ok(Vec::new())
    }

    fn alerts(&self, _between: &Between) -> Result<Vec<KeptAlert>, StoreError> {
        Ok(Vec::new())
    }

    fn incidents(&self, _between: &Between) -> Result<Vec<KeptIncident>, StoreError> {
        Ok(Vec::new())
    }

    fn silences(&self, _between: &Between) -> Result<Vec<KeptSilence>, StoreError> {
        Ok(Vec::new())
    }

    fn notes(
        &self,
        query: &NoteQuery,
        each: &mut dyn FnMut(KeptNote) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let asked = |kept: &&KeptNote| {
            query.kind.as_deref().is_none_or(|kind| kind == kept.note.what.kind())
        };
        for note in self.notes.iter().filter(asked) {
            if each(note.clone()).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn processes(&self) -> Result<Vec<KeptProcess>, StoreError> {
        Ok(if self.calls.is_empty() { Vec::new() } else { vec![process()] })
    }

    fn health(&self, _thorough: bool) -> Result<Health, StoreError> {
        let calls = rows("calls", self.calls.iter().map(|calls| calls.start_unix_s));
        let gauges = rows("gauges", self.gauges.iter().map(|kept| kept.gauge.minute_unix_s));
        let notes = rows("notes", self.notes.iter().map(|kept| kept.note.at.as_secs()));
        Ok(Health { rows: vec![calls, gauges, notes], ..Health::default() })
    }
}
