//! What the monitor reads of itself, so that others can see it from the store's file.

use std::borrow::Cow;
use std::time::Duration;

use crate::registry::Losses;
use crate::store::{Number, Status};

/// What the monitor reads of itself in a tick: what became of what it offered to the store, what
/// it could not record, and what the tick took.
///
/// Counts are since the process began; whoever reads the store's file reads the last of each. One
/// that only grows is offered from the first time on that there is something to count: each is a
/// row a minute.
pub(super) fn own_numbers(status: &Status, losses: &Losses, took: Duration) -> Vec<Number> {
    let mut numbers = Vec::with_capacity(16);
    let mut number = |name: Cow<'static, str>, unit: &'static str, value: f64| {
        numbers.push(Number { name, unit, value });
    };
    let accounts = &status.accounts;
    for (name, entries) in [
        ("kgas_perf.store.entries{state=accepted}", accounts.accepted),
        ("kgas_perf.store.entries{state=stored}", accounts.stored),
        ("kgas_perf.store.entries{state=pending}", accounts.pending),
    ] {
        number(name.into(), "{entry}", entries as f64);
    }
    number("kgas_perf.store.pending".into(), "By", status.pending_bytes as f64);
    let lag = status.offered_until.saturating_sub(status.kept_until);
    number("kgas_perf.store.lag".into(), "s", lag.as_secs_f64());
    let attempts = status.failing.as_ref().map_or(0, |failing| failing.attempts);
    number("kgas_perf.store.failures".into(), "{attempt}", attempts as f64);
    number("kgas_perf.losses{what=calls}".into(), "1", losses.calls as f64);
    number("kgas_perf.tick.duration".into(), "s", took.as_secs_f64());
    for (reason, entries) in accounts.dropped.reasons().into_iter().filter(|(_, n)| *n > 0) {
        let name = format!("kgas_perf.store.entries{{reason={reason},state=dropped}}");
        number(name.into(), "{entry}", entries as f64);
    }
    for (name, unit, count) in [
        ("kgas_perf.store.begun_anew", "{time}", status.begun_anew),
        ("kgas_perf.clock.steps", "{step}", status.clock_steps),
        ("kgas_perf.losses{what=calls_without_a_name}", "1", losses.calls_without_a_name),
        ("kgas_perf.losses{what=slow_calls}", "1", losses.slow_calls),
        ("kgas_perf.losses{what=untold}", "1", losses.untold),
        ("kgas_perf.losses{what=subscriber_panics}", "1", losses.subscriber_panics),
    ] {
        if count > 0 {
            number(name.into(), unit, count as f64);
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::{Collector, Parts};
    use crate::measure::ManualClock;
    use crate::registry::Registry;
    use crate::store::{Batch, Kept, Loaded, Store, StoreError, Tidied};
    use std::sync::{Arc, Mutex};

    #[derive(Debug, Default)]
    struct Remembers(Arc<Mutex<Vec<Batch>>>);

    impl Store for Remembers {
        fn load(&mut self) -> Result<Loaded, StoreError> {
            Ok(Loaded::default())
        }

        fn append(&mut self, batch: &Batch) -> Result<Kept, StoreError> {
            self.0.lock().unwrap().push(batch.clone());
            Ok(Kept::default())
        }

        fn tidy(&mut self, _now_unix_s: u64) -> Result<Tidied, StoreError> {
            Ok(Tidied::default())
        }

        fn close(&mut self) -> Result<(), StoreError> {
            Ok(())
        }
    }

    #[test]
    fn what_the_store_shows_of_the_accounts_adds_up() {
        let clock = ManualClock::new();
        let kept = Arc::new(Mutex::new(Vec::new()));
        let store: Box<dyn Store> = Box::new(Remembers(Arc::clone(&kept)));
        let parts = Parts { store: Some(store), ..Parts::new() };
        let collector = Collector::of(Registry::with_clock(clock.clone()), parts);
        for _ in 0..3 {
            clock.advance(Duration::from_secs(60));
            collector.tick();
            collector.writer().unwrap().flush().unwrap();
        }
        let batches = kept.lock().unwrap();
        let last = |name: &str| {
            let gauges = batches.last().unwrap().gauges.iter();
            gauges.filter(|gauge| gauge.name.starts_with(name)).map(|gauge| gauge.last).sum::<f64>()
        };
        let entries = |state: &str| last(&format!("kgas_perf.store.entries{{state={state}}}"));
        // What the tick offers is not offered yet when it is read.
        let before: u64 = batches[..2].iter().map(|batch| batch.entries).sum();
        assert!(before > 0);
        assert_eq!(entries("accepted"), before as f64);
        let dropped = last("kgas_perf.store.entries{reason=");
        assert_eq!(entries("accepted"), entries("stored") + dropped + entries("pending"));
        assert_eq!(last("kgas_perf.losses"), 0.0);
        let lag = last("kgas_perf.store.lag");
        assert_eq!(lag, 0.0, "all that was offered is kept");
    }
}
