//! `Window`: one operation's numbers over a stretch of time.

use std::time::Duration;

use crate::registry::operation::Series;
use crate::registry::snapshot::Snapshot;

/// The calls of one operation and size class that ended in `[start, end)`.
#[derive(Clone, Debug)]
pub struct Window {
    /// The operation's name.
    pub operation: String,
    /// When it began, by the registry's monotonic clock.
    pub start: Duration,
    /// When it ended, by the same clock.
    pub end: Duration,
    /// Its calls.
    pub series: Series,
}

impl Window {
    /// Calls a second; `None` for a window of no length.
    pub fn calls_per_second(&self) -> Option<f64> {
        let length = self.end.checked_sub(self.start)?.as_secs_f64();
        (length > 0.0).then(|| self.series.calls() as f64 / length)
    }
}

impl Snapshot {
    /// One window for each operation and size class in which a call ended since `earlier`, or in
    /// which one is running.
    ///
    /// Snapshots only ever grow, so any two make a window, and any number of readers can each
    /// keep their own.
    pub fn since(&self, earlier: &Snapshot) -> Vec<Window> {
        let mut windows = Vec::new();
        let mut known = earlier.operations();
        for operation in self.operations() {
            // Both are in order.
            while known.first().is_some_and(|before| before.name < operation.name) {
                known = &known[1..];
            }
            let before = known.first().filter(|before| before.name == operation.name);
            for series in &operation.by_class {
                let series = match before.and_then(|before| before.class(series.size_class)) {
                    Some(before) => series.since(before),
                    None => series.clone(),
                };
                if series.calls() > 0 || series.in_flight.calls > 0 {
                    windows.push(Window {
                        operation: operation.name.clone(),
                        start: earlier.monotonic,
                        end: self.monotonic,
                        series,
                    });
                }
            }
        }
        windows
    }
}
