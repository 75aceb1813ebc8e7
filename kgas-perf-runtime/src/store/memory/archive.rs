//! How what is kept in memory is read back.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use crate::catalog::SizeClass;
use crate::store::archive::{
    Archive, Between, By, Cover, Health, KeptAlert, KeptBaseline, KeptCalls, KeptGauge,
    KeptIncident, KeptNote, KeptProcess, KeptSilence, NoteQuery, Query, SeriesKey, Summary,
};
use crate::store::archive::{Rows as Count, Sums};
use crate::store::error::StoreError;
use crate::store::memory::{Inner, MemoryStore};
use crate::store::resolution::Resolution;

impl Inner {
    fn by(&self) -> Arc<By> {
        Arc::new(self.process.by.clone())
    }

    /// Whether a question is about this process.
    fn is_asked(&self, between: &Between) -> bool {
        let By { host, instance, .. } = &self.process.by;
        between.host.as_ref().is_none_or(|asked| asked == host)
            && between.instance.as_ref().is_none_or(|asked| asked == instance)
    }
}

/// From a time until just before another, as keys of rows begin.
fn starts<K>(from: u64, until: u64, first: impl Fn(u64) -> K) -> std::ops::Range<K> {
    first(from)..first(until)
}

fn unix_s(time: Duration) -> u64 {
    time.as_secs()
}

impl Archive for MemoryStore {
    fn series(&self) -> Result<Vec<SeriesKey>, StoreError> {
        let inner = self.inner();
        let rows = inner.rows.calls.iter().flatten();
        let known: BTreeMap<_, _> = rows
            .map(|((_, operation, class), (category, _))| ((operation.clone(), *class), *category))
            .collect();
        let key =
            |((operation, size_class), category)| SeriesKey { operation, size_class, category };
        Ok(known.into_iter().map(key).collect())
    }

    fn calls(
        &self,
        query: &Query,
        each: &mut dyn FnMut(KeptCalls) -> ControlFlow<()>,
    ) -> Result<Cover, StoreError> {
        let (cover, rows) = {
            let inner = self.inner();
            if !inner.is_asked(&query.between) {
                return Ok(Cover::of(&query.between, &Default::default()));
            }
            let cover = Cover::of(&query.between, &inner.rows.available());
            let mut found = Vec::new();
            for span in &cover.spans {
                let first = |start| (start, String::new(), SizeClass::Unsized);
                let range = starts(span.from_unix_s, span.until_unix_s, first);
                let rows = inner.rows.calls[span.resolution as usize].range(range);
                for ((start, operation, class), (category, sums)) in
                    rows.filter(|((_, operation, class), _)| query.asks_for(operation, *class))
                {
                    let (operation, category) = (operation.clone(), *category);
                    let series = SeriesKey { operation, size_class: *class, category };
                    let sums =
                        if query.histograms { sums.clone() } else { sums.without_histograms() };
                    found.push(KeptCalls {
                        series: Arc::new(series),
                        process: Arc::clone(&inner.process),
                        resolution: span.resolution,
                        start_unix_s: *start,
                        sums,
                    });
                }
            }
            (cover, found)
        };
        for row in rows {
            if each(row).is_break() {
                break;
            }
        }
        Ok(cover)
    }

    fn summary(&self, query: &Query) -> Result<Summary, StoreError> {
        let mut series: BTreeMap<SeriesKey, Sums> = BTreeMap::new();
        let mut rows = 0;
        let cover = self.calls(query, &mut |calls| {
            series.entry((*calls.series).clone()).or_default().merge(&calls.sums);
            rows += 1;
            ControlFlow::Continue(())
        })?;
        Ok(Summary { series: series.into_iter().collect(), cover, rows })
    }

    fn gauge_names(&self) -> Result<Vec<(String, String)>, StoreError> {
        let inner = self.inner();
        let gauges = inner.rows.gauges.iter().flat_map(BTreeMap::values);
        let names: BTreeSet<_> =
            gauges.map(|gauge| (gauge.name.clone(), gauge.unit.clone())).collect();
        Ok(names.into_iter().collect())
    }

    fn gauges(&self, name: &str, between: &Between) -> Result<(Vec<KeptGauge>, Cover), StoreError> {
        let inner = self.inner();
        if !inner.is_asked(between) {
            return Ok((Vec::new(), Cover::of(between, &Default::default())));
        }
        let cover = Cover::of(between, &inner.rows.available());
        let by = inner.by();
        let mut found = Vec::new();
        for span in &cover.spans {
            let range = starts(span.from_unix_s, span.until_unix_s, |start| (start, String::new()));
            let gauges = inner.rows.gauges[span.resolution as usize].range(range);
            found.extend(gauges.filter(|((_, known), _)| known == name).map(|(_, gauge)| {
                let (by, gauge) = (Arc::clone(&by), gauge.clone());
                KeptGauge { by, resolution: span.resolution, gauge }
            }));
        }
        Ok((found, cover))
    }

    fn baselines(&self, operation: Option<&str>) -> Result<Vec<KeptBaseline>, StoreError> {
        let inner = self.inner();
        let by = inner.by();
        let asked = inner.baselines.iter();
        let asked = asked.filter(|known| operation.is_none_or(|name| known.operation == name));
        let mut found: Vec<_> = asked
            .map(|baseline| KeptBaseline { by: Arc::clone(&by), baseline: baseline.clone() })
            .collect();
        found.sort_by_cached_key(|KeptBaseline { baseline, .. }| {
            let environment = baseline.environment.as_ref().map(ToString::to_string);
            (baseline.operation.clone(), baseline.size_class, environment, baseline.version)
        });
        Ok(found)
    }

    fn alerts(&self, between: &Between) -> Result<Vec<KeptAlert>, StoreError> {
        let inner = self.inner();
        let (by, asked) = (inner.by(), inner.is_asked(between));
        let saved = inner.alerts.iter().filter(|_| asked);
        let alerts = saved.flat_map(|saved| saved.closed.iter().chain(saved.open.values()));
        let lived = alerts.filter(|alert| {
            let ended = alert.ended.map(|ended| unix_s(ended.unix));
            between.overlaps(unix_s(alert.opened.unix), ended)
        });
        let mut found: Vec<_> =
            lived.map(|alert| KeptAlert { by: Arc::clone(&by), alert: alert.clone() }).collect();
        found.sort_by_key(|kept| kept.alert.id);
        Ok(found)
    }

    fn incidents(&self, between: &Between) -> Result<Vec<KeptIncident>, StoreError> {
        let inner = self.inner();
        let (by, asked) = (inner.by(), inner.is_asked(between));
        let saved = inner.alerts.iter().filter(|_| asked);
        let all =
            saved.flat_map(|saved| saved.closed_incidents.iter().chain(saved.incidents.values()));
        let open = all.filter(|incident| {
            let closed = incident.closed.map(|closed| unix_s(closed.unix));
            between.overlaps(unix_s(incident.opened.unix), closed)
        });
        let kept = |incident: &crate::alert::Incident| KeptIncident {
            by: Arc::clone(&by),
            incident: incident.clone(),
        };
        let mut found: Vec<_> = open.map(kept).collect();
        found.sort_by_key(|kept| kept.incident.id);
        Ok(found)
    }

    fn silences(&self, between: &Between) -> Result<Vec<KeptSilence>, StoreError> {
        let inner = self.inner();
        let (by, asked) = (inner.by(), inner.is_asked(between));
        let saved = inner.alerts.iter().filter(|_| asked);
        let lasted = saved.flat_map(|saved| &saved.silences).filter(|(_, silence)| {
            between.overlaps(unix_s(silence.start), Some(unix_s(silence.end)))
        });
        let kept = |(id, silence): (&u64, &crate::alert::Silence)| KeptSilence {
            by: Arc::clone(&by),
            id: *id,
            silence: silence.clone(),
        };
        let mut found: Vec<_> = lasted.map(kept).collect();
        found.sort_by_key(|kept| kept.silence.start);
        Ok(found)
    }

    fn notes(
        &self,
        query: &NoteQuery,
        each: &mut dyn FnMut(KeptNote) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let found: Vec<_> = {
            let inner = self.inner();
            let (by, asked) = (inner.by(), inner.is_asked(&query.between));
            let notes = inner.notes.iter().filter(|note| {
                let is = |wanted: &Option<String>, found: Option<&str>| {
                    wanted.as_deref().is_none_or(|wanted| found == Some(wanted))
                };
                asked
                    && query.between.overlaps(unix_s(note.at), Some(unix_s(note.at)))
                    && is(&query.kind, Some(note.what.kind()))
                    && is(&query.subject, note.what.subject().as_deref())
            });
            notes.map(|note| KeptNote { by: Arc::clone(&by), note: note.clone() }).collect()
        };
        for note in found {
            if each(note).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn processes(&self) -> Result<Vec<KeptProcess>, StoreError> {
        let inner = self.inner();
        let kept = !inner.process.began.is_zero();
        Ok(kept.then(|| (*inner.process).clone()).into_iter().collect())
    }

    fn health(&self, thorough: bool) -> Result<Health, StoreError> {
        let inner = self.inner();
        let of = |table, resolution: Resolution, starts: Vec<u64>| Count {
            table,
            resolution: Some(resolution),
            count: starts.len() as u64,
            oldest_unix_s: starts.first().copied(),
            newest_unix_s: starts.last().copied(),
        };
        let mut rows = Vec::new();
        for resolution in Resolution::ALL {
            let calls = inner.rows.calls[resolution as usize].keys().map(|key| key.0).collect();
            rows.push(of("calls", resolution, calls));
        }
        for resolution in Resolution::ALL {
            let gauges = inner.rows.gauges[resolution as usize].keys().map(|key| key.0).collect();
            rows.push(of("gauges", resolution, gauges));
        }
        let without_time = |table, count: usize| Count {
            table,
            resolution: None,
            count: count as u64,
            oldest_unix_s: None,
            newest_unix_s: None,
        };
        rows.push(without_time("baselines", inner.baselines.len()));
        let alerts = inner.alerts.as_ref();
        let alerts = alerts.map_or(0, |saved| saved.open.len() + saved.closed.len());
        rows.push(without_time("alerts", alerts));
        rows.push(Count {
            oldest_unix_s: inner.notes.front().map(|note| unix_s(note.at)),
            newest_unix_s: inner.notes.back().map(|note| unix_s(note.at)),
            ..without_time("notes", inner.notes.len())
        });
        Ok(Health {
            place: "memory".to_owned(),
            used_bytes: inner.rows.bytes() as u64,
            rows,
            damage: thorough.then(Vec::new),
            ..Health::default()
        })
    }
}
