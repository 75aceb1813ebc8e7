//! `Snapshot`: a copy of everything, taken without resetting.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::catalog::SizeClass;
use crate::histogram::Counts;
use crate::measure::call_site;
use crate::measure::slow_calls::ns_per_unit;
use crate::measure::{CatalogueText, OTHER, Outcome, Severity};
use crate::registry::operation::{CallSiteSnapshot, InFlight, Operation, Series};
use crate::registry::{Registry, declared};

/// A copy of everything that was recorded in a registry so far.
///
/// Counts and sums are exact, and no count runs ahead of its distribution. Taking one stops no
/// recording thread and resets nothing: two readers do not see each other.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// When it was taken, since the origin of the registry's clock.
    pub monotonic: Duration,
    /// When it was taken, since 1970-01-01 00:00 UTC.
    pub unix: Duration,
    /// Shared by copies: a snapshot does not change.
    operations: Arc<Vec<Operation>>,
    never_called: Vec<String>,
    slow_calls: Vec<SlowCall>,
    /// Of each of them, how many had been remembered before it: ascending.
    slow_numbers: Vec<u64>,
    /// What could not be kept, and is not in the numbers.
    pub losses: Losses,
}

/// A call that lasted longer than its baseline's p95.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlowCall {
    /// Its operation.
    pub operation: Cow<'static, str>,
    /// Its size class.
    pub size_class: SizeClass,
    /// How long it lasted.
    pub duration: Duration,
    /// How long before the snapshot it ended.
    pub ago: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// How severe it was.
    pub severity: Severity,
}

/// What was bounded or failed: none of it silently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Calls not measured at all: no memory, or a first call made by a signal handler while its
    /// thread was registering another.
    pub calls: u64,
    /// Slow calls that newer ones have pushed out of the list of slow calls. They are counted in
    /// their series as ever.
    pub slow_calls: u64,
    /// Slow calls that were counted but not told as an event.
    pub untold: u64,
    /// Events during which a subscriber panicked; the panic was caught.
    pub subscriber_panics: u64,
    /// Calls that were counted under the operation `other`, since their names or call sites came
    /// after the first thousand names, or after the table was full.
    pub calls_without_a_name: u64,
}

impl Snapshot {
    /// The operations with at least one call that ended or runs, by name.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// One operation.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        let at = self.operations.binary_search_by(|known| known.name.as_str().cmp(name)).ok()?;
        self.operations.get(at)
    }

    /// Operations that a catalogue declares and that no call has named yet, by name.
    ///
    /// The catalogues are those of the call sites that have been called, and the built-in one
    /// while there are none.
    pub fn never_called(&self) -> &[String] {
        &self.never_called
    }

    /// The last calls that crossed their baselines, oldest first.
    pub fn slow_calls(&self) -> &[SlowCall] {
        &self.slow_calls
    }

    /// Those of them that an earlier snapshot of the same registry does not show: each slow call
    /// is new once.
    pub fn slow_calls_since<'a>(
        &'a self,
        earlier: &'a Snapshot,
    ) -> impl Iterator<Item = &'a SlowCall> {
        let known = &earlier.slow_numbers;
        // One that an earlier snapshot showed and that was pushed out is not shown here.
        let is_new = move |number: &u64| known.binary_search(number).is_err();
        let calls = self.slow_calls.iter().zip(&self.slow_numbers);
        calls.filter(move |(_, number)| is_new(number)).map(|(call, _)| call)
    }
}

impl Registry {
    /// Copies everything that was recorded here so far.
    ///
    /// # Cost
    /// A walk over all recorders of all threads, on the calling thread alone
    /// (`benches/snapshot.rs`). In the registry's first millisecond it waits for the rest of it,
    /// to learn the rate of the processor's counter.
    pub fn snapshot(&self) -> Snapshot {
        let roster = &self.inner.roster;
        let ns_per_tick = roster.time.ns_per_tick();
        let now = roster.time.now();
        let elapsed = |since: u64| {
            let ticks = now.ticks.saturating_sub(since);
            Duration::from_nanos((ticks as f64 * ns_per_tick) as u64)
        };
        let mut gathering = Gathering::default();
        let mut scratch = Counts::default();
        for shard in roster.shards() {
            for (index, recorder) in shard.recorders() {
                let Some((site, class)) = call_site::owner(index) else {
                    continue;
                };
                let place = gathering.place(index, site, class);
                let series = gathering.series(place);
                let calls = series.add(recorder, ns_per_unit(site, ns_per_tick), &mut scratch);
                let active = u64::from(recorder.active.load(Ordering::Relaxed));
                if active > 0 {
                    let oldest = Some(elapsed(recorder.since.load(Ordering::Relaxed)));
                    series.in_flight = series.in_flight.merge(InFlight { calls: active, oldest });
                }
                gathering.count(place, calls);
            }
            shard.slab.each(|index, since| {
                if let Some((site, class)) = call_site::owner(index) {
                    let one = InFlight { calls: 1, oldest: Some(elapsed(since)) };
                    let place = gathering.place(index, site, class);
                    let series = gathering.series(place);
                    series.in_flight = series.in_flight.merge(one);
                }
            });
        }
        let (operations, never_called) = gathering.finish();
        let (slow_calls, slow_numbers): (Vec<SlowCall>, Vec<u64>) = roster
            .slow_calls
            .read()
            .into_iter()
            .filter_map(|call| {
                let (site, size_class) = call_site::owner(call.recorder)?;
                let ns = call.duration as f64 * ns_per_unit(site, ns_per_tick);
                let slow = SlowCall {
                    operation: Cow::Borrowed(site.spec().operation),
                    size_class,
                    duration: Duration::from_nanos(ns as u64),
                    ago: elapsed(call.ended),
                    outcome: call.outcome,
                    severity: call.severity,
                };
                Some((slow, call.number))
            })
            .unzip();
        let crossed = roster.slow_calls.crossed();
        let panicked = roster.slow_calls.panicked();
        let nameless = operations.iter().find(|operation| operation.name == OTHER);
        let losses = Losses {
            calls: roster.dropped(),
            slow_calls: crossed.saturating_sub(slow_calls.len() as u64),
            untold: crossed.saturating_sub(roster.slow_calls.told() + panicked),
            subscriber_panics: panicked,
            calls_without_a_name: nameless.map_or(0, Operation::calls),
        };
        Snapshot {
            monotonic: now.monotonic,
            unix: now.unix,
            operations: Arc::new(operations),
            never_called,
            slow_calls,
            slow_numbers,
            losses,
        }
    }
}

/// Operations while a snapshot is being taken.
#[derive(Default)]
struct Gathering {
    operations: Vec<Operation>,
    /// Where an operation stands, by name.
    by_name: HashMap<&'static str, usize>,
    catalogues: Vec<CatalogueText>,
    /// Where what belongs to a recorder stands, by its index.
    places: Vec<Option<Place>>,
    /// Where a call site stands in its operation.
    sites: HashMap<*const call_site::CallSite, usize>,
}

/// Where what belongs to a recorder stands: its operation, and in that its series and call site.
#[derive(Clone, Copy)]
struct Place {
    operation: usize,
    series: usize,
    site: usize,
}

impl Gathering {
    fn series(&mut self, place: Place) -> &mut Series {
        &mut self.operations[place.operation].by_class[place.series]
    }

    fn count(&mut self, place: Place, calls: u64) {
        self.operations[place.operation].call_sites[place.site].calls += calls;
    }

    fn place(
        &mut self,
        index: usize,
        site: &'static call_site::CallSite,
        class: SizeClass,
    ) -> Place {
        if let Some(Some(place)) = self.places.get(index) {
            return *place;
        }
        let place = self.new_place(site, class);
        if self.places.len() <= index {
            self.places.resize(index + 1, None);
        }
        self.places[index] = Some(place);
        place
    }

    fn new_place(&mut self, site: &'static call_site::CallSite, class: SizeClass) -> Place {
        let spec = site.spec();
        let operation = *self.by_name.entry(spec.operation).or_insert_with(|| {
            self.operations.push(Operation {
                name: spec.operation.to_owned(),
                category: spec.category,
                declared: false,
                call_sites: Vec::new(),
                by_class: Vec::new(),
            });
            self.operations.len() - 1
        });
        let Operation { call_sites, by_class, .. } = &mut self.operations[operation];
        let site = *self.sites.entry(std::ptr::from_ref(site)).or_insert_with(|| {
            if !self.catalogues.contains(&spec.catalogue) {
                self.catalogues.push(spec.catalogue);
            }
            call_sites.push(CallSiteSnapshot::of(spec));
            call_sites.len() - 1
        });
        let known = by_class.iter().position(|series| series.size_class == class);
        let series = known.unwrap_or_else(|| {
            by_class.push(Series::new(class));
            by_class.len() - 1
        });
        Place { operation, series, site }
    }

    fn finish(self) -> (Vec<Operation>, Vec<String>) {
        let mut catalogues = self.catalogues;
        if catalogues.is_empty() {
            catalogues.push(CatalogueText::BUILTIN);
        }
        let mut declared = declared::operations(catalogues);
        let mut operations = self.operations;
        for operation in &mut operations {
            if let Some(category) = declared.remove(&operation.name) {
                operation.declared = true;
                operation.category = category;
            }
            operation.by_class.sort_by_key(|series| series.size_class);
        }
        operations.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        (operations, declared.into_keys().collect())
    }
}
